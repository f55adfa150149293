"""Rows as the learner takes them: a matrix, outcomes, and copies with a source masked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.model.event_score import EventEncoder
from creditrisk.model.mask_states import mask_states, masked
from creditrisk.model.matrix import build_matrix
from creditrisk.portfolio import Portfolio
from creditrisk.records.card import ModelFeature
from creditrisk.stages.training.event_scores import customer_folds, out_of_fold


@dataclass(frozen=True, eq=False)
class Rows:
    """One entry per row in every part: `customer` is an id, `copy` marks a masked copy of a row."""

    matrix: pd.DataFrame
    bad: NDArray[np.int64]
    state: NDArray[np.str_]
    cohort: NDArray[np.object_]
    customer: NDArray[np.object_]
    copy: NDArray[np.bool_]

    @cached_property
    def fold(self) -> NDArray[np.int64]:
        """Of its customer."""
        return customer_folds(self.customer)

    def take(self, which: NDArray[np.bool_]) -> "Rows":
        """The rows where `which` is true."""
        return Rows(
            self.matrix[which].reset_index(drop=True),
            self.bad[which],
            self.state[which],
            self.cohort[which],
            self.customer[which],
            self.copy[which],
        )


def temporal_folds(train: Rows, wanted: int) -> list[tuple[Rows, Rows]]:
    """Of the newest cohorts: the rows before each, and its own; both hold both outcomes."""
    folds = []
    for cohort in sorted(set(train.cohort.tolist()))[1:][-wanted:]:
        learn = train.take(np.asarray(train.cohort < cohort))
        held_out = train.take(np.asarray(train.cohort == cohort))
        if {0, 1} == set(learn.bad.tolist()) == set(held_out.bad.tolist()):
            folds.append((learn, held_out))
    return folds


def together(parts: Sequence[Rows]) -> Rows:
    return Rows(
        pd.concat([part.matrix for part in parts], ignore_index=True),
        np.concatenate([part.bad for part in parts]),
        np.concatenate([part.state for part in parts]),
        np.concatenate([part.cohort for part in parts]),
        np.concatenate([part.customer for part in parts]),
        np.concatenate([part.copy for part in parts]),
    )


@dataclass(frozen=True)
class RowMaker:
    """Turns rows of gold features with `bad` and `cohort` into `Rows`, with fitted encoders."""

    features: tuple[ModelFeature, ...]
    portfolio: Portfolio
    evidence: Mapping[str, EventEncoder]

    def only(self, names: Sequence[str], *, monotone: bool) -> "RowMaker":
        """The same for some of the features, `monotone` as the portfolio says or not at all."""
        kept = (feature for feature in self.features if feature.name in names)
        features = tuple(f if monotone else replace(f, monotone=None) for f in kept)
        return replace(self, features=features)

    def plain(self, frame: pd.DataFrame) -> Rows:
        return self._rows(frame, copy=False)

    def masked(self, frame: pd.DataFrame, source: str) -> Rows:
        """Every row that had `source`, as if it had been down."""
        had = np.array(
            [source not in state.split(",") for state in mask_states(frame, self.portfolio)],
            dtype=np.bool_,
        )
        return self._rows(masked(frame[had], source, self.portfolio), copy=True)

    def with_copies(self, frame: pd.DataFrame, share: float, seed: int) -> Rows:
        """The rows, and for each optional source a seeded `share` of them once more, masked."""
        parts = [self.plain(frame)]
        for number, source in enumerate(self.portfolio.optional_sources):
            drawn = np.random.default_rng([seed, number]).random(len(frame)) < share
            parts.append(self.masked(frame[drawn], source))
        return together(parts)

    def _rows(self, frame: pd.DataFrame, copy: bool) -> Rows:
        matrix = build_matrix(frame, self.features, self.portfolio, self.evidence)
        for events in self.portfolio.events:
            if events.evidence in frame and events.evidence in matrix:
                known = matrix[events.evidence].notna()
                matrix[events.evidence] = frame[events.evidence].where(known)
        return Rows(
            matrix.reset_index(drop=True),
            frame["bad"].to_numpy(dtype=np.int64),
            mask_states(frame, self.portfolio),
            frame["cohort"].to_numpy(dtype=object),
            frame["customer_id"].to_numpy(dtype=object),
            np.full(len(frame), copy),
        )


def with_unseen_evidence(frame: pd.DataFrame, portfolio: Portfolio) -> pd.DataFrame:
    """Train rows with out-of-fold evidence beside them; `RowMaker` prefers it to the encoders'."""
    unseen = out_of_fold(frame, portfolio)
    return frame.assign(**{e.evidence: unseen[e.name] for e in portfolio.events})
