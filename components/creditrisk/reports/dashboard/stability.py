"""Are today's applicants the ones the model was built for?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go

from creditrisk.number_text import number, share
from creditrisk.reports import figures
from creditrisk.reports.dashboard.bins import bin_texts
from creditrisk.reports.dashboard.blocks import Block, Chart, Explorer, Lines, Page, Section, Table
from creditrisk.reports.dashboard.measured import axis_page, by_month, drawn, now
from creditrisk.reports.dashboard.reading import Reading, Shares

_NOW = (
    ("score_psi", "PSI of the score"),
    ("csi_share", "Features that moved"),
    ("domain_auc", "AUC of a domain classifier"),
)
_LISTED = 20
_FEWEST = 8  # rows of the heat map, where fewer moved
_MOVED = ("amber", "red", "critical")


def stability(reading: Reading) -> Page:
    """PSI of the score, CSI of every feature, and the distributions behind them."""
    limits = reading.policy.monitoring
    psi = by_month(
        reading,
        "score_psi",
        "Have the scores moved?",
        "PSI of the score against the frozen reference, current applications.",
    )
    moved = by_month(
        reading,
        "csi_share",
        "How many features have moved?",
        f"Share of features with a CSI above {limits.csi_amber:g}.",
    )
    domain = by_month(
        reading,
        "domain_auc",
        "Can a classifier separate now from then?",
        "AUC of a domain classifier, month against reference; 0.5: it cannot.",
    )
    for chart in (psi, moved):
        if chart:
            chart.figure.update_yaxes(rangemode="tozero")
    return axis_page(
        reading,
        "stability",
        "There is nothing to compare with yet.",
        [
            *now(reading, _NOW),
            Section("Month by month", drawn(psi, moved, domain)),
            Section("Features", _features(reading)),
            Section("Missing and unseen values", _gaps(reading)),
        ],
    )


def distribution(explorer: Explorer, feature: str, month: str) -> go.Figure:
    """One cell of the heat map: the reference beside the month."""
    then, now = explorer.both(feature, month)
    figure = figures.canvas(300)
    for name, shares, colour in (
        ("reference", then.shares, figures.PALE),
        (f"{month[:7]}", now, figures.ACCENT),
    ):
        figure.add_bar(
            x=bin_texts(then.labels),
            y=list(shares),
            name=name,
            marker={"color": colour},
            hovertemplate="%{x}: <b>%{y:.1%}</b><extra>" + name + "</extra>",
        )
    figure.update_layout(barmode="group", showlegend=True, bargap=0.25, margin={"t": 30})
    known = figures.cut(bin_texts(then.labels))
    figure.update_xaxes(type="category", tickfont={"size": 11}, labelalias=known)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return figure


def distribution_text(explorer: Explorer, feature: str, month: str) -> str:
    """Which cell the figure shows."""
    if not explorer.both(feature, month)[1]:
        return f"{feature} was not compared in {month[:7]}."
    return f"{feature}, {month[:7]}, beside the reference of the model it measures."


def distribution_table(explorer: Explorer, feature: str, month: str) -> Table:
    """The same in numbers."""
    then, now = explorer.both(feature, month)
    bins = zip(bin_texts(then.labels), then.shares, now, strict=True) if now else ()
    rows = [(label, share(before), share(after)) for label, before, after in bins]
    numbers = ("reference", "month")
    return Table("Shares of rows", ("values", *numbers), rows, numbers)


def _features(reading: Reading) -> list[Block]:
    every = _moves(reading)
    if every.empty:
        return [Lines(["No feature was compared yet: stability begins with the first champion."])]
    limits = reading.policy.monitoring
    states = _states(reading, every)
    values = _worth_showing(every, states)
    figure = figures.verdict_map(values, states.loc[values.index])
    figures.calendar(figure, sorted(set(reading.family("csi").month)))
    figure.update_layout(clickmode="event")
    quiet = len(every) - len(values)
    note = (
        "The most important on top, below the score. Colour and letter are the verdict: A amber, R"
        " red, C critical, beyond chance; of features only those that count most can be red. Empty:"
        " not compared, its source was down or the champion does not use it."
        + (f" {quiet} more never left green: they are in the table and below." if quiet else "")
    )
    chart = Chart(
        "csi", "What moved, and when?", note, figure, _summary(every, limits.csi_amber), True
    )
    if reading.family("share").empty:
        return [replace(chart, id="csi-alone")]
    newest = every[every.columns[-1]]
    worst = str(newest.idxmax()) if newest.notna().any() else str(every.index[0])
    return [_explorer(reading, chart, worst, f"{every.columns[-1]}")]


def _worth_showing(values: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """What moved in any month; else, and below it, what counts most."""
    moved = states.isin(_MOVED).any(axis=1)
    kept = moved | (values.index == "score")
    spare = [name for name in values.index if not kept[name]][: max(0, _FEWEST - int(kept.sum()))]
    return values[kept | values.index.isin(spare)]


def _moves(reading: Reading) -> pd.DataFrame:
    """CSI by feature and month, the score first, then features by importance."""
    csi = reading.family("csi")
    if csi.empty:
        return pd.DataFrame()
    values = csi.pivot_table(index="name", columns="month", values="value", aggfunc="last")
    values = values.loc[_order(reading, list(values.index))]
    score = reading.series("score_psi").set_index("month").value.rename("score")
    whole = values if "score" in values.index else pd.concat([score.to_frame().T, values])
    return whole.reindex(columns=sorted(whole.columns))


def _states(reading: Reading, values: pd.DataFrame) -> pd.DataFrame:
    """What each cell of `values` was judged to be; empty where nothing was compared."""
    rows = pd.concat([reading.series("score_psi").assign(name="score"), reading.family("csi")])
    cells = rows[rows.value.notna()].drop_duplicates(["name", "month"], keep="last")
    wide = cells.pivot(index="name", columns="month", values="state")
    return wide.reindex(index=values.index, columns=values.columns).fillna("")


def _order(reading: Reading, names: Sequence[str]) -> list[str]:
    """By importance to the newest champion that knows them, then by name."""
    importance: dict[str, float] = {}
    for version in dict.fromkeys(summary.champion for summary in reading.summaries):
        if profile := reading.profiles.get(version):
            importance |= {name: found.importance for name, found in profile.features.items()}
    return sorted(names, key=lambda name: (-importance.get(name, 0.0), name))


def _explorer(reading: Reading, chart: Chart, feature: str, month: str) -> Explorer:
    champions = {f"{summary.as_of}": summary.champion for summary in reading.summaries}
    rows = reading.family("share")
    frozen: dict[str, dict[str, Shares]] = {version: {} for version in reading.profiles}
    for version, known in frozen.items():
        for name in rows.name.unique():
            if found := reading.reference(version, name):
                known[name] = found
    return Explorer(chart, _shares(rows, frozen, champions), champions, frozen, feature, month)


def _shares(
    rows: pd.DataFrame, frozen: Mapping[str, Mapping[str, Shares]], champions: Mapping[str, str]
) -> dict[str, dict[str, list[float]]]:
    """Share per bin, in the order of the reference's bins."""
    now: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    columns = (rows.name, rows.month, rows.segment, rows.value)
    for name, month, label, value in zip(*columns, strict=True):
        now[name, f"{month}"][label] = value
    found: dict[str, dict[str, list[float]]] = defaultdict(dict)
    for (name, month), cell in now.items():
        if known := frozen.get(champions.get(month, ""), {}).get(name):
            found[name][month] = [float(cell.get(label, 0.0)) for label in known.labels]
    return dict(found)


