"""Days that may be others: month and day exchanged, midnight in another zone."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from creditrisk.deliveries.text_part import text_part
from creditrisk.portfolio import ColumnSpec, Role
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.date_format import ISO, NAMED, Count, Pattern, date_format
from creditrisk.quality.portfolio_check.cell import typed
from creditrisk.quality.portfolio_check.column import Column
from creditrisk.quality.portfolio_check.remark import Remark
from creditrisk.quality.portfolio_check.table import Table

_DATED: tuple[Role, ...] = ("snapshot", "start", "default_date", "closed_date")
_FEWEST = 3  # distinct days: fewer are alike by chance
_CLOCK = re.compile(r"(?<![\d+-])([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:[.,]0+)?)?(?![\d.,])")
_AWAY = re.compile(r":[0-5]\d ?[+-](?!00:?00)\d\d:?\d\d$")  # from UTC: the lender's own clock
_NOON, _A_DAY = 12 * 60, 24 * 60  # minutes
_SUMMER = 60  # minutes that clocks go forward
_NEARLY_ALL = 0.95  # of the rows


def day_remarks(table: Table) -> Iterator[Remark]:
    """Of the dates that say which month a row, a loan or an outcome is of."""
    for column in filter(None, map(table.column, _DATED)):
        days = {day for day in column.readings.others.values() if isinstance(day, date)}
        if len(days) < _FEWEST:
            continue
        if other := _exchanged(column, days):
            what = "all dates are of one month and differ in the day: month and day exchanged?"
            yield Remark(table.source, column.name, "look", what, "format", f"format: {other}")
        if clock := _midnight(column):
            what = f"nearly all are of {clock}: a midnight elsewhere, and the day before it?"
            yield Remark(table.source, column.name, "look", what, *_shifted(column, clock))


def _exchanged(column: Column, days: set[date]) -> str:
    """The format that reads all as one day of several months; empty where none does."""
    letters = {"M": "d", "MM": "dd", "d": "M", "dd": "MM"}
    how = date_format(column.spec.format)
    if not isinstance(how, Pattern) or len({day.month for day in days}) > 1:
        return ""
    if len({*letters} & {*how.letters}) < len({"d", "M"}):
        return ""
    written = "yyyy-MM-dd" if column.spec.format == ISO else column.spec.format
    other = re.sub("(?<![dM])(dd?|MM?)(?![dM])", lambda found: letters[found[1]], written)
    spec = column.spec.model_copy(update={"format": other})
    dated = (text for text, day in _with_readings(column) if isinstance(day, date))
    read = {getattr(typed(text, spec), "day", None) for text in dated}
    return other if len(read) == 1 and None not in read else ""


def _midnight(column: Column) -> str:
    """The time that nearly all texts have, later than noon; of two, an hour apart, the earlier."""
    times: Counter[int] = Counter()
    counts = column.counts.tolist()
    for (text, read), rows in zip(_with_readings(column), counts, strict=True):
        if isinstance(read, date):
            times[_minutes(text, column.spec)] += rows
    most = sorted(time for time, _ in times.most_common(2))
    alike = most[:1] if times[most[0]] >= _NEARLY_ALL * times.total() else most
    rows = sum(times[time] for time in alike)
    apart = alike[-1] - alike[0]
    if rows < _NEARLY_ALL * times.total() or apart not in (0, _SUMMER) or alike[0] <= _NOON:
        return ""
    return f"{alike[0] // 60:02d}:{alike[0] % 60:02d}"


def _minutes(text: str, spec: ColumnSpec) -> int:
    """Of the day, of a whole quarter of an hour; else -1: that is no midnight anywhere."""
    how = date_format(spec.format)
    if isinstance(how, Count):
        if how.per_day <= 1 or not text.isdigit():
            return -1
        parts = (int(text) + how.past) % how.per_day * _A_DAY
        minutes, rest = divmod(parts, how.per_day)
    else:
        found = _CLOCK.search(text)
        if found is None or _AWAY.search(text) or "a" in how.hours:
            return -1
        minutes, rest = int(found[1]) * 60 + int(found[2]), int(found[3] or 0)
    return -1 if rest or minutes % 15 else minutes


def _shifted(column: Column, clock: str) -> tuple[str, str]:
    """Key and change with which the days are those of the lender's clock."""
    found = re.match(r"(\w+) since (\S+)$", NAMED.get(column.spec.format, column.spec.format))
    if found is None:
        return "", "have them delivered as days"
    hours, minutes = map(int, clock.split(":"))
    ahead = _A_DAY - hours * 60 - minutes
    change = f"format: {found[1]} since {found[2]} {ahead // 60:02d}:{ahead % 60:02d}"
    return "format", change


def _texts(column: Column) -> list[str]:
    ends = SPACE + column.spec.strip
    return [text_part(text.strip(ends), column.spec) or "" for text in column.texts]


def _with_readings(column: Column) -> Iterator[tuple[str, object]]:
    for text, (value, _) in zip(_texts(column), column.readings, strict=True):
        yield text, value
