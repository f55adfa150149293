"""What pages make of findings; no browser."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from creditrisk.number_text import chance_text, duration, money
from creditrisk.records.champion_pointer import Tenure
from creditrisk.records.decision import AXES
from creditrisk.reports.dashboard.bins import bin_texts
from creditrisk.reports.dashboard.blocks import (
    Cards,
    Explorer,
    Lines,
    Page,
    Section,
    Table,
    chart_of,
    table_of,
)
from creditrisk.reports.dashboard.pages import page
from creditrisk.reports.dashboard.reading import Reading, with_names
from creditrisk.reports.drivers import digits
from creditrisk.reports.figures import STATE_COLOURS
from creditrisk.reports.month_summary import MonthSummary
from tests.builders.small_lender import small_policy

JAN, FEB = date(2024, 1, 1), date(2024, 2, 1)
TENURE = Tenure(version="v", since=JAN, by="pipeline", sequence=1)


def finding(metric, value, month=FEB, segment="all", state="none", text="", rows=500):
    return {
        "metric": metric, "axis": "portfolio", "cohort": f"{month:%Y-%m}", "segment": segment,
        "model_version": "v", "value": value, "lower": None, "upper": None, "p_value": None,
        "rows": rows, "bads": 10, "state": state, "text": text, "label_as_of": None,
        "snapshot_date": month,
    }  # fmt: skip


def reading(*rows, tenures=(TENURE,)):
    """Two months that hold these findings."""
    frame = pd.DataFrame([finding("applications", 500.0), *rows])
    for name in ("value", "lower", "upper", "p_value"):
        frame[name] = frame[name].astype(float)
    none = dict.fromkeys(AXES, "none")
    empty = dict.fromkeys(AXES, "")
    summaries = [
        MonthSummary(
            as_of=month, decision="keep", action="none", states=none, texts=empty, reasons=(),
            triggers=(), champion="v", outcome="", challenge=None, promoted=None, run=None,
            values={}, outages=(), checks=(), policy="", numbered=1,
        )
        for month in (JAN, FEB)
    ]  # fmt: skip
    return Reading("file:///x", summaries=summaries, findings=with_names(frame), tenures=tenures)


def blocks(drawn, title):
    return next(section.blocks for section in drawn.sections if section.title == title)


def test_a_cell_of_the_heat_map_has_colour_and_letter_of_what_was_judged():
    rows = [
        finding("csi:income", 0.31, state="red"),
        finding("csi:debt", 0.31, state="amber"),  # beyond the red limit, but no top feature
        finding("csi:age", 0.12, state="green"),  # beyond the amber limit, but by chance
        finding("csi:age", 0.01, JAN, state="green"),
        finding("score_psi", 0.4, state="critical"),
    ]
    found = blocks(page(reading(*rows), "stability"), "Features")[0]
    cells = (found.chart if isinstance(found, Explorer) else found).figure.data[0]
    letters = {name: list(row) for name, row in zip(cells.y, cells.text, strict=True)}
    assert letters == {
        "score": ["", "C"],
        "age": ["", ""],
        "debt": ["", "A"],
        "income": ["", "R"],
    }
    verdicts = {name: row[-1] for name, row in zip(cells.y, cells.z, strict=True)}
    assert verdicts == {"score": 3, "age": 0, "debt": 1, "income": 2}  # of green to critical


def test_the_heat_map_shows_what_moved_and_counts_the_rest():
    still = [finding(f"csi:f{n:02d}", 0.01, state="green") for n in range(30)]
    moved = finding("csi:z", 0.3, state="red")
    chart = chart_of(page(reading(*still, moved), "stability"), "csi-alone")
    shown = list(chart.figure.data[0].y)
    assert "z" in shown
    assert len(shown) == 8
    assert len(chart.table.rows) == 32


def test_a_line_breaks_where_the_champion_changes_and_its_marker_is_the_light():
    rows = [
        finding("auc", 0.8, JAN, state="green"),
        finding("auc", 0.69, state="amber"),
    ]
    read = reading(*[row | {"axis": "discrimination"} for row in rows])
    january, february = read.summaries
    lights = dict.fromkeys(AXES, "critical")
    read = replace(read, summaries=[january, replace(february, champion="w", states=lights)])
    chart = chart_of(page(read, "performance"), "by-month-auc")
    before, after = (line for line in chart.figure.data if line.mode == "lines+markers")
    assert (list(before.x), list(after.x)) == ([JAN], [FEB])
    assert after.marker.symbol == ("diamond-open",)  # critical, by another number
    assert after.marker.color == (STATE_COLOURS["critical"],)
    assert "February 2024: below the red limit 0.7" in chart.note
    assert "hollow where another number drove it" in chart.note


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("(15458.5, 19260.3]", "15.5k to 19.3k"),
        ("(-inf, 0.125]", "up to 0.125"),
        ("(1.25e+06, inf]", "over 1.25m"),
        ("(1500, 2100]", "1500 to 2100"),
        ("(-1.0, -0.5]", "\N{MINUS SIGN}1 to \N{MINUS SIGN}0.5"),
        ("(-inf, -1.0]", "up to \N{MINUS SIGN}1"),
        ("(missing)", "missing"),
        ("car, blue", "car, blue"),
    ],
)
def test_a_bin_is_named_as_people_read_it(label, text):
    assert bin_texts([label]) == [text]


def test_bins_whose_short_names_are_one_keep_their_own():
    labels = ["(12.301, 12.302]", "(12.302, 12.303]"]
    assert bin_texts(labels) == labels


def test_loans_that_skip_a_bucket_have_rolled_forward_too():
    shares = {"current>current": 0.94, "current>1-29": 0.0, "current>30-59": 0.05,
              "current>60-89": 0.01, "90+>90+": 0.9, "90+>current": 0.1}  # fmt: skip
    rows = [finding(f"roll:{name}", share) for name, share in shares.items()]
    chart = chart_of(page(reading(*rows), "portfolio"), "forward")
    (line,) = chart.figure.data
    assert (line.name, list(line.y)) == ("from current", [pytest.approx(0.06)])
    assert list(chart.table.rows) == [("2024-02", "current", "6.0%", "500")]


def test_segments_stand_worst_first_and_small_ones_are_named():
    values = {"age=up to 25": 0.71, "age=over 25": 0.8, "area=a": 0.66}
    rows = [finding("auc", value, segment=name) for name, value in values.items()]
    rows += [finding("auc", None, segment=f"area={n}", state="insufficient") for n in "bc"]
    rows += [finding("auc", None, segment="cohort=2024-01", state="insufficient")]
    chart = chart_of(page(reading(*rows), "performance"), "segments-auc")
    assert list(chart.figure.data[0].y) == ["area=a", "age=up to 25", "age=over 25"]
    assert "the worst first: area=a with 0.660." in chart.note
    assert "not shown: area=b, area=c." in chart.note


def test_a_ratio_is_the_worse_the_further_it_lies_from_one():
    rows = [finding("oe", value, segment=f"area={value}") for value in (1.1, 0.5, 1.6)]
    chart = chart_of(page(reading(*rows), "calibration"), "segments-oe")
    assert list(chart.figure.data[0].y) == ["area=0.5", "area=1.6", "area=1.1"]


def test_a_number_told_again_is_dated_by_what_it_speaks_of():
    rows = [finding("trigger_to_promotion", 0.0043, month) for month in (JAN, FEB)]
    rows = [row | {"cohort": "2023-12"} for row in rows]
    cards = blocks(page(reading(*rows), "portfolio"), "The system's own service")[0]
    assert cards.cards[0].note == "December 2023"


def test_a_promise_that_was_not_measured_says_why():
    rows = [
        finding("months_on_time", None, state="insufficient", text="no month was scheduled"),
        finding("trigger_to_promotion", 0.0043),
    ]
    cards, lines = blocks(page(reading(*rows), "portfolio"), "The system's own service")
    assert isinstance(cards, Cards)
    assert [(card.title, card.value) for card in cards.cards] == [("Decision to promotion", "15 s")]
    assert isinstance(lines, Lines)
    assert list(lines.lines) == ["Months closed on time: no month was scheduled."]


@pytest.mark.parametrize(
    ("metric", "value", "least", "text"),
    [
        ("oe", 0.898, 2, "0.898"),  # amber begins below 0.9
        ("oe", 0.81, 2, "0.81"),
        ("oe", 0.9, 2, "0.90"),
        ("auc", 0.6996, 3, "0.6996"),
        ("auc_decay", -0.0001, 3, "0.000"),
        ("ks", 0.5139, 3, "0.514"),  # nothing judges it
    ],
)
def test_a_number_has_the_digits_that_keep_it_on_its_side_of_a_limit(metric, value, least, text):
    assert digits(metric, value, least, small_policy().monitoring) == text


def test_what_the_booked_cannot_say_and_a_downturn_stand_on_the_page_of_the_portfolio():
    rows = [
        finding("unseen_share", 0.2, text="80 of 400 applications had a PD nobody was booked at"),
        finding("booked_above_cutoff", 0.1, text="4 of 40 scored: guarantor", segment="decision=g"),
        finding("stress:1", 0.2, text="mean PD 0.2 instead of 0.07"),
        finding("stress:0.5", 0.1, text="mean PD 0.1 instead of 0.07"),
        finding("concentration:grades", 0.1, text="Herfindahl 0.2 over 9 groups"),
    ]
    shown = page(reading(*rows), "portfolio")
    (table,) = blocks(shown, "Who is booked")
    assert table.rows == [
        ("What outcomes cannot say", "80 of 400 applications had a PD nobody was booked at"),
        ("Booked above the cut-off", "4 of 40 scored: guarantor"),
    ]
    (table,) = blocks(shown, "If the economy turned")
    assert table.columns[0] == "odds times"
    assert table.rows == [
        ("2.72", "mean PD 0.2 instead of 0.07"),
        ("1.65", "mean PD 0.1 instead of 0.07"),
    ]
    (table,) = blocks(shown, "Concentration")
    assert table.rows == [("grades", "Herfindahl 0.2 over 9 groups")]


@pytest.mark.parametrize(
    ("tenures", "why"),
    [((), "There is no champion yet"), ((TENURE,), "No cohort has matured since")],
)
@pytest.mark.parametrize("name", ["performance", "calibration"])
def test_a_page_without_outcomes_says_why_and_has_no_empty_heading(name, tenures, why):
    drawn = page(reading(tenures=tenures), name)
    assert drawn.lead.startswith(why)
    assert f"{reading().newest.as_of:%B %Y}" not in [part.title for part in drawn.sections]
    assert all(section.blocks for section in drawn.sections)


def test_dashed_lines_are_explained_where_there_are_any():
    auc = finding("auc", 0.8)
    assert "Dashed" in chart_of(page(reading(auc), "performance"), "by-month-auc").note
    without = page(reading(auc, tenures=()), "performance")
    assert "Dashed" not in chart_of(without, "by-month-auc").note


@pytest.mark.parametrize(
    ("hours", "text"),
    [(0.0, "0 s"), (0.0043, "15 s"), (0.25, "15 min"), (1.0, "1.0 h"), (1500, "1,500.0 h")],
)
def test_a_duration_is_said_in_the_unit_that_fits(hours, text):
    assert duration(hours) == text


@pytest.mark.parametrize(
    ("currency", "amount", "text"),
    [
        ("USD", 367_030, "USD 367,030"),
        ("", 1e6, "1.00 million"),
        ("EUR", -64.354e6, "EUR -64.35 million"),
    ],
)
def test_an_amount_has_as_many_digits_as_it_deserves(currency, amount, text):
    assert money(currency, amount) == text


def test_a_chance_is_never_said_to_be_nothing_or_certain():
    assert [chance_text(chance) for chance in (0.9575, 0.99961, 1.0, 0.0)] == [
        "95.8%", "above 99.9%", "above 99.9%", "below 0.1%"
    ]  # fmt: skip


def test_a_name_that_a_figure_has_no_room_for_is_cut_there_and_whole_in_its_table():
    long = "occupation=" + "w" * 10_000
    shown = page(reading(finding("auc", 0.7, segment=long), finding("auc", 0.8)), "performance")
    chart = chart_of(shown, "segments-auc")
    [alias] = chart.figure.layout.yaxis.labelalias.values()
    assert len(alias) == 41 and long.startswith(alias.removesuffix("…"))
    assert chart.table.rows[0][0] == long


def test_each_threshold_says_what_its_number_counts():
    shown = page(reading(), "governance")
    units = {row[0]: row[2] for row in table_of(shown, "Thresholds in force").rows}
    assert units["outcome.mob"] == units["rule.cool_down"] == "months"
    assert (units["rule.cause_days"], units["rule.persistence"]) == ("days", "on or off")
    assert (units["validation.auc_floor"], units["rule.max_refusals"]) == ("0 to 1", "")


def test_a_long_page_lists_what_is_below_its_first_heading():
    parts = [Section(title, [Lines(["x"])]) for title in ("A", "B", "", "C", "D", "E")]
    contents = {"p-1": "B", "p-3": "C", "p-4": "D", "p-5": "E"}
    assert Page("p", "P", "", parts).contents == contents
    assert Page("p", "P", "", parts[:4]).contents == {}
    assert Page("p", "P", "", parts, links=["another"]).contents == {}


def test_a_table_comes_when_it_is_asked_for_by_its_figure_or_by_its_caption():
    drawn = page(reading(finding("auc", 0.8)), "performance")
    assert table_of(drawn, "by-month-auc") == chart_of(drawn, "by-month-auc").table
    policy = table_of(page(reading(finding("auc", 0.8)), "governance"), "Thresholds in force")
    assert ("monitoring.psi_red", "0.25") in [row[:2] for row in policy.rows]
    assert table_of(drawn, "Thresholds in force") is None


def test_of_a_long_table_the_rest_is_folded_and_no_row_is_lost():
    table = Table("Every decision", ["month"], [(f"{n}",) for n in range(26)])
    shown, rest = table.folded(24)
    assert (len(shown.rows), rest.summary) == (24, "2 more rows")
    assert [*shown.rows, *rest.table.rows] == table.rows
    drawn = Page("p", "P", "", [Section("Decisions", [shown, rest])])
    assert table_of(drawn, "Every decision, the rest") == rest.table
    assert table.folded(26) == [table]
