"""Bins as people read them: `15k to 19k`, where the frozen bins say `(15458.5, 19260.3]`."""

import re
from collections.abc import Sequence

_SPAN = re.compile(r"^\((?P<low>\S+), (?P<high>\S+)\]$")
_MINUS = "\N{MINUS SIGN}"  # between two numbers a hyphen reads as "to"
_UNITS = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))


def bin_texts(labels: Sequence[str]) -> list[str]:
    """Names for all bins of a feature; as they are frozen, where short ones would not differ."""
    short = [bin_text(label) for label in labels]
    return short if len(set(short)) == len(short) else list(labels)


def bin_text(label: str) -> str:
    """A bin's name for a figure; a category stays as it is."""
    if label in ("(missing)", "(other)", "(unseen)"):
        return label.strip("()")
    found = _SPAN.match(label)
    if found is None:
        return label
    low, high = float(found["low"]), float(found["high"])
    if low == float("-inf"):
        return "all" if high == float("inf") else f"up to {_short(high)}"
    return f"over {_short(low)}" if high == float("inf") else f"{_short(low)} to {_short(high)}"


def _short(value: float) -> str:
    """Three digits, thousands and millions by their letter, a minus that is no hyphen."""
    text = _digits(abs(value))
    return f"{_MINUS}{text}" if value < 0 and text != "0" else text


def _digits(value: float) -> str:
    for unit, letter in _UNITS:
        if value >= 10 * unit or (letter != "k" and value >= unit):
            return f"{value / unit:.3g}{letter}"
    return f"{value:.4g}" if value >= 1000 else f"{value:.3g}"
