"""Evidently's bars in the colours of the verdicts: it draws every current one red."""

from collections.abc import Iterator, Mapping
from typing import Any

from creditrisk.reports.figures import ACCENT, STATE_COLOURS

_THEIRS = "#ed0400"  # of whatever is current, drifted or not
_MOVED, _STILL = STATE_COLOURS["red"], STATE_COLOURS["green"]
_TABLE, _FOUND = "big_table", "Detected"

Widget = dict[str, Any]


def coloured(dashboard: Widget, graphs: Mapping[str, Widget]) -> tuple[Widget, dict[str, Widget]]:
    """A page's widgets and the figures behind them.

    The table of columns becomes two, those that moved and those that did not; a figure of a
    column has the column's colour, every other one the house's.
    """
    moved = {id for row in _rows(dashboard) if _drifted(row) for id in _figures(row)}
    still = {id for row in _rows(dashboard) if not _drifted(row) for id in _figures(row)}
    shades = dict.fromkeys(moved, _MOVED) | dict.fromkeys(still, _STILL)
    drawn = {id: _shaded(graph, shades.get(id, ACCENT)) for id, graph in graphs.items()}
    return _split(dashboard), drawn


def _tables(widget: Widget) -> Iterator[Widget]:
    if widget.get("type") == _TABLE:
        yield widget
    for below in widget.get("widgets") or ():
        yield from _tables(below)


def _rows(dashboard: Widget) -> Iterator[Widget]:
    for table in _tables(dashboard):
        yield from table["params"]["data"]


def _drifted(row: Widget) -> bool:
    return bool(row.get("data_drift") == _FOUND)


def _figures(row: Widget) -> Iterator[str]:
    for part in (row.get("details") or {}).get("parts", ()):
        yield part["id"]


def _split(widget: Widget) -> Widget:
    """The widget with each table of columns as two: small bars have one colour a table."""
    parts: list[Widget] = []
    for below in widget.get("widgets") or ():
        parts += _two(below) if _judged(below) else [_split(below)]
    shaded = _shaded({name: v for name, v in widget.items() if name != "widgets"}, ACCENT)
    whole: Widget = shaded | ({"widgets": parts} if "widgets" in widget else {})
    return whole


def _judged(widget: Widget) -> bool:
    rows = widget["params"]["data"] if widget.get("type") == _TABLE else []
    return any("data_drift" in row for row in rows)


def _two(table: Widget) -> list[Widget]:
    rows = table["params"]["data"]
    found = []
    for drifted, colour, text in ((True, _MOVED, "moved"), (False, _STILL, "did not move")):
        own = [row for row in rows if _drifted(row) is drifted]
        if own:
            params = table["params"] | {"data": own, "columns": _columns(table, colour)}
            title = f"{len(own)} of {len(rows)} columns {text}"
            found.append(table | {"title": title, "params": params, "id": f"{table['id']}-{text}"})
    return found


def _columns(table: Widget, colour: str) -> list[Widget]:
    """The reference is grey, the month has the verdict's colour."""
    shades = {"reference_distribution": "#9aa5b1", "current_distribution": colour}
    return [
        column | {"options": column["options"] | {"color": shades[column["field"]]}}
        if column["field"] in shades
        else column
        for column in table["params"]["columns"]
    ]


def _shaded(found: Any, colour: str) -> Any:  # noqa: ANN401 - JSON of any shape
    if isinstance(found, dict):
        return {name: _shaded(value, colour) for name, value in found.items()}
    if isinstance(found, list):
        return [_shaded(value, colour) for value in found]
    return colour if found == _THEIRS else found
