"""A page of Evidently's, with what it was drawn on at its top."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Self

from creditrisk.records.evidently import EvidentlyPage
from creditrisk.reports.render import render

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
        """Evidently's page under a note of ours; where there is none, a page that says why."""
        if not self.drawn:
            return render("evidently_missing.html", page=self)
        note = render("evidently_note.html", page=self)
        return self.drawn.replace("<body>", f"<body>{note}", 1)

    def record(self) -> EvidentlyPage:
        """The page without its HTML."""
        own = {"drawn": bool(self.drawn), "why_not": self.why_not, "rows": self.rows}
        return EvidentlyPage.model_validate({**own, **self.numbers})
