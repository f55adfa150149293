"""What a column's texts are: their type and how they are written."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from creditrisk.deliveries.text_part import LONGEST
from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.typography import plain
from creditrisk.quality.portfolio_check.advice import (
    MEAN_MISSING,
    counts_of_days,
    date_formats,
    other_days,
    yes_or_no,
)
from creditrisk.quality.portfolio_check.cell import members, typed
from creditrisk.quality.portfolio_check.column import Column, far_off
from creditrisk.quality.portfolio_check.date_candidates import certain
from creditrisk.quality.portfolio_check.number_advice import Texts, number_keys
from creditrisk.stages.etl.casts import DURATION

_LOOKED_AT = 2_000  # different texts of a column
_FEW = 30  # categories; more are not listed, and many more are no categories
_MANY = 200
_LARGEST_COUNT = 1_000  # of anything countable; what is larger is an amount
_REPEATED = 20  # rows of a category on average: fewer, and it is free text
_NEARLY_ALL = 0.9
# of what the ETL reads as one: 5m may be metres
_DURATION = re.compile(rf"(?=.*(?:[Yy]|[Mm]on|[Mm]th))(?:{DURATION})", re.ASCII)
_CODE = re.compile(r"[^\W\d_]+[-_/.]?0\d")  # G007 counts nothing, and A-007 is not below zero
_NARROW = 1.5  # times the least: amounts lie further apart than days of some decades
_DAYS = 20  # different numbers
_MONTH_AND_YEAR = "MMyyyy"


@dataclass(frozen=True)
class Belief:
    """What a column is taken for: its keys, why, and what only a person can say."""

    keys: dict[str, object] = field(default_factory=dict)
    why: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    left_out: bool = False
    whole: bool = False  # numbers without decimals, whatever type they are given

    def but(self, why: str = "", question: str = "", **keys: object) -> "Belief":
        """The same with more keys and reasons."""
        return replace(
            self,
            keys=self.keys | keys,
            why=(*self.why, why) if why else self.why,
            questions=(*self.questions, question) if question else self.questions,
        )

    @property
    def spec(self) -> ColumnSpec:
        """As a description has it."""
        return ColumnSpec.model_validate(self.keys)


def belief_of(column: Column) -> Belief:
    """By the column's texts alone."""
    every = _counted(column)
    missing = [text for text, _ in every if len(text) <= LONGEST and _means_nothing(text)]
    texts = [(t, n) for t, n in every if len(t) <= LONGEST and t not in missing][:_LOOKED_AT]
    if not texts:
        return Belief(left_out=True, why=("empty in every row",))
    found = next(filter(None, (look(texts) for look in (_date, _number, _words))))
    return found.but(missing=missing) if missing else found


def _means_nothing(text: str) -> bool:
    """Whether it says so, or holds neither letter nor digit."""
    return text.lower() in MEAN_MISSING or not re.search(r"\w", text.replace("_", ""))


def _counted(column: Column) -> Texts:
    """The texts that are not empty, trimmed, the most frequent first."""
    found: dict[str, int] = {}
    for text, count in zip(column.texts, column.counts.tolist(), strict=True):
        if trimmed := text.strip(SPACE):
            found[trimmed] = found.get(trimmed, 0) + count
    return sorted(found.items(), key=lambda item: -item[1])


def _plain(texts: Texts) -> Texts:
    """As dates and numbers are read."""
    return [(plain(text), count) for text, count in texts]


def _date(texts: Texts) -> Belief | None:
    texts = _plain(texts)
    formats = [one for one in date_formats(texts) if _of_our_time(texts, one)]
    if _MONTH_AND_YEAR in formats:  # MMddyy of nothing but 19th and 20th days is none
        formats = [_MONTH_AND_YEAR]
    if not any(map(certain, formats)):
        return None
    keys: dict[str, object] = {"type": "date"}
    if formats[0] != "yyyy-MM-dd":
        keys["format"] = formats[0]
    if others := other_days(texts, formats):
        first = "day first" if formats[0].startswith("d") else formats[0]
        question = f"{first}, or {', or '.join(others)}? no day above 12 tells them apart"
        return Belief(keys, questions=(question,))
    return Belief(keys)


