"""What loans become as they are described: a unit, sign or code taken the wrong way shows."""

import re
from datetime import date

import pytest

from tests.builders.quiet_lender import (
    DUE,
    ENDED,
    FORM,
    LEDGER,
    changed,
    month,
    what,
)


def test_an_honest_lender_hears_of_nothing(check, forms, panel):
    assert what(check(FORM + LEDGER, form=forms, ledger=panel)) == ""


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"overdue": lambda row: f"{100 * int(row['overdue'])}"}, "more instalments than the loan"),
        ({"due": lambda row: f"{int(row['due']) / 1000}"}, "more instalments than the loan"),
        ({"overdue": lambda row: f"{int(row['overdue']) / 1000}"}, "none of .* loans is ever bad"),
        ({"due": lambda row: f"{int(row['due']) + int(row['overdue'])}"}, "due without arrears"),
        ({"overdue": lambda row: f"-{row['overdue']}"}, "below zero, which says nothing is past"),
        ({"owed": lambda row: f"-{row['owed']}"}, "below zero, which says paid off"),
    ],
)  # fmt: skip
def test_an_amount_in_another_unit_or_sign_shows_in_what_loans_become(
    check, forms, panel, change, text
):
    found = what(check(FORM + LEDGER, form=forms, ledger=changed(panel, **change)))
    assert re.search(text, found), found


def test_days_late_that_are_months_make_no_loan_bad(check, forms, panel):
    described = LEDGER.replace(
        "overdue: {role: overdue, type: number}", "late: {role: days_late, type: integer}"
    )
    described = described.replace("      due: {role: due, type: number}\n", "")
    rows = changed(panel, late=lambda row: f"{int(row['overdue']) // DUE}")
    found = what(check(FORM + described, form=forms, ledger=rows))
    assert "the latest is 10 days past due; are they days?" in found


def test_a_list_of_arrears_or_of_defaults_alone_is_seen(check, forms, panel, outcomes):
    arrears = [row for row in panel if row["overdue"] != "0"]
    assert "loans turn bad" in what(check(FORM + LEDGER, form=forms, ledger=arrears))
    defaults = [row for row in outcomes if row["failed"]]
    assert "loans turn bad" in what(check(FORM + ENDED, form=forms, ended=defaults))


def test_a_flag_the_wrong_way_round_is_seen(check, forms, outcomes):
    described = ENDED.replace("month: {role: snapshot, type: date}\n      ", "")
    described = described.replace(
        "    role: outcomes\n", "    role: outcomes\n    extract: 2023-12-31\n    within: 6\n"
    )
    described = described.replace(
        "failed: {role: default_date, type: date}",
        'good: {role: status, type: category, spellings: {default: ["1"], current: ["0"]}}',
    )
    rows = changed(outcomes, good=lambda row: "0" if row["failed"] else "1")
    assert "each code the right way round" in what(check(FORM + described, form=forms, ended=rows))


def test_loans_that_leave_the_panel_without_an_end_are_counted(check, forms, panel):
    sold = [row for row in panel if row["overdue"] == "0"]
    found = what(check(FORM + LEDGER, form=forms, ledger=sold))
    assert "gone before the newest month" in found and "none of" in found
    ended = changed(sold, owed=lambda row: "0" if row["month"] > row["began"] else row["owed"])
    assert "gone before" not in what(check(FORM + LEDGER, form=forms, ledger=ended))


def test_loans_that_are_shown_for_their_first_months_alone_are_not_gone(check, forms, panel):
    def age(row):
        now, began = map(date.fromisoformat, (row["month"], row["began"]))
        return now.month - began.month

    first_months = [row for row in panel if age(row) <= 7]
    assert "gone before" not in what(check(FORM + LEDGER, form=forms, ledger=first_months))
    too_few = [row for row in panel if age(row) <= 3]
    assert "gone before" in what(check(FORM + LEDGER, form=forms, ledger=too_few))


def test_months_on_book_that_begin_with_one_are_asked_about(check, forms, panel):
    described = LEDGER.replace(
        "month: {role: snapshot, type: date}", "age: {role: month_on_book, type: integer}"
    )

    def aged(first):
        def age(row):
            now, began = map(date.fromisoformat, (row["month"], row["began"]))
            return f"{now.month - began.month + first}"

        return changed(panel, age=age)

    assert "month 0" in what(check(FORM + described, form=forms, ledger=aged(1)))
    assert "month 0" not in what(check(FORM + described, form=forms, ledger=aged(0)))


def test_cells_with_nothing_in_them_are_asked_about_and_may_be_said_to_mean_none(
    check, forms, panel
):
    rows = changed(panel, overdue=lambda row: row["overdue"] if row["overdue"] != "0" else "")
    found = check(FORM + LEDGER, form=forms, ledger=rows)
    assert not found.usable and 'empty: "0", if that is what it means' in what(found)
    said = LEDGER.replace("overdue, type: number", 'overdue, type: number, empty: "0"')
    assert what(check(FORM + said, form=forms, ledger=rows)) == ""


def test_a_start_that_changes_with_new_terms_is_asked_about(check, forms, panel):
    again = changed(
        panel, began=lambda row: row["month"] if row["month"] == f"{month(6)}" else row["began"]
    )
    found = what(check(FORM + LEDGER, form=forms, ledger=again))
    assert "ledger.began 360 of 720 (50.0%) loans began in more than one month" in found


def test_days_past_due_in_ranges_are_states_and_not_missing(check, forms, panel):
    ledger = LEDGER.replace("role: overdue, type: number", "role: days_late, type: integer")
    described = FORM + ledger.replace("due: {role: due, type: number}\n      ", "")
    rows = changed(panel, overdue=lambda row: "0" if row["overdue"] == "0" else "31-60")
    found = what(check(described, form=forms, ledger=rows))
    assert "role: status, type: category, and spellings" in found


def test_a_line_that_is_used_again_was_not_paid_off(check, forms, panel):
    rows = changed(panel, owed=lambda row: "0" if row["month"][5:7] in ("04", "08") else "700")
    found = what(check(FORM + LEDGER, form=forms, ledger=rows))
    assert re.search(r"ledger\.owed .* loans owe something after a month with nothing", found), (
        found
    )
    assert "is it a line that may be used again? leave the role out" in found


def test_rows_of_each_week_are_told_how_they_are_taken_together(check, forms, panel):
    weeks = [row | {"month": row["month"][:8] + day} for row in panel for day in ("07", "14", "21")]
    rows = changed(
        weeks, due=lambda row: f"{int(row['due']) / 3}", owed=lambda row: row["month"][8:]
    )
    found = what(check(FORM + LEDGER, form=forms, ledger=rows))
    assert "share loan and month, and differ several: last (or added), if" in found
    described = LEDGER.replace("role: performance", "role: performance\n    several: added")
    assert what(check(FORM + described, form=forms, ledger=rows)) == ""
