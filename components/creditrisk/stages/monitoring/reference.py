"""Rows of a version's newest out-of-time window, as its data version has them.

The frozen profile holds their distribution column by column; what looks at columns together, or
at outcomes, needs the rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from creditrisk.contracts import LABELS, Contract, features
from creditrisk.errors import UserError
from creditrisk.lake import Commit, Lake
from creditrisk.model.random_sample import sampled
from creditrisk.model.version import ModelVersion
from creditrisk.period import Period


@dataclass(frozen=True, eq=False)
class ReferenceRows:
    """Gold features of applications, sampled where many; `bad` is NaN without an outcome.

    `lacking` says why there are none.
    """

    frame: pd.DataFrame
    commits: tuple[Commit, ...] = ()
    lacking: str = ""


def reference_rows(period: Period, model: ModelVersion) -> ReferenceRows:
    """Of the months the version's profile was taken from; a lake that lost them is no error."""
    try:
        return _read(period, model)
    except (KeyError, UserError) as error:
        return ReferenceRows(pd.DataFrame(), lacking=f"no reference rows: {error.args[0]}")


def window_applications(period: Period, model: ModelVersion) -> ReferenceRows:
    """Every application of the months of the version's OOT windows, with `bad` where it is known.

    The months' newest rows, as the loans that are judged are read; outcomes as the version was
    made with them. A lake that lost them is no error.
    """
    lake, contract = period.lake, features(model.portfolio)
    months = sorted(set(model.card.out_of_time))
    try:
        commits = [lake.need(contract.table, month) for month in months]
        frame = lake.read_commits(contract, commits).to_pandas()
        labels, read = version_labels(lake, model, months) if months else (pd.DataFrame(), [])
    except (KeyError, UserError) as error:
        return ReferenceRows(pd.DataFrame(), lacking=f"no reference rows: {error.args[0]}")
    if frame.empty or labels.empty:
        return ReferenceRows(pd.DataFrame(), lacking="no reference rows: no loan of the windows")
    return ReferenceRows(_with_outcome(frame, labels, model), (*commits, *read))


def version_commits(
    lake: Lake, model: ModelVersion, contract: Contract, months: Iterable[date] | None = None
) -> list[Commit]:
    """Commits of a table that a version was made from, oldest first; of some months, or all.

    One that is gone is a `KeyError`.
    """
    prefix = f"lake/{contract.table}/manifests/"
    keys = [key for key in sorted(model.lineage.data_version) if key.startswith(prefix)]
    if months is not None:
        wanted = {month.isoformat() for month in months}
        keys = [key for key in keys if key[len(prefix) :][:10] in wanted]
    return [lake.manifest(key) for key in keys]


def version_labels(
    lake: Lake, model: ModelVersion, cohorts: Iterable[date]
) -> tuple[pd.DataFrame, list[Commit]]:
    """Known outcomes of some cohorts' loans, at every `mob`, as the version was made with them."""
    months = set(cohorts)
    commits = [c for c in version_commits(lake, model, LABELS) if c.month > f"{min(months)}"]
    labels = lake.read_commits(LABELS, commits).to_pandas()
    known = labels["cohort"].isin(months) & labels["bad"].notna()
    return labels[known].drop_duplicates(["loan_id", "mob"], keep="last"), commits


def _read(period: Period, model: ModelVersion) -> ReferenceRows:
    lake, policy = period.lake, period.policy
    months = model.profile.cohorts
    contract = features(model.portfolio)
    commits = version_commits(lake, model, contract, months)
    frame = lake.read_commits(contract, commits).to_pandas()
    if frame.empty:
        return ReferenceRows(frame, lacking="no reference rows in the version's data")
    frame = sampled(frame, policy.monitoring.domain_rows, policy.development.seed % 2**32)
    labels, read = version_labels(lake, model, months)
    return ReferenceRows(_with_outcome(frame, labels, model), (*commits, *read))


def _with_outcome(frame: pd.DataFrame, labels: pd.DataFrame, model: ModelVersion) -> pd.DataFrame:
    labels = labels[labels["mob"] == model.card.label.mob]
    bad = labels.drop_duplicates("application_id").set_index("application_id")["bad"]
    return frame.assign(bad=bad.reindex(frame["application_id"]).to_numpy(dtype=float))
