"""Small content for every document of evidence, and the bytes it is stored as."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from creditrisk.metrics.discrimination import PrecisionRecall, RankOrder
from creditrisk.metrics.estimates import OE, AucEstimate, JeffreysGrade, PairedAuc, Proportion
from creditrisk.metrics.ranking import RocCurve
from creditrisk.model.cohort_split import Split
from creditrisk.records.alerts import Alert, AlertRecord, Sending, write_record
from creditrisk.records.card import ModelFeature
from creditrisk.records.compliance import ComplianceReport
from creditrisk.records.containment import Containment
from creditrisk.records.development import Metrics
from creditrisk.records.fairness import Fairness, GroupFairness, Interval
from creditrisk.records.measured_window import MaskedRows, MaskedTest, MaskedWindow, OeInterval
from creditrisk.records.oot_ledger import WindowReading
from creditrisk.records.publication import publications_key
from creditrisk.records.quality import (
    Anomalies,
    Check,
    DeliveredFile,
    Odd,
    QualityReport,
    anomalies_key,
    report_key,
    save_anomalies,
    save_report,
)
from creditrisk.records.table_profile import (
    ColumnChange,
    ColumnProfile,
    Numbers,
    TableProfile,
    Values,
)
from creditrisk.records.validation import BrierGain, Comparison, Gate, OeOfBoth, PairedWindow
from creditrisk.reports.evidently.page import Page
from creditrisk.stages.scoring.publication import (
    ScoredMonth,
    check_publication,
    record_publication,
)
from creditrisk.stages.training import card, profile, train
from creditrisk.stages.training.dataset import Dataset
from creditrisk.stages.training.learn import Learned
from creditrisk.stages.validation import document
from creditrisk.stages.validation.examine import Examination, Pooled
from creditrisk.stages.validation.gate import ACROSS
from creditrisk.stages.validation.measures import Measures, Shift
from tests.builders.small_lender import small_period, small_policy, small_portfolio

JAN, FEB, MAR, APR = (date(2024, month, 1) for month in (1, 2, 3, 4))
COMMITS = {"lake/gold/labels/manifests/2024-01-01/000001.json": "1" * 64}
PARAMETERS = {"depth": 3, "learning_rate": 0.1, "l2_leaf_reg": 3.0, "loss_function": "Logloss",
              "use_best_model": True, "model_shrink_rate": 0, "trees": 12}  # fmt: skip
MEASURED = {"rows": 400, "bads": 80, "auc": 0.75, "auc_lower": 0.7, "auc_upper": 0.8, "oe": 1.0,
            "oe_lower": 0.8, "oe_upper": 1.25, "brier": 0.125}  # fmt: skip
CHOSEN = {"method": "sigmoid", "rows": 400, "pooled": False,
          "cross_fitted_log_loss": {"sigmoid": 0.5, "isotonic": 0.51}}  # fmt: skip
METRICS: dict[str, Any] = {
    "train": MEASURED,
    "validation": MEASURED,
    "benchmark": {"train": MEASURED, "validation": MEASURED},
    "masked": {"visits": {"train": MEASURED, "validation": MEASURED}},
    "calibration": {"plain": CHOSEN, "visits": CHOSEN | {"method": "isotonic", "pooled": True}},
    "tuning": {
        "parameters": {"depth": 3, "learning_rate": 0.1},
        "trials": [
            {"number": 1, "state": "complete", "loss": 0.5, "depth": 3, "learning_rate": 0.1},
            {"number": 2, "state": "pruned", "loss": None, "depth": 5, "learning_rate": 0.03},
        ],
        "cut": False,
        "wanted": 2,
    },
    "selection": {"folds": 3, "stability": {"income": 1.0, "visits_count": 0.3333},
                  "dropped": {"visits_count": 0.3333}},
    "leakage": {"limit": 0.9, "bads": 80, "columns": {"income": 0.625}, "excused": {"debt": "why"},
                "evidence": {"visits": 0.75}},
}  # fmt: skip
AUC = AucEstimate(0.75, 0.02, 0.711, 0.789, 80, 320)
RATIO = OE(1.0, 0.8, 1.25, 80, 80.0, 400, 0.9)
PAIR = PairedAuc(0.75, 0.74, 0.01, 0.005, -0.001, 0.021, 0.03)
SHARE = Proportion(0.5, 0.25, 0.75, 20, 40)
FAIRNESS = Fairness(
    feature="age", text="âge", protected=True, lowest_ratio=0.9,
    groups=(
        GroupFairness("up to 33", 300, 60, SHARE, AUC, RATIO, None, None, None, "green"),
        GroupFairness("over 33", 20, 2, Proportion(None, 0.0, 1.0, 0, 0), None, None,
                   Interval(0.9, 0.7, 1.1), 0.25, Interval(-0.1, -0.5, 0.3), "insufficient"),
    ),
)  # fmt: skip


def _scorer() -> SimpleNamespace:
    features = (
        ModelFeature("income", "number", "revenu, après impôts", "form", "decreasing"),
        ModelFeature("home", "category", "housing", "form"),
    )
    return SimpleNamespace(
        model=None,
        features=features,
        portfolio=SimpleNamespace(
            features=small_portfolio().features, events=(), optional_sources=("visits",),
            by_role=small_portfolio().by_role, name="small-lender", sha="f" * 64,
        ),
        predict=lambda frame: np.array([0.125, 0.25, 0.375, 0.5])[: len(frame)],
        matrix=lambda frame: frame[["income", "home"]],
    )  # fmt: skip


def _period() -> SimpleNamespace:
    policy = small_policy()
    parts = {"sha": "a" * 64, "development": policy.development, "outcome": policy.outcome}
    return SimpleNamespace(
        as_of=APR, code="1.2.3+abc", config="aaaa-ffff", policy=SimpleNamespace(**parts),
        portfolio=small_portfolio(), lake=None,
    )  # fmt: skip


def _data() -> Dataset:
    reference = pd.DataFrame({"income": [1.0, 2.0, 3.0, 4.0], "home": ["own", "rent"] * 2})
    empty = pd.DataFrame()
    split = Split((JAN,), (FEB,), ((MAR,), (APR,)))
    return Dataset(
        split, empty, empty, reference, (APR,), COMMITS, unmatched=3, late=0, restated=0, dated=2
    )


def _learned() -> Learned:
    return Learned(_scorer(), b"", None, (JAN,), (FEB,), PARAMETERS, Metrics(**METRICS))


USUAL = {"plain": {"home": -0.25, "income": 0.125}}


def version_file(name: str, monkeypatch) -> bytes:
    """One of the documents in a version's folder."""
    period, data, learned = _period(), _data(), _learned()
    monkeypatch.setattr(card, "_by_group", lambda *_: (FAIRNESS,))
    monkeypatch.setattr(profile, "masked", lambda frame, source, portfolio: frame)
    monkeypatch.setattr(profile, "shap_values", lambda *_: np.array([[0.5, -0.25]]))
    monkeypatch.setattr(profile, "usual_by_state", lambda *_: USUAL)
    monkeypatch.setattr(train.platform, "python_version", lambda: "3.11.9")
    monkeypatch.setattr(train, "version_of", lambda name: "1.0")
    parent = SimpleNamespace(id="2024-01-initial-00000000")
    content = {
        "card.json": lambda: card.card_of(period, "retrain", parent.id, learned, data),
        "metrics.json": lambda: learned.metrics,
        "profile.json": lambda: profile.profile_of(learned.scorer, data, period.lake, 0.3),
        "lineage.json": lambda: train.lineage(period, learned, data, parent),
    }
    return content[name]().encode()


