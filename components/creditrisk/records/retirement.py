"""Retirement: `registry/retired/<id>.json` takes a version out of use for good."""

from collections.abc import Sequence

from creditrisk.errors import GateError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.acts import create_once
from creditrisk.records.champion_pointer import Tenure, champions_in_force, current_champion
from creditrisk.records.document import Document
from creditrisk.records.identity import Statement
from creditrisk.records.version_files import read_files


class Retirement(Document):
    """Who took a version out of use, why and when."""

    version: str
    by: str
    reason: str
    at: str


def retire(period: Period, version: str, statement: Statement) -> None:
    """Take a version out of use: never promoted again, never fallen back on; it stays readable.

    The champion is a `GateError`; no reason, or no such version, a `UserError`. Retiring what
    is retired changes nothing.
    """
    act = statement.record() | {"by": str(statement.who)}
    read_files(period.store, version)
    if current_champion(period.store) == version:
        raise GateError(f"{version} is the champion: promote another or roll back first")
    retirement = Retirement.model_validate(act | {"version": version})
    first = create_once(period.store, layout.retired(version), retirement)
    period.trail.append("retired", first.by, first.at, first.body(), version)


def is_retired(period: Period, version: str) -> bool:
    """Whether a version is out of use, by its document or, where that is gone, by the trail."""
    kept = period.store.tag(layout.retired(version)) is not None
    return kept or period.trail.find("retired", version) is not None


def fallbacks(period: Period, history: Sequence[Tenure]) -> list[str]:
    """Champions that a rollback may go back to, the one it goes to last.

    Neither what was rolled back nor what is retired.
    """
    return [one for one in champions_in_force(history)[:-1] if not is_retired(period, one)]
