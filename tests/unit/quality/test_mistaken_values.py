"""Values, names and dates that are read and mean something else: the check says so."""

import calendar
import gzip
from datetime import date, timedelta
from unicodedata import normalize

import pytest

from creditrisk.policy import load_policy
from creditrisk.portfolio import parse_portfolio
from creditrisk.quality.portfolio_check.survey import survey
from creditrisk.stages.etl.cleaning import MISSING
from creditrisk.storage import open_store
from tests.builders.deliveries import write_csv
from tests.builders.quiet_lender import (
    ENDED,
    FORM,
    LEDGER,
    START,
    changed,
    month,
    what,
)


@pytest.mark.parametrize(("never", "where"), [("9999-12-31", "after"), ("1900-01-01", "before")])
def test_a_date_that_says_never_is_named(check, forms, outcomes, never, where):
    rows = changed(outcomes, failed=lambda row: row["failed"] or never)
    found = check(FORM + ENDED, form=forms, ended=rows)
    assert not found.usable
    assert f"{where}" in what(found) and f'add to missing: ["{never}"], if it says: never' in what(
        found
    )


def test_month_and_day_exchanged_show_in_first_days_of_months(check, forms, panel):
    exchanged = changed(panel, began=lambda row: "/".join(reversed(row["began"].split("-"))))
    wrong = LEDGER.replace(
        "began: {role: start, type: date}", "began: {role: start, type: date, format: MM/dd/yyyy}"
    )
    found = what(check(FORM + wrong, form=forms, ledger=exchanged))
    assert "month and day exchanged? format: dd/MM/yyyy" in found
    right = wrong.replace("MM/dd/yyyy", "dd/MM/yyyy")
    assert what(check(FORM + right, form=forms, ledger=exchanged)) == ""


def test_days_that_are_no_months_say_that_none_is_exchanged(check, forms, panel):
    """A lender's first month, of January: only its days up to the 12th may be months."""
    first = [row for row in forms if row["asked"] == "2023-01-01"]
    days = [row | {"asked": f"2023-01-{place % 12 + 1:02}"} for place, row in enumerate(first)]
    began = [row for row in panel if row["began"] == "2023-01-01"]
    exchanged = "month and day exchanged"
    assert exchanged in what(check(FORM + LEDGER, form=days, ledger=began))
    later = [*days, days[0] | {"loan": "L1", "client": "C1", "asked": "2023-01-13"}]
    assert exchanged not in what(check(FORM + LEDGER, form=later, ledger=began))


def the_evening_before(text: str, hour: int) -> str:
    return f"{date.fromisoformat(text) - timedelta(days=1)}T{hour}:00:00Z"


def test_years_of_another_calendar_are_asked_about(check, forms, panel):
    later = changed(panel, began=lambda row: f"{int(row['began'][:4]) + 543}{row['began'][4:]}")
    found = check(FORM + LEDGER, form=forms, ledger=later)
    assert not found.usable and "rows are dated before their loan began, and" in what(found)
    asked = changed(forms, asked=lambda row: f"{int(row['asked'][:4]) - 621}{row['asked'][4:]}")
    assert "years are 1402 to 1402: another calendar?" in what(check(FORM + LEDGER, form=asked))


def test_midnight_in_a_zone_east_of_utc_is_the_day_before(check, forms):
    """22:00 in summer, 23:00 in winter."""

    def utc(row):
        return the_evening_before(row["asked"], 22 if "-04-" < row["asked"][4:8] < "-10-" else 23)

    described = FORM.replace(
        "asked: {role: snapshot, type: date}", "asked: {role: snapshot, type: date, format: iso}"
    )
    text = "nearly all are of 22:00: a midnight elsewhere"
    assert text in what(check(described + LEDGER, form=changed(forms, asked=utc)))
    noon = changed(forms, asked=lambda row: f"{row['asked']}T12:00:00Z")
    assert "a midnight elsewhere" not in what(check(described + LEDGER, form=noon))
    there = changed(forms, asked=lambda row: f"{row['asked']}T23:00:00+02:00")
    assert "a midnight elsewhere" not in what(check(described + LEDGER, form=there))


