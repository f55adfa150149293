"""What the lending itself does: volumes, vintages, roll rates."""

import math
from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from typing import Any

from creditrisk.number_text import duration, money, percent
from creditrisk.reports import figures
from creditrisk.reports.dashboard.blocks import (
    Block,
    Card,
    Cards,
    Chart,
    Lines,
    Page,
    Section,
    Table,
)
from creditrisk.reports.dashboard.measured import by_month, drawn, points_table
from creditrisk.reports.dashboard.migration import migration
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.dashboard.vintages import rolls, vintages
from creditrisk.reports.metric_form import shown

_KPIS = (
    ("applications", "Applications"),
    ("approval_rate", "Approval rate"),
    ("mean_pd", "Mean PD"),
    ("delinquent_share", "Delinquent"),
    ("loans_on_book", "Loans on book"),
    ("expected_loss", "Expected loss"),
    ("balance_on_book", "Balance on book"),
)
_AMOUNTS = ("expected_loss", "balance_on_book")
_DOOR = {
    "booked_share": "Booked",
    "unseen_share": "What outcomes cannot say",
    "door_psi": "Booked against all",
    "door_auc": "AUC of all applications",
    "door_oe": "O/E of all applications",
    "booked_above_cutoff": "Booked above the cut-off",
    "not_booked_below_cutoff": "Not booked below the cut-off",
}
_FAMILIES = (
    ("concentration", "Concentration", "Uneven groups, the most uneven first", "over"),
    ("stress", "If the economy turned", "Everybody's odds of default rise", "odds times"),
    (
        "sensitivity",
        "If an input moved",
        "Everybody's value moves by a standard deviation, the strongest input first",
        "feature",
    ),
)
_SERVICE = (
    ("months_on_time", "Months closed on time"),
    ("trigger_to_promotion", "Decision to promotion"),
    ("throughput", "Throughput"),
)


def portfolio(reading: Reading) -> Page:
    """The month in figures, with or without a model."""
    bad = sorted(
        (m for m in reading.findings.metric.unique() if m.startswith("bad_rate_mob")),
        key=lambda metric: int(metric.removeprefix("bad_rate_mob")),
    )
    rates = [
        by_month(
            reading,
            m,
            f"How many went bad within {m.removeprefix('bad_rate_mob')} months?",
            "Bad rate of the newest matured cohort, exact 95% interval.",
        )
        for m in bad
    ]
    kpis = [_kpi(reading, *kpi) for kpi in _KPIS]
    cards = [card for card in kpis if card]
    charts = [_volumes(reading), _approval(reading), _loss(reading), *rates]
    lead = ", ".join(f"{card.title[0].lower()}{card.title[1:]} {card.value}" for card in cards[:3])
    return Page(
        "portfolio",
        "Portfolio",
        f"{reading.newest.as_of:%B %Y}: {lead or 'nothing measured'}.",
        [
            Section(f"{reading.newest.as_of:%B %Y}", [Cards("Key figures", cards)]),
            Section("Month by month", drawn(*charts)),
            Section("Vintages", vintages(reading)),
            Section("Roll rates", rolls(reading)),
            Section("Grades and their migration", migration(reading)),
            *_door(reading),
            *(part for asked in _FAMILIES for part in _family(reading, *asked)),
            *_service(reading),
        ],
    )


def _kpi(reading: Reading, metric: str, title: str) -> Card | None:
    points = reading.series(metric)
    if points.empty:
        return None
    spoken = points.assign(of=[_spoken_of(row) for row in points.to_dict("records")])
    spoken = spoken.drop_duplicates("of", keep="last")
    last, before = spoken.iloc[-1], spoken.iloc[-2] if len(spoken) > 1 else None
    parts = [] if last.of == reading.newest.as_of else [f"{last.of:%B %Y}"]
    if before is not None:
        parts.append(f"{_found(reading, metric, before.value)} in {before.of:%B %Y}")
    return Card(title, _found(reading, metric, last.value), "; ".join(parts))


