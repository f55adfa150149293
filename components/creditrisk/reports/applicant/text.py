"""An explanation in words that a notice to the applicant may use."""

from collections.abc import Iterator

from creditrisk.number_text import pd_text, percent
from creditrisk.reports.applicant.delivered_rows import DeliveredRow
from creditrisk.reports.applicant.explanation import Change, Explanation, WhatIf

Line = tuple[str, str]  # name and text; without a name a line goes on
_SHOWN = 8  # delivered rows in a terminal; --json and the page have all of them


def explanation_lines(found: Explanation) -> Iterator[Line]:
    """What a terminal shows of an application."""
    yield "application", f"{found.application}, scored in {found.month:%Y-%m}"
    yield "score of record", score_text(found.pd, found.grade, found.held_back, found.cutoff)
    yield "at the cut-off", verdict_text(found)
    yield "reasons", reasons_title(found)
    yield from (("", f"{n}. {reason}") for n, reason in enumerate(found.reasons, start=1))
    if found.sources_down:
        yield "sources down", ", ".join(found.sources_down)
    for later in found.later_scores:
        score = score_text(later.pd, later.grade, "", found.cutoff)
        yield "scored again", f"{score}, by {later.version}; the score of record stays"
    yield "model", f"{found.model.version}, {found.model.kind} of {found.model.trained:%Y-%m}"
    yield "", f"sha256 {found.model.sha256}"
    yield "policy", f"sha256 {found.policy}"
    yield "rests on", found.scores
    yield "", found.features
    yield from _delivered(found.delivered)
    yield from (("note", note) for note in found.notes)
    if found.what_if:
        yield from _what_if(found.what_if, found.cutoff)


def score_text(pd: float | None, grade: int | None, held_back: str, cutoff: float) -> str:
    """PD and grade, or why there are none; the PD has digits enough to tell it from `cutoff`."""
    if pd is None:
        return f"no PD: held back{f', {held_back}' if held_back else ''}"
    return f"PD {pd_text(pd, cutoff)}, grade {grade} (1 is best)"


def verdict_text(found: Explanation) -> str:
    """What the score says at the policy's cut-off; what was decided is the lender's."""
    limit = percent(found.cutoff)
    match found.verdict:
        case "none":
            return f"no verdict without a PD (cut-off {limit}): a person decides"
        case "accept":
            return f"accept: the PD is not above {limit}"
        case "decline":
            return f"decline: the PD is above {limit}"


def reasons_title(found: Explanation) -> str:
    """What the stored reasons are reasons for."""
    if not found.reasons:
        return "none stored: nothing raised the PD above what is usual among the accepted"
    if found.verdict == "decline":
        return "principal reasons for the adverse action, as stored with the score"
    return "what raised the PD most, as stored with the score"


def changed_text(change: Change) -> str:
    """A value before and after."""
    follows = " (follows)" if change.follows else ""
    return f"{change.column} {value_text(change.before)} -> {value_text(change.after)}{follows}"


def value_text(value: float | bool | str | None) -> str:
    """A value of gold features."""
    if value is None:
        return "missing"
    return f"{value:,.6g}" if isinstance(value, float) else f"{value}"


def _delivered(rows: tuple[DeliveredRow, ...]) -> Iterator[Line]:
    for number, row in enumerate(rows[:_SHOWN]):
        where = f"{row.source} {row.month:%Y-%m}: {row.file} row {row.row}"
        yield "" if number else "delivered rows", f"{where}, sha256 {row.sha256}"
        if row.role == "applications":
            shown = ", ".join(f"{column} '{text or ''}'" for column, text in row.values.items())
            hidden = ", ".join(f"{column} ({why})" for column, why in row.hidden.items())
            texts = (shown, hidden and f"not shown: {hidden}")
            yield from (("", f"  {text}") for text in texts if text)
    if len(rows) > _SHOWN:
        yield "", f"and {len(rows) - _SHOWN} more; --json and --html have all"


def _what_if(found: WhatIf, cutoff: float) -> Iterator[Line]:
    for number, change in enumerate(found.changes):
        yield "" if number else "what if", changed_text(change)
    score = score_text(found.pd, found.grade, "not validated in that state", cutoff)
    yield "", f"{score}; at the cut-off: {found.verdict}"
