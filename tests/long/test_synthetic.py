"""The simulated lender delivers what the reference lender delivers, and drifts as it is told."""

import csv
import gzip
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creditrisk.errors import UserError
from creditrisk.synthetic import portfolio
from creditrisk.synthetic.delivery import deliver
from creditrisk.synthetic.portfolio import Portfolio, Tables, draw_unpaid, loan_rows
from creditrisk.synthetic.scenario import Scenario, Shift

START = date(2023, 1, 1)
SMALL = Scenario(applications_per_month=40)
REFERENCE_HEADERS = {
    "features_attributes": "Customer_ID,Name,Age,SSN,Occupation,snapshot_date",
    "features_financials": "Customer_ID,Annual_Income,Monthly_Inhand_Salary,Num_Bank_Accounts,"
    "Num_Credit_Card,Interest_Rate,Num_of_Loan,Type_of_Loan,Delay_from_due_date,"
    "Num_of_Delayed_Payment,Changed_Credit_Limit,Num_Credit_Inquiries,Credit_Mix,"
    "Outstanding_Debt,Credit_Utilization_Ratio,Credit_History_Age,Payment_of_Min_Amount,"
    "Total_EMI_per_month,Amount_invested_monthly,Payment_Behaviour,Monthly_Balance,snapshot_date",
    "feature_clickstream": ",".join(f"fe_{i}" for i in range(1, 21)) + ",Customer_ID,snapshot_date",
    "lms_loan_daily": "loan_id,Customer_ID,loan_start_date,tenure,installment_num,loan_amt,"
    "due_amt,paid_amt,overdue_amt,balance,snapshot_date",
}
# How unpaid instalments grow over months on book 0..10 in every finished loan of the reference.
REFERENCE_PATTERNS = {
    "00000000000", "00012345678", "00123456789", "00001234567", "00101234567", "01012345678",
    "00010123456", "00120123456", "0123456789X", "01001234567", "00000123456", "01201234567",
    "00100123456", "01230123456", "01010123456", "01000123456", "01200123456",
}  # fmt: skip


