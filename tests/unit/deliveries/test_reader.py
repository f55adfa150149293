"""Rows of a delivered file: what is taken, kept aside and refused."""

import pytest

from creditrisk.deliveries import arrow_rows
from tests.builders.form_file import HEADER, ROWS, refused, taken


@pytest.mark.parametrize(
    "content",
    [
        "\r\n".join([HEADER.strip(), *ROWS]),
        HEADER.strip() + "\r\n" + "\n".join(ROWS),
        HEADER + "\r\n".join(ROWS[:15]) + "\r\n" + "\n".join(ROWS[15:]),
        HEADER + "\r".join(ROWS[:2]) + "\n" + "\n".join(ROWS[2:]) + "\n\n\n",
    ],
    ids=["CRLF", "CRLF then LF", "two exports", "one CR"],
)
def test_line_ends_differ_within_a_file(content, tmp_path):
    cells, numbers, misfits, _ = taken(tmp_path, content)
    assert [",".join(row) for row in cells] == ROWS
    assert numbers == list(range(1, 21))
    assert misfits == {}


def test_a_quote_is_left_open(tmp_path):
    rows = [*ROWS[:5], 'c5,2023-01-01,105,"5 inch tv', *ROWS[6:]]
    cells, numbers, misfits, _ = taken(tmp_path, HEADER + "\n".join(rows) + "\n")
    assert [",".join(row) for row in cells] == ROWS[:5]
    assert sorted([*numbers, *misfits]) == list(range(1, 21))
    assert misfits[7] == ROWS[6]


def test_two_quotes_left_open_lose_no_row_between_them(tmp_path):
    rows = [*ROWS[:3], 'c3,2023-01-01,103,"late', *ROWS[4:13], 'c13,2023-01-01,1,"late', *ROWS[14:]]
    cells, numbers, misfits, _ = taken(tmp_path, HEADER + "\n".join(rows))
    assert len(cells) + len(misfits) == 20
    assert numbers == [1, 2, 3, *range(15, 21)]
    assert misfits[5] == ROWS[4]


def test_a_quoted_field_may_hold_lines_that_are_no_rows(tmp_path):
    cells, _, misfits, _ = taken(tmp_path, HEADER + 'c1,2023-01-01,1,"a street,\r\na ""town"""\n')
    assert cells == [("c1", "2023-01-01", "1", 'a street,\r\na "town"')]
    assert misfits == {}


@pytest.mark.parametrize(
    "empty", ["\t", ",,", ",,,,,,", ",,,", '"","","",""', " ,\t, ,", '"", , ,"\u00a0"']
)
def test_rows_hold_nothing_but_delimiters(empty, tmp_path):
    content = HEADER + "\n".join([*ROWS, *[empty] * 30])
    cells, _, misfits, blank = taken(tmp_path, content)
    assert (len(cells), misfits, blank) == (20, {}, 30)


def test_every_row_ends_in_a_delimiter(tmp_path):
    rows = [f"{row}," for row in ROWS]
    cells, _, misfits, _ = taken(tmp_path, HEADER + "\n".join(rows))
    assert (len(cells), misfits) == (20, {})
    rows[7] += "more"
    _, numbers, misfits, _ = taken(tmp_path, HEADER + "\n".join(rows))
    assert misfits == {8: rows[7]}
    assert 8 not in numbers


@pytest.mark.parametrize("first", [0, 1])
def test_some_rows_end_in_a_delimiter(first, tmp_path):
    rows = [f"{row}," if (n + first) % 2 else row for n, row in enumerate(ROWS)]
    cells, numbers, misfits, blank = taken(tmp_path, HEADER + "\n".join([*rows, "x,y"]))
    assert [",".join(row) for row in cells] == ROWS
    assert numbers == [*range(1, 21)]
    assert (misfits, blank) == ({21: "x,y"}, 0)
    opened = rows[-1].rstrip(",").replace("ok", '"ok')
    assert taken(tmp_path, HEADER + "\n".join([*rows[:-1], opened]))[2].keys() == {20}


def test_a_row_has_no_end(tmp_path, monkeypatch):
    monkeypatch.setattr(arrow_rows, "LONGEST_ROW", 1 << 20)
    endless = HEADER + "\n".join(ROWS) + '\nc99,2023-01-01,1,"' + "x,\n" * (1 << 20)
    assert "row of more than 1 MB, below row" in refused(tmp_path, endless)


def test_a_page_of_a_report_begins_with_a_form_feed(tmp_path):
    pages = [*ROWS[:10], f"\f{HEADER.strip()}", f"\f{ROWS[10]}", *ROWS[11:]]
    cells, _, misfits, blank = taken(tmp_path, HEADER + "\n".join(pages))
    assert (len(cells), misfits, blank) == (20, {}, 1)
