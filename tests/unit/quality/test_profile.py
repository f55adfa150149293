"""What a column's profile says, and what is made of it against the month before."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from creditrisk import contracts
from creditrisk.lake import DataFile
from creditrisk.policy import load_policy
from creditrisk.records.table_profile import TableProfile
from creditrisk.stages.etl.quality.comparison import gold_columns, marked, moved, silver_columns
from creditrisk.stages.etl.quality.measure import categorical, numeric, profile
from creditrisk.storage import open_store
from tests.builders.small_lender import small_portfolio

LIMITS = load_policy().quality
RULES = LIMITS.rules
FORM = small_portfolio().sources["form"]


def chunked(*values, type_=None):
    return pa.chunked_array([pa.array(values, type_ or pa.float64())])


def column(values, old=None):
    return numeric("income", pa.chunked_array([pa.array(values)]), LIMITS, old)


def normal(seed, mean=0.0, rows=400):
    return np.random.default_rng(seed).normal(mean, 1.0, rows)


def checks(now, spec=FORM, limits=LIMITS):
    sources = {now.name: spec}
    return moved(marked(TableProfile("silver", "form", now.rows, (now,)), sources), sources, limits)


def test_the_figures_of_a_column_are_exact():
    found = numeric("debt", chunked(0.0, None, 1.0, 2.0, 3.0, 4.0, float("nan")), LIMITS, None)
    numbers = found.numbers
    assert (found.rows, found.missing) == (7, 2)
    assert (numbers.count, numbers.zeros, numbers.min, numbers.max) == (5, 1, 0.0, 4.0)
    assert (numbers.p25, numbers.median, numbers.p75) == (1.0, 2.0, 3.0)
    assert numbers.p1 == pytest.approx(0.04)
    assert numbers.mean == pytest.approx(2.0)
    assert numbers.sd == pytest.approx(np.std([0, 1, 2, 3, 4], ddof=1))
    assert found.change is None


def test_neither_the_order_of_rows_nor_their_files_change_a_digit():
    values = normal(1) * 1e6
    parts = [pa.array(values[::-1][:7]), pa.array(values[::-1][7:])]
    other = numeric("income", pa.chunked_array(parts), LIMITS, None)
    assert other == column(values)


@pytest.mark.parametrize("values", [[], [None, None], [float("inf")]])
def test_a_column_without_a_value_has_no_figures_and_does_not_fail(values):
    found = numeric("x", chunked(*values), LIMITS, column(normal(1)))
    assert found.numbers is None
    assert found.change.shift is None
    assert found.missing == len(values)


def test_one_value_and_huge_values_stay_finite():
    assert numeric("x", chunked(5.0), LIMITS, None).numbers.sd == 0.0
    huge = numeric("x", chunked(1e308, -1e308, 1e308), LIMITS, None).numbers
    assert np.isfinite([huge.mean, huge.sd, huge.p25, huge.median]).all()


def test_outliers_are_counted_beyond_the_fences_of_the_month_before():
    then = column(normal(1))
    now = column(np.concatenate([normal(2, rows=300), np.full(100, 50.0)]), then)
    low, high = then.numbers.fences(3.0)
    spread = then.numbers.p75 - then.numbers.p25
    assert high == pytest.approx(then.numbers.p75 + 3 * spread)
    assert low < -3 < 3 < high
    assert now.change.outliers == 100
    assert [c.rule for c in checks(now)] == ["shift", "outliers"]
    assert "25.0% of rows, 0.0% then" in checks(now)[1].text


def test_where_half_the_values_agree_there_are_no_fences():
    then = column(np.array([0.0] * 100 + [1.0] * 20))
    now = column(np.array([0.0] * 100 + [500.0] * 20), then)
    assert now.change.outliers is None
    assert [c.rule for c in checks(now)] == ["shift"]


@pytest.mark.parametrize("seed", range(20))
def test_two_samples_of_one_population_say_nothing(seed):
    assert checks(column(normal([seed, 2], rows=120), column(normal([seed, 1], rows=120)))) == []


def test_a_moved_mean_a_constant_that_moves_and_a_constant_that_stays():
    now = column(normal(1, mean=1.0), column(normal(2)))
    assert now.change.shift == pytest.approx(1.0, abs=0.2)
    assert [c.rule for c in checks(now)] == ["shift"]
    thousand, cents = np.full(150, 1000.0), np.full(150, 100_000.0)
    assert [c.rule for c in checks(column(cents, column(thousand)))] == ["shift"]
    assert checks(column(thousand, column(thousand))) == []


def test_values_that_go_missing_are_told_with_then_and_now():
    gone = normal(1)
    gone[:200] = np.nan
    found = checks(column(gone, column(normal(2))))
    assert [c.rule for c in found] == ["missing more"]
    assert "missing in 50.0% of rows, 0.0% a month ago" in found[0].text
    assert (found[0].count, found[0].rows, found[0].severity) == (200, 400, "warn")


def test_few_rows_are_described_and_not_judged():
    assert checks(column(normal(1, mean=9, rows=99), column(normal(2)))) == []
    assert checks(column(normal(1, mean=9), column(normal(2, rows=99)))) == []


def test_the_policy_says_whether_a_move_informs_warns_or_blocks():
    now = column(normal(1, mean=9), column(normal(2)))
    for one in ("info", "warn", "block"):
        rules = RULES.model_copy(update={"shift": one, "outliers": "info"})
        limits = LIMITS.model_copy(update={"rules": rules})
        assert [c.severity for c in checks(now, limits=limits)] == [one, "info"]
        optional = checks(now, FORM.model_copy(update={"optional": True}), limits)
        assert optional[0].severity == ("warn" if one == "block" else one)


def test_a_rare_value_nobody_declared_is_not_spelled_out():
    values = chunked(*["own"] * 20, *["Jane Doe, 12 High St"] * 2, None, type_=pa.string())
    found = categorical("home", values, frozenset(), LIMITS, None)
    assert dict(found.values.shown) == {"own": 20}
    assert (found.values.distinct, found.values.others, found.missing) == (2, 2, 1)
    assert "Jane" not in repr(found)


def test_a_declared_value_is_spelled_out_however_rare():
    found = categorical("home", chunked("own", type_=pa.string()), frozenset(["own"]), LIMITS, None)
    assert dict(found.values.shown) == {"own": 1}


def test_categories_unseen_a_month_ago_are_named_and_warn():
    then = categorical("job", chunked(*["a"] * 200, type_=pa.string()), frozenset(), LIMITS, None)
    values = chunked(*["a"] * 180, *["b"] * 20, type_=pa.string())
    now = categorical("job", values, frozenset(), LIMITS, then)
    assert (now.change.unseen, now.change.unseen_rows) == (("b",), 20)
    assert [(c.rule, c.count) for c in checks(now)] == [("unseen values", 20)]
    declared = categorical("job", values, frozenset("ab"), LIMITS, then)
    assert checks(declared) == [], "what the portfolio declares is expected"


@pytest.fixture
def form(tmp_path):
    store = open_store(str(tmp_path))
    portfolio = small_portfolio()
    contract = contracts.silver("form", portfolio.sources["form"])
    rows = [
        {"customer_id": f"C{i}", "income": i * 1.5, "home": "own" if i % 3 else None, "age": 30}
        for i in range(30)
    ]
    table = pa.Table.from_pylist(rows, schema=contract.arrow)
    files = []
    for number, part in enumerate((table.slice(0, 10), table.slice(10))):
        pq.write_table(part, tmp_path / f"{number}.parquet")
        size = (tmp_path / f"{number}.parquet").stat().st_size
        files.append(DataFile(f"{number}.parquet", part.num_rows, size, ""))
    return store, portfolio, contract, files


def test_a_profile_tells_of_each_column_what_its_kind_allows(form):
    store, portfolio, contract, files = form
    found = profile(store, portfolio, contract, files, LIMITS, None)
    assert found.rows == 30
    assert found.column("income").numbers.max == 29 * 1.5
    assert found.column("home").missing == 10
    assert dict(found.column("home").values.shown) == {"own": 20}
    key = found.column("customer_id")
    assert (key.missing, key.numbers, key.values) == (0, None, None)
    assert found.column("application_id").missing == 30


def test_a_large_file_is_read_by_column_to_the_same_result(form, monkeypatch):
    store, portfolio, contract, files = form
    whole = profile(store, portfolio, contract, files, LIMITS, None)
    large = [replace(file, size=1 << 40) for file in files]
    monkeypatch.setattr(store, "read", None)
    assert profile(store, portfolio, contract, large, LIMITS, None) == whole


def test_a_month_without_files_has_no_rows(form):
    store, portfolio, contract, _ = form
    found = profile(store, portfolio, contract, [], LIMITS, None)
    assert (found.rows, found.column("income").numbers) == (0, None)


def test_a_footer_without_counts_is_no_hindrance(form, tmp_path):
    store, portfolio, contract, _ = form
    values = pa.Table.from_pylist([{"home": "own"}, {}], schema=contract.arrow)
    pq.write_table(values, tmp_path / "bare.parquet", write_statistics=False)
    file = DataFile("bare.parquet", 2, 1000, "")
    found = profile(store, portfolio, contract, [file], LIMITS, None)
    assert found.column("customer_id").missing == 2


def test_pii_keys_and_what_grows_are_not_judged():
    columns = FORM.columns
    grows = columns["debt"].model_copy(update={"growing": True})
    hidden = columns["home"].model_copy(update={"pii": True})
    form = FORM.model_copy(update={"columns": columns | {"debt": grows, "home": hidden}})
    assert set(silver_columns(form)) == {"income", "age"}


def test_gold_is_judged_where_silver_cannot_be():
    portfolio = small_portfolio()
    assert set(gold_columns(portfolio, ())) == {"debt_to_income"}
    assert gold_columns(portfolio, ("form",)) == {}
