"""How tool calls are shown, and what their results say about memory."""

import pytest

from services.engine._commands import Command, Result, read_command, read_result


def bash(command: str) -> Command:
    return read_command("bash_code_execution", {"command": command})


@pytest.mark.parametrize(
    "command",
    [
        "python3 - <<'PY'\nprint(1)\nPY",
        "python3 - <<'PY'\nprint(1)\nPY\n",
        "python - <<PY\nprint(1)\nPY",
        'python3 -u - <<"EOF"\nprint(1)\nEOF',
        "  python3 <<-'END_1'  \nprint(1)\nEND_1 \n",
    ],
)
def test_python_heredoc_is_shown_as_python(command):
    assert bash(command) == Command(code="print(1)", language="python")


@pytest.mark.parametrize(
    "command",
    [
        "",
        "ls",
        "cd /tmp && python3 - <<'PY'\nprint(1)\nPY",
        "python3 - <<'PY'\nprint(1)\nPY\nls",
        "python3 - <<'PY'\nprint(1)\nPY\npython3 - <<'PY'\nprint(2)\nPY",
        "python3 - <<'PY'\nprint(1)\nPYTHON",
        "python3 -c 'print(1)'",
    ],
)
def test_other_commands_are_shown_as_they_are(command):
    assert bash(command) == Command(code=command, language="bash")


def test_heredoc_keeps_its_code_to_the_letter():
    code = "\n  # PY\nx = '''\nPYx\n'''\n"
    assert bash(f"python3 - <<'PY'\n{code}\nPY").code == code


def test_empty_heredoc_is_empty_python():
    assert bash("python3 - <<'PY'\nPY") == Command(code="", language="python")


@pytest.mark.parametrize(
    ("name", "given", "command"),
    [
        ("bash_code_execution", {}, Command(code="", language="bash")),
        ("bash_code_execution", {"command": None}, Command(code="", language="bash")),
        ("code_execution", {"code": "1"}, Command(code="1", language="python")),
        (
            "text_editor_code_execution",
            {"command": "create", "path": "a.md", "file_text": "# A"},
            Command(code="# A", language="text"),
        ),
        ("text_editor_code_execution", {}, Command(code="View ", language="text")),
        ("future_tool", {"a": 1}, Command(code="future_tool", language="text")),
    ],
)
def test_calls_are_read_whatever_is_missing(name, given, command):
    assert read_command(name, given) == command


def result(stdout: str = "", stderr: str = "", code: int = 0) -> Result:
    content = {"type": "x", "stdout": stdout, "stderr": stderr, "return_code": code, "content": []}
    return read_result({"type": "bash_code_execution_tool_result", "content": content})


@pytest.mark.parametrize(
    ("stderr", "code", "killed"),
    [
        ("", 137, True),
        ("Killed\n", 0, True),
        ("warning\nKilled\n", 1, True),
        ("/bin/bash: line 1:    12 Killed                  python3 -\n", 0, True),
        ("bash: line 3: 4711 Killed python3 x.py", 2, True),
        ("", 0, False),
        ("", 1, False),
        ("Killed in action: 12\n", 1, False),
        ("KeyError: 'Killed'\n", 1, False),
        ("not Killed", 1, False),
        ("", 143, False),
    ],
)
def test_kill_is_told_by_exit_or_by_the_shells_own_words(stderr, code, killed):
    assert result(stderr=stderr, code=code).was_killed is killed


def test_peaks_are_read_from_lines_of_their_own():
    stdout = (
        "PEAK_MEMORY_BYTES: 10\nsay PEAK_MEMORY_BYTES: 11\nPEAK_MEMORY_BYTES:12\r\n"
        "PEAK_MEMORY_BYTES: 13 MB\nPEAK_MEMORY_BYTES: -1\n"
    )
    assert result(stdout=stdout).peaks_bytes == (10, 12)


@pytest.mark.parametrize(
    "content",
    [None, "text", 7, [], {}, {"type": "future"}, {"content": [None, 1, {}, {"file_id": 3}]}],
)
def test_unknown_result_is_empty_and_no_success(content):
    block = {"type": "bash_code_execution_tool_result", "content": content}
    assert read_result(block) == Result(
        stdout="", stderr="", return_code=0, file_ids=(), succeeded=False
    )


def test_viewing_a_file_is_no_sign_that_the_container_is_well():
    content = {"type": "text_editor_code_execution_view_result", "content": "x", "return_code": 0}
    block = {"type": "text_editor_code_execution_tool_result", "content": content}
    assert read_result(block) == Result(
        stdout="x", stderr="", return_code=0, file_ids=(), succeeded=False
    )
