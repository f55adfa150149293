"""The part of a delivered text that a column reads."""

import re

from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.pattern import java_and_python
from creditrisk.portfolio.typography import plain

LONGEST = 1000  # characters of a text that is looked into; a longer one is unreadable


def text_part(text: str, spec: ColumnSpec) -> str | None:
    """Of a trimmed text what is read: all, or a part; None where it has no such part.

    Numbers, dates and durations in plain characters.
    """
    if not spec.partial:
        found = text
    elif spec.part:
        first, last = spec.part
        found = text[first - 1 : last] if first > 0 else text[first : last + 1 or None]
        if len(text) < max(abs(first), abs(last)):
            return None
    else:
        hit = (
            re.fullmatch(java_and_python(spec.pattern), text, re.ASCII)
            if len(text) <= LONGEST
            else None
        )
        found = hit[1] if hit else ""
    found = plain(found) if spec.in_plain else found
    return found if not spec.partial else found.strip(SPACE) or None
