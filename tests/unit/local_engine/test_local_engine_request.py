"""How a request is read, where the answer hangs on it."""

import json
from typing import Any

from services.local_engine._request import Ask, parse
from services.local_engine._tokens import Meter, longest_prefix, prompt_tokens, text_tokens

TOOL = {"type": "code_execution_20260521", "name": "code_execution"}


def upload(file_id: str) -> dict[str, str]:
    return {"type": "container_upload", "file_id": file_id}


def text(content: str) -> dict[str, str]:
    return {"type": "text", "text": content}


def read(*turns: tuple[str, Any], **more: Any) -> Ask:
    messages = [{"role": role, "content": content} for role, content in turns]
    body = {"model": "m", "max_tokens": 10, "messages": messages, "tools": [TOOL], **more}
    return parse(json.dumps(body).encode(), frozenset({"m"}))


def test_only_uploads_since_the_last_reply_count_each_once():
    ask = read(
        ("user", [upload("a"), text("first")]),
        ("assistant", "done"),
        ("user", [upload("b"), upload("c"), text("x")]),
        ("user", [upload("b"), text("second")]),
    )
    assert ask.upload_ids == ("b", "c")


def test_question_is_the_last_text_of_the_last_user_message():
    ask = read(
        ("user", [text("context"), text("first")]),
        ("assistant", "done"),
        ("user", [text("see file"), upload("b"), text("second")]),
    )
    assert ask.questions == ("first", "second")


def test_message_of_files_only_has_no_question():
    ask = read(("user", "first"), ("assistant", "done"), ("user", [upload("b")]))
    assert ask.questions == ("first", "")


def test_paused_turn_is_open_and_keeps_its_uploads():
    result = {
        "type": "bash_code_execution_tool_result",
        "tool_use_id": "t",
        "content": {"type": "bash_code_execution_result", "stdout": "ANSWER: 5\n"},
    }
    ask = read(("user", [upload("a"), text("q")]), ("assistant", [text("I'll"), result]))
    assert (ask.is_continuation, ask.upload_ids, ask.last_output) == (True, ("a",), "ANSWER: 5\n")


def test_system_may_be_blocks():
    assert read(("user", "q"), system=[text("a"), text("b")]).system == "a\n\nb"
    assert read(("user", "q")).system == ""


def test_fence_is_seen_only_where_it_is_python():
    assert read(("user", "run\n```python\nx\n```")).holds_code
    assert read(("user", "run\n  ``` Python\nx")).holds_code
    assert not read(("user", "what is in ```data```?")).holds_code
    assert not read(("user", "```sql\nselect\n```")).holds_code


def test_meter_sums_the_samplings():
    """The second reads prompt, what was written, and the result."""
    ask = read(("user", "x" * 36), system="y" * 36, tools=None)
    assert prompt_tokens(ask) == 20
    meter = Meter(ask)
    meter.wrote("a" * 18)
    meter.wrote("b" * 36)
    meter.sampled_again("c" * 72)
    meter.wrote("d" * 36)
    usage = meter.usage()
    assert (usage.input_tokens, usage.output_tokens) == (20 + (20 + 15 + 20), 25)


def test_prefix_is_the_longest_that_fits():
    words = "Grüße aus Köln, 12 €"
    for tokens in range(12):
        prefix = longest_prefix(words, tokens)
        assert words.startswith(prefix)
        assert text_tokens(prefix) <= tokens
    assert longest_prefix(words, 99) == words