def _of_our_time(texts: Texts, written: str) -> bool:
    """Whether half of the days lie from 1900 to 2099; of numbers 100002 is month 10 of year 2."""
    spec = ColumnSpec.model_validate({"type": "date", "format": written})
    days = [typed(text.strip(SPACE), spec) for text, _ in texts]
    years = [day.year for day in days if isinstance(day, date)]
    return 2 * sum(1900 <= year < 2100 for year in years) > len(years)


def _number(texts: Texts) -> Belief | None:
    texts = _plain(texts)
    marks = number_keys(texts, ColumnSpec.model_validate({"type": "number"}))
    if marks is None or any(_CODE.match(text) for text, _ in texts):
        return None
    keys: dict[str, object] = {key: value for key, value in marks.items() if value}
    spec = ColumnSpec.model_validate({"type": "number", **keys})
    read = [typed(text.strip(SPACE + spec.strip), spec) for text, _ in texts]
    values = [value for value in read if isinstance(value, float)]
    whole = all(value.is_integer() for value in values)
    # amounts that are whole so far may have cents one day
    counts = whole and max(map(abs, values)) <= _LARGEST_COUNT
    belief = Belief({"type": "integer" if counts else "number", **keys})
    belief = replace(belief, whole=whole)
    if marks.get("negative") in ("CR", "DR"):
        return belief.but(question="are CR amounts below zero, or DR ones (negative)?")
    if not whole and not marks and _grouped_by_points(texts):
        return belief.but(question='"1.234": a fraction, or thousands: "." and decimal: ","?')
    return belief


def as_days(column: Column) -> Belief | None:
    """Of numbers in a table without a date: the days that they may be."""
    numbers, _ = column.numbers
    if len(numbers) < _DAYS or numbers[0] <= 0 or numbers[-1] > _NARROW * numbers[0]:
        return None
    found = [*counts_of_days(_plain(_counted(column)[:_LOOKED_AT]))]
    if not found:
        return None
    question = f"no date is here: do these count days ({', or '.join(found)})?"
    return Belief({"type": "date", "format": found[0]}, questions=(question,))


def _grouped_by_points(texts: Texts) -> bool:
    """Whether every point has three digits behind it: 1.234 may be a thousand and more."""
    return all(re.fullmatch(r"-?\d{1,3}(\.\d{3})*", text) for text, _ in texts)


def _words(texts: Texts) -> Belief:
    rows = sum(count for _, count in texts)
    if sum(n for text, n in texts if _DURATION.fullmatch(text)) > _NEARLY_ALL * rows:
        return Belief({"type": "duration"})
    if flag := _flag(texts):
        return flag
    listed = {member for text, _ in texts for member in members(text)}
    if len(texts) > len(listed) and any("," in text or "|" in text for text, _ in texts):
        return Belief({"type": "list", "categories": sorted(listed)[:_FEW]})
    if len(texts) <= _FEW or (len(texts) <= _MANY and rows >= _REPEATED * len(texts)):
        return _category(texts)
    return Belief({}, (f"{len(texts):,} different texts or more",), left_out=True)


def _flag(texts: Texts) -> Belief | None:
    """Yes and no, however they are written; a few rows may say something else."""
    yes = sorted({text for text, _ in texts if yes_or_no(text) == "yes"})
    no = sorted({text for text, _ in texts if yes_or_no(text) == "no"})
    rows = sum(count for _, count in texts)
    if not yes or not no or sum(n for t, n in texts if t in yes or t in no) < _NEARLY_ALL * rows:
        return None
    return Belief(
        {"type": "category", "spellings": {"yes": yes, "no": no}, "categories": ["yes", "no"]}
    )


def _category(texts: Texts) -> Belief:
    """Categories by their commonest spelling; hardly ever seen ones are left to be `unknown`."""
    spelt: dict[str, list[str]] = {}
    for text, _ in texts:
        spelt.setdefault(text.lower(), []).append(text)
    if len(spelt) > _FEW:
        return Belief({"type": "category"}, (f"{len(spelt)} categories",))
    return Belief({"type": "category", "categories": [found[0] for found in spelt.values()]})


def sentinels(column: Column) -> Iterator[str]:
    """Numbers far from all others, on which many rows lie."""
    values, rows = column.numbers
    for value, _ in far_off(values, rows):
        yield from column.texts_of(value)
