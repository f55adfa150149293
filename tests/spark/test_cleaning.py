"""What becomes of one delivered text, by the description of its column."""

import hashlib
import hmac
from typing import Any

import pytest
from pyspark.sql import SparkSession

from creditrisk.portfolio import ColumnSpec
from creditrisk.quality.portfolio_check.cell import read
from creditrisk.stages.etl.cleaning import STRUCK, Cleaner, clean
from tests.builders.hostile_cells import as_silver

NUMBER = ColumnSpec(type="number", strip="_", missing=("-1", "#"), range=(-10, 1000))
INTEGER = ColumnSpec(type="integer", strip="_", range=(0, 100))
CATEGORY = ColumnSpec(type="category", missing=("?",), categories=("own", "rent"))
LIST = ColumnSpec(type="list", categories=("Auto Loan", "Home Loan"))
CASED = ColumnSpec(type="category", categories=("a", "A"))
START = ColumnSpec(type="date", role="start")
GERMAN = ColumnSpec(type="date", format="dd.MM.yyyy")
SHORT_YEAR = ColumnSpec(type="date", format="dd-MMM-yy", first_year=1970)
DOLLARS = ColumnSpec(type="number", strip="$", thousands=",", range=(0, 1e9))
EUROS = ColumnSpec(type="number", strip="€", thousands=".", decimal=",")
BRACKETS = ColumnSpec(type="number", strip="$", thousands=",", negative="brackets")
BEHIND = ColumnSpec(type="number", thousands=".", decimal=",", negative="behind")
CREDIT = ColumnSpec(type="number", thousands=",", negative="CR")
DEBIT = ColumnSpec(type="integer", negative="DR")
YES_NO = ColumnSpec(
    type="category",
    categories=("yes", "no"),
    spellings={"yes": ("Y", "1"), "no": ("N", "0")},
    missing=("?",),
)

