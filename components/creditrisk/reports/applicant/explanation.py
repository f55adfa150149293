"""One application explained: nothing is computed that was not stored when it was scored."""

from datetime import date
from typing import Any, Literal

from creditrisk.lake import Lake
from creditrisk.records import layout
from creditrisk.records.card import CARD, Card
from creditrisk.records.containment import EVERYTHING, contained_in
from creditrisk.records.document import Part
from creditrisk.records.publication import Publications, publications_key
from creditrisk.records.version_files import brief, sums_sha256
from creditrisk.reports.applicant.delivered_rows import DeliveredRow, delivered_rows
from creditrisk.reports.applicant.score_of_record import (
    ScoreOfRecord,
    portfolio_of,
    score_of_record,
)
from creditrisk.storage import Store

Verdict = Literal["accept", "decline", "none"]
Value = bool | int | float | str | None


class Model(Part):
    """The version that scored; `sha256` is of its list of sums, `trained` its month."""

    version: str
    kind: str
    trained: date
    sha256: str


class LaterScore(Part):
    """A second score of the month, by a version promoted in it; it replaces nothing."""

    version: str
    pd: float | None
    grade: int | None


class Change(Part):
    """A column's value before and after, None: missing; `follows`: a ratio of a changed one."""

    column: str
    before: Value
    after: Value
    follows: bool = False


class WhatIf(Part):
    """The same application with other values, scored by the version that scored it.

    It has no reasons: reasons are those that were stored with a score of record.
    """

    changes: tuple[Change, ...]
    pd: float | None
    grade: int | None
    verdict: Verdict


class Explanation(Part):
    """`verdict`: accept for a PD of at most `cutoff`, decline above it, none without a PD.

    `reasons` are the stored ones, the strongest first. `held_back`: why there is no PD.
    `delivered`: rows of the delivered files it rests on. `notes`: what else to know.
    """

    application: str
    month: date
    pd: float | None
    grade: int | None
    verdict: Verdict
    cutoff: float
    reasons: tuple[str, ...]
    held_back: str
    sources_down: tuple[str, ...]
    model: Model
    policy: str
    scores: str
    features: str
    later_scores: tuple[LaterScore, ...]
    delivered: tuple[DeliveredRow, ...]
    notes: tuple[str, ...]
    what_if: WhatIf | None = None


def explain(store: Store, application: str, month: date | None = None) -> Explanation:
    """The score of record, as it was stored; a `UserError` says why there is none."""
    return explained(store, score_of_record(store, application, month))


def explained(store: Store, found: ScoreOfRecord, *, traced: bool = True) -> Explanation:
    """The same of a score that was found.

    `traced`: to its delivered rows, which looks into every file that its events came in.
    """
    row = found.row
    rows, missing = delivered_rows(store, found) if traced else ((), ())
    return Explanation(
        application=row["application_id"],
        month=found.month,
        pd=row["pd"],
        grade=row["grade"],
        verdict=verdict(row["pd"], found.policy.scoring.cutoff),
        cutoff=found.policy.scoring.cutoff,
        reasons=found.reasons,
        held_back=_held_back(store, found),
        sources_down=found.sources_down,
        model=_model(store, found),
        policy=found.policy.sha,
        scores=found.commit.key,
        features=found.gold.key,
        later_scores=tuple(_later(each) for each in found.later),
        delivered=rows,
        notes=(
            *_unexplained(store, found),
            *_contained(store, found),
            *_superseded(store, found),
            *_altered(store, found),
            *missing,
        ),
    )


def verdict(pd: float | None, cutoff: float) -> Verdict:
    """What a PD says at the cut-off, which is the highest that is accepted."""
    if pd is None:
        return "none"
    return "accept" if pd <= cutoff else "decline"


def _held_back(store: Store, found: ScoreOfRecord) -> str:
    """Why there is no PD, as the month's publication says it; empty where there is one."""
    if not found.row["held_back"]:
        return ""
    kept = Publications.read(store, publications_key(found.month))
    own = [p for p in kept.publications if p.model_version == found.version] if kept else []
    because = own[0].held_because if own else {}
    masked = f"not validated without {found.row['source_masked']}"
    return masked if masked in because or not because else "; ".join(because)


def _model(store: Store, found: ScoreOfRecord) -> Model:
    card = Card.need(store, layout.version(found.version, CARD))
    sums = layout.version(found.version, layout.SUMS)
    sha256 = found.commit.inputs.get(sums) or sums_sha256(store, found.version)
    return Model(version=found.version, kind=card.kind, trained=card.as_of, sha256=sha256)


def _later(row: Any) -> LaterScore:  # noqa: ANN401 - a row of a table
    return LaterScore(version=row["model_version"], pd=row["pd"], grade=row["grade"])


def _altered(store: Store, found: ScoreOfRecord) -> list[str]:
    """Whether the version is the one that scored: its sums are an input of the scores' commit."""
    then = found.commit.inputs.get(layout.version(found.version, layout.SUMS))
    now = sums_sha256(store, found.version)
    if then in (None, now):
        return []
    return [
        f"{found.version} is not the version that scored: its sums had sha256 {then}, and have"
        f" {now or 'none'} now; see `creditrisk audit verify`"
    ]


def _unexplained(store: Store, found: ScoreOfRecord) -> list[str]:
    """Reasons that name a column only: a notice names the principal reasons specifically.

    Regulation B, 12 CFR 1002.9(b)(2), and CFPB circulars 2022-03 and 2023-03.
    """
    portfolio = portfolio_of(store, found.gold)
    names = {name.replace("_", " ") for name in portfolio.undescribed} if portfolio else set()
    bare = [name for reason in found.reasons if (name := reason.rpartition(": ")[0]) in names]
    if not bare:
        return []
    return [
        f"no reason for a notice: {', '.join(bare)} {'is' if len(bare) == 1 else 'are'} only the"
        " name of a column; say in the portfolio's `text` what an applicant would call it"
    ]


def _contained(store: Store, found: ScoreOfRecord) -> list[str]:
    """Whether the month's decision, which came after the score, holds back what scored it."""
    if found.row["pd"] is None:
        return []
    return [
        f"decision {one.decision} came after this score and contained {brief(found.version)}: no"
        " further PD of it is published until another version is champion or a person lifts it"
        for one in contained_in(store, found.month, found.version)
        if one.since == found.month and EVERYTHING in one.segments
    ]


def _superseded(store: Store, found: ScoreOfRecord) -> list[str]:
    """What became of the month's tables since it was scored."""
    newest = Lake(store).need(found.gold.table, found.month)
    if newest.version == found.gold.version:
        return []
    return [
        f"{found.month:%Y-%m} was delivered again and its features built anew"
        f" ({found.gold.key} is superseded by {newest.key}); the score of record stays"
    ]
