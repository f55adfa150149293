"""A store as a notebook reads it: one method, one Arrow table; nothing is ever written.

Every table comes as `pyarrow.Table`; its `to_pandas()` makes a data frame of it. A month is
written as the command line takes it (`2024-09-01`, `2024-09`, `2024-9`) or is a `date`; without
one a method returns every month. What was superseded is left out unless it is asked for. Bad
input is a `UserError` of one sentence.
"""

import warnings
from datetime import date
from typing import Any

import pyarrow as pa

from creditrisk import contracts
from creditrisk.calendar_month import parse_month
from creditrisk.errors import GateError, UserError
from creditrisk.lake import Commit, Lake
from creditrisk.records import layout
from creditrisk.records.audit import Trail
from creditrisk.records.champion_pointer import champion_history
from creditrisk.records.closed_month import TABLES, left_fault
from creditrisk.records.damage import STRICT, Damage
from creditrisk.records.decision import AXES, Decision, decisions
from creditrisk.records.format import open_store
from creditrisk.records.month import months_run
from creditrisk.storage import Store, open_audit_store
from creditrisk.storage.parallel import in_parallel

Month = str | date
_EMPTY = {  # a month without rows may have no file, and so no columns
    contract.table: pa.Table.from_batches([], contract.arrow)  # empty_table() imports pandas
    for contract in contracts.UNDESCRIBED
}
_TEXTS = pa.list_(pa.string())
_DECISIONS = pa.schema(
    [
        ("as_of", pa.date32()),
        ("n", pa.int64()),
        ("decision", pa.string()),
        ("action", pa.string()),
        *((axis, pa.string()) for axis in AXES),
        ("triggers", _TEXTS),
        ("reasons", _TEXTS),
        ("contained", _TEXTS),
        ("measured", pa.map_(pa.string(), pa.float64())),
        ("champion", pa.string()),
        ("policy", pa.string()),
        ("supersedes", pa.int64()),
        ("reason", pa.string()),
    ]
)
_TENURES = pa.schema(
    [
        ("version", pa.string()),
        ("since", pa.date32()),
        ("by", pa.string()),
        ("at", pa.string()),
        ("reason", pa.string()),
        ("rollback", pa.bool_()),
        ("sequence", pa.int64()),
    ]
)