def _summary(values: pd.DataFrame, amber: float) -> Table:
    newest = values.columns[-1]
    rows = [
        (
            str(name),
            number(row[newest]),
            number(row.max()),
            f"{row.idxmax():%Y-%m}" if row.notna().any() else "",
            f"{int((row >= amber).sum())} of {int(row.notna().sum())}",
        )
        for name, row in values.iterrows()
    ]
    now, often = f"{newest:%Y-%m}", "months above amber"
    return Table(
        "By feature", ("feature", now, "highest", "in", often), rows, (now, "highest", often)
    )


def _gaps(reading: Reading) -> list[Block]:
    """The features with most missing values, what the reference never saw, what is out of range."""
    month = reading.newest.as_of
    shares = {
        family: reading.family(family, month).set_index("name").value
        for family in ("missing", "unseen", "out_of_range")
    }
    table = pd.DataFrame(shares).fillna({"unseen": 0.0, "out_of_range": 0.0})
    table = table[table.sum(axis=1) > 0].sort_values("missing", ascending=False)[:_LISTED]
    rows = [
        (
            str(name),
            share(row.missing),
            _missing_then(reading, str(name)),
            share(row.unseen),
            share(row.out_of_range),
        )
        for name, row in table.iterrows()
    ]
    numbers = ("missing", "in the reference", "unseen category", "out of range")
    down = reading.family("source_outage", month).text
    text = [Lines(list(down))] if len(down) else []
    return [*text, Table(f"Shares of {month:%B %Y}", ("feature", *numbers), rows, numbers)]


def _missing_then(reading: Reading, feature: str) -> str:
    found = reading.reference(reading.newest.champion, feature)
    if found is None:
        return ""
    shares = dict(zip(found.labels, found.shares, strict=True))
    return share(shares.get("(missing)", 0.0) + shares.get("missing", 0.0))
