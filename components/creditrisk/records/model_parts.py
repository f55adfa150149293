"""What a version has beside its trees: `encoders.json`, `calibration.json`, `benchmark.json`."""

from collections.abc import Mapping
from typing import Any

from pydantic import model_validator

from creditrisk.model.calibration_map import Calibration
from creditrisk.model.event_score import EventEncoder
from creditrisk.model.scorecard import Points
from creditrisk.records.document import SealedDocument

ENCODERS, CALIBRATION, BENCHMARK = "encoders.json", "calibration.json", "benchmark.json"


class Encoders(SealedDocument):
    """`evidence`: the encoder of each events source."""

    evidence: Mapping[str, EventEncoder]


class CalibrationMaps(SealedDocument):
    """A map for each mask state; the states are the stored object's keys."""

    by_state: Mapping[str, Calibration]

    @model_validator(mode="before")
    @classmethod
    def _of_states(cls, found: Mapping[str, Any]) -> Mapping[str, Any]:
        return found if [*found] == ["by_state"] else {"by_state": found}

    def body(self) -> dict[str, Any]:
        """As it is stored."""
        return dict(super().body()["by_state"])


class BenchmarkCard(SealedDocument):
    """The scorecard: an intercept, and the points of each feature."""

    intercept: float
    features: Mapping[str, Points]
