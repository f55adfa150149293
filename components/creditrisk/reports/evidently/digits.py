"""Figures' numbers with as many digits as a screen can show: the rest is a third of a page."""

from collections.abc import Sequence
from math import floor, isfinite, log10
from typing import Any

_OF_SPAN = 3  # neighbours differ by a thousandth of the span of their list, or less
_ALONE = 6


def few_digits(content: Any) -> Any:  # noqa: ANN401 - JSON
    """The same JSON; coordinates rounded within their list, other numbers to six digits."""
    if isinstance(content, dict):
        return {name: few_digits(value) for name, value in content.items()}
    if isinstance(content, list):
        numbers = all(value is None or isinstance(value, int | float) for value in content)
        return _rounded(content) if numbers else [few_digits(value) for value in content]
    return float(f"{content:.{_ALONE}g}") if isinstance(content, float) else content


def _rounded(values: Sequence[float | None]) -> list[float | None]:
    known = [value for value in values if value is not None and isfinite(value)]
    span = max(known) - min(known) or abs(known[0]) if known else 0
    if not span:
        return list(values)
    places = _OF_SPAN - floor(log10(span))
    return [round(v, places) if isinstance(v, float) and isfinite(v) else v for v in values]
