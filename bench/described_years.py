"""A year of six lenders from `creditrisk init` on, held against the truth they were drawn from.

`make bench-init ARGS=leases`: files are written, `init` describes them, the edits of
`tests.builders.described_lenders` are made, `portfolio check` must say usable, and the last twelve
months are run. Then each label is compared with the simulated loan's, and the AUC of the scores
with that of the PDs the loans were drawn with.
"""

import os
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from sklearn.metrics import roc_auc_score

from bench.lender_years import FOLDER, line
from creditrisk.calendar_month import add_months, month_range
from creditrisk.contracts import LABELS
from creditrisk.contracts.published import SCORES
from creditrisk.lake import Lake
from creditrisk.period import freeze
from creditrisk.policy import load_policy
from creditrisk.portfolio import Portfolio, parse_portfolio
from creditrisk.quality.portfolio_check.survey import survey
from creditrisk.records.run import RunRecord
from creditrisk.storage import Store, open_store
from pipelines.local.in_process import replay
from tests.builders.described_lenders import SIX_EDITS, described
from tests.builders.six_lenders import LENDERS, MOB, START

MONTHS, YEAR = 26, 12


def main(names: list[str]) -> None:
    """Run the years named, or all."""
    for name in names or LENDERS:
        with TemporaryDirectory() as folder:
            _live(name, Path(folder))


def _live(name: str, root: Path) -> None:
    truth = LENDERS[name](root / "landing", MONTHS)
    text = described(root / "landing", SIX_EDITS[name])
    policy, portfolio = load_policy(FOLDER / "seasonal_policy.yaml"), parse_portfolio(text, name)
    found = survey(open_store(str(root / "landing")), portfolio, policy.quality)
    verdict = "usable" if found.usable else "not usable"
    print(f"{name}: {len(SIX_EDITS[name])} edits, {verdict}, {len(found.remarks)} remarks")
    store = open_store((root / "store").as_uri())
    os.environ["CREDITRISK_STORE"] = store.uri
    first, last = add_months(START, MONTHS - YEAR), add_months(START, MONTHS - 1)

    def on_month(month: date, records: list[RunRecord]) -> None:
        print(line(store, month, records), flush=True)

    config = freeze(store, policy, portfolio)
    replay(store, str(root / "landing"), config, first, last, on_month)
    for what in _beside(store, portfolio, truth, first, last):
        print(f"  {what}", flush=True)


def _beside(
    store: Store, portfolio: Portfolio, truth: pd.DataFrame, first: date, last: date
) -> Iterator[str]:
    lake = Lake(store)
    labels = lake.read(LABELS, month_range(START, last)).to_pandas().query(f"mob == {MOB}")
    due = truth[truth["cohort"].map(lambda cohort: add_months(cohort, MOB) <= last)]
    both = due.merge(labels, on="application_id", how="left", suffixes=("", "_label"))
    lost, differ = both["bad_label"].isna(), both["bad_label"] != both["bad"]
    yield (
        f"labels: {len(labels):,} of {len(due):,} loans, {int(lost.sum())} without,"
        f" {int((differ & ~lost).sum())} other than the truth;"
        f" bad {both['bad_label'].mean():.4f}, simulated {both['bad'].mean():.4f}"
    )
    scores = lake.read(SCORES, month_range(first, last)).to_pandas()
    scores = scores[~scores["rescored"] & scores["pd"].notna()]
    scored = scores.merge(truth, on="application_id", suffixes=("_score", ""))
    if len(scored):
        ours, own = (roc_auc_score(scored["bad"], scored[f"pd{end}"]) for end in ("_score", ""))
        mean, bad = scored["pd_score"].mean(), scored["bad"].mean()
        yield f"scores: {len(scored):,}; AUC {ours:.4f}, of the simulated PDs {own:.4f}"
        yield f"mean PD {mean:.4f}, bad {bad:.4f}; features {len(portfolio.features)}"


if __name__ == "__main__":
    main(sys.argv[1:])
