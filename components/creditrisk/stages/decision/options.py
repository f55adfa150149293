"""What a person may do where the rule has nothing left to try, with the numbers there are."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from creditrisk.period import Period
from creditrisk.records.champion_pointer import champion_history
from creditrisk.records.retirement import fallbacks
from creditrisk.records.validation import Validation, read_validation


def options(period: Period, version: str, measured: Mapping[str, float]) -> tuple[str, ...]:
    """Previous champion, scorecard, overlay on the level, stop: one line each, as far as known.

    `measured`: the month's published metrics.
    """
    found = (_previous, _scorecard, _overlay, _stop)
    return tuple(line for option in found for line in option(period, version, measured))


def _previous(period: Period, _: str, __: Mapping[str, Any]) -> Iterator[str]:
    then = [t for t in champion_history(period.store) if t.since <= period.as_of]
    earlier = fallbacks(period, then)
    if not earlier:
        yield "no previous champion to go back to"
        return
    validation = read_validation(period.store, earlier[-1])
    yield (
        f"go back to {earlier[-1]} ({_numbers(validation)}):"
        " creditrisk registry rollback --reason ..."
    )


def _scorecard(period: Period, version: str, _: Mapping[str, Any]) -> Iterator[str]:
    validation = read_validation(period.store, version)
    if validation and validation.benchmark:
        test = validation.benchmark
        yield (
            f"decide by the scorecard of {version}: AUC {test.benchmark_auc:.3f} against"
            f" {test.auc:.3f} on the windows; nothing publishes it by itself"
        )


def _overlay(period: Period, _: str, measured: Mapping[str, float]) -> Iterator[str]:
    ratio, most = measured.get("oe", 1.0), period.policy.rule.max_overlay
    if ratio <= 1:
        return
    needed = math.log(ratio)
    bound = f"rule.max_overlay allows {most:g}"
    enough = "" if needed <= most else "; that does not suffice"
    yield (
        f"an overlay on the level: O/E is {ratio:.2f}, scoring.margin_of_conservatism"
        f" {min(needed, most):.3f} raises the PDs ({bound}{enough})"
    )


def _stop(period: Period, _: str, measured: Mapping[str, float]) -> Iterator[str]:
    count = f"{measured['applications']:,.0f} " if "applications" in measured else ""
    yield (
        f"stop publishing, {count}applications a month get no PD: creditrisk override give"
        f" {period.as_of:%Y-%m} --decision contain --reason ..."
    )


def _numbers(validation: Validation | None) -> str:
    if validation is None or validation.pooled is None or validation.pooled_oe is None:
        return "not validated here"
    return f"AUC {validation.pooled.auc:.3f}, O/E {validation.pooled_oe.ratio:.2f} at validation"
