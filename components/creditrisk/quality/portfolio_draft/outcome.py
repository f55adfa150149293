"""Which applications went bad, roughly: enough to see that a column knows the outcome."""

from itertools import product

import numpy as np

from creditrisk.metrics.scored_rows import FloatArray
from creditrisk.quality.portfolio_draft.field import Field
from creditrisk.quality.portfolio_draft.look import joins
from creditrisk.quality.portfolio_draft.part import Part
from creditrisk.quality.portfolio_draft.servicing import bad_rows


def went_bad(application: Part, servicing: Part | None) -> FloatArray:
    """Of each application 1 or 0; nan where no loan of it is known.

    Bad: a whole instalment late at any time, or a date of default.
    """
    unknown = np.full(application.look.rows, np.nan)
    keys = _keys(application, servicing) if servicing else None
    if servicing is None or keys is None:
        return unknown
    mine, theirs = keys
    rows = _bad_rows(servicing)
    texts, codes = theirs.ids
    known = codes >= 0
    worst = np.zeros(len(texts))
    np.maximum.at(worst, codes[known], rows[known])
    of_text = dict(zip(texts, worst, strict=True))
    by_code = np.array([of_text.get(text, np.nan) for text in mine.ids[0]] + [np.nan])
    return by_code[mine.ids[1]]


def _keys(application: Part, servicing: Part) -> tuple[Field, Field] | None:
    mine = [application.roles.get(role) for role in ("application", "customer")]
    theirs = [servicing.roles.get(role) for role in ("loan", "application", "customer")]
    pairs = product(filter(None, mine), filter(None, theirs))
    return next((pair for pair in pairs if joins(*pair)), None)


def _bad_rows(servicing: Part) -> FloatArray:
    if default := servicing.roles.get("default_date"):
        return (default.days >= 0).astype(float)
    if days := servicing.roles.get("days_late"):
        return (np.nan_to_num(days.numbers) >= 30).astype(float)
    if status := servicing.roles.get("status"):
        return bad_rows(status).astype(float)
    overdue = np.nan_to_num(servicing.roles["overdue"].numbers)
    due = servicing.roles.get("due")
    return (overdue >= np.maximum(np.nan_to_num(due.numbers if due else overdue), 0.01)).astype(
        float
    )