def _spoken_of(row: Mapping[Hashable, Any]) -> date:
    """The month a number is about: a promotion of August stands in October, too."""
    newest = str(row["cohort"] or "").rpartition("..")[2]
    month: date = date.fromisoformat(f"{newest}-01") if newest else row["month"]
    return month


def _found(reading: Reading, metric: str, value: float) -> str:
    """A value in its unit; an amount in the portfolio's currency, where it names one."""
    if metric in _AMOUNTS:
        return money(reading.currency, value)
    if metric == "trigger_to_promotion":
        return duration(value)
    return shown(metric, value) + (" scored a second" if metric == "throughput" else "")


def _volumes(reading: Reading) -> Chart:
    points = reading.series("applications")
    figure = figures.canvas()
    figure.add_bar(
        x=list(points.month),
        y=list(points.value),
        width=figures.BAR,
        marker={"color": figures.ACCENT},
        hovertemplate="%{x|%B %Y}: <b>%{y:,.0f}</b><extra></extra>",
    )
    figure.update_yaxes(tickformat=",d", rangemode="tozero")
    figures.calendar(figure, reading.months)
    table = points_table("Applications", points, "applications")
    return Chart("volumes", "How many applied?", "Applications of the month.", figure, table)


def _approval(reading: Reading) -> Chart | None:
    cutoff = (
        f"Share at or below the cut-off {percent(reading.policy.scoring.cutoff)}, exact interval."
    )
    return by_month(reading, "approval_rate", "How many would be granted?", cutoff)


def _loss(reading: Reading) -> Chart | None:
    currency = reading.currency or "the portfolio's currency"
    note = f"PD x LGD x EAD over those granted, in {currency}."
    chart = by_month(reading, "expected_loss", "What is expected to be lost?", note)
    if chart is None:
        return None
    chart.figure.update_yaxes(tickformat=".3~s", rangemode="tozero")
    chart.figure.update_traces(hovertemplate="%{x|%B %Y}: <b>%{y:,.0f}</b><extra></extra>")
    return chart


def _door(reading: Reading) -> list[Section]:
    """Of whom outcomes can tell: the booked, and those the cut-off would have decided otherwise."""
    rows = reading.findings
    rows = rows[(rows.month == reading.newest.as_of) & rows.text.notna()].sort_values("segment")
    named: dict[str, list[str]] = {}
    for name, title in _DOOR.items():
        for text in rows[rows.metric == name].text:
            named.setdefault(text, []).append(title)
    lines = [(", ".join(titles), text) for text, titles in named.items()]
    return _texts("Who is booked", "What outcomes can tell", "of", lines)


def _family(reading: Reading, family: str, title: str, caption: str, of: str) -> list[Section]:
    """What the newest month says of a family of metrics, the largest value first."""
    rows = reading.family(family, reading.newest.as_of)
    rows = rows[rows.text.notna()].sort_values("value", key=abs, ascending=False)
    lines = [
        (f"{math.exp(float(name)):.2f}" if family == "stress" else name, text)  # stored as log odds
        for name, text in zip(rows.name, rows.text, strict=True)
    ]
    return _texts(title, caption, of, lines)


def _texts(title: str, caption: str, of: str, lines: Sequence[tuple[str, str]]) -> list[Section]:
    return [Section(title, [Table(caption, (of, "what was found"), lines)])] if lines else []


def _service(reading: Reading) -> list[Section]:
    """What was measured, and why the rest was not."""
    rows = reading.findings
    newest = rows[rows.month == reading.newest.as_of].set_index("metric").text
    cards, lines = [], []
    for metric, title in _SERVICE:
        if card := _kpi(reading, metric, title):
            cards.append(card)
        elif metric in newest.index:
            lines.append(f"{title}: {newest[metric]}.")
    blocks: list[Block] = [Cards("Service", cards)] if cards else []
    blocks += [Lines(lines)] if lines else []
    return [Section("The system's own service", blocks)] if blocks else []
