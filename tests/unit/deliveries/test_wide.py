"""A column per month: each row becomes one per month that holds something, and none is lost."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditrisk.deliveries.delivered_file import inspect
from creditrisk.deliveries.reader import delivered_rows
from creditrisk.errors import UserError
from creditrisk.portfolio import SourceSpec
from creditrisk.storage.file import FileStore

KEYS = {
    "loan": {"role": "loan"},
    "client": {"role": "customer"},
    "began": {"role": "start", "type": "date"},
}
STATUS = {"role": "status", "type": "category", "missing": ["X"]}


def spec(star: dict, **columns: dict) -> SourceSpec:
    described = KEYS | {"*": star} | (columns or {"status_*": STATUS})
    return SourceSpec.model_validate({"table": "wide", "role": "performance", "columns": described})


BY_DATE = spec({"role": "snapshot", "type": "date", "format": "yyyy_MM"})
BY_AGE = spec({"role": "month_on_book", "type": "integer"}, **{"pay_*": STATUS})


def taken(folder: Path, text: str, described: SourceSpec) -> list[dict[str, str | None]]:
    (folder / "wide.csv").write_text(text)
    with delivered_rows(FileStore(folder), "wide.csv", "standing", described) as file:
        return [
            {"row": int(number)} | dict(zip(file.header, cells, strict=True))
            for rows in file
            for number, *cells in zip(
                rows.numbers, *(column.to_pylist() for column in rows.cells.columns), strict=True
            )
        ]


def months(folder: Path, described: SourceSpec) -> dict[date, int]:
    found = inspect(FileStore(folder), "wide.csv", "standing", described)
    return dict(found.months)


HEADER = "loan,client,began,status_2023_01,status_2023_02,note,status_total\n"


def test_a_table_has_a_column_per_month(tmp_path):
    text = HEADER + "A,Ann,2023-01-05,0,1,x,9\nB,Bob,2023-02-05,X,0,x,9\nC,Cid,2023-01-05,,,x,9\n"
    found = taken(tmp_path, text, BY_DATE)
    assert [(r["row"], r["loan"], r["*"], r["status_*"]) for r in found] == [
        (1, "A", "2023_01", "0"),
        (1, "A", "2023_02", "1"),
        (2, "B", "2023_02", "0"),
    ]
    assert months(tmp_path, BY_DATE) == {date(2023, 1, 1): 1, date(2023, 2, 1): 2}


def test_months_on_book_count_from_the_start(tmp_path):
    text = "loan,client,began,pay_1,pay_2,pay_amt1\nA,Ann,2023-01-05,0,1,5\nB,Bob,2023-03-05,0,,5\n"
    found = taken(tmp_path, text, BY_AGE)
    assert [(r["loan"], r["*"], r["pay_*"]) for r in found] == [
        ("A", "1", "0"), ("A", "2", "1"), ("B", "1", "0"),
    ]  # fmt: skip
    assert months(tmp_path, BY_AGE) == {date(2023, n, 1): 1 for n in (2, 3, 4)}


def test_months_count_backwards_from_a_reference(tmp_path):
    star = {"role": "snapshot", "type": "date", "format": "months before 2005-10"}
    text = "loan,client,began,pay_1,pay_2\nA,Ann,2005-01-05,0,1\n"
    assert len(taken(tmp_path, text, spec(star, **{"pay_*": STATUS}))) == 2
    found = months(tmp_path, spec(star, **{"pay_*": STATUS}))
    assert found == {date(2005, 9, 1): 1, date(2005, 8, 1): 1}


def test_several_columns_of_a_month_stand_in_one_row(tmp_path):
    star = {"role": "month_on_book", "type": "integer"}
    amounts = {"role": "due", "type": "number"}, {"role": "overdue", "type": "number"}
    described = spec(star, **dict(zip(("due_*", "late_*"), amounts, strict=True)))
    text = "loan,client,began,due_1,late_1,due_2\nA,Ann,2023-01-05,10,,20\n"
    found = taken(tmp_path, text, described)
    assert [(r["*"], r["due_*"], r["late_*"]) for r in found] == [
        ("1", "10", None), ("2", "20", None),
    ]  # fmt: skip


def test_a_month_that_comes_later_changes_nothing_of_the_months_before(tmp_path):
    header, row = "loan,client,began,status_2023_01", "A,Ann,2023-01-05,0"
    digests = []
    for more, cell in (("", ""), (",status_2023_02", ",1")):
        (tmp_path / "wide.csv").write_text(f"{header}{more}\n{row}{cell}\n")
        file = inspect(FileStore(tmp_path), "wide.csv", "standing", BY_DATE)
        digests.append(file.content[date(2023, 1, 1)])
    assert digests[0] == digests[1]


def test_no_column_of_any_month_is_a_column_that_is_missing(tmp_path):
    with pytest.raises(UserError, match=r"lacks column status_\*"):
        taken(tmp_path, "loan,client,began,state_2023_01\nA,Ann,2023-01-05,0\n", BY_DATE)


def test_a_row_that_does_not_fit_keeps_its_text_and_its_number(tmp_path):
    (tmp_path / "wide.csv").write_text(HEADER + "A,Ann,2023-01-05,0,1,x,9\nB,Bob\n")
    with delivered_rows(FileStore(tmp_path), "wide.csv", "standing", BY_DATE) as file:
        found = [misfit for rows in file for misfit in rows.misfits]
    assert [(misfit.number, misfit.text) for misfit in found] == [(2, "B,Bob")]


CELL = st.sampled_from(["", "0", "1", "X", " X ", " ", "C"])


@given(rows=st.lists(st.lists(CELL, min_size=4, max_size=4), max_size=8))
def test_rows_are_the_cells_that_hold_something(rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wide")
    text = io.StringIO()
    names = [f"status_2023_0{number}" for number in (1, 2, 3, 4)]
    out = csv.writer(text)
    out.writerow(["loan", "client", "began", *names])
    for number, cells in enumerate(rows):
        out.writerow([f"L{number}", "c", "2023-01-05", *cells])
    expected = [
        (number, f"2023_0{month}", cell)
        for number, cells in enumerate(rows, 1)
        for month, cell in enumerate(cells, 1)
        if cell.strip() not in ("", "X")
    ]
    found = taken(folder, text.getvalue(), BY_DATE)
    assert [(r["row"], r["*"], r["status_*"]) for r in found] == expected


OF_FILE = SourceSpec.model_validate(
    {
        "table": "orders_{yyyyMM}",
        "role": "applications",
        "columns": {
            "order": {"role": "application"},
            "client": {"role": "customer"},
            "*": {"role": "snapshot", "type": "date"},
        },
    }
)


@pytest.mark.parametrize("coded", [False, True])
@pytest.mark.parametrize(
    "text", ["client,order\nAnn,1\nBob,2\n", "client,order\nAnn,1,\nBob,2,\n", "client,order\n"]
)
def test_rows_without_a_date_are_of_the_month_in_the_name_of_their_file(tmp_path, coded, text):
    (tmp_path / "orders_202403.csv").write_text(text)
    with delivered_rows(FileStore(tmp_path), "orders_202403.csv", "o", OF_FILE, coded) as file:
        places = [file.place(name) for name in ("order", "client", "*")]
        found = [
            row
            for rows in file
            for row in zip(*(rows.cells.column(place).to_pylist() for place in places), strict=True)
        ]
    rows = [("1", "Ann", "2024-03-01"), ("2", "Bob", "2024-03-01")]
    assert found == rows[: 2 * text.count("Ann")]
    inspected = inspect(FileStore(tmp_path), "orders_202403.csv", "o", OF_FILE)
    assert inspected.months == ({date(2024, 3, 1): 2} if found else {})


def test_a_quote_left_open_swallows_no_row_that_has_no_date(tmp_path):
    (tmp_path / "orders_202403.csv").write_text('client,order\nAnn,"1\nBob,2\nCid,3\n')
    with delivered_rows(FileStore(tmp_path), "orders_202403.csv", "o", OF_FILE) as file:
        found = list(file)
    assert sum(len(rows.cells) + len(rows.misfits) for rows in found) == 3


def test_a_file_of_all_months_says_of_none_of_its_rows_which(tmp_path):
    (tmp_path / "orders.csv").write_text("client,order\nAnn,1\n")
    named = OF_FILE.model_copy(update={"table": "orders"})
    with (
        pytest.raises(UserError, match=r"^orders\.csv has no month in its name, .*\(\"\*\"\); del"),
        delivered_rows(FileStore(tmp_path), "orders.csv", "o", named),
    ):
        pass