def test_a_count_from_a_midnight_elsewhere_is_shifted_as_advised(check, forms):
    def milliseconds(row):
        return f"{(calendar.timegm(date.fromisoformat(row['asked']).timetuple()) - 19_800) * 1000}"

    rows = changed(forms, asked=milliseconds)
    described = FORM.replace(
        "asked: {role: snapshot, type: date}",
        "asked: {role: snapshot, type: date, format: epoch milliseconds}",
    )
    change = "milliseconds since 1970-01-01 05:30"
    assert (
        f"nearly all are of 18:30: a midnight elsewhere, and the day before it? format: {change}"
        in (what(check(described + LEDGER, form=rows)))
    )
    found = check(described.replace("epoch milliseconds", change) + LEDGER, form=rows)
    assert found.tables[0].months[0] == START and "a midnight elsewhere" not in what(found)


def test_percent_beside_fractions_and_two_currencies_are_seen(check, forms):
    described = FORM.replace("rate: {type: number}", 'rate: {type: number, strip: "%"}')
    described = described.replace("income: {type: number}", 'income: {type: number, strip: "€$"}')
    rows = [
        row | {"rate": row["rate"] + "%" * (place % 2), "income": "€$"[place % 2] + row["income"]}
        for place, row in enumerate(forms)
    ]
    found = what(check(described + LEDGER, form=rows))
    assert "360 of 720 (50.0%) bear %, the others do not" in found
    assert "amounts bear € and $" in found
    every = [row | {"rate": f"{row['rate']}%", "income": f"€{row['income']}"} for row in forms]
    found = what(check(described + LEDGER, form=every))
    assert "bear" not in found


def test_a_word_for_thousands_that_is_taken_off_is_seen(check, forms):
    rows = changed(forms, income=lambda row: f"{float(row['income']) / 1000}k")
    described = FORM.replace("income: {type: number}", "income: {type: number, strip: k}")
    assert "5k is read as 5" in what(check(described + LEDGER, form=rows))


def test_yearly_amounts_after_monthly_ones_are_seen_among_steady_months(check, forms):
    rows = changed(
        forms,
        income=lambda row: f"{float(row['income']) * (12 if row['asked'] > '2023-07' else 1)}",
    )
    found = what(check(FORM + LEDGER, form=rows))
    assert "form.income from 2023-07 on they are about 12 times what they were" in found


def test_an_application_of_several_months_is_counted(check, forms):
    again = changed(forms[:30], asked=lambda row: f"{month(1)}")
    found = what(check(FORM + LEDGER, form=forms + again))
    assert "30 applications are delivered in several months" in found


def test_thousands_behind_a_comma_that_is_described_as_decimal_are_asked_about(check, forms):
    rows = changed(forms, income=lambda row: f"{int(float(row['income'])):,}")
    described = FORM.replace("income: {type: number}", 'income: {type: number, decimal: ","}')
    assert 'thousands: ",", decimal: "."' in what(check(described + LEDGER, form=rows))


def test_thousands_grouped_in_two_ways_are_asked_about(check, forms):
    described = FORM.replace(
        "income: {type: number}", 'income: {type: number, thousands: ".", decimal: ","}'
    )
    rows = [
        row | {"income": f"{int(float(row['income'])):,}".replace(",", ".,"[place % 2])}
        for place, row in enumerate(forms)
    ]
    found = what(check(described + LEDGER, form=rows))
    assert "form.income three digits stand behind every ,: fractions, or thousands?" in found
    assert "have them delivered in one notation" in found
    honest = changed(forms, income=lambda row: f"{row['income'].replace('.', ',')}")
    assert "fractions, or thousands?" not in what(check(described + LEDGER, form=honest))


def test_amounts_that_a_spreadsheet_rounded_are_asked_about(check, forms):
    rows = changed(forms, income=lambda row: f"{float(row['income']):.2E}")
    assert "written as 2.01E+04: their last digits are lost" in what(
        check(FORM + LEDGER, form=rows)
    )
    whole = changed(forms, income=lambda row: f"{float(row['income']):.6E}")
    assert "digits are lost" not in what(check(FORM + LEDGER, form=whole))


