"""A page of Evidently's, with what it was drawn on at its top."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal, Protocol, Self

Kind = Literal["number", "category"]
TARGET, SCORE = "bad", "pd"


class Snapshot(Protocol):
    """The part of Evidently's result that is used."""

    def json(self) -> str: ...

    def get_html_str(self, as_iframe: bool) -> str: ...


@dataclass(frozen=True)
class Page:
    """HTML and numbers of a report; `rows` says what it was drawn on, `why_not` why it was not."""

    name: str
    rows: Mapping[str, str] = field(default_factory=dict)
    drawn: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    why_not: str = ""

    @classmethod
    def of(cls, name: str, rows: Mapping[str, str], snapshot: Snapshot) -> Self:
        numbers, html = json.loads(snapshot.json()), snapshot.get_html_str(as_iframe=False)
        return cls(name, rows, drawn=html, numbers=numbers)

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
            **self.numbers,
        }

    def _note(self) -> str:
        lines = [f"{what}: {rows}" for what, rows in self.rows.items()]
        lines += [f"not drawn: {self.why_not}"] if self.why_not else []
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        return _NOTE.format(name=escape(self.name), items=items)


_NOTE = (
    '<section style="font: 15px/1.5 system-ui, sans-serif; padding: 16px 24px; color: #1f2933;'
    ' background: #f5f7fa; border-bottom: 1px solid #d9dfe5"><h1 style="font-size: 18px;'
    ' margin: 0 0 4px">{name}</h1><ul style="margin: 0; padding-left: 20px">{items}</ul></section>'
)
_ALONE = '<!DOCTYPE html><html lang="en"><meta charset="UTF-8"><title>{name}</title>{note}</html>'
