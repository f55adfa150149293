"""The report of `make bench`: what is over its budget is marked, what became slower fails it."""

from dataclasses import replace

import pytest

from bench.figure import CPU, Figures, Measured, read
from bench.report import BEGIN, END, PAGE, on_page, table

TAKEN = Measured(10.0, CPU, 12.0, "abc1234", "2 x Xeon", "2026-11-30", 1.0)
RELEASED = {"a month": TAKEN}


def figures(**changed: object) -> Figures:
    return Figures({"a month": replace(TAKEN, **changed)}, RELEASED, "0.1.0")


def test_more_than_a_fifth_above_the_release_is_named():
    assert figures(value=12.1).slower() == ["a month"]


@pytest.mark.parametrize(
    "changed",
    [
        {"value": 12.0},
        {"value": 99.0, "machine": "8 x EPYC"},
        {"value": 99.0, "unit": "s"},
    ],
    ids=["a fifth", "another machine", "the clock"],
)
def test_a_fifth_another_machine_and_the_clock_are_no_regression(changed: dict[str, object]):
    assert figures(**changed).slower() == []


def test_what_no_release_measured_cannot_become_slower():
    assert Figures({"new": replace(TAKEN, value=99.0)}, RELEASED, "0.1.0").slower() == []


def test_a_figure_over_its_budget_is_marked_and_stands_beside_the_release():
    line = table(figures(value=13.0)).splitlines()[2]
    assert line == (
        "| a month | 12 CPU s | 13.0 CPU s (over) | 10.0 CPU s"
        " | 2026-11-30, abc1234, 2 x Xeon, load 1 |"
    )


def test_what_only_the_release_measured_keeps_its_line():
    line = table(Figures({}, RELEASED, "0.1.0")).splitlines()[2]
    assert line == "| a month | 12 CPU s |  | 10.0 CPU s |  |"


def test_the_table_replaces_the_one_on_the_page_and_nothing_else():
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert on_page(page, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


def test_a_page_without_the_marks_is_refused():
    with pytest.raises(SystemExit, match="lacks"):
        on_page("nothing", "new")


def test_the_page_shows_the_figures_that_are_kept():
    page = PAGE.read_text("utf-8")
    assert on_page(page, table(read())) == page
