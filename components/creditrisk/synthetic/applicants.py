"""One month's applicants, as they are before anything soils the record.

Published facts: the columns and their values (see `marginals`); salary is income / 12 within a
few per cent; an instalment takes about .8% of the salary per loan, the amount invested 4.4%
(medians of the reference data).
"""

from functools import lru_cache

import numpy as np
import pandas as pd

from creditrisk.synthetic import marginals
from creditrisk.synthetic.scenario import Channel, Driver

_LETTERS = np.array(list("abcdefghijklmnopqrstuvwxyz"))
_CALIBRATION_APPLICANTS = 4_000


def draw_applicants(
    channel: Channel, quality: float, n: int, rng: np.random.Generator
) -> pd.DataFrame:
    """`n` applicants of one channel; numbers are numbers, `Credit_History_Age` is in months."""
    score = rng.normal(channel.quality + quality, 1.0, n)
    mix = np.where(score > marginals.GOOD_ABOVE, 0, np.where(score < marginals.BAD_BELOW, 2, 1))
    columns = _reference_columns(mix, rng) | _own_columns(channel, n, rng)
    table = pd.DataFrame(columns)
    table["Credit_Mix"] = np.array(marginals.MIXES)[mix]
    table["Payment_Behaviour"] = _behaviour(channel, mix, rng)
    table["Payment_of_Min_Amount"] = np.where(
        rng.random(n) < np.array(marginals.PAYS_MINIMUM_SHARES)[mix], "Yes", "No"
    )
    table["Type_of_Loan"] = _loan_types(table["Num_of_Loan"].to_numpy(), rng)
    table["Occupation"] = _mixed(
        channel.occupations, np.array(marginals.OCCUPATIONS)[rng.integers(0, 15, n)], rng
    )
    _add_cash_flow(table, rng)
    _add_person(table, rng)
    return table


def log_odds(applicants: pd.DataFrame, drivers: tuple[Driver, ...]) -> np.ndarray:
    """What the channel's drivers add to the log-odds of turning bad; shape (applicants,)."""
    total = np.zeros(len(applicants))
    for d in drivers:
        total += d.weight * (applicants[d.column].to_numpy(dtype=float) - d.centre) / d.scale
    return total


@lru_cache(maxsize=256)
def intercept(channel: Channel, bad_rate: float, signal: float) -> float:
    """The constant at which the channel, before shifts, turns bad at `bad_rate`.

    Found by bisection on one fixed sample of the channel, so that no month depends on another.
    """
    rng = np.random.default_rng(0)
    sample = draw_applicants(channel, 0.0, _CALIBRATION_APPLICANTS, rng)
    evidence = signal * log_odds(sample, channel.drivers)
    low, high = -40.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        if (1 / (1 + np.exp(-(middle + evidence)))).mean() < bad_rate:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _reference_columns(mix: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    strain = rng.normal(size=len(mix))
    own_share = np.sqrt(1 - marginals.STRAIN_LOADING**2)
    columns = {}
    for column, knots_by_mix in marginals.COLUMNS.items():
        sign = -1.0 if column in marginals.LESS_WHEN_STRAINED else 1.0
        z = sign * marginals.STRAIN_LOADING * strain + own_share * rng.normal(size=len(mix))
        by_mix = [np.interp(z, marginals.KNOT_Z, knots) for knots in knots_by_mix]
        columns[column] = _rounded(column, np.choose(mix, by_mix))
    return columns


def _own_columns(channel: Channel, n: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    return {
        column: _rounded(column, np.interp(rng.normal(size=n), marginals.KNOT_Z, knots))
        for column, knots in channel.columns
    }


def _rounded(column: str, values: np.ndarray) -> np.ndarray:
    if column in marginals.WHOLE_NUMBERS:
        return np.asarray(np.rint(values), dtype=np.int64)
    return values if column == "Credit_Utilization_Ratio" else values.round(2)


def _behaviour(channel: Channel, mix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    bounds = np.cumsum(marginals.BEHAVIOUR_SHARES, axis=1)[mix]
    choice = (rng.random(len(mix))[:, None] > bounds[:, :-1]).sum(axis=1)
    return _mixed(channel.behaviours, np.array(marginals.BEHAVIOURS)[choice], rng)


def _mixed(
    shares: tuple[tuple[str, float], ...], reference: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """`reference`, with the channel's own values in place of its first shares."""
    values = reference.astype(object)
    u, reached = rng.random(len(reference)), 0.0
    for value, share in shares:
        values[(u >= reached) & (u < reached + share)] = value
        reached += share
    return values


def _loan_types(counts: np.ndarray, rng: np.random.Generator) -> list[str]:
    names = np.array(marginals.LOAN_TYPES)[rng.integers(0, 9, (len(counts), 9))]
    return [_listed(row[:count]) for row, count in zip(names.tolist(), counts, strict=True)]


def _listed(names: list[str]) -> str:
    """`A`, `A, and B`, `A, B, and C`: the lender's way of writing a list."""
    return ", ".join([*names[:-1], f"and {names[-1]}"]) if len(names) > 1 else "".join(names)


def _add_cash_flow(table: pd.DataFrame, rng: np.random.Generator) -> None:
    n = len(table)
    salary = table["Annual_Income"] / 12 * np.exp(rng.normal(0.0, 0.06, n))
    per_loan = 0.0076 * np.exp(rng.normal(0.0, 0.3, n))
    allowance = table["Payment_Behaviour"].map(
        dict(zip(marginals.BEHAVIOURS, marginals.ALLOWANCES, strict=True))
    )
    instalments = table["Num_of_Loan"] * per_loan * salary
    invested = np.minimum(0.044 * np.exp(rng.normal(0.0, 0.8, n)), 0.14) * salary
    available = 0.1 * salary + allowance - instalments
    invested = np.minimum(invested, np.maximum(available - 10.0, 10.0))
    table["Monthly_Inhand_Salary"] = salary
    table["Total_EMI_per_month"] = instalments
    table["Amount_invested_monthly"] = invested
    table["Monthly_Balance"] = np.maximum(available - invested, 0.0)


def _add_person(table: pd.DataFrame, rng: np.random.Generator) -> None:
    n = len(table)
    weights = np.array(marginals.AGE_WEIGHTS)
    table["Age"] = rng.choice(marginals.AGES, n, p=weights / weights.sum())
    table["Name"] = _names(n, rng)
    digits = rng.integers(0, 10, (n, 9))
    table["SSN"] = [_social_security_number(row) for row in digits]


def _names(n: int, rng: np.random.Generator) -> list[str]:
    letters = _LETTERS[rng.integers(0, 26, (n, 16))]
    lengths = rng.integers(4, 9, (n, 2))
    two = rng.random(n) < 0.55
    names = []
    for row, (first, last), has_two in zip(letters.tolist(), lengths, two, strict=True):
        name = "".join(row[:first]).capitalize()
        names.append(f"{name} {''.join(row[8 : 8 + last]).capitalize()}" if has_two else name)
    return names


def _social_security_number(digits: np.ndarray) -> str:
    text = "".join(map(str, digits))
    return f"{text[:3]}-{text[3:5]}-{text[5:]}"