READING = WindowReading(
    version="2024-04-retrain-00000000", kind="retrain", champion="2024-01-initial-00000000",
    windows=((MAR,), (APR,)), as_of=APR, policy="a" * 64,
)  # fmt: skip


def validation(_: Path) -> bytes:
    """All that can be found out about a challenger, with one window measured."""
    window = Measures(
        "2024-03", 400, AUC, 0.5, RATIO, (JeffreysGrade(4, 40, 0.1, 0.5, 1.0, 0.6),), 0.125, 0.02,
        Shift(0.05, 0.1), RankOrder(1, 0, (200, 200), (30, 50)),
        PrecisionRecall(0.3, SHARE, SHARE),
    )  # fmt: skip
    curve = RocCurve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    oe = OeInterval.of(RATIO)
    masked = MaskedTest(
        passed=False, reason="AUC 0.750", pooled=MaskedRows(auc=AUC, oe=oe),
        windows=(MaskedWindow(name="2024-03", auc=AUC, oe=oe),),
    )  # fmt: skip
    against = Comparison(
        champion=READING.champion, rows=400, bads=80, pooled=PAIR,
        windows=(PairedWindow(name="2024-03", **vars(PAIR)),), brier=BrierGain(0.13, 0.125, 0.04),
        oe=OeOfBoth(champion=oe, challenger=oe), gains=("brier",), outcome="superior",
    )  # fmt: skip
    gates = (
        Gate(gate="sample", window="2024-03", value=80, limit=30, sample=80, state="green",
             reason="80 bads"),
        Gate(gate="decay", window=ACROSS, value=0.05, limit=0.03, sample=160, state="red",
             reason="AUC lost", lower=0.01, upper=0.09, p_value=0.001),
    )  # fmt: skip
    found = Examination(
        gates, (window,), Pooled(AUC, RATIO, curve, ((200, 120), (20, 60))),
        {"visits": masked}, PAIR,
        against, (FAIRNESS,),
    )  # fmt: skip
    limits = {"superiority_p": 0.05, "auc_floor": 0.6, "rank_inversions_red": 2}
    return document.document(READING, found, limits, COMMITS).replace(verdict="fail").encode()


def spent(_: Path) -> bytes:
    """A challenger whose windows may not be read."""
    return document.spent(READING, "the newest window is spent").encode()


