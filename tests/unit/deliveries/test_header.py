"""The header of a delivered file: where it stands, what divides it, what it lacks."""

import pytest

from tests.builders.form_file import HEADER, ROWS, refused, taken


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
    marked = HEADER + "\n".join([*ROWS, f"\ufeff{HEADER.strip()}", *ROWS])  # two files made one
    assert taken(tmp_path, marked)[3] == 1
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


def test_the_first_line_names_the_delimiter_sep(tmp_path):
    assert len(taken(tmp_path, "sep=,\r\n" + HEADER + "\n".join(ROWS))[0]) == 20
    assert 'delimiter: ";"' in refused(tmp_path, "sep=;\r\n" + HEADER.replace(",", ";"))


def test_the_header_line_is_missing(tmp_path):
    text = refused(tmp_path, "Jane Doe,1980-05-05,30000,4111111111111111\n" * 3)
    assert "is the header line missing?" in text
    assert "Jane" not in text
    assert "4111" not in text


def test_control_characters_of_a_header_reach_no_terminal(tmp_path):
    text = refused(tmp_path, "client,month,\x1b[31mincome,note\n" + ROWS[0])
    assert "\x1b" not in text
    assert r"\x1b[31mincome" in text


def test_a_quote_is_left_open_in_the_header(tmp_path):
    opened = HEADER.replace("note", '"note')
    for rows in (ROWS, [*ROWS[:9], ROWS[9].replace("ok", '"ok"'), *ROWS[10:]]):
        text = refused(tmp_path, opened + "\n".join(rows))
        assert "leaves a quote open in its header line" in text
    named = HEADER.replace("note", '"note, in full\n(of us, or theirs)"')
    assert len(taken(tmp_path, named + "\n".join(ROWS))[0]) == 20
