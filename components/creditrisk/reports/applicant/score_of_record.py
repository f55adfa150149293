"""The score of an application that counts: the first that was published of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow.compute as pc

from creditrisk.contracts import SCORES
from creditrisk.contracts.contract import Column, Contract
from creditrisk.errors import GateError, UserError
from creditrisk.lake import Commit, Lake
from creditrisk.policy import Policy
from creditrisk.portfolio import Portfolio
from creditrisk.records.audit import Trail
from creditrisk.records.closed_month import left_fault
from creditrisk.records.config import read_policy, read_portfolio
from creditrisk.records.month import months_run
from creditrisk.records.publication import Publications, publications_key
from creditrisk.records.quality import load_report
from creditrisk.storage import Store, open_audit_store

_IDS = Contract(
    "gold", "features", "", ("application_id",), (Column("application_id", "string"),)
)  # whatever else a lender's has
REASONS = ("reason_1", "reason_2", "reason_3", "reason_4")


@dataclass(frozen=True)
class ScoreOfRecord:
    """A row of the scores table, and the commits of scores and features it came with.

    `later`: rows of other versions, published after a promotion; they replace nothing.
    """

    row: Mapping[str, Any]
    later: tuple[Mapping[str, Any], ...]
    commit: Commit
    gold: Commit
    policy: Policy

    @property
    def month(self) -> date:
        return date.fromisoformat(self.commit.month)

    @property
    def version(self) -> str:
        return str(self.row["model_version"])

    @property
    def reasons(self) -> tuple[str, ...]:
        """As they are stored, the strongest first."""
        return tuple(self.row[name] for name in REASONS if self.row[name] is not None)

    @property
    def sources_down(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.row["source_masked"] or "").split(",")))


def score_of_record(store: Store, application: str, month: date | None = None) -> ScoreOfRecord:
    """Of a month, or of the newest that scored it; a `UserError` says why there is none."""
    lake = Lake(store)
    scored = lake.months(SCORES.table)
    for each in reversed(scored) if month is None else [month]:
        rows = published(lake, application, each)
        if rows:
            _require_as_left(store, each)
            return _first(store, lake, rows, each)
    raise UserError(_why_none(store, lake, application, month))


def _require_as_left(store: Store, month: date) -> None:
    """`GateError` where a month's scores are not those its run left, by the audit trail."""
    if fault := left_fault(Trail(open_audit_store(store)))(store, month):
        raise GateError(f"{fault} (creditrisk audit verify)")


def published(lake: Lake, application: str, month: date) -> list[dict[str, Any]]:
    """Every row of an application in a month's scores, the one of record first."""
    found = lake.read(SCORES, [month])
    own = found.filter(pc.equal(found["application_id"], application)).to_pylist()
    return sorted(own, key=lambda row: bool(row["rescored"]))


def portfolio_of(store: Store, gold: Commit) -> Portfolio | None:
    """The description that features were built by; None where their commit does not say."""
    sha = gold.inputs.get("portfolio")
    try:
        return read_portfolio(store, sha) if sha else None
    except KeyError as gone:
        raise UserError(f"{store.uri}/{gone.args[0]} is gone; restore it") from None


def _first(store: Store, lake: Lake, rows: list[dict[str, Any]], month: date) -> ScoreOfRecord:
    row, *later = rows
    commit = _commit_of(lake, row, month)
    keys = [key for key in commit.inputs if key.startswith("lake/gold/features/manifests/")]
    gold = lake.manifest(max(keys))
    try:
        policy = read_policy(store, commit.inputs["policy"])
    except KeyError as error:
        raise UserError(
            f"{commit.key} names a policy that {store.uri} does not hold ({error}); restore it"
        ) from None
    return ScoreOfRecord(row, tuple(later), commit, gold, policy)


def _commit_of(lake: Lake, row: Mapping[str, Any], month: date) -> Commit:
    """The commit a row was published with: later ones hold it, too, beside other inputs."""
    for commit in lake.versions(SCORES.table, month):
        rows = lake.read_commits(SCORES, [commit])
        own = pc.and_(
            pc.equal(rows["application_id"], row["application_id"]),
            pc.equal(rows["model_version"], row["model_version"]),
        )
        if pc.any(own).as_py():
            return commit
    return lake.need(SCORES.table, month)


def _why_none(store: Store, lake: Lake, application: str, month: date | None) -> str:
    """Why nothing was published of an application, in one line."""
    for each in [month] if month else _known_months(store, lake):
        delivered = _delivered(lake, application, each)
        # customer and month make the id where applications have none of their own
        mine = delivered or each == month or application.endswith(f"_{each}")
        if mine and (reason := _blocked(store, each)):
            return f"{each:%Y-%m} was blocked and nothing of it is scored: {reason}"
        if delivered:
            return (
                f"'{application}' of {each:%Y-%m} was not scored: the month had no champion, or"
                " was not run up to its scores; see `creditrisk status`"
            )
    if month and not lake.commit(_IDS.table, month):
        return f"{store.uri} holds no applications of {month:%Y-%m}; see `creditrisk lake ls`"
    where = f"{month:%Y-%m} in {store.uri}" if month else store.uri
    return (
        f"no application of {where} is called '{application}'; it is written as in"
        " scores/applications (creditrisk features get --as-of MONTH lists them), and rows that"
        " were set aside are in silver/quarantine"
    )


def _known_months(store: Store, lake: Lake) -> list[date]:
    """Months that were run, or have applications, newest first."""
    run = months_run(store)
    return sorted({*run, *lake.months(_IDS.table)}, reverse=True)


def _blocked(store: Store, month: date) -> str:
    """What stopped a month before it published scores; empty where nothing did."""
    report = load_report(store, month)
    if report and report.blocked:
        return "; ".join(report.failures[:1])
    kept = Publications.read(store, publications_key(month))
    refused = [one for one in kept.publications if one.blocked] if kept else []
    texts = (check.text for one in refused for check in one.checks if check.state == "block")
    return next(texts, "")


def _delivered(lake: Lake, application: str, month: date) -> bool:
    gold = lake.commit(_IDS.table, month)
    if gold is None:
        return False
    rows = lake.read_commits(_IDS, [gold])
    return bool(pc.any(pc.equal(rows["application_id"], application)).as_py())
