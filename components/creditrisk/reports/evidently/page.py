"""A page of Evidently's, with what it was drawn on said at its top."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Protocol

from creditrisk.errors import UserError


class Snapshot(Protocol):
    """The part of Evidently's result that is used."""

    def json(self) -> str: ...

    def get_html_str(self, as_iframe: bool) -> str: ...


Draw = Callable[[Sequence[str]], Snapshot]  # of some columns


@dataclass(frozen=True)
class Page:
    """HTML and numbers of a report; `why_not` says why there is none.

    `rows` says what it was drawn on, `set_aside` which columns are not on it, and why.
    """

    name: str
    rows: Mapping[str, str] = field(default_factory=dict)
    set_aside: Mapping[str, str] = field(default_factory=dict)
    drawn: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    why_not: str = ""

    @property
    def html(self) -> str:
        """Evidently's page under a note of ours; the note alone where there is no page."""
        if not self.drawn:
            return _ALONE.format(name=self.name, note=self._note())
        return self.drawn.replace("<body>", f"<body>{self._note()}", 1)

    def record(self) -> dict[str, Any]:
        """The page without its HTML, as JSON holds it."""
        return {
            "drawn": bool(self.drawn),
            "why_not": self.why_not,
            "rows": dict(self.rows),
            "set_aside": dict(self.set_aside),
            **self.numbers,
        }

    def _note(self) -> str:
        said = [f"{what}: {rows}" for what, rows in self.rows.items()]
        said += [f"{name} is not shown: {why}" for name, why in self.set_aside.items()]
        said += [f"not drawn: {self.why_not}"] if self.why_not else []
        items = "".join(f"<li>{escape(line)}</li>" for line in said)
        return _NOTE.format(name=escape(self.name), items=items)


def draw_page(
    name: str,
    draw: Draw,
    columns: Sequence[str],
    rows: Mapping[str, str],
    set_aside: Mapping[str, str],
) -> Page:
    """Draw all columns at once; where Evidently refuses, each alone to find out which to leave.

    It stops at the first column it cannot draw, and a page is worth more than a column.
    """
    aside = dict(set_aside)
    shown = [column for column in columns if column not in aside]
    try:
        return _drawn(name, draw(shown), rows, aside)
    except Exception:  # Evidently raises whatever its libraries raise
        aside |= _refused(draw, shown)
    rest = [column for column in shown if column not in aside]
    if not rest or rest == shown:
        raise UserError("Evidently could draw no column of it")
    return _drawn(name, draw(rest), rows, aside)


def _refused(draw: Draw, columns: Sequence[str]) -> dict[str, str]:
    found = {}
    for column in columns:
        try:
            draw([column])
        except Exception as error:
            found[column] = f"Evidently: {type(error).__name__}"
    return found


def _drawn(
    name: str, snapshot: Snapshot, rows: Mapping[str, str], aside: Mapping[str, str]
) -> Page:
    numbers = json.loads(snapshot.json())
    html = snapshot.get_html_str(as_iframe=False)
    return Page(name, rows, aside, drawn=html, numbers=numbers)


_NOTE = (
    '<section style="font: 15px/1.5 system-ui, sans-serif; padding: 16px 24px; color: #1f2933;'
    ' background: #f5f7fa; border-bottom: 1px solid #d9dfe5"><h1 style="font-size: 18px;'
    ' margin: 0 0 4px">{name}</h1><ul style="margin: 0; padding-left: 20px">{items}</ul></section>'
)
_ALONE = '<!DOCTYPE html><html lang="en"><meta charset="UTF-8"><title>{name}</title>{note}</html>'