def contents(root):
    return {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def rows(path):
    with gzip.open(path, "rt", newline="") as text:
        return list(csv.reader(text))


def cohort(scenario, month=1, seed=3):
    return Portfolio(scenario, seed, START).cohort(month)


def simulate(scenario, months, seed):
    """All rows a lender delivers in its first `months` months, one frame per table."""
    lender = Portfolio(scenario, seed, START)
    monthly = [dict(lender.tables(month).items()) for month in range(1, months + 1)]
    joined = {
        name: pd.concat([tables[name] for tables in monthly], ignore_index=True)
        for name in monthly[0]
    }
    return Tables(**joined)


@pytest.fixture(scope="module")
def large():
    return simulate(Scenario(applications_per_month=12_500, history_months=0), 1, seed=5)


def test_every_table_and_month_is_a_file_with_the_header_of_the_reference(tmp_path):
    written = deliver(SMALL, START, 2, 1, tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {
        f"{table}/{day}.csv.gz"
        for table in REFERENCE_HEADERS
        for day in ("2023-01-01", "2023-02-01")
    }
    assert {p.parent.name: ",".join(rows(p)[0]) for p in written} == REFERENCE_HEADERS
    assert {row[-1] for p in written if "2023-02" in p.name for row in rows(p)[1:]} == {
        "2023-02-01"
    }


def test_the_same_delivery_is_the_same_bytes_and_another_seed_is_not(tmp_path):
    for root, seed in (("a", 1), ("b", 1), ("c", 2)):
        deliver(SMALL, START, 2, seed, tmp_path / root)
    first, again, other = (contents(tmp_path / root) for root in "abc")
    assert first == again
    assert {path.parts[0] for path in first if first[path] == other[path]} <= {
        "lms_loan_daily"  # where nobody can have missed anything yet
    }


@settings(max_examples=8, deadline=None)
@given(short=st.integers(1, 3), more=st.integers(1, 3), seed=st.integers(0, 2**32))
def test_a_later_month_never_changes_an_earlier_one(tmp_path_factory, short, more, seed):
    scenario = replace(SMALL, shifts=(Shift(2, pilot_share=0.3, odds=2.0),))
    at_once, bit_by_bit = (tmp_path_factory.mktemp(name) for name in ("once", "bits"))
    deliver(scenario, START, short + more, seed, at_once)
    deliver(scenario, START, short, seed, bit_by_bit)
    deliver(scenario, START, short + more, seed, bit_by_bit, since=short + 1)
    assert contents(bit_by_bit) == contents(at_once)


def test_a_shift_that_comes_later_leaves_earlier_files_alone(tmp_path):
    late = replace(SMALL, shifts=(Shift(10, odds=3.0, applications=2.0),))
    deliver(SMALL, START, 3, 1, tmp_path / "a")  # events reach six months ahead: to month 9
    deliver(late, START, 3, 1, tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_a_single_late_month_draws_only_the_cohorts_it_shows(tmp_path, monkeypatch):
    drawn = []
    draw = portfolio.draw_bad
    monkeypatch.setattr(portfolio, "draw_bad", lambda *a: drawn.append(1) or draw(*a))
    deliver(SMALL, START, 60, 1, tmp_path, since=60)
    assert len(drawn) == 11 + 6  # loans still on book, and customers who apply within six months


def test_no_customer_applies_twice():
    shifts = (Shift(2, applications=2.5), Shift(4, applications=0.5))
    applications = simulate(replace(SMALL, shifts=shifts), 5, seed=1).features_attributes
    assert applications["Customer_ID"].is_unique
    assert applications.groupby("snapshot_date").size().to_list() == [40, 100, 100, 50, 50]


def test_a_loan_shows_eleven_instalments_and_then_leaves_the_ledger():
    loans = simulate(SMALL, 13, seed=1).lms_loan_daily
    first = loans[loans["loan_start_date"] == "2023-01-01"]
    assert first.groupby("loan_id")["installment_num"].agg(list).map(tuple).unique().tolist() == [
        tuple(range(11))
    ]
    assert (first["loan_id"] == first["Customer_ID"] + "_2023_01_01").all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 2**32))
def test_what_is_paid_owed_and_left_always_adds_up(bad, seed):
    unpaid = draw_unpaid(np.array(bad), np.random.default_rng(seed))
    ids = np.array([f"C{i}" for i in range(len(bad))])
    loans = pd.concat(loan_rows(ids, unpaid, START, START, k) for k in range(11))
    paid = loans.groupby("loan_id")["paid_amt"].cumsum()
    due = loans.groupby("loan_id")["due_amt"].cumsum()
    assert (loans["overdue_amt"] == due - paid).all()
    assert (loans["balance"] == loans["loan_amt"] - paid).all()


def test_only_payment_patterns_of_the_reference_occur_and_all_of_them_do():
    unpaid = draw_unpaid(np.arange(20_000) % 2 == 0, np.random.default_rng(1))
    patterns = {"".join("X" if v == 10 else str(v) for v in row) for row in unpaid}
    assert patterns == REFERENCE_PATTERNS


def test_missing_by_month_on_book_follows_the_published_rates():
    rates = (cohort(Scenario(applications_per_month=40_000)).unpaid > 0).mean(axis=0)
    # published as dpd >= 30: lower at 1 and 2, where short months hide one missed instalment
    assert rates[:7] == pytest.approx([0, 0.051, 0.101, 0.170, 0.227, 0.283, 0.288], abs=0.017)
    assert (rates[6:] == rates[6]).all()


@pytest.mark.parametrize(
    ("table", "column", "flaw", "count"),
    [
        ("features_attributes", "Age", r"\d_$", 637),
        ("features_attributes", "Age", r"^-500$", 104),
        ("features_attributes", "Age", r"^\d{3,4}_?$", 215),
        ("features_attributes", "Age", r"^1[4-7]_?$", 669),
        ("features_attributes", "SSN", r"^#F%\$D@\*&8$", 703),
        ("features_attributes", "Occupation", r"^_______$", 880),
        ("features_attributes", "Name", r'[,"]', 119),
        ("features_financials", "Annual_Income", r"_$", 859),
        ("features_financials", "Num_of_Loan", r"^-100$", 500),
        ("features_financials", "Num_of_Loan", r"_$", 623),
        ("features_financials", "Type_of_Loan", r"^$", 1_426),
        ("features_financials", "Num_of_Delayed_Payment", r"_$", 374),
        ("features_financials", "Changed_Credit_Limit", r"^_$", 254),
        ("features_financials", "Num_Credit_Inquiries", r"^\d+\.0$", 12_500),
        ("features_financials", "Credit_Mix", r"^_$", 2_611),
        ("features_financials", "Credit_History_Age", r"^\d+ Years and \d+ Months$", 12_500),
        ("features_financials", "Outstanding_Debt", r"_$", 139),
        ("features_financials", "Payment_of_Min_Amount", r"^NM$", 1_438),
        ("features_financials", "Payment_Behaviour", r"^!@9#%8$", 998),
        ("features_financials", "Amount_invested_monthly", r"^__10000__$", 558),
    ],
)
def test_flaws_are_as_frequent_as_in_the_reference(large, table, column, flaw, count):
    found = getattr(large, table)[column].str.contains(flaw).sum()
    assert found == pytest.approx(count, rel=0.2, abs=30)


def test_loan_types_are_lists_in_the_words_of_the_reference(large):
    financials = large.features_financials
    listed = financials.loc[financials["Num_of_Loan"] == "3", "Type_of_Loan"]
    one = r"[A-Z][A-Za-z -]+"
    assert listed.str.fullmatch(rf"{one}, {one}, and {one}").all()


def test_numbers_lie_where_the_reference_has_them(large):
    def middle(column):
        return pd.to_numeric(large.features_financials[column].str.strip("_")).median()

    medians = {"Annual_Income": 37_443, "Interest_Rate": 14, "Outstanding_Debt": 1_171,
               "Delay_from_due_date": 18, "Num_Credit_Card": 6, "Monthly_Balance": 338,
               "Total_EMI_per_month": 73, "Amount_invested_monthly": 133}  # fmt: skip
    assert {c: middle(c) for c in medians} == pytest.approx(medians, rel=0.15)


def test_awkward_names_survive_a_csv_reader(tmp_path):
    deliver(replace(SMALL, applications_per_month=3_000, history_months=0), START, 1, 1, tmp_path)
    table = rows(tmp_path / "features_attributes" / "2023-01-01.csv.gz")
    assert {len(row) for row in table} == {6}
    assert any('"' in row[1] for row in table) and any(", " in row[1] for row in table)


def test_customers_leave_events_from_six_months_before_to_two_after_their_application():
    tables = simulate(SMALL, 12, seed=1)
    applied = tables.features_attributes.set_index("Customer_ID")["snapshot_date"]
    events = tables.feature_clickstream
    assert not events.duplicated(["Customer_ID", "snapshot_date"]).any()
    of_august = events[events["Customer_ID"].map(applied) == "2023-08-01"]
    months = sorted(of_august["snapshot_date"].unique())
    assert (months[0], months[-1], len(months)) == ("2023-02-01", "2023-10-01", 9)


def test_events_tell_bad_customers_by_the_published_amounts():
    pool = Portfolio(Scenario(applications_per_month=20_000, history_months=0), 1, START)
    events, bad = pool.tables(1).feature_clickstream, pool.cohort(1).bad
    gap = events[bad].mean(numeric_only=True) - events[~bad].mean(numeric_only=True)
    expected = [5, 10, 15, 20, 25, -5, -10, -15, -20, -25] + [0] * 10
    assert gap.to_list() == pytest.approx(expected, abs=5)


def test_a_source_outage_delivers_no_events_file_and_nothing_else_changes(tmp_path):
    outage = replace(SMALL, shifts=(Shift(2, end=2, events=False),))
    deliver(SMALL, START, 3, 1, tmp_path)
    whole = contents(tmp_path)
    deliver(outage, START, 3, 1, tmp_path)
    lost = tmp_path / "feature_clickstream" / "2023-02-01.csv.gz"
    assert not lost.exists()
    assert whole.items() - contents(tmp_path).items() == {
        (lost.relative_to(tmp_path), whole[lost.relative_to(tmp_path)])
    }


def test_a_delivery_range_that_is_empty_is_refused(tmp_path):
    with pytest.raises(UserError, match="months 3 to 2"):
        deliver(SMALL, START, 2, 1, tmp_path, since=3)
    assert not contents(tmp_path)
