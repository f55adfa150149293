"""The validation report: one self-contained page made from `validation.json`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from creditrisk.calendar_month import span
from creditrisk.records.measured_window import Window
from creditrisk.records.validation import Validation
from creditrisk.reports.card_page import beside
from creditrisk.reports.render import render

_WIDTH, _LEFT, _ROW = 640, 110, 26  # of the interval chart, in pixels


def page(found: Validation) -> str:
    """The page as HTML; the same content gives the same page."""
    chart = _chart(found.windows, found.limits["auc_floor"]) if found.windows else {}
    cohorts = _cohorts(found.cohorts)
    near = beside(found.version, found.as_of) | {"Evidence": "compliance.html"}
    signals = _signals(found)
    return render(
        "validation.html", near=near, content=found, cohorts=cohorts, chart=chart, signals=signals
    )


def _signals(found: Validation) -> dict[str, list[str]]:
    """Groups by the signal of their fairness, red before amber; green ones are not named."""
    return {
        state: [
            f"{column.text}: {group.group}"
            for column in found.fairness
            for group in column.groups
            if group.signal == state
        ]
        for state in ("red", "amber")
    }


def _cohorts(windows: Sequence[Sequence[date]]) -> str:
    return "; ".join(span(window, " to ") for window in windows)


def _chart(windows: Sequence[Window], floor: float) -> dict[str, Any]:
    """Where each window's AUC and its interval lie on the chart, in pixels."""
    low = min([floor, *(window.auc.lower for window in windows)]) - 0.02

    def x(value: float) -> float:
        return round(_LEFT + (value - low) / (1 - low) * (_WIDTH - _LEFT - 20), 1)

    bars = [
        {
            "name": window.name,
            "auc": window.auc.auc,
            "y": _ROW * place + 14,
            "x": x(window.auc.auc),
            "lower": x(window.auc.lower),
            "upper": x(window.auc.upper),
        }
        for place, window in enumerate(windows)
    ]
    height = _ROW * len(windows) + 24
    return {"width": _WIDTH, "height": height, "floor": x(floor), "bars": bars}
