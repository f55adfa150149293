"""How numbers and words are written on a page."""

import math

_MINUTE = 60.0


def words(state: str) -> str:
    """A state as people say it."""
    return {"none": "not judged", "insufficient": "not enough data"}.get(state, state)


def number(value: float | None, digits: int = 3) -> str:
    """A number for a table; empty where there is none."""
    return "" if value is None or math.isnan(value) else written(value, f",.{digits}f")


def written(value: float, form: str) -> str:
    """A number in a form; rounded to nothing it has no sign, and short of all it says so."""
    text = f"{value:{form}}"
    if text == "100.0%" and value < 1:
        return "> 99.9%"
    return text if text.strip("-0.,%") else text.lstrip("-")


def share(value: float | None, digits: int = 1) -> str:
    """A share in per cent."""
    return "" if value is None or math.isnan(value) else f"{value:.{digits}%}"


def money(currency: str, amount: float) -> str:
    """An amount, of millions in millions, after its currency where there is one."""
    million = 1e6
    text = f"{amount / million:,.2f} million" if abs(amount) >= million else f"{amount:,.0f}"
    return f"{currency} {text}".lstrip()


def duration(hours: float) -> str:
    """Hours as people say them, in the unit that fits."""
    seconds = 3600 * hours
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if hours < 1 else f"{hours:,.1f} h"


def interval(lower: float | None, upper: float | None, digits: int = 3) -> str:
    """Both bounds of an interval."""
    low, high = number(lower, digits), number(upper, digits)
    return f"{low} to {high}" if low and high else ""
