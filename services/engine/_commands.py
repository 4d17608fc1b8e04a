"""What a tool was told to do and what came of it, as a person would want to read it."""

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

Language: TypeAlias = Literal["python", "bash", "text"]

_HEREDOC = re.compile(
    r"\s*python3?(?:\s+-u)?(?:\s+-)?\s*<<-?\s*(?P<quote>['\"]?)(?P<end>\w+)(?P=quote)[ \t]*\n"
    r"(?P<code>.*?)\n?^(?P=end)\s*",
    re.DOTALL | re.MULTILINE,
)
_PEAK = re.compile(r"^PEAK_MEMORY_BYTES:[ \t]*(\d{1,15})[ \t]*\r?$", re.MULTILINE)
# The shell's own words, on lines of their own: data may well hold the word (a KeyError: 'Killed').
_KILLED = re.compile(r"^(?:Killed[ \t]*|.*: line \d+: +\d+ Killed\b.*)$", re.MULTILINE)
_KILLED_EXIT = 137
_EXECUTIONS = frozenset({"bash_code_execution_tool_result", "code_execution_tool_result"})


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One tool call, ready to show."""

    code: str
    language: Language


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What a tool call came to."""

    stdout: str
    stderr: str
    return_code: int
    file_ids: tuple[str, ...]
    succeeded: bool
    """Whether code ran and said that it went well, which shows that the container is well."""

    @property
    def peaks_bytes(self) -> tuple[int, ...]:
        """Every peak of memory that was printed."""
        return tuple(int(found) for found in _PEAK.findall(self.stdout))

    @property
    def was_killed(self) -> bool:
        """Whether it was ended for memory."""
        return self.return_code == _KILLED_EXIT or _KILLED.search(self.stderr) is not None


def read_command(name: str, given: Mapping[str, Any]) -> Command:
    """The call of a server tool. A tool that is not known is shown by its name and input."""
    match name:
        case "bash_code_execution":
            return _bash(_text(given.get("command")))
        case "code_execution":
            return Command(code=_text(given.get("code")), language="python")
        case "text_editor_code_execution":
            return _editor(given)
        case "web_search":
            return Command(code=f"Web search: {_text(given.get('query'))}", language="text")
        case "web_fetch":
            return Command(code=f"Web page: {_text(given.get('url'))}", language="text")
        case _:
            return Command(code=name, language="text")


def read_result(block: Mapping[str, Any]) -> Result:
    """The outcome of a tool call, from its whole result block; unknown kinds come out empty."""
    content = block.get("content")
    listed = content if isinstance(content, list) else []
    fields: Mapping[str, Any] = content if isinstance(content, dict) else {}
    kind = _text(fields.get("type"))
    error = _text(fields.get("error_code"))
    stdout = _text(fields.get("stdout"))
    if kind == "text_editor_code_execution_view_result":
        stdout = _text(fields.get("content"))
    if listed:
        stdout = "\n".join(_found_page(entry) for entry in listed if isinstance(entry, dict))
    code = fields.get("return_code")
    outputs = fields.get("content")
    return Result(
        stdout=stdout,
        stderr=error or _text(fields.get("stderr")),
        return_code=code if isinstance(code, int) else int(bool(error)),
        file_ids=tuple(
            entry["file_id"]
            for entry in (outputs if isinstance(outputs, list) else [])
            if isinstance(entry, dict) and isinstance(entry.get("file_id"), str)
        ),
        succeeded=block.get("type") in _EXECUTIONS and code == 0,
    )


def _bash(command: str) -> Command:
    """A here-document that is nothing but Python is shown as the Python that it is."""
    found = _HEREDOC.fullmatch(command)
    if found is None or re.search(rf"^{found['end']}$", found["code"], re.MULTILINE):
        return Command(code=command, language="bash")
    return Command(code=found["code"], language="python")


def _editor(given: Mapping[str, Any]) -> Command:
    path = _text(given.get("path"))
    match given.get("command"):
        case "create":
            language: Language = "python" if path.endswith(".py") else "text"
            return Command(code=_text(given.get("file_text")), language=language)
        case "str_replace":
            old, new = _text(given.get("old_str")), _text(given.get("new_str"))
            return Command(code=f"In {path}, replace\n{old}\nby\n{new}", language="text")
        case _:
            return Command(code=f"View {path}", language="text")


def _found_page(entry: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (_text(entry.get("title")), _text(entry.get("url")))))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
