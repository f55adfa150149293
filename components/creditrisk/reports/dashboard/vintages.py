"""Loans as they age: vintage curves and roll rates."""

import pandas as pd
from plotly.colors import sample_colorscale

from creditrisk.number_text import number, share
from creditrisk.reports import figures
from creditrisk.reports.dashboard.blocks import Block, Chart, Lines, Table
from creditrisk.reports.dashboard.migration import matrix_chart
from creditrisk.reports.dashboard.reading import Reading

_BUCKETS = ("current", "1-29", "30-59", "60-89", "90+")


def vintages(reading: Reading) -> list[Block]:
    """Curves of the newest cohorts."""
    rows = reading.family("vintage")
    if rows.empty:
        return [Lines(["No vintage is measured yet."])]
    rows = rows[rows.month == rows.month.max()]  # each month repeats the whole curves
    rows = rows.assign(mob=rows.name.astype(int)).sort_values(["cohort", "mob"])
    cohorts = list(dict.fromkeys(rows.cohort))
    colours = sample_colorscale(
        figures.AGEING,
        [n / max(1, len(cohorts) - 1) for n in range(len(cohorts))],
    )
    figure = figures.canvas(360)
    for cohort, colour in zip(cohorts, colours, strict=True):
        curve = rows[rows.cohort == cohort]
        figure.add_scatter(
            x=list(curve.mob),
            y=list(curve.value),
            name=cohort,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 6},
            hovertemplate="mob %{x}: <b>%{y:.1%}</b><extra>" + cohort + "</extra>",
        )
    figure.update_layout(
        showlegend=True, legend={"orientation": "v", "x": 1.01, "y": 1, "yanchor": "top"}
    )
    figure.update_xaxes(title="months on book", dtick=1)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    mobs = sorted(rows.mob.unique())
    wide = rows.pivot_table(index="cohort", columns="mob", values="value")
    numbers = [f"mob {mob}" for mob in mobs]
    cells = [(str(c), *(share(wide[mob].get(c)) for mob in mobs)) for c in wide.index]
    table = Table("Share ever bad by month on book", ("cohort", *numbers), cells, numbers)
    note = "Share of a cohort's loans ever bad, by month on book; the oldest grey, the newest blue."
    return [Chart("vintages", "Do newer cohorts go bad sooner?", note, figure, table, wide=True)]


def rolls(reading: Reading) -> list[Block]:
    """The newest matrix, and rolling forward month by month."""
    rows = reading.family("roll")
    if rows.empty:
        return [Lines(["No roll rate is measured yet."])]
    month = rows.month.max()
    parts = rows[rows.month == month].name.str.partition(">")
    values = rows[rows.month == month].assign(origin=parts[0], to=parts[2])
    matrix = values.pivot_table(index="origin", columns="to", values="value").reindex(
        index=[b for b in _BUCKETS if b in set(values.origin)],
        columns=[b for b in _BUCKETS if b in set(values.to)],
    )
    title = f"Where did last month's loans go, {month:%B %Y}?"
    note = "Share of the loans of each row, by days past due a month ago, in each column now."
    return [
        matrix_chart("rolls", title, note, matrix, "days past due a month ago"),
        _forward(reading),
    ]


def _forward(reading: Reading) -> Chart:
    """Rolling forward, month by month, however far: a missed instalment may skip a bucket."""
    figure = figures.canvas(320)
    found = _fallen(reading)
    for origin, colour in zip(_BUCKETS, figures.SERIES, strict=False):
        line = found[found.origin == origin]
        if line.empty:
            continue
        figure.add_scatter(
            x=list(line.month),
            y=list(line.value),
            name=f"from {origin}",
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"size": 6},
            cliponaxis=False,
            hovertemplate="%{x|%B %Y}: <b>%{y:.1%}</b><extra>%{fullData.name}</extra>",
        )
    figure.update_layout(showlegend=True, margin={"t": 34})
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figures.calendar(figure, reading.months)
    cells = [
        (f"{r['month']:%Y-%m}", r["origin"], share(r["value"]), number(r["rows"], 0))
        for r in found[::-1].to_dict("records")
    ]
    table = Table("Rolling forward", ("month", "from", "share", "loans"), cells, ("share", "loans"))
    return Chart(
        "forward",
        "Do more loans roll forward?",
        "Share of a bucket's loans that are in any worse one a month later.",
        figure,
        table,
    )


def _fallen(reading: Reading) -> pd.DataFrame:
    """A row per month and bucket short of the last: the share that fell behind it."""
    rows = reading.family("roll")
    parts = rows.name.str.partition(">")
    rank = {bucket: n for n, bucket in enumerate(_BUCKETS)}
    rows = rows.assign(origin=parts[0])
    worse = rows[parts[2].map(rank) > parts[0].map(rank)]
    fallen = worse.groupby(["month", "origin"], sort=True)
    return fallen.agg(value=("value", "sum"), rows=("rows", "first")).reset_index()
