"""The reader held against two others: Python's and DuckDB's."""

import csv
import io

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditrisk.portfolio.column import SPACE
from tests.builders.form_file import HEADER, taken

cells_ = st.text(alphabet='ab,"\r\n é\0;', max_size=6)
rows_ = st.lists(st.tuples(cells_, cells_, cells_, cells_), max_size=8)


@given(rows=rows_, end=st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_wrote_is_read_as_it_was(rows, end, tmp_path_factory):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER.strip().split(","), *rows])
    cells, numbers, misfits, blank = taken(tmp_path_factory.mktemp("csv"), text.getvalue())
    full = [n for n, row in enumerate(rows, 1) if any(cell.strip(SPACE) for cell in row)]
    assert cells == [rows[n - 1] for n in full]
    assert numbers == full
    assert (misfits, blank) == ({}, len(rows) - len(full))


garbage = st.lists(
    st.sampled_from([*'ab,",;\n" é', "\r\n", "2023-01-01", "\nc1,2023-01-01,5,ok\n"]), max_size=40
).map("".join)


def ends_within_quotes(body: str) -> bool:
    """Whether a line put below it is none to Python's reader either."""
    found, more = (
        [row for row in csv.reader(io.StringIO(text, newline="")) if row]
        for text in (body, f"{body}\nx")
    )
    return len(found) == len(more)


@given(body=garbage)
def test_of_garbage_no_row_is_lost_and_none_is_made_up(body, tmp_path_factory):
    folder = tmp_path_factory.mktemp("garbage")
    cells, numbers, misfits, blank = taken(folder, HEADER + body)
    expected = [row for row in csv.reader(io.StringIO(body, newline="")) if row]
    within_quotes = body.count('"') and (
        ends_within_quotes(body) or any("\n" in cell for row in expected for cell in row)
    )
    assert len({*numbers, *misfits}) == len(numbers) + len(misfits)
    if not within_quotes:
        assert len(cells) + len(misfits) + blank == len(expected)
        fitting = [
            tuple(row[:4])
            for row in expected
            if len(row) in (4, 5) and any(map(str.strip, row)) and not any(row[4:])
        ]
        assert [tuple(cell or "" for cell in row) for row in cells] == fitting
    else:
        assert len(cells) + len(misfits) + blank >= len(expected)


@pytest.mark.parametrize("seed", range(5))
def test_duckdb_reads_the_same_rows(seed, tmp_path):
    rng = np.random.default_rng(seed)
    words = ["plain", "two words", 'a "quoted" one', "a, b", "line\nend", "é", ""]
    rows = [[f"c{n}", "2023-01-01", f"{rng.normal():.3f}", rng.choice(words)] for n in range(500)]
    with (tmp_path / "form.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER.strip().split(","), *rows])
    cells, *_ = taken(tmp_path, (tmp_path / "form.csv").read_bytes())
    found = duckdb.read_csv(tmp_path / "form.csv", all_varchar=True, header=True).fetchall()
    assert [tuple(cell or "" for cell in row) for row in cells] == [
        tuple(cell or "" for cell in row) for row in found
    ]
