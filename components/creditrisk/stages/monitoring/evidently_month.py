"""The pages of a month in the store, `months/<as_of>/evidently/`: a page and its JSON each."""

import json
from collections.abc import Sequence

from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.reports.evidently import evidently_reports as evidently
from creditrisk.reports.evidently.columns import set_aside
from creditrisk.reports.evidently.page import Page, Snapshot, draw_page
from creditrisk.stages.monitoring.evidently_material import Material


def draw_reports(period: Period, version: str) -> dict[str, Page]:
    """Write the pages drift, summary and classification of `as_of`, by name.

    "" (no champion) leaves the summary only. A page that cannot be drawn says why, and the
    others are drawn all the same.
    """
    material, pages = Material(period, version), {}
    for name, draw in _REPORTS.items():
        try:
            page = draw(material)
        except UserError as error:
            page = Page(name, why_not=str(error))
        except Exception as error:  # Evidently raises whatever its libraries raise
            page = Page(name, why_not=f"{type(error).__name__}: {error}")
        record = json.dumps(page.record(), indent=1, sort_keys=True)
        period.store.write(f"months/{period.as_of}/evidently/{name}.html", page.html.encode())
        period.store.write(f"months/{period.as_of}/evidently/{name}.json", record.encode())
        pages[name] = page
    return pages


def _drift(material: Material) -> Page:
    current, reference, psi = material.current, material.reference, material.psi
    aside = set_aside(material.kinds, current.rows, reference.rows)
    reason = "not compared: it grows with time, or its source was down for all"
    aside = {name: reason for name in material.kinds if name not in psi} | aside
    limits, as_of = material.period.policy.monitoring, material.period.as_of

    def draw(columns: Sequence[str]) -> Snapshot:
        kinds = {name: material.kinds[name] for name in columns}
        return evidently.drift((current.rows, reference.rows), kinds, psi, limits, as_of)

    rows = _rows(material, current.drawn) | {"reference": reference.drawn}
    return draw_page("drift", draw, list(material.kinds), rows, aside)


def _summary(material: Material) -> Page:
    current, rows = material.current, _rows(material, material.current.drawn)
    try:
        reference = material.reference.rows
        rows["reference"] = material.reference.drawn
    except UserError as error:
        reference, rows["reference"] = None, f"none, {error}"
    aside = set_aside(material.kinds, current.rows, reference)

    def draw(columns: Sequence[str]) -> Snapshot:
        kinds = {name: material.kinds[name] for name in columns}
        return evidently.summary(current.rows, reference, kinds, material.period.as_of)

    return draw_page("summary", draw, list(material.kinds), rows, aside)


def _classification(material: Material) -> Page:
    matured, period = material.matured, material.period

    def draw(_: Sequence[str]) -> Snapshot:
        return evidently.classification(matured.rows, period.policy.scoring.cutoff, period.as_of)

    rows = _rows(material, matured.drawn)
    return draw_page("classification", draw, [evidently.TARGET, evidently.SCORE], rows, {})


def _rows(material: Material, drawn: str) -> dict[str, str]:
    return {"model": material.version or "no champion yet", "rows": drawn}


_REPORTS = {"drift": _drift, "summary": _summary, "classification": _classification}
