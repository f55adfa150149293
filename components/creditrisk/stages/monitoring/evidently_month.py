"""Evidently's pages of a month, each with its JSON, and what they are drawn on."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from types import ModuleType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.contracts import ALL_SOURCES_UP, features
from creditrisk.errors import UserError, printable
from creditrisk.lake import Commit
from creditrisk.model.mask_states import mask_states, masked_features
from creditrisk.model.random_sample import sampled
from creditrisk.model.validated_states import validated_states
from creditrisk.model.version import ModelVersion, load_version
from creditrisk.period import Period
from creditrisk.records.development import Reference
from creditrisk.records.evidently import evidently_key
from creditrisk.reports.evidently.page import SCORE, TARGET, Kind, Page
from creditrisk.stages.monitoring.event_window import last_months
from creditrisk.stages.monitoring.matured_cohorts import cohort_span, matured_cohorts
from creditrisk.stages.monitoring.reference import version_commits
from creditrisk.stages.monitoring.stability import drift


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows to draw: `states` says which sources were down for each, `drawn` how they came here."""

    rows: pd.DataFrame
    states: NDArray[np.str_]
    drawn: str


class Material:
    """Read when it is asked for; what cannot be read is a `UserError` that says why.

    Columns are those the version sees and its PD; without a version, the portfolio's features.
    """

    def __init__(self, period: Period, version: str) -> None:
        self.period, self.version = period, version
        self.seed = period.policy.development.seed % 2**32

    @cached_property
    def model(self) -> ModelVersion:
        if not self.version:
            raise UserError("there is no champion yet")
        return load_version(self.period.store, self.version)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        if self.version:
            seen: dict[str, Kind] = {f.name: f.kind for f in self.model.scorer.features}
            return {**seen, SCORE: "number"}
        return {f.name: f.kind for f in self.period.portfolio.features if not f.protected}

    @cached_property
    def current(self) -> Sample:
        """The month's applications, event history cut to the reference's length."""
        table = features(self.period.portfolio).table
        frame = self._gold([self.period.lake.need(table, self.period.as_of)])
        if frame.empty:
            raise UserError("the month has no application")
        if self.version:
            frame, _ = last_months(self.period, frame, self.model.profile.events_length)
        return self._sample(frame, f"applications of {self.period.as_of:%Y-%m}")

    @cached_property
    def reference(self) -> Sample:
        """The applications of the newest OOT window the version was validated on."""
        months = self.model.profile.cohorts
        frame = self._gold(self._commits(months))
        return self._sample(frame, f"applications of {cohort_span(months)}")

    @cached_property
    def matured(self) -> Sample:
        """Loans whose outcome is known, newer than the version's development: `bad` and `pd`."""
        card, validated = self.model.card, validated_states(self.period.store, self.version)
        newer_than = card.newest_development_cohort
        label = card.label
        pool = matured_cohorts(self.period, label.mob, newer_than, validated, label)
        if pool.rows.empty or len(np.unique(pool.bad)) < 2:
            raise UserError(f"no cohort after {newer_than:%Y-%m} has matured with bads and goods")
        chosen = sampled(pool.rows, self.period.policy.monitoring.report_rows, self.seed)
        rows = pd.DataFrame({TARGET: chosen["bad"], SCORE: self.model.predict(chosen)})
        states = mask_states(chosen, self.period.portfolio)
        drawn = self._description(len(rows), len(pool.rows), f"loans of {pool.span}")
        return Sample(rows, states, drawn)

    @cached_property
    def psi(self) -> dict[str, float]:
        """By column, on rows whose sources were up; not of those that are not compared."""
        sample, growing = self.current, self.period.portfolio.growing
        found = {}
        for name in self.kinds:
            up = self._up(name, sample)
            if name not in growing and up.any():
                values = sample.rows[name][up]
                limits = self.period.policy.monitoring
                found[name] = drift(self._reference(name), values, limits).psi
        return found

    def _reference(self, name: str) -> Reference:
        profile = self.model.profile
        return profile.score if name == SCORE else profile.features[name]

    def _up(self, name: str, sample: Sample) -> NDArray[np.bool_]:
        if name == SCORE:
            return np.asarray(sample.states == ALL_SOURCES_UP)
        portfolio = self.period.portfolio
        masked = [s for s in np.unique(sample.states) if name in masked_features(portfolio, str(s))]
        return np.asarray(~np.isin(sample.states, masked))

    def _commits(self, months: Sequence[date]) -> list[Commit]:
        """The months' gold features in the very commits the version was made from."""
        contract = features(self.period.portfolio)
        try:
            return version_commits(self.period.lake, self.model, contract, months)
        except KeyError as gone:
            raise UserError(f"{gone.args[0]}, which the version was made from, is gone") from None

    def _gold(self, commits: Sequence[Commit]) -> pd.DataFrame:
        frame: pd.DataFrame = self.period.lake.read_commits(
            features(self.period.portfolio), commits
        ).to_pandas()
        return frame

    def _sample(self, frame: pd.DataFrame, what: str) -> Sample:
        chosen = sampled(frame, self.period.policy.monitoring.report_rows, self.seed)
        states = mask_states(chosen, self.period.portfolio)
        if self.version:
            rows = self.model.matrix(chosen).assign(**{SCORE: self.model.predict(chosen)})
        else:
            rows = chosen[list(self.kinds)]
        return Sample(rows, states, self._description(len(rows), len(frame), what))

    def _description(self, rows: int, of: int, what: str) -> str:
        if rows == of:
            return f"all {of} {what}"
        return f"{rows} of {of} {what}, drawn by seed {self.seed}"


