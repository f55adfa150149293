"""A small lender for tests: gold tables written straight to a lake, no Spark.

Twelve lines of portfolio: two numbers, a category, a protected age, one optional
events source with two columns, a monthly panel. Nothing here resembles the
reference data, on purpose.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import itemgetter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.lake import Lake
from creditrisk.period import Period, freeze
from creditrisk.policy import Policy, parse_policy
from creditrisk.portfolio import Portfolio, parse_portfolio
from creditrisk.storage import open_store

START = date(2023, 1, 1)

PORTFOLIO = """
name: small-lender
currency: EUR
sources:
  form:
    table: application_form
    role: applications
    columns:
      client: {role: customer}
      month: {role: snapshot, type: date}
      income: {type: number, range: [0, 1000000], text: yearly income}
      debt: {type: number, range: [0, 1000000], text: outstanding debt}
      home: {type: category, categories: [own, rent], text: housing}
      age: {type: integer, range: [18, 100], protected: true, text: age}
  visits:
    table: web_visits
    role: events
    optional: true
    columns:
      client: {role: customer}
      month: {role: snapshot, type: date}
      pages: {type: number, text: pages seen}
      noise: {type: number, text: noise}
  ledger:
    table: loan_ledger
    role: performance
    columns:
      loan: {role: loan}
      client: {role: customer}
      month: {role: snapshot, type: date}
      began: {role: start, type: date}
      mob: {role: month_on_book, type: integer}
      due: {role: due, type: number}
      overdue: {role: overdue, type: number}
derived:
  debt_to_income: {ratio: [debt, income], text: debt relative to income}
"""

POLICY = """
outcome: {mob: 3, early_mob: 1}
development: {tuning_trials: 2, tuning_seconds: 3600, max_trees: 80, oot_min_bads: 30, min_bads: 10,
              threads: 2, selection: false}
monitoring: {min_bads: 30, min_goods: 30, anomaly_trees: 20}
"""


@dataclass(frozen=True)
class Scenario:
    """How the small lender's applicants behave, month by month (0 is the first)."""

    rows: int = 400
    signal: float = 1.0  # 0: scores cannot rank
    odds: float = 1.0  # default odds against the first month's
    shift: float = 0.0  # of log income, in standard deviations
    visits_down: bool = False
    noise_tells: float = 0.0  # correlation of the visits' noise with the risk; spread as before


@cache
def small_policy(extra: str = "") -> Policy:
    """The tests' policy; `extra` is YAML laid over it."""
    base = parse_policy(POLICY, "POLICY").model_dump_json()
    return parse_policy(base, "small") if not extra else _over(base, extra)


def _over(base: str, extra: str) -> Policy:
    import yaml

    from creditrisk.policy import merge

    return parse_policy(yaml.safe_dump(merge(yaml.safe_load(base), yaml.safe_load(extra))), "small")


def small_portfolio() -> Portfolio:
    """The tests' portfolio, one's own: a test may change what its tables hold."""
    return _parsed(PORTFOLIO).model_copy(deep=True)


@cache
def _parsed(text: str) -> Portfolio:
    return parse_portfolio(text, "PORTFOLIO")


def small_period(root: Path, as_of: date, policy: Policy | None = None, run: str = "run") -> Period:
    """A period over a store in `root`, policy and portfolio frozen there."""
    policy, portfolio = policy or small_policy(), small_portfolio()
    store = open_store((root / "store").as_uri())
    freeze(store, policy, portfolio)
    return Period(as_of, policy, portfolio, store, run)


_FILLED: dict[Hashable, dict[str, bytes]] = {}  # what `fill` wrote, by what it wrote it from


def fill(period: Period, scenarios: dict[int, Scenario] | None = None, seed: int = 7) -> None:
    """Write gold features and labels of every month up to `as_of`.

    `scenarios` maps a month number (0 is `START`) to how applicants behave from then on;
    a month does not depend on how many follow. What was written once is written again as it was.
    """
    scenarios = {0: Scenario()} | (scenarios or {})
    shas = period.policy.sha, period.portfolio.sha
    made = (period.as_of, *shas, *sorted(scenarios.items(), key=itemgetter(0)), seed)
    if next(period.store.keys("lake/"), None):
        _simulate(period, scenarios, seed)  # on top of what is there
    elif made in _FILLED:
        for key, data in _FILLED[made].items():
            period.store.write(key, data)
    else:
        _simulate(period, scenarios, seed)
        _FILLED[made] = {key: period.store.read(key) for key in period.store.keys("lake/")}


