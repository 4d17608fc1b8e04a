"""What the parts of a program are, before they are put together; and how text is put in."""

from string import Template
from typing import TypeAlias

import msgspec

Constant: TypeAlias = str | int | dict[str, str]


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a program that is its own: constants, helpers, what it does."""

    blocks: tuple[str, ...]
    constants: dict[str, Constant]
    helpers: tuple[str, ...] = ()
    imports: frozenset[str] = frozenset()


def fill(text: str, **pieces: str) -> str:
    """A block with its `${pieces}`. Names from a file never come in here: they are constants."""
    return Template(text).substitute(pieces)


def plain(name: str) -> str:
    """A header as it can stand in a sentence: on one line."""
    return "".join(char for char in " ".join(name.split()) if char.isprintable())


def literal(value: object) -> str:
    """A Python literal, strings in double quotes where they hold none themselves."""
    text = repr(value)
    if isinstance(value, str) and text.startswith("'") and '"' not in text:
        return f'"{text[1:-1]}"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(one) for one in value) + "]"
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{literal(key)}: {literal(one)}" for key, one in value.items()) + "}"
        )
    return text
