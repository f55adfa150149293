"""The committee's workbook, read by another library; a text in it is no formula."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pandas as pd
import pytest
from scipy.stats import beta
from typer.testing import CliRunner

from creditrisk.cli import app
from creditrisk.errors import UserError
from creditrisk.metrics.between_cohorts import NOWHERE
from creditrisk.records.version_files import brief
from creditrisk.reports.committee import committee
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.dashboard.reading import with_names
from creditrisk.reports.workbook import Grid, Sheet, texts, workbook
from creditrisk.stages.monitoring.finding import findings_table
from creditrisk.stages.monitoring.grade_backtest import GradeCount, _backtest
from tests.builders.month_findings import PROMOTED
from tests.builders.populated_store import BLOCKED, populated_store, version

HOSTILE = ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "{=1}", "http://x"]


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    return populated_store(tmp_path_factory.mktemp("story"))


@pytest.fixture(scope="module")
def month(story):
    """The month of the promotion."""
    return story.month(PROMOTED).as_of


@pytest.fixture(scope="module")
def book(story, month, tmp_path_factory):
    path = tmp_path_factory.mktemp("book") / "new" / "committee.xlsx"
    done = command(story, "--month", f"{month:%Y-%m}", "--xlsx", f"{path}")
    assert done.exit_code == 0, done.output
    return opened(path)


def opened(file):
    from openpyxl import load_workbook

    return load_workbook(file)


def command(story, *words):
    return CliRunner().invoke(app, ["report", *words, "--store", story.first.store.uri])


def table(sheet, title):
    """The rows below a table's title, by heading, up to the next empty row."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(n for n, row in enumerate(rows) if row[0] and row[0].startswith(title))
    heading = rows[start + 1]
    found = []
    for row in rows[start + 2 :]:
        if not any(value not in (None, "") for value in row):
            break
        found.append(dict(zip(heading, row, strict=True)))
    return found


def facts(sheet, title):
    return [tuple(row.values())[:2] for row in table_of_facts(sheet, title)]


def table_of_facts(sheet, title):
    rows = [[cell.value for cell in row][:2] for row in sheet.iter_rows()]
    start = next(n for n, row in enumerate(rows) if row[0] == title)
    found = []
    for row in rows[start + 1 :]:
        if not any(row):
            break
        found.append(dict(enumerate(row)))
    return found


def test_the_first_sheet_says_verdict_and_decision(book, story, month):
    printed = facts(book["Summary"], f"small-lender, {month:%B %Y}")
    reported = dict(printed)
    assert reported["decision"] == "retrain"
    assert reported["verdict"] == "not healthy, model replaced"
    assert reported["champion after the month"] == version(story, PROMOTED)
    assert reported["audit trail"].endswith("verified") or "faults" in reported["audit trail"]
    assert ("reason", "3 of 3 axes are red") in printed


def test_every_axis_stands_beside_its_numbers_and_thresholds(book, story, month):
    axes = table(book["Axes"], "The three axes")
    assert [row["axis"] for row in axes] == ["discrimination", "stability", "calibration"]
    auc = next(r for r in table(book["Axes"], "Numbers") if r["number"] == "AUC")
    limits = story.first.policy.monitoring
    assert (auc["amber below"], auc["red below"]) == (limits.auc_amber, limits.auc_red)
    reading = Reader(story.first.store.uri, upto=month).read()
    found = reading.newest.values["auc"]
    assert (auc["value"], auc["95% from"], auc["to"]) == (found.value, found.lower, found.upper)
    oe = next(r for r in table(book["Axes"], "Numbers") if r["number"].startswith("Observed"))
    assert (oe["red below"], oe["red from"]) == limits.oe_red


def test_numbers_are_numbers_with_a_format(book):
    sheet = book["Axes"]
    column = next(c for row in sheet.iter_rows() for c in row if c.value == "value")
    cell = sheet.cell(column.row + 1, column.column)
    assert (cell.data_type, cell.number_format) == ("n", "0.000")


def test_grades_show_the_validation_window_by_window(book, story):
    champion = version(story, 0)
    grades = table(book["Grades"], f"Validation of {brief(champion)}")
    assert [row["grade"] for row in grades] == ["1", "2", "3", "4", "5"]
    assert grades[0]["default rate"] == grades[0]["defaults"] / grades[0]["loans"]