def _simulate(period: Period, scenarios: dict[int, Scenario], seed: int) -> None:
    lake, count = period.lake, 0
    frames: list[pd.DataFrame] = []
    while (month := add_months(START, count)) <= period.as_of:
        scenario = scenarios[max(start for start in scenarios if start <= count)]
        frames.append(_applicants(month, count, scenario, seed))
        _write(lake, period.portfolio, month, frames[-1])
        for mob in {period.policy.outcome.mob, period.policy.outcome.early_mob}:
            frames[-1][f"bad_{mob}"] = _bad(frames[-1], mob, period.policy.outcome.mob)
        _write_labels(lake, period.policy, month, frames)
        count += 1


def rewrite(
    period: Period,
    contract: contracts.Contract,
    months: Iterable[date],
    change: Callable[[pd.DataFrame], pd.DataFrame],
    inputs: Mapping[str, str] | None = None,
) -> None:
    """Commit changed rows over some months, made from `inputs`."""
    for month in months:
        rows = change(period.lake.read(contract, [month]).to_pandas())
        table = pa.Table.from_pandas(rows, schema=contract.arrow, preserve_index=False)
        period.lake.write(contract, month, table, inputs=inputs or {"test": "2"}, code="test")


def _applicants(month: date, number: int, scenario: Scenario, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([seed, number])
    n = scenario.rows
    trait = rng.normal(size=n)
    visits = rng.poisson(4, n)
    tells = scenario.noise_tells
    income = np.exp(10.5 + 0.5 * (rng.normal(size=n) + scenario.shift) - 0.25 * trait)
    debt = np.exp(9 + 0.6 * rng.normal(size=n) + 0.4 * trait)
    home = np.where(rng.random(n) < 0.6 - 0.1 * trait.clip(-2, 2), "own", "rent")
    frame = pd.DataFrame(
        {
            "customer_id": [f"C{number:03d}{i:05d}" for i in range(n)],
            "snapshot_date": month,
            "visits_available": not scenario.visits_down,
            "income": income,
            "debt": debt,
            "home": home,
            "age": rng.integers(18, 80, n),
            "debt_to_income": debt / income,
            "visits_count": np.zeros(n, int) if scenario.visits_down else visits,
            "visits_pages_sum": 0.0
            if scenario.visits_down
            else visits * 5 + rng.normal(size=n) * np.sqrt(visits) * 2 + trait * visits,
            "visits_noise_sum": 0.0
            if scenario.visits_down
            else ((1 - tells**2) ** 0.5 * rng.normal(size=n) + tells * trait) * np.sqrt(visits),
        }
    )
    frame.insert(0, "application_id", [f"{c}_{month}" for c in frame.customer_id])
    logit = -1.6 + scenario.signal * (1.1 * trait + 0.5 * (np.log(frame.debt_to_income) + 1.5))
    odds = np.exp(logit) * scenario.odds
    frame["bad_month"] = np.where(rng.random(n) < odds / (1 + odds), rng.integers(1, 4, n), 99)
    return frame


def _bad(frame: pd.DataFrame, mob: int, longest: int) -> pd.Series:
    return (frame.bad_month * longest / 3 <= mob).astype(int)


def _write(lake: Lake, portfolio: Portfolio, month: date, frame: pd.DataFrame) -> None:
    contract = contracts.features(portfolio)
    table = pa.Table.from_pandas(frame[list(contract.names)], preserve_index=False)
    lake.write(contract, month, table.cast(contract.arrow), inputs={"test": "1"}, code="test")


def _write_labels(lake: Lake, policy: Policy, month: date, frames: list[pd.DataFrame]) -> None:
    rows = []
    for mob in sorted({policy.outcome.mob, policy.outcome.early_mob}):
        matured = len(frames) - 1 - mob - policy.outcome.reporting_lag
        if matured < 0:
            continue
        frame = frames[matured]
        rows.append(
            pd.DataFrame(
                {
                    "loan_id": "L" + frame.customer_id,
                    "application_id": frame.application_id,
                    "customer_id": frame.customer_id,
                    "cohort": frame.snapshot_date,
                    "mob": mob,
                    "bad": frame[f"bad_{mob}"],
                    "months_observed": mob,
                    "snapshot_date": month,
                }
            )
        )
    names = list(contracts.LABELS.names)
    frame = pd.concat(rows)[names] if rows else pd.DataFrame(columns=names)
    table = pa.Table.from_pandas(frame, schema=contracts.LABELS.arrow, preserve_index=False)
    lake.write(contracts.LABELS, month, table, inputs={"test": "1"}, code="test")