class StoreView:
    """What a store holds: `creditrisk.open(store)` makes one."""

    def __init__(self, store: Store) -> None:
        self._lake = Lake(store)

    @property
    def uri(self) -> str:
        """Where the store is."""
        return self._store.uri

    def months(self) -> list[date]:
        """The months that were run, oldest first."""
        return months_run(self._store)

    def tables(self) -> list[str]:
        """The names `table` takes, such as `gold/features`."""
        found = (key.split("/") for key in self._store.keys("lake/"))
        return sorted({f"{p[1]}/{p[2]}" for p in found if p[3:4] == ["manifests"]})

    def scores(self, month: Month | None = None, *, superseded: bool = False) -> pa.Table:
        """One row per application and model version: PD, grade, reasons.

        `rescored` marks the second score of an application, by a version promoted that month.
        """
        return self.table(contracts.SCORES.table, month, superseded=superseded)

    def findings(self, month: Month | None = None, *, superseded: bool = False) -> pa.Table:
        """One row per metric, cohort, segment and model version: value, interval, state."""
        return self.table(contracts.FINDINGS.table, month, superseded=superseded)

    def features(self, month: Month | None = None, *, superseded: bool = False) -> pa.Table:
        """One row per application: what was known of it when it was made."""
        return self.table("gold/features", month, superseded=superseded)

    def labels(self, month: Month | None = None, *, superseded: bool = False) -> pa.Table:
        """One row per loan and label definition, in the month its outcome matured."""
        return self.table(contracts.LABELS.table, month, superseded=superseded)

    def table(self, name: str, month: Month | None = None, *, superseded: bool = False) -> pa.Table:
        """Any table of the lake, by the name `tables` has for it, with its columns as committed.

        The newest version of each month; `superseded`: every version, its number in column
        `commit_version`. Columns that a month does not have are null there.
        """
        commits = self._commits(name, _month(month), superseded)
        if name in TABLES and not superseded:
            self._require_as_left(commits)
        parts = in_parallel(self._lake.as_committed, commits)
        if superseded:
            parts = [_numbered(*pair) for pair in zip(parts, commits, strict=True)]
        parts = [*([_EMPTY[name]] if name in _EMPTY else []), *parts]
        try:
            return pa.concat_tables(parts, promote_options="default")
        except pa.ArrowTypeError as error:
            raise UserError(
                f"{name}: a column changed its type between months; read them one by one ({error})"
            ) from None

    def decisions(self, month: Month | None = None, *, superseded: bool = False) -> pa.Table:
        """One row per decision: what, why, the state of each axis, and by which policy.

        The one that counts for a month; `superseded`: those it replaced, too. One that cannot be
        read is left out with a warning, unless its month is asked for; so is what it replaced.
        """
        wanted, damage = _month(month), Damage()
        found = list(decisions(self._store, wanted, STRICT if wanted else damage))
        _warn(damage)
        if wanted and not found:
            raise UserError(
                f"{wanted} was not decided in {self.uri}; it has {_span(self.months())}"
            )
        if not superseded:
            found = list({decision.as_of: decision for decision in found}.values())
            found = [one for one in found if not _replaced(one, damage)]
        return pa.Table.from_pylist([_row(decision) for decision in found], schema=_DECISIONS)

    def champion(self, *, superseded: bool = False) -> pa.Table:
        """One row: the champion now, since when, by whom; `superseded`: every change, in order."""
        history = champion_history(self._store)
        rows = [tenure.model_dump() for tenure in (history if superseded else history[-1:])]
        return pa.Table.from_pylist(rows, schema=_TENURES)

    def _require_as_left(self, commits: list[Commit]) -> None:
        """`GateError` where what a month left is not what the record of its end says."""
        fault_of = left_fault(Trail(open_audit_store(self._store)))
        months = sorted({date.fromisoformat(commit.month) for commit in commits})
        faults = in_parallel(lambda month: fault_of(self._store, month), months)
        if fault := next(filter(None, faults), ""):
            raise GateError(f"{fault} (creditrisk audit verify)")

    @property
    def _store(self) -> Store:
        return self._lake.store

    def _commits(self, name: str, month: date | None, superseded: bool) -> list[Commit]:
        leaves = {"", ".", ".."} & {*str(name).split("/")}  # a path that is no table's
        months = [] if leaves else self._lake.months(str(name))
        if not months:
            has = ", ".join(self.tables()) or "none yet"
            raise UserError(f"{self.uri} holds no table '{name}'; it has {has}")
        if month and month not in months:
            raise UserError(f"{name} has no month {month} in {self.uri}; it has {_span(months)}")
        if superseded:
            chosen = [month] if month else months
            return [c for one in chosen for c in self._lake.versions(name, one)]
        return [self._lake.need(name, month)] if month else self._lake.commits(name)


def look_into(store: str | None) -> StoreView:
    """Open a store by path or URL; None: as the environment says."""
    found = open_store(store)
    if not found.exists():
        raise UserError(f"{found.uri} is no store: nothing is there; give a store's path or URL")
    return StoreView(found)


def _month(given: Month | None) -> date | None:
    if given is None:
        return None
    return parse_month(f"{given:%Y-%m-%d}" if isinstance(given, date) else str(given), "month")


def _warn(damage: Damage) -> None:
    for text in damage.sentences:
        warnings.warn(text, stacklevel=3)


def _replaced(decision: Decision, damage: Damage) -> bool:
    """Whether a later decision of its month is there and cannot be read."""
    folder = layout.decisions(decision.as_of)
    return any(
        key.startswith(folder) and key > layout.decision(decision.id) for key in damage.found
    )


def _span(months: list[date]) -> str:
    return f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}" if months else "none yet"


def _numbered(rows: pa.Table, commit: Commit) -> pa.Table:
    return rows.append_column("commit_version", pa.repeat(commit.version, rows.num_rows))


def _row(decision: Decision) -> dict[str, Any]:
    states = {name: axis.state for name, axis in decision.axes.items()}
    measured = list(decision.measured.items())
    return decision.record() | states | {"as_of": parse_month(decision.as_of), "measured": measured}
