"""What an application's score would be with other values, by the version that scored it.

It is scored by `score_rows`, as a month is: without a change it is the stored PD, to the bit.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import pandas as pd
import pyarrow as pa

from creditrisk.contracts import SCORES, features
from creditrisk.contracts.contract import Column
from creditrisk.errors import UserError
from creditrisk.lake import Lake
from creditrisk.model.contributions import Explainer
from creditrisk.model.validated_states import validated_states
from creditrisk.model.version import ModelVersion, load_version
from creditrisk.portfolio import Portfolio
from creditrisk.reports.applicant.explanation import Change, Value, WhatIf, verdict
from creditrisk.reports.applicant.score_of_record import ScoreOfRecord, portfolio_of
from creditrisk.stages.scoring.score import score_rows
from creditrisk.storage import Store

_WORDS = {"true": True, "yes": True, "false": False, "no": False}


def what_if(store: Store, found: ScoreOfRecord, wanted: Iterable[str]) -> WhatIf:
    """Scores with `column=value` in place of what was known; `column=` is a missing value.

    A column that the version does not read, or a value that it may not hold, is a `UserError`;
    so is an application that was held back: there is no score to compare with.
    """
    if found.row["held_back"]:
        raise UserError(
            f"'{found.row['application_id']}' was held back and has no PD: there is nothing that"
            " --what-if could be compared with"
        )
    model = load_version(store, found.version)
    portfolio = portfolio_of(store, found.gold) or model.portfolio
    row = _features_of(store, found, portfolio)
    columns = readable(model, portfolio)
    asked = dict(_parsed(text, columns, portfolio) for text in wanted)
    changed = asked | _ratios({**row, **asked}, asked, portfolio)
    frame = _frame({**row, **changed}, portfolio)
    (scored,) = score_rows(
        model, frame, validated_states(store, found.version), found.policy
    ).to_dict("records")
    score = None if scored["held_back"] else float(scored["pd"])
    return WhatIf(
        changes=tuple(
            Change(column=name, before=row[name], after=value, follows=name not in asked)
            for name, value in changed.items()
        ),
        pd=score,
        grade=None if score is None else int(scored["grade"]),
        verdict=verdict(score, found.policy.scoring.cutoff),
    )


def readable(model: ModelVersion, portfolio: Portfolio) -> dict[str, Column]:
    """Columns of gold features that may be asked about: what the version's score depends on.

    A ratio is none of them: it follows from its two columns.
    """
    names = {*Explainer(model.scorer).columns}
    for name, ratio in model.portfolio.derived.items():
        if name in names:
            names |= {*ratio.ratio}
    names |= {f"{source}_available" for source in model.portfolio.optional_sources}
    contract = features(portfolio).columns
    return {c.name: c for c in contract if c.name in names and c.name not in portfolio.derived}


def _features_of(store: Store, found: ScoreOfRecord, portfolio: Portfolio) -> dict[str, Any]:
    """The row of gold features that was scored."""
    rows = Lake(store).read_commits(features(portfolio), [found.gold]).to_pylist()
    wanted = found.row["application_id"]
    return next(row for row in rows if row["application_id"] == wanted)


def _frame(row: Mapping[str, Any], portfolio: Portfolio) -> pd.DataFrame:
    table = pa.Table.from_pylist([dict(row)], schema=features(portfolio).arrow)
    return pd.DataFrame(table.to_pandas())


def _parsed(text: str, columns: Mapping[str, Column], portfolio: Portfolio) -> tuple[str, Value]:
    name, mark, written = text.partition("=")
    if not mark:
        raise UserError(f"--what-if '{text}' is not column=value; column= is a missing value")
    if name not in columns:
        raise UserError(f"--what-if {name}: {_unknown(name, columns, portfolio)}")
    return name, _value(columns[name], written.strip())


def _unknown(name: str, columns: Mapping[str, Column], portfolio: Portfolio) -> str:
    if name in portfolio.derived:
        top, bottom = portfolio.derived[name].ratio
        return f"it is {top} over {bottom}; change one of these"
    if any(feature.name == name and feature.protected for feature in portfolio.features):
        return "it is protected, and no model reads it"
    near = get_close_matches(name, columns, n=3) or sorted(columns)[:3]
    known = {*SCORES.names, *features(portfolio).names}
    what = "the version does not read it" if name in known else "there is no such column"
    return f"{what}; {len(columns)} may be changed, such as {', '.join(near)}"


def _value(column: Column, written: str) -> Value:
    """A written value as its column holds it."""
    if not written:
        if column.type == "boolean":
            raise UserError(f"--what-if {column.name}: write true or false")
        return None
    match column.type:
        case "boolean":
            if written.lower() not in _WORDS:
                raise UserError(f"--what-if {column.name}: '{written}' is not true or false")
            return _WORDS[written.lower()]
        case "string":
            return _category(column, written)
        case _:
            return _number(column, written)


def _category(column: Column, written: str) -> str:
    if column.categories and written not in column.categories:
        raise UserError(
            f"--what-if {column.name}: '{written}' is none of {', '.join(column.categories)}"
        )
    return written


def _number(column: Column, written: str) -> int | float:
    try:
        value = float(written)
    except ValueError:
        value = float("nan")
    whole = column.type == "long"
    low, high = column.low, column.high
    if value - value != 0 or (whole and value != int(value)):  # no number, or no end
        kind = "whole number" if whole else "number"
        raise UserError(f"--what-if {column.name}: '{written}' is not a {kind}")
    if (low is not None and value < low) or (high is not None and value > high):
        limits = (("at least", low), ("at most", high))
        text = " and ".join(f"{word} {limit:,.12g}" for word, limit in limits if limit is not None)
        raise UserError(f"--what-if {column.name}: {written} is not {text}")
    return int(value) if whole else value


def _ratios(
    row: Mapping[str, Any], asked: Mapping[str, Value], portfolio: Portfolio
) -> dict[str, float | None]:
    """The ratios that a changed column is part of, as the ETL makes them."""
    return {
        name: _divided(*(row[part] for part in ratio.ratio))
        for name, ratio in portfolio.derived.items()
        if {*ratio.ratio} & asked.keys()
    }


def _divided(top: float | None, bottom: float | None) -> float | None:
    if top is None or not bottom:
        return None
    return float(top) / float(bottom)
