"""A model version: a folder of files that are checked before they are used.

Its name is made of what is in it, so equal inputs give one and the same version. `SUMS.json`
is written last: without it the version does not exist.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd
from catboost import CatBoost
from numpy.typing import NDArray

from creditrisk.errors import UserError
from creditrisk.model.calibration_map import Calibrations
from creditrisk.model.event_score import EventEncoder
from creditrisk.model.scorecard import Scorecard
from creditrisk.model.scorer import Scorer, shap_values
from creditrisk.policy import Policy, thaw_policy
from creditrisk.portfolio import Portfolio, parse_portfolio
from creditrisk.records import layout
from creditrisk.records.card import CARD, Card
from creditrisk.records.development import (
    LINEAGE,
    METRICS,
    PROFILE,
    FeatureReference,
    Lineage,
    Metrics,
    Profile,
    Reference,
)
from creditrisk.storage import ConflictError, Store

FloatArray = NDArray[np.float64]


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
        self.portfolio: Portfolio = parse_portfolio(files["portfolio.json"].decode(), id)
        self.policy: Policy = thaw_policy(files["policy.json"].decode(), id)
        self.benchmark = Scorecard.from_dict(json.loads(files["benchmark.json"]))
        encoders = json.loads(files["encoders.json"])["evidence"]
        self.scorer = Scorer(
            model=CatBoost().load_model(blob=files["model.cbm"]),
            features=self.card.features,
            portfolio=self.portfolio,
            evidence={name: EventEncoder.from_dict(raw) for name, raw in encoders.items()},
            calibrations=Calibrations.from_dict(json.loads(files["calibration.json"])),
        )

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Columns of `matrix`, in order."""
        return tuple(feature.name for feature in self.scorer.features)

    def matrix(self, frame: pd.DataFrame) -> pd.DataFrame:
        """What CatBoost sees of rows of gold features: one column per feature of the card."""
        return self.scorer.matrix(frame)

    def predict(self, frame: pd.DataFrame) -> FloatArray:
        """Calibrated PD per row; each row by the optional sources that were up for it."""
        return self.scorer.predict(frame)

    def predict_benchmark(self, frame: pd.DataFrame) -> FloatArray:
        """The logistic scorecard's PD per row."""
        return self.benchmark.predict(self.matrix(frame))

    def contributions(self, matrix: pd.DataFrame) -> FloatArray:
        """SHAP values (rows, features) of rows of `matrix`, in log-odds before calibration."""
        return shap_values(self.scorer.model, matrix)

    def reference_score(self, masked_source: str = "") -> Reference:
        """Frozen bins and counts of the PD, plain or with an optional source down."""
        return self.profile.masked_score[masked_source] if masked_source else self.profile.score

    def reference_feature(self, name: str) -> FeatureReference:
        """Frozen bins and counts of a column of `matrix`."""
        return self.profile.features[name]

    def numbers(self) -> dict[str, float]:
        """Headline numbers of development, all finite."""
        parts = {"train": self.metrics.train, "validation": self.metrics.validation}
        return {
            f"{part}_{name}": float(getattr(measured, name))
            for part, measured in parts.items()
            for name in ("auc", "oe", "brier", "rows", "bads")
        }


def save_version(store: Store, as_of: date, kind: str, files: Mapping[str, bytes]) -> str:
    """Keep a version and return its id; the same content a second time changes nothing."""
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    version = version_id(f"{as_of:%Y-%m}-{kind}", sums)
    data = _canonical(sums)
    if store.tag(layout.version(version, layout.SUMS)) is not None:
        read_files(store, version)  # it is there: whole, or the error says which file is not
        return version
    for name, content in files.items():
        store.write(layout.version(version, name), content)
    try:
        store.create(layout.version(version, layout.SUMS), data)
    except ConflictError:
        read_files(store, version)  # another writer of the same content was first
    return version


def load_version(store: Store, id: str) -> ModelVersion:
    """Read and check a version; an absent, missing or altered file is a `UserError` naming it."""
    return ModelVersion(id, read_files(store, id))


def read_files(store: Store, id: str) -> dict[str, bytes]:
    """The files of a version, each checked against its sha256, the list of sums against the id."""
    key = layout.version(id, layout.SUMS)
    try:
        sums = json.loads(store.read(key))
    except KeyError:
        raise UserError(
            f"{store.uri} holds no model version '{id}'; see `creditrisk registry list`"
        ) from None
    except ValueError:
        raise _altered(key) from None
    if not isinstance(sums, dict) or version_id(id.rpartition("-")[0], sums) != id:
        raise _altered(key)
    return {name: _checked(store, layout.version(id, name), sha) for name, sha in sums.items()}


def list_versions(store: Store) -> list[str]:
    """Ids of every complete version, sorted: by month, then kind."""
    keys = store.keys(layout.VERSIONS)
    return sorted(layout.version_of(key) for key in keys if key.endswith(f"/{layout.SUMS}"))


def version_id(prefix: str, sums: Mapping[str, str]) -> str:
    """Month and kind, then the first eight digits of the hash over names and sums."""
    return f"{prefix}-{hashlib.sha256(_canonical(sums)).hexdigest()[:8]}"


def _checked(store: Store, key: str, sha256: str) -> bytes:
    try:
        data = store.read(key)
    except KeyError:
        raise UserError(f"{key} is gone from {store.uri}; restore it or roll back") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _altered(key)
    return data


def _altered(key: str) -> UserError:
    return UserError(f"{key} was altered after the version was made; restore it or roll back")


def _canonical(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
