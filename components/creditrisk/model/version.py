"""A model version in memory: its documents, its scorecard and what scores applications."""

from collections.abc import Mapping

import pandas as pd
from catboost import CatBoost

from creditrisk.errors import UserError
from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.model.calibration_map import Calibrations
from creditrisk.model.scorecard import Scorecard
from creditrisk.model.scorer import Scorer
from creditrisk.policy import Policy, thaw_policy
from creditrisk.portfolio import Portfolio, thaw_portfolio
from creditrisk.records.card import CARD, Card
from creditrisk.records.development import LINEAGE, METRICS, PROFILE, Lineage, Metrics, Profile
from creditrisk.records.model_parts import (
    BENCHMARK,
    CALIBRATION,
    ENCODERS,
    BenchmarkCard,
    CalibrationMaps,
    Encoders,
)
from creditrisk.records.version_files import read_files
from creditrisk.storage import Store

NAMED = 5  # rows an error names


class ModelVersion:
    """A version in memory. `files` are those of its folder, already checked."""

    def __init__(self, id: str, files: Mapping[str, bytes]) -> None:
        self.id = id
        self.files = dict(files)
        self.card = Card.parse(files[CARD], f"{CARD} of {id}")
        self.profile = Profile.parse(files[PROFILE], f"{PROFILE} of {id}")
        self.metrics = Metrics.parse(files[METRICS], f"{METRICS} of {id}")
        self.lineage = Lineage.parse(files[LINEAGE], f"{LINEAGE} of {id}")
        self.card_markdown = files["card.md"].decode()
        self.portfolio: Portfolio = thaw_portfolio(files["portfolio.json"].decode(), id)
        self.policy: Policy = thaw_policy(files["policy.json"].decode(), id)
        card = BenchmarkCard.parse(files[BENCHMARK], f"{BENCHMARK} of {id}")
        self.benchmark = Scorecard(card.intercept, card.features)
        encoders = Encoders.parse(files[ENCODERS], f"{ENCODERS} of {id}")
        maps = CalibrationMaps.parse(files[CALIBRATION], f"{CALIBRATION} of {id}")
        self.scorer = Scorer(
            model=CatBoost().load_model(blob=files["model.cbm"]),
            features=self.card.features,
            portfolio=self.portfolio,
            evidence=encoders.evidence,
            calibrations=Calibrations(maps.by_state),
        )

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Columns of `matrix`, in order."""
        return tuple(feature.name for feature in self.scorer.features)

    def matrix(self, frame: pd.DataFrame) -> pd.DataFrame:
        """What CatBoost sees of rows of gold features: one column per feature of the card."""
        return self.scorer.matrix(frame)

    def predict(self, frame: pd.DataFrame) -> FloatArray:
        """Calibrated PD per row; each row by the optional sources that were up for it.

        A row that gets no number from 0 to 1 is a `UserError` that names it.
        """
        pds = self.scorer.predict(frame)
        strange = ~((pds >= 0) & (pds <= 1))
        if strange.any():
            raise UserError(_no_pd(self.id, frame[strange], len(frame)))
        return pds

    def predict_benchmark(self, frame: pd.DataFrame) -> FloatArray:
        """The logistic scorecard's PD per row."""
        return self.benchmark.predict(self.matrix(frame))


def _no_pd(version: str, rows: pd.DataFrame, of: int) -> str:
    named = ", ".join(map(str, rows["application_id"].head(NAMED)))
    more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
    return (
        f"{version} gives {len(rows):,} of {of:,} applications no PD from 0 to 1: {named}{more};"
        " `creditrisk registry rollback` goes back to the champion before it"
    )


def load_version(store: Store, id: str) -> ModelVersion:
    """Read and check a version; an absent, missing or altered file is a `UserError` naming it."""
    return ModelVersion(id, read_files(store, id))
