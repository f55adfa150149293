"""A page of Evidently's, with what it was drawn on at its top."""

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from math import floor, isfinite, log10
from typing import Any, Literal, Protocol, Self

from creditrisk.records.evidently import EvidentlyPage
from creditrisk.reports.evidently.verdict_colours import coloured
from creditrisk.reports.render import ANY_STYLE, in_script, render, security

_OF_SPAN = 3  # neighbours differ by a thousandth of the span of their list, or less
_ALONE = 6
Kind = Literal["number", "category"]
TARGET, SCORE = "bad", "pd"
_DATA = re.compile(r"^    var (\w+) = (.*);$", re.MULTILINE)  # JSON stands on one line
_BLOCKS = 2  # of data in a page: the widgets, and their figures
_TITLES = {
    "drift": "Have the applications moved?",
    "summary": "What do the month's data hold?",
    "classification": "Did the PDs separate bads from goods?",
}
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def few_digits(content: Any) -> Any:  # noqa: ANN401 - JSON
    """The same JSON; coordinates rounded within their list, other numbers to six digits."""
    if isinstance(content, dict):
        return {name: few_digits(value) for name, value in content.items()}
    if isinstance(content, list):
        numbers = all(value is None or isinstance(value, int | float) for value in content)
        return _rounded(content) if numbers else [few_digits(value) for value in content]
    return float(f"{content:.{_ALONE}g}") if isinstance(content, float) else content


def _rounded(values: Sequence[float | None]) -> list[float | None]:
    known = [value for value in values if value is not None and isfinite(value)]
    span = max(known) - min(known) or abs(known[0]) if known else 0
    if not span:
        return list(values)
    places = _OF_SPAN - floor(log10(span))
    return [round(v, places) if isinstance(v, float) and isfinite(v) else v for v in values]


class Snapshot(Protocol):
    """The part of Evidently's result that is used."""

    def json(self) -> str: ...

    def get_html_str(self, as_iframe: bool) -> str: ...


@dataclass(frozen=True)
class Page:
    """HTML and numbers of a report; `rows` says what it was drawn on, `why_not` why it was not."""

    name: str
    as_of: date
    rows: Mapping[str, str] = field(default_factory=dict)
    drawn: str = ""
    numbers: Mapping[str, Any] = field(default_factory=dict)
    why_not: str = ""

    @classmethod
    def of(cls, name: str, as_of: date, rows: Mapping[str, str], snapshot: Snapshot) -> Self:
        numbers, html = json.loads(snapshot.json()), snapshot.get_html_str(as_iframe=False)
        return cls(name, as_of, rows, drawn=_packed(_coloured(html)), numbers=numbers)

    @property
    def title(self) -> str:
        return f"{_TITLES.get(self.name, self.name)} {self.as_of:%B %Y}, by Evidently"

    @property
    def html(self) -> str:
        """Evidently's page under a note of ours; where there is none, a page that says why."""
        if not self.drawn:
            return render("evidently_missing.html", page=self)
        note = render("evidently_note.html", page=self)
        titled = self.drawn.replace("<head>", f"<head><title>{escape(self.title)}</title>", 1)
        return titled.replace("<body>", f"<body>{note}", 1)

    def record(self) -> EvidentlyPage:
        """The page without its HTML."""
        own = {"drawn": bool(self.drawn), "why_not": self.why_not, "rows": self.rows}
        return EvidentlyPage.model_validate({**own, **self.numbers})


def _coloured(html: str) -> str:
    """Evidently's page, its data short, in the verdicts' colours, unable to end their script."""
    found = [json.loads(data[2]) for data in _DATA.finditer(html)]
    if len(found) != _BLOCKS:
        raise ValueError(f"Evidently's page holds {len(found)} blocks of data, not {_BLOCKS}")
    blocks = iter(map(few_digits, coloured(*found)))
    return _DATA.sub(lambda data: f"    var {data[1]} = {in_script(_json(next(blocks)))};", html)


def _json(content: object) -> str:
    return json.dumps(content, separators=(",", ":"))


def _packed(html: str) -> str:
    """The page with its scripts compressed, a third of its size, and allowed only those.

    A small script unpacks them: each is known to the policy by its hash.
    """
    scripts, unpack = _SCRIPT.findall(html), render("unpack.js")
    small = gzip.compress(json.dumps(scripts).encode(), mtime=0)
    # its bundle writes style elements and attributes as it draws, so styles have no hash
    head = security([*scripts, unpack], ANY_STYLE, "font-src data:")
    packed = f'<script type="application/gzip" id="packed">{b64encode(small).decode()}</script>'
    end = f"{packed}<script>{unpack}</script></body>"
    bare = _SCRIPT.sub("", html).replace("<head>", f"<head>{head}", 1)
    return bare.replace("</body>", end, 1)
