"""Which matured cohorts a model is built, calibrated and judged on. Pure arithmetic on counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from creditrisk.errors import UserError
from creditrisk.policy import Development


class NotEnoughEvidenceError(UserError):
    """Too few matured cohorts, or too few bads in them, to build and judge a model."""


@dataclass(frozen=True)
class Split:
    """Cohorts, oldest first; no cohort is in two parts. `windows` are the out-of-time ones."""

    train: tuple[date, ...]
    validation: tuple[date, ...]
    windows: tuple[tuple[date, ...], ...]


def split_cohorts(
    bads: Mapping[date, int], development: Development, train_needed: int | None = None
) -> Split:
    """Split matured cohorts, given as cohort -> number of bads among its labelled rows.

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
    while cut - step >= at_least and _sum(older[cut:], bads) < development.min_bads:
        cut -= step
    for part, cohorts in (("validation", older[cut:]), ("train", older[:cut])):
        if cohorts and (found := _sum(cohorts, bads)) < development.min_bads:
            raise NotEnoughEvidenceError(
                f"not enough evidence: the {part} cohorts ({cohorts[0]:%Y-%m}..{cohorts[-1]:%Y-%m})"
                f" hold {found} bads, development.min_bads asks for {development.min_bads};"
                " wait for more outcomes"
            )
    return Split(tuple(older[:cut]), tuple(older[cut:]), tuple(windows))


def _width(
    older: Sequence[date], bads: Mapping[date, int], development: Development, room: int
) -> int | None:
    """Cohorts of the next window; None where not even the narrowest fits into `room`."""
    if room < development.oot_months:
        return None
    step = width = development.oot_months  # where snapshots are rare, whole cycles
    widest = min(max(development.oot_max_months, width), room)
    enough = development.oot_min_bads
    while width + step <= widest and _sum(older[len(older) - width :], bads) < enough:
        width += step
    return width


def _need_bads(
    window: Sequence[date], bads: Mapping[date, int], development: Development, place: int, has: int
) -> None:
    found = _sum(window, bads)
    widened = len(window) + development.oot_months > development.oot_max_months
    needed = development.oot_least_bads if widened else development.oot_min_bads
    if found >= min(needed, development.oot_min_bads):
        return
    room = "" if widened else f", and of {has} matured cohorts none is left to widen it"
    raise NotEnoughEvidenceError(
        f"not enough evidence: OOT window {development.oot_windows - place}"
        f" ({window[0]:%Y-%m}..{window[-1]:%Y-%m}) holds {found} bads,"
        f" development.{'oot_least_bads' if widened else 'oot_min_bads'} asks for {needed}{room};"
        " wait for more outcomes"
    )


def _too_few_cohorts(
    bads: Mapping[date, int],
    development: Development,
    train_needed: int,
    windows: Sequence[Sequence[date]],
) -> NotEnoughEvidenceError:
    open_windows = development.oot_windows - len(windows)
    oot = sum(map(len, windows)) + open_windows * development.oot_months
    needed = train_needed + development.validation_cohorts + oot
    return NotEnoughEvidenceError(
        f"not enough evidence: needs {needed} matured cohorts ({train_needed} train,"
        f" {development.validation_cohorts} validation, {oot} out of time), has {len(bads)};"
        " wait for more outcomes"
    )


def _sum(cohorts: Sequence[date], bads: Mapping[date, int]) -> int:
    return sum(bads[cohort] for cohort in cohorts)
