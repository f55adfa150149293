"""The part of a delivered text that a column reads."""

import re

from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.pattern import java_and_python

LONGEST = 1000  # characters of a text that is looked into; a longer one is unreadable


def text_part(text: str, spec: ColumnSpec) -> str | None:
    """Of a trimmed text what is read: all, or a part; None where it has no such part."""
    if spec.part:
        first, last = spec.part
        found = text[first - 1 : last] if first > 0 else text[first : last + 1 or None]
        if len(text) < max(abs(first), abs(last)):
            return None
    elif spec.pattern:
        hit = (
            re.fullmatch(java_and_python(spec.pattern), text, re.ASCII)
            if len(text) <= LONGEST
            else None
        )
        found = hit[1] if hit else ""
    else:
        return text
    return found.strip(SPACE) or None
