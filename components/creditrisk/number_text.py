"""How a number is written wherever people read it: page, document, alert, mail, command line.

Counts in groups of thousands, shares and PDs in per cent (`27.3%`), AUC, PSI and KS with three
decimals, O/E with two; a p-value that would round to nothing as `< 0.001`; where there is no
number, nothing.
"""

import math

_MINUTE = 60.0
_MILLION = 1e6
_LEAST_PD, _MOST_DIGITS = 1e-5, 9
_LEAST = 0.001  # of a p-value and of a chance


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
    return "" if value is None or math.isnan(value) else written(value, f".{digits}%")


def percent(value: float) -> str:
    """A limit in per cent, with as many of three digits as it has: `0.482%`, `30%`."""
    text = f"{100 * value:.3g}%"
    return "> 99.9%" if text == "100%" and value < 1 else text


def pd_text(value: float, limit: float | None = None) -> str:
    """A PD in per cent, with three digits: `90.0%`, `0.482%`.

    It has more where three would hide on which side of `limit` it lies.
    """
    if value < _LEAST_PD:
        return f"< {100 * _LEAST_PD:g}%"
    digits = 3
    while digits < _MOST_DIGITS and limit not in (None, value) and _same(value, limit, digits):
        digits += 1
    text = f"{100 * value:#.{digits}g}".rstrip(".")
    return "> 99.9%" if float(text) >= 100 > 100 * value else f"{text}%"


def _same(value: float, limit: float | None, digits: int) -> bool:
    return limit is not None and f"{100 * value:.{digits}g}" == f"{100 * limit:.{digits}g}"


def measure(value: float | None) -> str:
    """Three decimals, as AUC, KS and p deserve; a smaller one says so; empty for no value."""
    if value is None:
        return ""
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"< {_LEAST}" if 0 < value < _LEAST else written(value, ".3f")


def figure(value: float | None) -> str:
    """Four digits, or thousands in groups; empty for no value."""
    if value is None:
        return ""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


def p_value(value: float | None) -> str:
    """A p-value for a table; one that would round to nothing says so."""
    return f"< {_LEAST}" if value is not None and value < _LEAST else number(value)


def p_text(value: float) -> str:
    """A p-value in a sentence."""
    text = p_value(value)
    return f"p {text}"


def chance_text(chance: float) -> str:
    """A chance in a sentence; one that would round to nothing or to certainty says so."""
    if chance > 1 - _LEAST:
        return f"above {1 - _LEAST:.1%}"
    return f"below {_LEAST:.1%}" if chance < _LEAST else f"{chance:.1%}"


def interval(lower: float | None, upper: float | None, form: str = ".3f") -> str:
    """Both bounds of an interval."""
    if lower is None or upper is None or math.isnan(lower) or math.isnan(upper):
        return ""
    return f"{written(lower, form)} to {written(upper, form)}"


def money(currency: str, amount: float) -> str:
    """An amount, of millions in millions, after its currency where there is one."""
    text = f"{amount / _MILLION:,.2f} million" if abs(amount) >= _MILLION else f"{amount:,.0f}"
    return f"{currency} {text}".lstrip()


def duration(hours: float) -> str:
    """Hours as people say them, in the unit that fits."""
    seconds = 3600 * hours
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE:.0f} min" if hours < 1 else f"{hours:,.1f} h"
