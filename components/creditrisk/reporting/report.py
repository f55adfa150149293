"""The month's page: one self-contained HTML file, drawn from the store alone."""

from typing import Any

import jinja2
from markupsafe import Markup
from plotly.graph_objects import Figure
from plotly.offline import get_plotlyjs

from creditrisk import contracts
from creditrisk.metrics.stability import FrozenBins
from creditrisk.model.version import load_version
from creditrisk.period import Period
from creditrisk.quality.report import load_report
from creditrisk.reporting import figures
from creditrisk.reporting.story import AXES, MonthStory, findings, months

_TEMPLATES = jinja2.Environment(loader=jinja2.PackageLoader("creditrisk", ""), autoescape=True)


def report(period: Period) -> str:
    """Write `months/<as_of>/report.html` and return the page."""
    stories = months(period.store, upto=period.as_of)
    story = stories[-1]
    page = _TEMPLATES.get_template("reporting/page.html").render(
        portfolio=period.portfolio.name,
        policy=period.policy.sha,
        code=period.code,
        audit=_audit(period),
        axes=AXES,
        axis_texts=_axis_texts(period),
        colours=figures.STATE_COLOURS,
        failure=_failure(story),
        quality=_quality(period),
        story=story,
        challenged=next((s for s in reversed(stories) if s.challenge), None),
        stories=stories,
        figures=[_embedded(figure) for figure in _figures(period, stories)],
        plotly=Markup(get_plotlyjs()),  # noqa: S704 - plotly's own source
    )
    period.store.write(f"months/{period.as_of}/report.html", page.encode())
    return page


def _figures(period: Period, stories: list[MonthStory]) -> list[Figure]:
    limits = period.policy.monitoring
    drawn = [
        figures.auc_by_month(stories, limits),
        figures.oe_by_month(stories, limits),
        figures.psi_by_month(stories, limits),
        figures.volumes_by_month(stories),
    ]
    champion = stories[-1].champion
    if champion:
        version = load_version(period.store, champion)
        scores = period.lake.read(contracts.SCORES, [period.as_of]).to_pandas()
        mine = scores.pd[scores.model_version == champion].to_numpy()
        bins = FrozenBins.from_dict(version.profile["score"]["bins"])
        drawn.append(figures.score_distribution(version, [int(c) for c in bins.counts(mine)]))
    return drawn


def _embedded(figure: Figure) -> Markup:
    html = figure.to_html(full_html=False, include_plotlyjs=False, config={"displayModeBar": False})
    return Markup(html)  # noqa: S704 - built by plotly from numbers


def _axis_texts(period: Period) -> dict[str, str]:
    frame = findings(period.store, period.as_of)
    rows = frame[frame.metric.str.startswith("axis:")]
    names = rows.metric.str.removeprefix("axis:")
    return dict(zip(names, rows.text, strict=True))


def _failure(story: MonthStory) -> dict[str, Any] | None:
    tasks = story.run.get("tasks", [])
    return next((task for task in tasks if task["status"] != "ok"), None)


def _quality(period: Period) -> str:
    """The quality report in a word; empty where the month has none."""
    found = load_report(period.store, period.as_of)
    if found is None:
        return ""
    warnings = sum(check.severity == "warn" for check in found.checks)
    return ("blocked" if found.blocked else "passed") + (f", {warnings} warn" if warnings else "")


def _audit(period: Period) -> dict[str, Any]:
    anchor = period.trail.anchor()
    return {"count": anchor[0], "head": anchor[1]} if anchor else {"count": 0, "head": ""}
