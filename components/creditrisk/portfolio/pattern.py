"""A pattern for the part of a text that is read: a few of a regular expression's means.

What is kept is read alike by Java and Python, and in time in proportion to the text: each run of
characters takes as many as it can and gives none back, and nothing that repeats holds a repeat.
"""

import re
from functools import lru_cache

_ATOM = r"\\[dws]|\\[^A-Za-z0-9\s]|\[\^?(?:\\.|[^\]\\])+\]|[^\\\[\]()*+?{}|^$]"
_TOKEN = re.compile(
    rf"(?P<atom>{_ATOM})(?P<times>[*+?]|\{{\d{{1,3}}(?:,\d{{0,3}})?\}})?|(?P<bracket>[()])",
    re.DOTALL,
)
_LAST = 1000  # character of a part
_MEMBER = re.compile(r"(\\[dws])|(\\.|[^\\])(?:-(\\.|[^\\]))?", re.DOTALL)


def check_part(part: tuple[int, int] | None, pattern: str) -> None:
    """A `ValueError` says why a part, by its characters or by a pattern, cannot be read."""
    if part and pattern:
        raise ValueError("part and pattern both say what is read: leave one of them out")
    if part:
        first, last = part
        if first * last <= 0 or first > last or max(abs(first), abs(last)) > _LAST:
            raise ValueError(
                f"part {list(part)}: write the first and last character, both from the start"
                f" (1 to {_LAST}) or both from the end (-{_LAST} to -1)"
            )
    if pattern:
        java_and_python(pattern)


@lru_cache
def java_and_python(pattern: str) -> str:
    """The pattern as both take it, of a whole text; a `ValueError` says what is not supported."""
    shape, brackets, end = "", "", 0
    while end < len(pattern):
        token = _TOKEN.match(pattern, end)
        if token is None or (brackets.endswith("()") and token["bracket"]):
            raise ValueError(
                f"pattern '{pattern}': {pattern[end:]} is not supported; write letters, \\d, . or"
                " [A-Z], each with ?, *, + or {1,3} behind it, and one part in brackets"
            )
        brackets += token["bracket"] or ""
        shape += token["bracket"] or _of_atom(token["atom"]) + _taking(token["times"])
        end = token.end()
    if brackets != "()" or "()" in shape:
        raise ValueError(f"pattern '{pattern}': put the part that is read in brackets, once")
    try:
        re.compile(shape)
    except re.error as error:
        raise ValueError(f"pattern '{pattern}': {error.msg}") from None
    return shape


def _taking(times: str | None) -> str:
    return f"{times}+" if times else ""


def _of_atom(atom: str) -> str:
    if atom == ".":
        return r"[^\n]"  # Java's stops at more line ends than Python's
    if atom[0] == "[":
        negated = "^" if atom[1] == "^" else ""
        members = _MEMBER.findall(atom[1 + len(negated) : -1])
        return f"[{negated}{''.join(_member(*member) for member in members)}]"
    return atom if re.fullmatch(r"\\[dws]", atom) else _escaped(atom)


def _member(kind: str, low: str, high: str) -> str:
    return kind or _escaped(low) + (f"-{_escaped(high)}" if high else "")


def _escaped(char: str) -> str:
    """A character as itself, also within `[]`, where Java has more marks than Python."""
    char = char[-1]
    return char if char.isalnum() or not char.isascii() else f"\\{char}"
