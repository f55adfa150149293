"""Build a challenger: read, learn, describe, keep."""

import hashlib
import logging
import platform
from collections.abc import Mapping
from importlib.metadata import version as version_of

from creditrisk.errors import UserError
from creditrisk.model.version import ModelVersion, load_version
from creditrisk.period import Period
from creditrisk.records.card import CARD, Kind
from creditrisk.records.development import LINEAGE, METRICS, PROFILE, Lineage
from creditrisk.records.document import SealedDocument, encode
from creditrisk.records.model_parts import (
    BENCHMARK,
    CALIBRATION,
    ENCODERS,
    BenchmarkCard,
    CalibrationMaps,
    Encoders,
)
from creditrisk.records.version_files import save_version, sums_sha256
from creditrisk.stages.training.card import card_of, card_text
from creditrisk.stages.training.dataset import Dataset, load_dataset
from creditrisk.stages.training.leakage import LeakageError, refuse_out_of_time
from creditrisk.stages.training.learn import Learned, learn, recalibrate
from creditrisk.stages.training.profile import profile_of
from creditrisk.stages.training.refit import refit

log = logging.getLogger(__name__)
KINDS: tuple[Kind, ...] = ("initial", "retrain", "recalibrate")
REFITTED = ("initial", "retrain")  # kinds whose trees were fitted
PACKAGES = ("catboost", "numpy", "optuna", "pandas", "scikit-learn", "scipy")


def train(
    period: Period, kind: str, champion: str, *, actor: str = "pipeline", at: str = ""
) -> str:
    """Train a version and return its id; the same inputs give the same id and bytes.

    `kind` is initial, retrain or recalibrate; `champion` the version it would follow, or
    empty. Too few outcomes are a `NotEnoughEvidenceError`, a leak a `LeakageError`. The audit
    trail says who (`actor`) trained it, or met the leak, when (`at`, wall clock); nothing in the
    folder does.
    """
    if kind not in KINDS:
        raise UserError(f"training of kind '{kind}' is unknown; use one of {', '.join(KINDS)}")
    parent = load_version(period.store, champion) if champion else None
    if kind == "recalibrate" and parent is None:
        raise UserError("there is no champion to recalibrate; train an initial version first")
    try:
        files = build(period, kind, parent)
    except LeakageError as leak:
        _record(
            period, "leakage", actor, at, {"kind": kind, "champion": champion, "leak": str(leak)}
        )
        raise
    return _kept(period, kind, champion, files, actor, at)


def refit_after_pass(period: Period, version: str, *, actor: str = "pipeline", at: str = "") -> str:
    """The version to promote after a pass: `version`, or its refit where the policy asks for one.

    A refit (see `training.refit`) is a version of its own that was not itself validated. A
    recalibration has none: its trees are its parent's.
    """
    parent = load_version(period.store, version)
    if not period.policy.development.refit_after_pass or parent.card.kind not in REFITTED:
        return version
    return _kept(period, "refit", version, build(period, "refit", parent), actor, at)


def _kept(
    period: Period, kind: str, champion: str, files: Mapping[str, bytes], actor: str, at: str
) -> str:
    version = save_version(period.store, period.as_of, kind, files)
    if period.trail.find("trained", version) is None:  # by another run: the first counts
        sums = sums_sha256(period.store, version)
        body = {"kind": kind, "champion": champion, "sums": sums}
        _record(period, "trained", actor, at, body, version)
    log.info("trained %s", version)
    return version


def _record(
    period: Period, event: str, actor: str, at: str, body: Mapping[str, str], id: str = ""
) -> None:
    """Append to the audit trail; without an `id`, content and time identify the event."""
    whole = {
        **body,
        "as_of": period.as_of.isoformat(),
        "config": period.config,
        "code": period.code,
        "run_id": period.run_id,
    }
    id = id or f"{period.as_of:%Y-%m}-{hashlib.sha256(encode(whole)).hexdigest()[:8]}"
    period.trail.append(event=event, actor=actor, at=at, body=whole, id=id)


def build(period: Period, kind: Kind, parent: ModelVersion | None) -> dict[str, bytes]:
    """Every file of a version of some kind; nothing is kept."""
    if kind == "refit" and parent is not None:
        data = load_dataset(period, whole=True)
        return folder(period, kind, parent, refit(data.train, parent), data)
    if kind == "recalibrate" and parent is not None:
        # the trees' own reference, scored anew: a new calibration is no drift, and hides none
        months = parent.profile.cohorts
        data = load_dataset(period, train_needed=0, reference_months=months)
        learned = recalibrate(data.validation, parent)
    else:
        data = load_dataset(period)
        learned = learn(data.train, data.validation, period.policy.development, period.portfolio)
    refuse_out_of_time([*learned.train, *learned.validation], data.split)
    return folder(period, kind, parent, learned, data)


def folder(
    period: Period, kind: Kind, parent: ModelVersion | None, learned: Learned, data: Dataset
) -> dict[str, bytes]:
    """Every file of a version. None holds a time, a run or a host."""
    card = card_of(period, kind, parent.id if parent else None, learned, data)
    scorer = learned.scorer
    documents: dict[str, SealedDocument] = {
        PROFILE: profile_of(scorer, data, period.lake, period.policy.scoring.cutoff),
        METRICS: learned.metrics,
        CARD: card,
        LINEAGE: lineage(period, learned, data, parent),
    }
    benchmark = learned.benchmark
    documents |= {
        ENCODERS: Encoders(evidence=scorer.evidence),
        CALIBRATION: CalibrationMaps(by_state=scorer.calibrations.by_state),
        BENCHMARK: BenchmarkCard(intercept=benchmark.intercept, features=benchmark.features),
    }
    return {
        **{name: document.encode() for name, document in documents.items()},
        "model.cbm": learned.model,
        "card.md": card_text(card, learned.metrics, scorer.portfolio.name).encode(),
        "policy.json": period.policy.canonical(),
        "portfolio.json": scorer.portfolio.model_dump_json().encode(),
    }


def lineage(
    period: Period, learned: Learned, data: Dataset, parent: ModelVersion | None
) -> Lineage:
    """What it takes to make the same bytes again."""
    dev = period.policy.development
    return Lineage(
        as_of=period.as_of,
        code=period.code,
        config=period.config,
        policy=period.policy.sha,
        portfolio=learned.scorer.portfolio.sha,
        parent=parent.id if parent else None,
        data_version=data.data_version,
        parameters=learned.parameters,
        seed=dev.seed,
        threads=dev.threads,
        python=platform.python_version(),
        packages={name: version_of(name) for name in PACKAGES},
    )