CASES: list[tuple[str, ColumnSpec, str | None, Any, str | None]] = [
    ("a plain number stays", NUMBER, "12.5", 12.5, None),
    ("an exponent is a number", NUMBER, "1e2", 100.0, None),
    ("characters to strip go, and that is counted", NUMBER, "28_", 28.0, "stripped"),
    ("blanks around a value are no fault", NUMBER, " 7\t", 7.0, None),
    ("nothing delivered is empty", NUMBER, None, None, "empty"),
    ("blanks alone are empty", NUMBER, "  ", None, "empty"),
    ("a sentinel means missing", NUMBER, "#", None, "declared missing"),
    ("a sentinel in strip characters means missing", NUMBER, "-1_", None, "declared missing"),
    ("strip characters alone mean missing", NUMBER, "__", None, "declared missing"),
    ("text is no number", NUMBER, "abc", None, "unreadable"),
    ("a Java suffix makes no number", NUMBER, "12d", None, "unreadable"),
    ("NaN is no number", NUMBER, "NaN", None, "unreadable"),
    ("infinity is no number", NUMBER, "1e999", None, "unreadable"),
    ("hexadecimal is no number", NUMBER, "0x1p3", None, "unreadable"),
    ("both ends of the range are in it", NUMBER, "-10", -10.0, None),
    ("beyond the range is lost", NUMBER, "1000.01", None, "out of range"),
    ("eleven with a decimal is eleven, not a hundred and ten", INTEGER, "11.0", 11, None),
    ("half is no integer", INTEGER, "1.5", None, "unreadable"),
    ("a negative count stays negative and is out of range", INTEGER, "-100", None, "out of range"),
    ("a known category stays", CATEGORY, "own", "own", None),
    ("a strange category is unknown", CATEGORY, "boat", "unknown", "unknown category"),
    ("case makes no other category", CATEGORY, "OWN", "own", "respelt"),
    ("unless both are declared", CASED, "a", "a", None),
    ("a missing category is missing, not unknown", CATEGORY, "?", None, "declared missing"),
    (
        "a list is its distinct members, sorted",
        LIST,
        "Home Loan, Auto Loan, and Home Loan",
        "Auto Loan|Home Loan",
        None,
    ),
    ("an empty list has no members", LIST, None, "", "empty"),
    (
        "a strange member is unknown",
        LIST,
        "Boat, and Auto Loan",
        "Auto Loan|unknown",
        "unknown member",
    ),
    (
        "years and months are months",
        ColumnSpec(type="duration"),
        "10 Years and 9 Months",
        129,
        None,
    ),
    ("one year is twelve months", ColumnSpec(type="duration"), "1 Year", 12, None),
    ("ages are no duration", ColumnSpec(type="duration"), "ages", None, "unreadable"),
    ("a date has its format", GERMAN, "31.12.2023", "2023-12-31", None),
    ("the 31st of February is no date", GERMAN, "31.02.2023", None, "unreadable"),
    ("97 is 1997", SHORT_YEAR, "28-Feb-97", "1997-02-28", None),
    ("14 is 2014, whatever the letters' case", SHORT_YEAR, "03-MAR-14", "2014-03-03", None),
    ("69 is the last of the hundred years", SHORT_YEAR, "31-Dec-69", "2069-12-31", None),
    ("a leap day keeps its year", SHORT_YEAR, "29-Feb-96", "1996-02-29", None),
    ("an amount in dollars and thousands", DOLLARS, "$12,345.00 ", 12345.0, "stripped"),
    ("thousands may be left unmarked", DOLLARS, "12345.5", 12345.5, None),
    ("lakh and crore are grouped by two", DOLLARS, "12,34,567", 1234567.0, None),
    ("a decimal comma is no thousand", DOLLARS, "1,5", None, "unreadable"),
    ("a group that is not whole is no number", DOLLARS, "1,2345", None, "unreadable"),
    ("a comma for decimals", EUROS, "1.234.567,89 €", 1234567.89, "stripped"),
    ("a negative amount with a comma", EUROS, "-12,5", -12.5, None),
    ("an amount in brackets is negative", BRACKETS, "($1,200.50)", -1200.5, None),
    ("so is one whose currency stands before", BRACKETS, "$(7)", -7.0, "stripped"),
    ("a minus in front stays one", BRACKETS, "-7", -7.0, None),
    ("two signs are no number", BRACKETS, "(-7)", None, "unreadable"),
    ("half a bracket is no number", BRACKETS, "(7", None, "unreadable"),
    ("brackets alone are no number", BRACKETS, "( )", None, "unreadable"),
    ("a minus behind", BEHIND, "1.200,5-", -1200.5, None),
    ("a minus on both sides is no number", BEHIND, "-5-", None, "unreadable"),
    ("a credit is less", CREDIT, "1,200.50 Cr", -1200.5, None),
    ("a debit is more", CREDIT, "7 DR", 7.0, None),
    ("a number without a mark is as it is", CREDIT, "7", 7.0, None),
    ("a credit with a minus is no number", CREDIT, "-7 CR", None, "unreadable"),
    ("the other way round", DEBIT, "7DR", -7.0, None),
    ("a point is no decimal where commas are", EUROS, "1.5", None, "unreadable"),
    ("a category in another spelling", YES_NO, "Y", "yes", "respelt"),
    ("a spelling in another case", YES_NO, "y", "yes", "respelt"),
    ("a category in its own spelling", YES_NO, "no ", "no", None),
    ("a spelling nobody declared is unknown", YES_NO, "yep", "unknown", "unknown category"),
    ("a sentinel comes before spellings", YES_NO, "?", None, "declared missing"),
    (
        "a loan starts with its month",
        START,
        "2023-05-17",
        "2023-05-01",
        "moved",
    ),
]


def test_each_text_becomes_what_its_column_says(spark: SparkSession) -> None:
    columns = [Cleaner(f"d{i}", f"v{i}", spec, None) for i, (_, spec, *_) in enumerate(CASES)]
    ddl = ", ".join(f"d{i} STRING" for i in range(len(CASES)))
    rows = spark.createDataFrame([tuple(text for _, _, text, *_ in CASES)], ddl)
    row = clean(rows, columns, ()).collect()[0]
    struck = {entry["column"]: entry["rule"] for entry in row[STRUCK]}
    for i, (name, _, _, value, rule) in enumerate(CASES):
        found = row[f"v{i}"]
        assert (str(found) if hasattr(found, "isoformat") else found) == value, name
        assert struck.get(f"v{i}") == rule, name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_check_of_files_reads_each_text_as_the_etl_does(case: Any) -> None:
    _, spec, text, value, rule = case
    assert as_silver(*read(text or "", spec), spec) == (value, rule)


@pytest.mark.parametrize("key", [b"secret", b"k" * 100])
def test_pii_is_the_hmac_python_computes(spark: SparkSession, key: bytes) -> None:
    column = Cleaner("Name", "name", ColumnSpec(pii=True), key)
    rows = spark.createDataFrame([("Zoë O'Hara",)], "Name STRING")
    found = clean(rows, [column], ()).collect()[0]["name"]
    assert found == hmac.new(key, "Zoë O'Hara".encode(), hashlib.sha256).hexdigest()


def test_pii_without_a_key_is_null(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("Zoë",)], "Name STRING")
    column = Cleaner("Name", "name", ColumnSpec(pii=True), None)
    assert clean(rows, [column], ()).collect()[0]["name"] is None
