"""One month: is the model healthy, what drove that, what happens next, who decided?"""

from collections.abc import Sequence

import pandas as pd

from creditrisk.calendar_month import add_months
from creditrisk.number_text import number
from creditrisk.policy.limits import limits_of
from creditrisk.records import layout
from creditrisk.records.decision import AXES
from creditrisk.records.evidently import evidently_key
from creditrisk.records.version_files import brief
from creditrisk.reports.dashboard.authority import authority
from creditrisk.reports.dashboard.blocks import (
    Badge,
    Block,
    Card,
    Cards,
    Cell,
    Fold,
    Lines,
    Link,
    MonthLink,
    Notice,
    Page,
    Section,
    Table,
)
from creditrisk.reports.dashboard.challenger import judgement
from creditrisk.reports.dashboard.key_figures import key_figures
from creditrisk.reports.dashboard.outlook import outlook
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.drivers import JUDGED, driver, limits_text, reason, shown
from creditrisk.reports.month_summary import MonthSummary
from creditrisk.reports.verdict import verdict

_TITLES = {name: title for titles in JUDGED.values() for name, title in titles.items()}


def month(reading: Reading, summary: MonthSummary) -> Page:
    """The page of a month, the newest or an earlier one."""
    result = verdict(summary, reading.policy_of(summary))
    down = f" Source down: {', '.join(summary.outages)}." if summary.outages else ""
    return Page(
        "month",
        f"{summary.as_of:%B %Y}: {result.headline}",
        f"{result.text}{down}",
        [
            Section(
                "Three lights",
                [*_failure(summary), *succession(reading, summary), lights(reading, summary)],
                of=brief(summary.champion),
            ),
            Section(
                "What happens next, and who decided",
                [outlook(reading, summary), authority(reading, summary)],
            ),
            *key_figures(reading, summary),
            *_reasons(summary),
            *_numbers(reading, summary),
            *judgement(summary),
            *_tasks(summary),
        ],
        state=result.state,
        links=documents(reading, summary),
    )


def lights(reading: Reading, summary: MonthSummary) -> Cards:
    """The three axes, each with the number that drove it."""
    limits = reading.policy_of(summary).monitoring
    cards = []
    for axis in AXES:
        found, state = driver(summary, axis, limits), summary.states[axis]
        cards.append(Card(axis.capitalize(), found.figure, found.note, state))
    return Cards("The three axes of the rule", cards)


def succession(reading: Reading, summary: MonthSummary) -> list[Block]:
    """That the lights are not those of the version that is champion now."""
    newest = summary is reading.newest
    champion = reading.champion if newest else summary.after
    if not summary.champion or champion == summary.champion:
        return []
    judged = next((c for c in reading.challenges if c.version == champion), None)
    aucs = ", ".join(f"{window.auc.auc:.3f}" for window in judged.windows) if judged else ""
    ratios = ", ".join(f"{window.oe.ratio:.2f}" for window in judged.windows) if judged else ""
    seen = f" Validation saw AUC {aucs} and O/E {ratios} on its windows." if aucs else ""
    text = (
        f"These lights judge {brief(summary.champion)}, which is champion no longer."
        f" {brief(champion)} took its place and is measured from"
        f" {add_months(summary.as_of, 1):%B %Y} on.{seen}"
    )
    return [Notice("info", text)]


def documents(reading: Reading, summary: MonthSummary) -> list[Cell]:
    """The months before and after, and every page of this one that lies in the store."""
    found = _neighbours(reading, summary)
    for text, key in _pages(summary):
        if key in reading.pages:
            found.append(Link(text, key))
    return found


def _neighbours(reading: Reading, summary: MonthSummary) -> list[Cell]:
    months = [one.as_of for one in reading.story]
    at = months.index(summary.as_of)
    found: list[Cell] = []
    if at:
        found.append(MonthLink(f"← {months[at - 1]:%B %Y}", f"{months[at - 1]}"))
    if at + 1 < len(months):
        found.append(MonthLink(f"{months[at + 1]:%B %Y} →", f"{months[at + 1]}"))
    return found


def _pages(summary: MonthSummary) -> Sequence[tuple[str, str]]:
    of_month = {
        "Report": "report.html",
        "Evidence": "compliance.html",
        "Data quality": "quality.html",
    }
    pages = [(text, layout.month(summary.as_of, name)) for text, name in of_month.items()]
    drawn = {"Drift": "drift", "Data summary": "summary", "Classification": "classification"}
    pages += [
        (f"{text} (Evidently)", evidently_key(summary.as_of, f"{name}.html"))
        for text, name in drawn.items()
    ]
    made = summary.challenge.version if summary.challenge else ""
    if made:
        pages.append((f"Validation of {brief(made)}", layout.version(made, "validation.html")))
    cards = dict.fromkeys((summary.champion, made))
    pages += [(f"Card of {brief(id)}", layout.version(id, "card.html")) for id in cards if id]
    return pages


def _failure(summary: MonthSummary) -> list[Block]:
    failed = [task for task in summary.tasks if task.status != "ok"]
    return [Notice("fail", f"{t.task} {t.status}: {t.error}") for t in failed[:1]]


def _reasons(summary: MonthSummary) -> list[Section]:
    return (
        [Section("Why, in the words of the record", [Lines(summary.reasons)])]
        if summary.reasons
        else []
    )


def _numbers(reading: Reading, summary: MonthSummary) -> list[Section]:
    """Each judged number, its limits and its verdict; why a crossed limit has none."""
    policy = reading.policy_of(summary).monitoring
    features = [name for name in summary.values if name.startswith("csi:")]
    features.sort(key=lambda name: -(summary.values[name].value or 0.0))
    rows: list[tuple[Cell, ...]] = []
    for name in (*_TITLES, *features[:3]):
        found = summary.values.get(name)
        if found is None or found.value is None or not limits_of(name, policy):
            continue
        title = _TITLES.get(name, f"CSI of {name.removeprefix('csi:')}")
        limits, spared = limits_text(name, policy), reason(name, found, policy)
        rows.append((title, shown(name, found.value, policy), Badge(found.state), limits, spared))
    if not rows:
        return []
    columns = ("number", "value", "verdict", "limits", "remark")
    table = Table("Each with its limits", columns, rows, ("value",)).without_empty("remark")
    return [Section("The numbers behind the lights", [table], of=brief(summary.champion))]


def _tasks(summary: MonthSummary) -> list[Section]:
    if not summary.tasks:
        return []
    rows: list[tuple[Cell, ...]] = [
        (
            task.task,
            Badge("green" if task.status == "ok" else "red", task.status),
            number(task.seconds, 1),
            number(task.peak_mb, 0),
            f"{pd.Timestamp(task.started):%Y-%m-%d %H:%M:%S}",
        )
        for task in summary.tasks
    ]
    columns = ("task", "status", "seconds", "peak MB", "started (UTC)")
    table = Table("Tasks of the run", columns, rows, ("seconds", "peak MB"))
    ok = sum(task.status == "ok" for task in summary.tasks)
    seconds = sum(task.seconds for task in summary.tasks)
    text = f"{ok} of {len(summary.tasks)} tasks ok, {seconds:,.0f} s of work"
    return [Section("How this month was run", [Fold(text, table)], printed=False)]
