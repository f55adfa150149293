"""The one reader: what it takes, keeps aside and refuses, held against two other readers."""

import codecs
import csv
import gzip
import io
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditrisk.deliveries import arrow_rows, plain_text
from creditrisk.deliveries.delivered_file import comparable, inspect
from creditrisk.deliveries.reader import delivered_rows
from creditrisk.errors import UserError
from creditrisk.portfolio import SourceSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.storage.file import FileStore

SPEC = SourceSpec.model_validate(
    {
        "table": "form",
        "role": "applications",
        "columns": {
            "client": {"role": "customer", "type": "text"},
            "month": {"role": "snapshot", "type": "date"},
            "income": {"type": "number"},
        },
    }
)
HEADER = "client,month,income,note\n"
ROWS = [f"c{n},2023-01-01,{100 + n},ok" for n in range(20)]


def taken(folder: Path, content: str | bytes, name: str = "form.csv", spec: SourceSpec = SPEC):
    """Cells, numbers, misfits by number, and blank rows of a file."""
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    with delivered_rows(FileStore(folder), name, "form", spec) as file:
        found = list(file)
    fields = len(file.header)
    cells = [
        tuple(cell.as_py() for cell in row)
        for rows in found
        for row in zip(*rows.cells.columns[:fields], strict=True)
    ]
    numbers = [int(number) for rows in found for number in rows.numbers]
    misfits = {misfit.number: misfit.text for rows in found for misfit in rows.misfits}
    return cells, numbers, misfits, sum(rows.blank for rows in found)


def refused(
    folder: Path, content: str | bytes, name: str = "form.csv", spec: SourceSpec = SPEC
) -> str:
    with pytest.raises(UserError) as error:
        taken(folder, content, name, spec)
    text = str(error.value)
    assert text.startswith(name)
    assert "\n" not in text
    return text


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


@pytest.mark.parametrize("empty", [",,,", '"","","",""', " ,\t, ,", '"", , ,"\u00a0"'])
def test_rows_hold_nothing_but_delimiters(empty, tmp_path):
    content = HEADER + "\n".join([*ROWS, *[empty] * 30])
    cells, _, misfits, blank = taken(tmp_path, content)
    assert (len(cells), misfits, blank) == (20, {}, 30)


def test_a_blank_row_stands_above_the_header(tmp_path):
    cells, numbers, _, _ = taken(tmp_path, ",,,\n\n" + HEADER + "\n".join(ROWS))
    assert (len(cells), numbers[0]) == (20, 1)


def test_the_header_stands_between_rows_again(tmp_path):
    cells, numbers, misfits, blank = taken(
        tmp_path, HEADER + "\n".join([*ROWS[:10], HEADER.strip(), *ROWS[10:]])
    )
    assert [",".join(row) for row in cells] == ROWS
    assert numbers == [*range(1, 11), *range(12, 22)]
    assert (misfits, blank) == ({}, 1)
    almost = HEADER.strip().replace("note", "more")
    assert len(taken(tmp_path, HEADER + "\n".join([*ROWS, almost]))[0]) == 21


def test_the_header_stands_below_other_lines(tmp_path):
    text = refused(tmp_path, "Applications of March\n\n" + HEADER + "\n".join(ROWS))
    assert "below 2 other lines: deliver it without what stands above its header" in text
    assert "March" not in text


@pytest.mark.parametrize(
    ("mark", "what"),
    [
        ("\t", 'by tabs; say so: sources.form.delimiter: "\\t"'),
        ("~", "by '~'; say so: sources.form.delimiter: \"~\""),
        ("\x01", 'say so: sources.form.delimiter: "\\x01"'),
        ("||", "by '||'; a delimiter is one character of ASCII"),
        ("::", "by '::'; a delimiter is one character of ASCII"),
        ("§", "by '§'; a delimiter is one character of ASCII"),
    ],
)
def test_the_delimiter_that_is_there_is_named(mark, what, tmp_path):
    assert what in refused(tmp_path, (HEADER + "\n".join(ROWS)).replace(",", mark))


def test_columns_in_another_case_are_no_missing_header(tmp_path):
    text = refused(tmp_path, HEADER.upper() + "\n".join(ROWS))
    assert 'if "CLIENT" is client, write "CLIENT: {...}"' in text


def test_every_row_ends_in_a_delimiter(tmp_path):
    rows = [f"{row}," for row in ROWS]
    cells, _, misfits, _ = taken(tmp_path, HEADER + "\n".join(rows))
    assert (len(cells), misfits) == (20, {})
    rows[7] += "more"
    _, numbers, misfits, _ = taken(tmp_path, HEADER + "\n".join(rows))
    assert misfits == {8: rows[7]}
    assert 8 not in numbers


def test_the_first_line_names_the_delimiter_sep(tmp_path):
    assert len(taken(tmp_path, "sep=,\r\n" + HEADER + "\n".join(ROWS))[0]) == 20
    assert 'delimiter: ";"' in refused(tmp_path, "sep=;\r\n" + HEADER.replace(",", ";"))


def test_a_packed_file_has_several_members_or_padding(tmp_path):
    members = [gzip.compress(part.encode()) for part in (HEADER, "\n".join(ROWS))]
    data = b"".join(members) + b"\0" * 512
    assert len(taken(tmp_path, data, "form.csv.gz")[0]) == 20
    assert "cut short" in refused(tmp_path, members[0] + members[1][:-9], "form.csv.gz")