def test_the_backtest_of_grades_stands_as_it_was_measured(story, month):
    """Twelve grades of the product's own backtest, one of them without a loan."""
    bads = {1: 0, 2: 1, 3: 4, 5: 9, 6: 14, 7: 22, 8: 30, 9: 41, 10: 55, 11: 80, 12: 120}
    counts = [GradeCount("2023-06", grade, 300, bad, 0.01 * grade) for grade, bad in bads.items()]
    counts.append(GradeCount("2023-05", 3, 100, 2, 0.03))
    policy = story.first.policy.model_copy(deep=True)
    bounds = tuple(0.01 * n for n in range(1, 12))
    development = policy.development.model_copy(update={"grades": bounds})
    period = replace(story.first, policy=policy.model_copy(update={"development": development}))
    measured = findings_table(list(_backtest(counts, period, lambda _: NOWHERE)), "v", month)
    reading = Reader(story.first.store.uri, upto=month).read()
    found = pd.concat([reading.findings, with_names(measured.to_pandas())], ignore_index=True)
    reading = replace(reading, findings=found)
    book = opened(BytesIO(workbook(committee(reading, reading.newest), "t", month)))
    rows = table(book["Grades"], f"Outcomes by grade, {month:%Y-%m}")
    assert [row["grade"] for row in rows] == [f"{n}" for n in range(1, 13)]
    third, empty = rows[2], rows[3]
    assert (third["loans"], third["defaults"], third["default rate"]) == (400, 6, 6 / 400)
    exact = beta.ppf(0.025, 6, 395), beta.ppf(0.975, 7, 394)  # Clopper and Pearson 1934
    assert (third["95% from"], third["to"]) == pytest.approx(exact)
    assert third["most prudent PD"] > third["default rate"]
    assert "6 of 400 bad" in third["text"]
    assert (empty["loans"], empty["default rate"], empty["most prudent PD"]) == (0, None, None)
    assert (empty["state"], empty["text"]) == ("insufficient", "no loan of this grade has matured")


def test_approvals_name_who_decided_and_every_champion(book, story):
    decided = dict(facts(book["Approvals"], "Who decided"))
    assert decided["Decided by"].startswith("the rule, automatically")
    changes = table(book["Approvals"], "Changes of champion")
    assert [row["champion"] for row in changes] == [version(story, n) for n in (0, PROMOTED)]


def test_months_end_with_the_one_asked_for(book, month):
    months = table(book["Months"], "Month by month")
    assert len(months) == PROMOTED + 1
    assert months[-1]["month"] == f"{month:%Y-%m}"


def test_the_same_month_is_the_same_file(story, month):
    reading = Reader(story.first.store.uri, upto=month).read()
    one, other = (workbook(committee(reading, reading.newest), "t", month) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("n", [0, BLOCKED])
def test_a_month_without_measures_has_a_workbook_too(story, n):
    reading = Reader(story.first.store.uri, upto=story.month(n).as_of).read()
    found = opened(BytesIO(workbook(committee(reading, reading.newest), "t", date(2024, 1, 1))))
    assert found.sheetnames == ["Summary", "Axes", "Grades", "Fairness", "Approvals", "Months"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_stays_a_text(text):
    data = workbook([Sheet("S", [Grid(text, texts(text), [[text]])])], "t", date(2024, 1, 1))
    cells = [cell for row in opened(BytesIO(data))["S"].iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.value for cell in cells} == {text}
    with ZipFile(BytesIO(data)) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
    assert not re.search("<f>|<hyperlink", page)


def test_a_text_that_begins_a_formula_stays_one_when_it_is_edited():
    data = workbook([Sheet("S", [Grid("t", texts("a"), [["=1+1"]])])], "t", date(2024, 1, 1))
    assert opened(BytesIO(data))["S"]["A3"].quotePrefix


def test_a_text_too_long_for_a_cell_is_cut_and_no_number_is_made_up():
    rows = [["x" * 40_000], [float("nan")], [None], [float("inf")]]
    data = workbook([Sheet("S", [Grid("t", texts("a"), rows)])], "t", date(2024, 1, 1))
    sheet = opened(BytesIO(data))["S"]
    assert len(sheet["A3"].value) == 32_000
    assert [sheet[f"A{n}"].value for n in (4, 5, 6)] == [None, None, None]


def test_a_cell_is_cut_where_excel_counts_and_no_mark_turns_its_text_around():
    rows = [["\U0001f3e6" * 20_000], ["x\u202e[1] evil"], ["\u062f\u062e\u0644 3 e\u0301\n2"]]
    data = workbook([Sheet("S", [Grid("\u2067t", texts("a"), rows)])], "t", date(2024, 1, 1))
    sheet = opened(BytesIO(data))["S"]
    assert sheet["A3"].value == "\U0001f3e6" * 16_000
    assert [sheet[at].value for at in ("A1", "A4")] == ["\\u2067t", "x\\u202e[1] evil"]
    assert sheet["A5"].value == rows[2][0]


@pytest.mark.parametrize(
    ("words", "reported"),
    [
        (["--month", "2031-01"], "holds no run of 2031-01; its newest before is"),
        (["--month", "2024-13"], "not a month"),
        (["--xlsx", "committee.csv"], "is no .xlsx file"),
    ],
)
def test_what_cannot_be_written_is_one_line(story, tmp_path, words, reported):
    done = command(story, "--xlsx", f"{tmp_path}/c.xlsx", *words)
    assert isinstance(done.exception, UserError) and reported in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_long_text_has_the_lines_that_it_takes_and_no_column_of_numbers_its_width():
    long = Grid("Facts", texts("", ""), [("reason", "word " * 60)])
    columns = (("grade", "text"), *((f"n{n}", "count") for n in range(6)))
    wide = Grid("Numbers", columns, [("1", *range(6))])
    sheet = opened(BytesIO(workbook([Sheet("A", [long, wide])], "t", date(2024, 1, 1))))["A"]
    assert sheet.row_dimensions[2].height >= 4 * 15
    assert [f"{area}" for area in sheet.merged_cells.ranges] == ["B2:G2"]
    widths = [sheet.column_dimensions[letter].width for letter in "CDEF"]
    assert max(widths) < 20
