"""Texts and patterns as SQL has them."""

from collections.abc import Iterable, Sequence


def quoted(name: str) -> str:
    """A column's name as Spark's parser takes it, whatever is in it."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def literals(texts: Sequence[str]) -> str:
    return f"({', '.join(map(literal, texts))})"


def whole(pattern: str) -> str:
    """A pattern that a whole text must fit."""
    return rf"\A(?:{pattern})\z"  # `$` would let a line end follow


def matches(text: str, pattern: str) -> str:
    """Whether a whole text fits a pattern."""
    return f"{text} RLIKE {literal(whole(pattern))}"


def first_of(rules: Iterable[tuple[str, str]]) -> str:
    """The text of the first condition that holds, or null; an empty text counts as null."""
    whens = " ".join(f"WHEN {when} THEN nullif({literal(text)}, '')" for when, text in rules)
    return f"CASE {whens} END" if whens else "NULL"