def test_a_cell_holds_a_nul(tmp_path):
    cells, _, misfits, _ = taken(tmp_path, HEADER + "c1,2023-01-01,1\0,ok\n")
    assert cells == [("c1", "2023-01-01", "1\0", "ok")]
    assert misfits == {}


@pytest.mark.parametrize(
    "encoding",
    ["utf-16", "utf-16-le", "utf-32", "cp1252", "utf-8-sig", "cp1250", "cp437", "shift_jis"],
)
def test_a_file_is_in_the_encoding_that_is_described(encoding, tmp_path):
    name = {"shift_jis": "ソフト表", "gb18030": "张伟"}.get(encoding, "Zoë")  # with \\ and | in it
    text = HEADER + f"{name},2023-01-01,1,ok\n"
    cells, *_ = taken(tmp_path, text.encode(encoding), spec=described(encoding))
    assert cells[0][0] == name


def described(encoding: str) -> SourceSpec:
    return SourceSpec.model_validate(SPEC.model_dump() | {"encoding": encoding})


def test_a_file_is_in_utf_16_and_not_described_so(tmp_path):
    text = HEADER + "Zoë,2023-01-01,1,ok\n"
    assert "encoding: utf-16" in refused(tmp_path, text.encode("utf-16"))
    assert "not UTF-8 in line 2 (byte eb)" in refused(tmp_path, text.encode("latin-1"))
    assert taken(tmp_path, codecs.BOM_UTF8 + text.encode())[0][0][0] == "Zoë"


def test_a_packed_file_unpacks_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(plain_text, "MOST_UNPACKED", 1 << 22)
    bomb = gzip.compress((HEADER + "\n" * (1 << 24)).encode())
    assert "unpacks to more than 300 times" in refused(tmp_path, bomb, "form.csv.gz")


def test_a_row_has_no_end(tmp_path, monkeypatch):
    monkeypatch.setattr(arrow_rows, "LONGEST_ROW", 1 << 20)
    endless = HEADER + "\n".join(ROWS) + '\nc99,2023-01-01,1,"' + "x,\n" * (1 << 20)
    assert "row of more than 1 MB, below row" in refused(tmp_path, endless)


def test_the_header_line_is_missing(tmp_path):
    text = refused(tmp_path, "Jane Doe,1980-05-05,30000,4111111111111111\n" * 3)
    assert "is the header line missing?" in text
    assert "Jane" not in text
    assert "4111" not in text


def test_control_characters_of_a_header_reach_no_terminal(tmp_path):
    text = refused(tmp_path, "client,month,\x1b[31mincome,note\n" + ROWS[0])
    assert "\x1b" not in text
    assert r"\x1b[31mincome" in text


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
        trailing = bool(expected) and len(expected[0]) == 5 and not expected[0][4]
        widths = {4, 5} if trailing else {4}  # a first row that ends in a comma: all may
        fitting = [
            tuple(row[:4])
            for row in expected
            if len(row) in widths and any(map(str.strip, row)) and not any(row[4:])
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


def test_the_digest_of_a_month_is_its_rows_however_they_come_in_blocks(tmp_path, monkeypatch):
    rows = [f"c{n},2023-{1 + n // 5000:02d}-01,{n},ok" for n in range(20_000)]
    (tmp_path / "form.csv").write_text(HEADER + "\n".join(rows))
    whole = inspect(FileStore(tmp_path), "form.csv", "form", SPEC)
    monkeypatch.setattr(arrow_rows, "LONGEST_ROW", 1 << 14)
    in_blocks = inspect(FileStore(tmp_path), "form.csv", "form", SPEC)
    assert whole == in_blocks
    assert list(whole.months.values()) == [5000] * 4
    (tmp_path / "form.csv").write_text(HEADER + "\n".join([*rows[:-1], "c,2023-04-01,1,ok"]))
    changed = inspect(FileStore(tmp_path), "form.csv", "form", SPEC)
    differing = [month for month in whole.content if whole.content[month] != changed.content[month]]
    assert [f"{month}" for month in differing] == ["2023-04-01"]


def test_times_of_day_cost_no_more_than_dates(tmp_path):
    column = SPEC.columns["month"].model_copy(update={"format": "yyyy-MM-dd HH:mm:ss"})
    spec = SPEC.model_copy(update={"columns": {**SPEC.columns, "month": column}})
    times = ["2023-01-31 23:59:59", "2023-02-01 00:00:00", "2023-02-01 24:00:00", "2023-02-01"]
    rows = "\n".join(f"c,{time},1,ok" for time in times)
    (tmp_path / "form.csv").write_text(HEADER + rows)
    found = inspect(FileStore(tmp_path), "form.csv", "form", spec)
    assert {f"{month}": rows for month, rows in found.months.items()} == {
        "2023-01-01": 1,
        "2023-02-01": 1,
    }
    assert found.rows == 4


def test_digests_of_an_earlier_release_are_not_compared():
    old, new = "a" * 64, "2:" + "b" * 32
    assert not comparable(old, new)
    assert comparable(new, "2:" + "c" * 32)
    assert comparable("no rows", new)
    assert comparable(old, "no rows")
    assert comparable(None, new)
