"""HTML pages: the templates of `templates/` over one stylesheet, `assets/creditrisk.css`."""

from typing import Any

import jinja2

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("creditrisk", "reports"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def render(template: str, **content: Any) -> str:  # noqa: ANN401 - whatever a template shows
    """A template of `templates/`, filled; a name that it uses and `content` lacks is an error."""
    return _ENVIRONMENT.get_template(f"templates/{template}").render(content)


def figure(value: float | None) -> str:
    """Four digits, or thousands in groups; empty for no value."""
    if value is None:
        return ""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.4g}"


_ENVIRONMENT.filters["figure"] = figure
