"""HTML pages: the templates of `templates/` over one stylesheet, `assets/creditrisk.css`.

A page runs only what it brings: a Content-Security-Policy in it names its scripts by hash.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib import resources
from types import MappingProxyType
from typing import Any

import jinja2
from markupsafe import Markup

from creditrisk.errors import isolated
from creditrisk.number_text import (
    figure,
    interval,
    measure,
    number,
    p_value,
    percent,
    share,
    written,
)
from creditrisk.records.version_files import brief
from creditrisk.reports.gate_title import gate_interval, gate_limit, gate_title, gate_value


def _shown(value: Any) -> Any:  # noqa: ANN401 - whatever a template shows
    return isolated(value) if type(value) is str else value


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("creditrisk", "reports"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
    finalize=_shown,
)
_STYLESHEET = _ENVIRONMENT.get_template("assets/creditrisk.css").render()
_ICON_FILE = resources.files("creditrisk.reports") / "assets" / "favicon.svg"
_ICON = f"data:image/svg+xml;base64,{b64encode(_ICON_FILE.read_bytes()).decode()}"
ANY_STYLE = "'unsafe-inline'"
_IN_SCRIPT = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def render(
    template: str,
    scripts: Sequence[str] = (),
    near: Mapping[str, str] = MappingProxyType({}),
    **content: Any,  # noqa: ANN401 - whatever a template shows
) -> str:
    """A template of `templates/`, filled; a name that it uses and `content` lacks is an error.

    `scripts` are code of ours or of a library, and run in this order at the page's end. `near`:
    pages that lie beside it, by what they are called.
    """
    # Plotly sets style attributes on what it draws; they have no hash to be known by
    styles = ANY_STYLE if scripts else _hash(_STYLESHEET)
    own = {
        "security": security(scripts, styles),
        "icon": _ICON,
        "near": near,
        "stylesheet": Markup(_STYLESHEET),  # noqa: S704 - a file of this package
        "scripts": [Markup(script) for script in scripts],  # noqa: S704 - code, not data
    }
    return _ENVIRONMENT.get_template(f"templates/{template}").render(content | own)


def security(scripts: Sequence[str], styles: str, *others: str) -> Markup:
    """The element that forbids a page all but these scripts, these styles and `others`."""
    allowed = (
        "default-src 'none'",
        " ".join(("script-src", *map(_hash, scripts))) if scripts else "script-src 'none'",
        f"style-src {styles}",
        "img-src data:",  # Plotly tries what images the browser can show
        "base-uri 'none'",
        "form-action 'none'",
        *others,
    )
    element = Markup('<meta http-equiv="Content-Security-Policy" content="{}">')
    return element.format("; ".join(allowed))


def in_script(json: str) -> Markup:
    """JSON as a script block may hold it: the same value, and nothing that HTML would read."""
    return Markup(json.translate(_IN_SCRIPT))  # noqa: S704 - no "<", no "&"


def _hash(source: str) -> str:
    return f"'sha256-{b64encode(sha256(source.encode()).digest()).decode()}'"


_ENVIRONMENT.filters["brief"] = brief
_ENVIRONMENT.filters["gate"] = gate_title
for _filter in (
    *(figure, interval, measure, number, p_value, percent, share, written),
    *(gate_interval, gate_limit, gate_value),
):
    _ENVIRONMENT.filters[_filter.__name__] = _filter
