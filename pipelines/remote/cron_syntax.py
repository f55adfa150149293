"""When a month is run: cron as Kubeflow reads it, six fields, seconds first."""

import re

from creditrisk.errors import UserError

FIELDS = ("second", "minute", "hour", "day of month", "month", "day of week")
EXAMPLE = "0 0 6 3 * *"  # the 3rd of each month at 06:00, on the clock of the cluster
_AHEAD, _BEHIND = 14, 12  # hours that clocks are ahead of UTC, or behind it, at most
_MONTHS = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_MONTH = rf"(?:[1-9]|1[0-2]|{_MONTHS})"
_RULES = (
    ("second", r"[0-5]?\d", "one number, 0 to 59"),
    ("minute", r"[0-5]?\d", "one number, 0 to 59"),
    ("hour", r"[01]?\d|2[0-3]", "one number, 0 to 23"),
    ("day of month", r"0?[1-9]|1\d|2[0-8]", "one number, 1 to 28: every month has it"),
    ("month", rf"\*(?:/[1-6])?|{_MONTH}(?:[,-]{_MONTH})*", "* for every month, or months"),
    ("day of week", r"[*?]", "*: the day of the month decides"),
)


def monthly(cron: str) -> str:
    """The expression, one blank between fields; a `UserError` unless it means once a month.

    Kubeflow also takes a Unix line of five fields, and reads `0 6 3 * *` as every day at
    03:06 (robfig/cron 1.2: second 0, minute 6, hour 3).
    """
    given = cron.split()
    if len(given) != len(FIELDS):
        meant = " ".join(["0", *given]) if len(given) == 5 else EXAMPLE
        raise UserError(
            f"cron '{cron}' has {len(given)} fields; Kubeflow reads six, {', '.join(FIELDS)}:"
            f" write '{meant if not _fault(meant.split()) else EXAMPLE}'"
        )
    if fault := _fault(given):
        raise UserError(f"cron '{cron}': {fault}; e.g. '{EXAMPLE}'")
    return " ".join(given)


def month_depends_on_zone(cron: str) -> bool:
    """Whether it fires so near a month's end that UTC, or another zone, is in another month."""
    _, _, hour, day, _, _ = cron.split()
    return (int(day) == 1 and int(hour) < _AHEAD) or (int(day) == 28 and int(hour) >= 24 - _BEHIND)


def _fault(given: list[str]) -> str:
    for text, (field, pattern, meaning) in zip(given, _RULES, strict=True):
        if not re.fullmatch(pattern, text, re.IGNORECASE):
            return f"{field} is '{text}' and must be {meaning}"
    return ""
