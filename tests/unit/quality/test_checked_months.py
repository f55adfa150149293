"""Months that a table has, lacks or has astray: the check judges them as the run does."""

from tests.builders.quiet_lender import FORM, LEDGER, checked, forms, panel, what
from tests.builders.spoilt_lenders import months_of


def test_a_row_of_no_month_of_the_lender_is_judged_as_the_run_does(tmp_path):
    """It is astray, and came with the newest month: no month lies between it and the others."""
    rows = [*panel(), panel()[0] | {"month": "2022-06-01"}]
    found = checked(tmp_path, FORM + LEDGER, form=forms(), ledger=rows)
    assert found.usable
    assert "lie far from all others: 2022-06" in what(found)


def test_a_month_whose_file_holds_no_row_is_refused_as_the_run_does(tmp_path):
    text = (FORM + LEDGER).replace("table: form", "table: form_{yyyyMM}")
    monthly = {
        f"form_{day[:4]}{day[5:7]}": rows for day, rows in months_of(forms(), "asked").items()
    }
    found = checked(tmp_path, text, ledger=panel(), **monthly)
    assert found.usable
    (tmp_path / "form_202312.csv.gz").unlink()
    (tmp_path / "form_202312.csv").write_text(",".join(forms()[0]))
    found = checked(tmp_path, text, ledger=panel())
    assert "no row is in the file of 2023-12" in what(found)
    assert not found.usable


def test_a_panel_of_no_loan_yet_is_no_hindrance(tmp_path):
    (tmp_path / "ledger.csv").write_text(",".join(panel()[0]) + "\n")
    found = checked(tmp_path, FORM + LEDGER, form=forms())
    assert found.usable
    assert "no row is there" in what(found)


def test_a_panel_that_ends_before_the_newest_applications_is_refused_as_by_the_run(tmp_path):
    rows = [row for row in panel() if row["month"] != "2023-12-01"]
    found = checked(tmp_path, FORM + LEDGER, form=forms(), ledger=rows)
    assert "no row of 2023-12, the newest month of applications" in what(found)
    assert not found.usable


def test_rows_astray_are_set_aside_in_the_newest_month_and_may_be_too_many_of_it(tmp_path):
    few = [row for row in forms() if row["asked"] < "2023-12-01" or row["loan"] < "L11012"]
    rows = [*few, few[0] | {"loan": "X", "asked": "2020-01-01"}]
    found = checked(tmp_path, FORM + LEDGER, form=rows, ledger=panel())
    assert "1 of 673 (0.1%) rows would be set aside, too many of a month" in what(found)
    assert not found.usable
