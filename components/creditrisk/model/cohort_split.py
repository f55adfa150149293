"""Which matured cohorts a model is built, calibrated and judged on. Pure arithmetic on counts."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from creditrisk.errors import UserError
from creditrisk.metrics.design_effect import independent, worth_text
from creditrisk.metrics.scored_rows import IntArray
from creditrisk.policy import Development

Bads = Mapping[date, IntArray]  # of each matured cohort: a number for the customer of each bad loan


class NotEnoughEvidenceError(UserError):
    """Too few matured cohorts, or too few bads in them, to build and judge a model."""


@dataclass(frozen=True)
class Split:
    """Cohorts, oldest first; no cohort is in two parts. `windows` are the out-of-time ones."""

    train: tuple[date, ...]
    validation: tuple[date, ...]
    windows: tuple[tuple[date, ...], ...]


def bads_of(bad_loans: pd.DataFrame, cohorts: Iterable[date]) -> Bads:
    """Of the bad loans (`cohort`, `customer_id`) of all matured cohorts, some without any."""
    numbers = pd.Series(pd.factorize(bad_loans["customer_id"])[0], bad_loans.index, dtype="int64")
    found = {cohort: own.to_numpy() for cohort, own in numbers.groupby(bad_loans["cohort"])}
    return {cohort: found.get(cohort, np.empty(0, np.int64)) for cohort in sorted(cohorts)}


def split_cohorts(bads: Bads, development: Development, train_needed: int | None = None) -> Split:
    """Split matured cohorts by their bads, of which those of one customer may all be one event.

    From the newest backwards: three windows, each of `oot_months` cohorts and widened
    towards older ones until it holds `oot_min_bads`, at most `oot_max_months` (then
    `oot_least_bads` suffice); then `validation_cohorts`, and more until they hold `min_bads`; the
    rest is train, at least `train_needed` (default `min_train_cohorts`; 0 for a recalibration) and
    `min_bads`. Less is a `NotEnoughEvidenceError`.
    """
    at_least = development.min_train_cohorts if train_needed is None else train_needed
    older = sorted(bads)
    windows: list[tuple[date, ...]] = []
    for place in range(development.oot_windows):
        least_before = development.oot_windows - place - 1
        spare = len(older) - at_least - development.validation_cohorts
        width = _width(older, bads, development, spare - least_before * development.oot_months)
        if width is None:
            raise _too_few_cohorts(bads, development, at_least, windows)
        window = tuple(older[len(older) - width :])
        _need_bads(window, bads, development, place, len(bads))
        windows.insert(0, window)
        older = older[: len(older) - width]
    cut = len(older) - development.validation_cohorts
    step = development.oot_months
    while cut - step >= at_least and _worth(older[cut:], bads) < development.min_bads:
        cut -= step
    for part, cohorts in (("validation", older[cut:]), ("train", older[:cut])):
        if cohorts and _worth(cohorts, bads) < development.min_bads:
            raise NotEnoughEvidenceError(
                f"not enough evidence: the {part} cohorts ({cohorts[0]:%Y-%m}..{cohorts[-1]:%Y-%m})"
                f" hold {_text(cohorts, bads)}, development.min_bads asks for"
                f" {development.min_bads}; wait for more outcomes"
            )
    return Split(tuple(older[:cut]), tuple(older[cut:]), tuple(windows))


def _width(older: Sequence[date], bads: Bads, development: Development, room: int) -> int | None:
    """Cohorts of the next window; None where not even the narrowest fits into `room`."""
    if room < development.oot_months:
        return None
    step = width = development.oot_months  # where snapshots are rare, whole cycles
    widest = min(max(development.oot_max_months, width), room)
    enough = development.oot_min_bads
    while width + step <= widest and _worth(older[len(older) - width :], bads) < enough:
        width += step
    return width


def _need_bads(
    window: Sequence[date], bads: Bads, development: Development, place: int, has: int
) -> None:
    widened = development.widest(len(window))
    needed = development.needed_bads(len(window))
    if _worth(window, bads) >= needed:
        return
    room = "" if widened else f", and of {has} matured cohorts none is left to widen it"
    move = (
        _wider(_worth(window, bads), len(window), needed) if widened else "wait for more outcomes"
    )
    raise NotEnoughEvidenceError(
        f"not enough evidence: OOT window {development.oot_windows - place}"
        f" ({window[0]:%Y-%m}..{window[-1]:%Y-%m}) holds {_text(window, bads)},"
        f" development.{'oot_least_bads' if widened else 'oot_min_bads'} asks for {needed}{room};"
        f" {move}"
    )


def _wider(worth: float, months: int, needed: int) -> str:
    """What to do where no window, however many months are waited, holds as many bads as needed."""
    if not worth:
        return "none of its months has a bad: no model can be judged on it"
    wide = math.ceil(needed * months / worth)
    return (
        f"at this pace no window of development.oot_max_months ({months}) will: {wide} would, or"
        " a smaller oot_least_bads, which is weaker evidence"
    )


def _too_few_cohorts(
    bads: Bads, development: Development, train_needed: int, windows: Sequence[Sequence[date]]
) -> NotEnoughEvidenceError:
    open_windows = development.oot_windows - len(windows)
    oot = sum(map(len, windows)) + open_windows * development.oot_months
    needed = train_needed + development.validation_cohorts + oot
    return NotEnoughEvidenceError(
        f"not enough evidence: needs {needed} matured cohorts ({train_needed} train,"
        f" {development.validation_cohorts} validation, {oot} out of time), has {len(bads)};"
        " wait for more outcomes"
    )


def _worth(cohorts: Sequence[date], bads: Bads) -> float:
    """How many independent bads some cohorts hold at most."""
    if not cohorts:
        return 0.0
    customers = np.concatenate([bads[cohort] for cohort in cohorts])
    return independent(customers, len(customers))


def _text(cohorts: Sequence[date], bads: Bads) -> str:
    loans = sum(len(bads[cohort]) for cohort in cohorts)
    return f"{loans:,} bads{worth_text(_worth(cohorts, bads), loans)}"
