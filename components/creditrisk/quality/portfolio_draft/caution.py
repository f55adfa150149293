"""Columns that must not become features: persons, identifiers, what is known only later."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creditrisk.portfolio.effect import FEATURES
from creditrisk.quality.portfolio_draft.field import Field
from creditrisk.quality.portfolio_draft.later import known_later
from creditrisk.quality.portfolio_draft.values import Belief, sentinels
from creditrisk.quality.portfolio_draft.words import PERSONAL, meaning
from creditrisk.stages.training.event_scores import FOLDS
from creditrisk.stages.training.single_column import column_auc

_SHAPES = {
    "e-mail address": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    "bank account": re.compile(r"[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{1,4}"),
    "phone number": re.compile(r"(?:\+|00?)[1-9][\d ()/.-]{6,16}\d|\(\d{3}\) ?\d{3}-\d{4}"),
    "national or tax number": re.compile(r"\d{3}-\d{2}-\d{4}|\d{6}[-+A]\d{3,4}[0-9A-Z]?"),
}
_MOST = 0.5  # of the texts have the shape
_LATE = 0.2  # of a date's days lie after the application
_FEWEST_BADS = 50
_LOOKED_AT = 500


def cautious(
    field: Field,
    applied: Field | None,
    bad: NDArray[np.float64],
    limit: float,
    of_extract: bool = False,
) -> Belief:
    """A column of applications without a role, as far as it may be a feature.

    `bad`: of each row whether its loan went bad, nan where that is not known. `limit`: an AUC that
    no column known at application has. `of_extract`: the table says how its loans stand, too.
    """
    belief = field.belief
    if who := personal(field):
        return Belief(
            {"pii": True}, (f"{who}: left out; as it stands here, a hash is kept",), left_out=True
        )
    if belief.left_out:
        return belief
    if field.identifies:
        return Belief(belief.keys, ("an identifier, no feature",), left_out=True)
    if late := _late(field, applied, bad, limit, of_extract):
        excluded = belief.but(late, "known at application after all? then without excluded")
        return excluded.but(excluded=True)
    if field.type not in FEATURES:
        return Belief(belief.keys, (f"a {field.type} is no feature",), left_out=True)
    for number in sentinels(field.column):
        belief = belief.but(question=f'does {number} mean missing? then missing: ["{number}"]')
    if field.belief.whole and field.terms & meaning("code"):
        belief = belief.but(question="codes, not amounts? then type: category")
    if _is_protected(field):
        belief = belief.but("protected: kept to compare groups, in no model", protected=True)
    return belief


def personal(field: Field) -> str:
    """What a column says of a person that no model may have; empty where nothing."""
    texts = field.ids[0][:: max(field.distinct // _LOOKED_AT, 1)] if field.type != "date" else []
    for what, shape in _SHAPES.items():
        if texts and sum(bool(shape.fullmatch(text)) for text in texts) > _MOST * len(texts):
            return what
    for what in PERSONAL:
        if field.terms & meaning(what) and (
            field.belief.left_out or field.type in ("date", "integer") or _numbered(field)
        ):
            return what
    return ""


def _numbered(field: Field) -> bool:
    """Whether a word stands before every number, as in `Company 381`: no amount, a label."""
    word, texts = str(field.belief.keys.get("strip", "")), field.ids[0]
    return word.isalpha() and bool(texts) and all(text.lstrip().startswith(word) for text in texts)


def _is_protected(field: Field) -> bool:
    found = field.terms & meaning("protected")
    # of a person: the age of an account or a history is another matter
    of_person = field.terms <= meaning("customer", "application") | {"age", "years", "at", "in"}
    return bool(found - {"age"}) or bool(found and of_person)


def _late(
    field: Field,
    applied: Field | None,
    bad: NDArray[np.float64],
    limit: float,
    of_extract: bool,
) -> str:
    if known_later(field.name, of_extract):
        return "known only later, as its name says"
    if applied and field.type == "date":
        known = (field.days >= 0) & (applied.days >= 0)
        late = (field.days[known] > applied.days[known]).mean() if known.any() else 0.0
        return f"after {applied.name} in {late:.0%} of its rows" if late > _LATE else ""
    found = _ranks(field, bad)
    return (
        f"known only later? it alone ranks outcomes with AUC {found:.2f}" if found > limit else ""
    )


def _ranks(field: Field, bad: NDArray[np.float64]) -> float:
    """How well a column alone ranks outcomes, as the leakage scan of training measures it."""
    known = ~np.isnan(bad)
    outcome = bad[known].astype(np.int64)
    if min(outcome.sum(), (1 - outcome).sum()) < _FEWEST_BADS or field.type not in FEATURES:
        return 0.5
    folds = np.arange(len(outcome)) % FOLDS
    if field.type in ("number", "integer"):
        return column_auc(pd.Series(field.numbers[known]), outcome, folds, seed=0)
    texts, codes = field.ids
    values = pd.Series(np.array([*texts, None], dtype=object)[codes[known]])
    return column_auc(values, outcome, folds, seed=0)
