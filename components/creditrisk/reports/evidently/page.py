"""A page of Evidently's, with what it was drawn on at its top."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, Self

from creditrisk.records.evidently import EvidentlyPage
from creditrisk.reports.render import ANY_STYLE, in_script, render, security

Kind = Literal["number", "category"]
TARGET, SCORE = "bad", "pd"
_DATA = re.compile(r"^    var (\w+) = (.*);$", re.MULTILINE)  # JSON stands on one line
_BLOCKS = 2  # of data in a page: the widgets, and their figures
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


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
        return cls(name, rows, drawn=_secured(html), numbers=numbers)

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


def _secured(html: str) -> str:
    """Evidently's page, its data unable to end their script, and allowed only its own scripts."""
    safe, found = _DATA.subn(
        lambda data: f"    var {data[1]} = {in_script(data[2])};", html, count=_BLOCKS
    )
    if found != _BLOCKS:
        raise ValueError(f"Evidently's page holds {found} blocks of data, not {_BLOCKS}")
    # its bundle writes style elements and attributes as it draws, so styles have no hash
    head = security(_SCRIPT.findall(safe), ANY_STYLE, "font-src data:")
    return safe.replace("<head>", f"<head>{head}", 1)
