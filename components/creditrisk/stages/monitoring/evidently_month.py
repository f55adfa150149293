"""The pages of a month in the store, `months/<as_of>/evidently/`: a page and its JSON each."""

import sys
from types import ModuleType

from creditrisk.errors import UserError, printable
from creditrisk.period import Period
from creditrisk.records.evidently import evidently_key
from creditrisk.reports.evidently.page import Page
from creditrisk.stages.monitoring.evidently_material import Material


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