def quality(root: Path) -> bytes:
    """A month with a blocking check, a source down, and columns of every kind."""
    numbers = Numbers(4, 0, 1.0, 1.0, 1.75, 2.5, 3.25, 4.0, 4.0, 2.5, 1.25, 0)
    change = ColumnChange(5, 1, numbers, 0.5, 1, 0.25)
    columns = (
        ColumnProfile("income", 5, 1, numbers, None, change, judged=True),
        ColumnProfile("home", 5, 0, None, Values(2, {"Mülheim": 4}, 1),
                      ColumnChange(5, 0, unseen=("Mülheim",), unseen_rows=4)),
        ColumnProfile("empty", 5, 5),
    )  # fmt: skip
    report = QualityReport(
        as_of=APR,
        portfolio="small-lender",
        policy="a" * 64,
        checks=(
            Check("silver", "form", "empty", "income", 4, 5, 0.8, "block", "form: income", ("xx",)),
            Check("gold", "features", "outage", "", 0, 0, 1.0, "warn", "visits is down"),
        ),
        outages=("visits",),
        inputs={"form": DeliveredFile(file="form.csv", sha256="1" * 64, arrived="2024-04-02")},
        profiles=(TableProfile("silver", "form", 5, columns),),
        compared_with=MAR,
    )
    return _written(root, lambda store: save_report(store, report), report_key(APR))


def anomalies(root: Path) -> bytes:
    """A month's odd applications."""
    found = Anomalies(
        as_of=APR, gold="1" * 64, applications=400, examined=200, seed=7, trees=20, limit=0.6,
        above=2, severity="info", text="2 of 200 applications",
        oddest=(Odd(application_id="A1", score=0.75, columns=("income high", "âge low")),),
    )  # fmt: skip
    return _written(root, lambda store: save_anomalies(store, found), anomalies_key(APR))


def publication(root: Path) -> bytes:
    """Two versions of a month, one of them held back in part."""
    period = small_period(root, APR)
    scored = pd.DataFrame(
        {"application_id": ["A1", "A2"], "customer_id": ["C1", "C2"], "pd": [0.125, np.nan],
         "held_back": [False, True], "source_masked": ["", ""]}
    )  # fmt: skip
    contained = (Containment(decision="2024-01-01/0001", segments=("sources_down=none",)),)
    for version in ("v1", "v2"):
        checks = check_publication(
            scored, scored["application_id"], np.empty(0), small_policy().scoring
        )
        record_publication(period, ScoredMonth(version, version == "v2", scored, contained), checks)
    return period.store.read(publications_key(APR))


def evidently(_: Path) -> bytes:
    """What stands beside a page of Evidently's, which may hold what is no number."""
    page = Page("drift", APR, {"model": "v1"}, "<body>", {"metrics": [{"value": 0.5}],
                "worst": float("nan")})  # fmt: skip
    return page.record().encode()


def compliance(_: Path) -> bytes:
    """A month's evidence: a line that is answered, one that is not."""
    found = {"key": "anchors/0000000007.json", "sha256": "7" * 64, "what": "anchor",
             "in_audit": True}  # fmt: skip
    lines = [{"clause": "Art 15", "asks": "accuracy", "evidence": [found]},
             {"clause": "Art 16", "asks": "more", "evidence": []}]  # fmt: skip
    effect = {"choice": "keep the champion", "version": "v1", "applications": 400, "approved": 300,
              "exposure": 3000000.0, "expected_loss": 100000.5, "by_other": None}  # fmt: skip
    content = {
        "kind": "month", "as_of": "2024-04-01", "version": "v1", "portfolio": "small-lender",
        "policy": "a" * 64, "code": "1.2.3", "says": "no claim",
        "frameworks": [{"name": "AI Act", "note": "note", "lines": lines, "evidenced": 1}],
        "expected_loss": [effect], "currency": "EUR",
        "economics": {"lgd": 0.45, "ead": 10000.0, "cutoff": 0.2},
        "overrides": {"decided_months": 4, "overridden_months": 1, "open": 0},
    }  # fmt: skip
    return ComplianceReport.model_validate(content).encode()


def alert(root: Path) -> bytes:
    """An alert that one channel heard and another did not."""
    found = Alert(
        "pending", "2024-04-01", "warning", "small-lender", "v1 waits", ("line",), "v1", "l"
    )
    sent = Sending("json", "2024-04-02T00:00:00+00:00", True, "", found.digest)
    failed = Sending("mail", "2024-04-02T00:00:00+00:00", False, "refused", found.digest)
    record = AlertRecord(alert=found, since="2024-04-02T00:00:00+00:00", sent=(sent, failed))
    return _written(
        root, lambda store: write_record(store, record), "alerts/2024-04-01/pending-v1.json"
    )


def _written(root: Path, write: Callable, key: str) -> bytes:
    store = small_period(root, APR).store
    write(store)
    return store.read(key)
