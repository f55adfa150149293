"""What a table promises, whether what is written keeps it, and the page that says so."""

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creditrisk import contracts
from creditrisk.contracts import Column, Contract
from creditrisk.contracts.check import check_file, check_table
from creditrisk.contracts.dictionary import data_dictionary
from creditrisk.policy import load_policy
from creditrisk.portfolio import load_portfolio, parse_portfolio
from creditrisk.portfolio.table_roles import BRONZE_NAMES
from tests.builders.small_lender import PORTFOLIO, small_portfolio

MONTH = date(2024, 1, 1)
HASH = "0f" * 32
PERSONS = Contract(
    "silver",
    "persons",
    "one row per person",
    ("who",),
    (
        Column("who", "string"),
        Column("name", "string", hashed=True),
        Column("age", "long", required=True, low=18, high=100),
        Column("income", "double", low=0),
        Column("home", "string", categories=("own", "rent", "unknown")),
        Column("loans", "string", categories=("car", "unknown"), members=True),
    ),
)
GOOD = {"who": "a", "name": HASH, "age": 18, "income": 0.0, "home": "own", "loans": "car|unknown"}
NOTHING = {"name": None, "income": None, "home": None, "loans": ""}
FAULTS = [
    ({"who": None}, "who is null in 1 of 2 rows"),
    ({"name": "Zoë"}, "name is PII and holds something that is not its hash"),
    ({"age": None}, "age is null in 1 of 2 rows"),
    ({"age": 17}, "age holds 17 to 18; its contract says 18 to 100"),
    ({"age": 101}, "age holds 18 to 101; its contract says 18 to 100"),
    ({"income": -0.01}, r"income holds -0\.01 to 0\.0; its contract says 0 to inf"),
    ({"income": math.nan}, "income holds"),
    ({"home": "boat"}, "home holds values that are no category of it"),
    ({"loans": "car|yacht"}, "loans holds values that are no category of it"),
]


def table(*rows: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=PERSONS.arrow)


def write(path: Path, rows: pa.Table, statistics: bool = True) -> pq.ParquetFile:
    pq.write_table(rows, path, row_group_size=1, write_statistics=statistics)
    return pq.ParquetFile(path)


@pytest.mark.parametrize("other", [{}, NOTHING, {"age": 100, "income": 1e12}])
def test_rows_within_the_contract_pass_from_memory_and_from_a_file(tmp_path, other):
    rows = table(GOOD, GOOD | {"who": "b"} | other)
    check_table(PERSONS, MONTH, rows)
    for statistics in (True, False):
        check_file(PERSONS, MONTH, write(tmp_path / "x.parquet", rows, statistics))


def test_no_rows_break_no_contract(tmp_path):
    check_table(PERSONS, MONTH, table())
    check_file(PERSONS, MONTH, write(tmp_path / "x.parquet", table()))


def test_a_date_that_python_has_not_is_no_trace(tmp_path):
    contract = replace(PERSONS, columns=(Column("day", "date"),))
    year_0 = pa.array([-719_528], pa.int32()).cast(pa.date32())
    check_file(contract, MONTH, write(tmp_path / "x.parquet", pa.table({"day": year_0})))


@pytest.mark.parametrize(("other", "text"), FAULTS)
def test_a_breach_names_table_month_and_column(tmp_path, other, text):
    rows = table(GOOD, GOOD | {"who": "b"} | other)
    with pytest.raises(RuntimeError, match=f"silver/persons 2024-01-01: {text}"):
        check_table(PERSONS, MONTH, rows)
    with pytest.raises(RuntimeError, match=f"silver/persons 2024-01-01: {text}"):
        check_file(PERSONS, MONTH, write(tmp_path / "x.parquet", rows))
    # as Spark leaves them out of a column that holds a long text
    with pytest.raises(RuntimeError, match=f"silver/persons 2024-01-01: {text}"):
        check_file(PERSONS, MONTH, write(tmp_path / "bare.parquet", rows, statistics=False))


def test_a_file_of_other_columns_or_types_is_a_breach(tmp_path):
    for place, rows in enumerate([table(GOOD).drop(["age"]), table(GOOD).select(["age", "who"])]):
        with pytest.raises(RuntimeError, match=r"has columns .*its contract says who string, "):
            check_file(PERSONS, MONTH, write(tmp_path / f"{place}.parquet", rows))
    narrow = table(GOOD).set_column(2, "age", pa.array([18], pa.int32()))
    with pytest.raises(RuntimeError, match=r"age int32.*age int64"):
        check_file(PERSONS, MONTH, write(tmp_path / "narrow.parquet", narrow))


@pytest.mark.parametrize("column", ["name", "home", "loans"])
def test_a_breach_never_spells_out_a_text(column):
    with pytest.raises(RuntimeError) as error:
        check_table(PERSONS, MONTH, table(GOOD, GOOD | {"who": "b", column: "Zoë"}))
    assert "Zoë" not in str(error.value)


def test_every_table_has_a_key_of_its_own_columns_and_unique_names():
    for portfolio in (load_portfolio(), small_portfolio()):
        for contract in contracts.all_contracts(portfolio):
            assert set(contract.key) <= set(contract.names), contract.table
            assert len(set(contract.names)) == len(contract.names), contract.table
            assert contract.grain.startswith("one row per"), contract.table


def test_silver_never_holds_pii_but_as_a_hash():
    portfolio = load_portfolio()
    for name, source in portfolio.sources.items():
        hidden = {source.name_of(column) for column, spec in source.columns.items() if spec.pii}
        silver = {c.name: c for c in contracts.silver(name, source).columns}
        assert all(silver[column].hashed for column in hidden)
        assert not hidden & set(contracts.features(portfolio).names)
    assert any(spec.pii for s in portfolio.sources.values() for spec in s.columns.values())


def test_features_may_hold_what_silver_may():
    features = {c.name: c for c in contracts.features(small_portfolio()).columns}
    assert (features["age"].low, features["age"].high) == (18, 100)
    assert features["home"].categories == ("own", "rent", "unknown")
    assert features["visits_count"].low == 0


def test_an_event_is_known_by_customer_and_date_or_by_its_own_name():
    portfolio = small_portfolio()
    assert contracts.silver("visits", portfolio.sources["visits"]).key == (
        "customer_id",
        "event_date",
    )
    numbered = PORTFOLIO.replace("      pages:", "      click: {role: event}\n      pages:")
    visits = contracts.silver("visits", parse_portfolio(numbered, "x").sources["visits"])
    assert visits.key == ("customer_id", "event_date", "event_id")
    assert "event_id" in visits.required


def test_only_sources_that_must_come_every_month_are_steady():
    tables = {c.name: c.steady for c in contracts.all_contracts(small_portfolio())}
    assert (tables["form"], tables["ledger"], tables["visits"]) == (True, True, False)


def test_the_schema_is_the_same_whatever_values_may_be():
    wider = replace(PERSONS, columns=tuple(replace(c, low=None) for c in PERSONS.columns))
    assert wider.schema_sha == PERSONS.schema_sha


def test_the_portfolio_refuses_the_names_bronze_has_of_its_own():
    source = small_portfolio().sources["form"]
    own = set(contracts.bronze("form", source).names) - set(source.columns)
    assert own <= BRONZE_NAMES


def test_the_data_dictionary_is_up_to_date():
    page = Path(__file__).parents[3] / "docs/data_dictionary.md"
    assert page.read_text() == data_dictionary(load_portfolio(), load_policy()), "make docs"