def draw_reports(period: Period, version: str) -> dict[str, Page]:
    """Write the pages drift, summary and classification of `as_of`, by name.

    "" (no champion) leaves the summary only. A page that cannot be drawn says why, in the words
    of the error, on stderr, too; the others are drawn all the same.
    """
    material, pages = Material(period, version), {}
    for name, draw in _REPORTS.items():
        try:
            page = draw(material)
        except Exception as error:  # Evidently raises whatever its libraries raise
            kind = "" if isinstance(error, UserError) else f"{type(error).__name__}: "
            page = Page(name, period.as_of, why_not=printable(f"{kind}{error}"))
            sys.stderr.write(f"evidently: {name} is not drawn: {page.why_not}\n")
        period.store.write(evidently_key(period.as_of, f"{name}.html"), page.html.encode())
        period.store.write(evidently_key(period.as_of, f"{name}.json"), page.record().encode())
        pages[name] = page
    return pages


def _drift(material: Material) -> Page:
    current, reference, psi = material.current, material.reference, material.psi
    frames = (current.rows, reference.rows)
    compared = {
        name: kind
        for name, kind in material.kinds.items()
        if name in psi and all(frame[name].notna().any() for frame in frames)
    }
    limits, as_of = material.period.policy.monitoring, material.period.as_of
    rows = _rows(material, current.drawn) | {"reference": reference.drawn}
    if rest := [name for name in material.kinds if name not in compared]:
        why = "grown with time, without values, or of a source that was down"
        rows["not compared"] = f"{', '.join(rest)} ({why})"
    drawn = _evidently().drift(frames, compared, psi, limits, as_of)
    return Page.of("drift", as_of, rows, drawn)


def _summary(material: Material) -> Page:
    current, rows = material.current, _rows(material, material.current.drawn)
    try:
        reference = material.reference.rows
        rows["reference"] = material.reference.drawn
    except UserError as error:
        reference, rows["reference"] = None, f"none, {error}"
    drawn = _evidently().summary(current.rows, reference, material.kinds, material.period.as_of)
    return Page.of("summary", material.period.as_of, rows, drawn)


def _classification(material: Material) -> Page:
    matured, period = material.matured, material.period
    drawn = _evidently().classification(matured.rows, period.policy.scoring.cutoff, period.as_of)
    rows = _rows(material, matured.drawn)
    return Page.of("classification", period.as_of, rows, drawn)


def _rows(material: Material, drawn: str) -> dict[str, str]:
    return {"model": material.version or "no champion yet", "rows": drawn}


def _evidently() -> ModuleType:
    """A library that does not load is why a page is not drawn, and no failure of the month."""
    from creditrisk.reports.evidently import evidently_reports  # noqa: PLC0415 - see above

    return evidently_reports


_REPORTS = {"drift": _drift, "summary": _summary, "classification": _classification}