@pytest.mark.parametrize(
    ("strange", "advised"),
    [
        ("2023-02-29", "no format reads them"),
        ("2023-01-31 24:00", "no format reads them"),
        ("44986", "dates are written in two ways"),
        ("5. M\u00e4rz 2023", "no format reads them"),
    ],
)
def test_dates_that_some_rows_write_otherwise_say_what_to_do(check, forms, strange, advised):
    rows = [row | {"asked": strange} if n % 3 == 0 else row for n, row in enumerate(forms)]
    assert advised in what(check(FORM + LEDGER, form=rows))


def test_a_category_is_the_same_however_its_accents_are_composed(check, forms):
    described = FORM + "      town: {type: category, categories: [Z\u00fcrich, Gen\u00e8ve]}\n"
    rows = [
        row | {"town": normalize(("NFC", "NFD")[n % 2], ("Z\u00fcrich", "Gen\u00e8ve")[n % 3 == 0])}
        for n, row in enumerate(forms)
    ]
    found = check(described + LEDGER, form=rows)
    assert "town" not in what(found)
    values = {value for value, _ in found.tables[0].columns["town"].readings}
    assert values == {"Z\u00fcrich", "Gen\u00e8ve"}


def test_a_number_that_means_missing_is_missing_however_it_is_written(check, forms):
    rows = changed(forms, rate=lambda row: "-1.00" if row["loan"].endswith("5") else row["rate"])
    described = FORM.replace("rate: {type: number}", 'rate: {type: number, missing: ["-1"]}')
    column = check(described + LEDGER, form=rows).tables[0].columns["rate"]
    assert column.count(MISSING) == sum(row["loan"].endswith("5") for row in rows)
    assert column.numbers[0].min() == 3


def test_names_that_are_none_or_cut_are_seen(check, forms):
    long = changed(forms, client=lambda row: f"{123_450_000_000 + int(row['client'][1:]):.5E}")
    assert "their last digits are lost" in what(check(FORM + LEDGER, form=long))
    null = changed(forms, client=lambda row: "NULL" if row["loan"].endswith("5") else row["client"])
    assert 'taken for one add to missing: ["NULL"]' in what(check(FORM + LEDGER, form=null))
    one = changed(forms, client=lambda row: "999" if row["loan"].endswith("5") else row["client"])
    assert "are of one, '999': is it anybody?" in what(check(FORM + LEDGER, form=one))


def test_rows_of_another_month_than_their_file_are_counted_as_the_etl_does(check, forms, tmp_path):
    for number in range(3):
        rows = [row for row in forms if row["asked"] <= f"{month(number)}"]
        write_csv(tmp_path / "form" / f"{month(number)}.csv.gz", rows)
    found = check(FORM + LEDGER)
    assert not found.usable and "are of another month than their file" in what(found)


@pytest.mark.parametrize("times", [100, 0.001])
def test_single_rows_in_another_unit_are_asked_about(check, forms, panel, times):
    """As when one branch fills in cents, or thousands."""
    incomes = [float(row["income"]) for row in forms]
    for place in range(5, 300, 61):
        incomes[place] *= times
    rows = [row | {"income": f"{income}"} for row, income in zip(forms, incomes, strict=True)]
    found = check(FORM + LEDGER, form=rows, ledger=panel)
    assert found.usable
    assert "5 of 720 (0.7%) are about" in what(found)
    assert "of another unit or currency?" in what(found)


def test_a_file_that_lacks_the_line_end_of_the_others_may_be_cut(check, forms, panel, tmp_path):
    assert what(check(FORM + LEDGER, form=forms, ledger=panel)) == ""
    path = tmp_path / "form.csv.gz"
    whole = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(whole.rstrip()[:-2]))
    portfolio = parse_portfolio(FORM + LEDGER, "mine.yaml")
    found = survey(open_store(f"{tmp_path}"), portfolio, load_policy().quality)
    assert "form.csv.gz ends without a line end, as no other file does: is its" in what(found)
    ledger = tmp_path / "ledger.csv.gz"
    ledger.write_bytes(gzip.compress(gzip.decompress(ledger.read_bytes()).rstrip()))
    found = survey(open_store(f"{tmp_path}"), portfolio, load_policy().quality)
    assert "line end" not in what(found)  # no file has one
