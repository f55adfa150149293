"""Bytes of a delivered file: in which encoding, packed or not, and refused by their line."""

import codecs
import gzip

import pytest

from creditrisk.deliveries import plain_text
from tests.builders.form_file import HEADER, ROWS, described, refused, taken


@pytest.mark.parametrize(
    "encoding",
    ["utf-16", "utf-16-le", "utf-32", "cp1252", "utf-8-sig", "cp1250", "cp437", "shift_jis"],
)
def test_a_file_is_in_the_encoding_that_is_described(encoding, tmp_path):
    name = {"shift_jis": "ソフト表", "gb18030": "张伟"}.get(encoding, "Zoë")  # with \\ and | in it
    text = HEADER + f"{name},2023-01-01,1,ok\n"
    cells, *_ = taken(tmp_path, text.encode(encoding), spec=described(encoding))
    assert cells[0][0] == name


@pytest.mark.parametrize("encoding", ["cp037", "cp500", "cp1140", "cp273"])
def test_a_mainframe_ends_its_lines_with_next_line(encoding, tmp_path):
    content = (HEADER + "\n".join(ROWS) + "\n").replace("\n", "\x85").encode(encoding)
    cells, *_ = taken(tmp_path, content, spec=described(encoding))
    assert [",".join(row) for row in cells] == ROWS
    kept, *_ = taken(tmp_path, HEADER + "a\x85b,2023-01-01,1,ok\n")  # elsewhere it is a letter
    assert kept[0][0] == "a\x85b"


def test_a_file_in_another_encoding_is_refused_by_its_line(tmp_path):
    rows = HEADER + "".join(f"{row}\n" for row in ROWS)
    for encoding, content, where in [
        ("cp1252", f"{rows}Zoë,2023-01-01,1,ok\n".encode(), "UTF-8, not in CP1252"),
        ("latin-1", codecs.BOM_UTF8 + rows.encode(), "UTF-8; say so: sources.form.encoding: utf-8"),
        (
            "shift_jis",
            f"{rows}Zoë,2023-01-01,1,ok\n".encode("latin-1"),
            "SHIFT_JIS in line 22 (byte eb",
        ),
        ("cp1250", rows.encode() + b"\x81\n", "CP1250 in line 22 (byte 81)"),
        ("gb18030", rows.encode() + b"\xff,2023-01-01,1,ok\n", "GB18030 in line 22 (byte ff)"),
        ("ascii", rows.replace("c7", "c\xe9").encode("latin-1"), "ASCII in line 9 (byte e9)"),
        ("utf-16", rows.encode("utf-16")[:-1], "UTF-16 in line"),
    ]:
        assert where in refused(tmp_path, content, spec=described(encoding)), encoding


@pytest.mark.parametrize("encoding", ["cp1252", "koi8-r", "iso-8859-2", "gb18030", "shift_jis"])
def test_text_that_is_not_all_ascii_is_not_taken_for_utf_8(encoding, tmp_path):
    name = {"koi8-r": "Рёв", "gb18030": "联通", "shift_jis": "ｿﾌﾄ"}.get(encoding, "Ärger")
    text = HEADER + f"{name},2023-01-01,1,ok\n"
    assert taken(tmp_path, text.encode(encoding), spec=described(encoding))[0][0][0] == name


def test_a_file_is_in_utf_16_and_not_described_so(tmp_path):
    text = HEADER + "Zoë,2023-01-01,1,ok\n"
    assert "encoding: utf-16" in refused(tmp_path, text.encode("utf-16"))
    assert "not UTF-8 in line 2 (byte eb)" in refused(tmp_path, text.encode("latin-1"))
    assert taken(tmp_path, codecs.BOM_UTF8 + text.encode())[0][0][0] == "Zoë"


def test_a_cell_holds_a_nul(tmp_path):
    cells, _, misfits, _ = taken(tmp_path, HEADER + "c1,2023-01-01,1\0,ok\n")
    assert cells == [("c1", "2023-01-01", "1\0", "ok")]
    assert misfits == {}


def test_a_packed_file_has_several_members_or_padding(tmp_path):
    members = [gzip.compress(part.encode()) for part in (HEADER, "\n".join(ROWS))]
    data = b"".join(members) + b"\0" * 512
    assert len(taken(tmp_path, data, "form.csv.gz")[0]) == 20
    assert "cut short" in refused(tmp_path, members[0] + members[1][:-9], "form.csv.gz")


def test_a_packed_file_unpacks_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(plain_text, "MOST_UNPACKED", 1 << 22)
    bomb = gzip.compress((HEADER + "\n" * (1 << 24)).encode())
    assert "unpacks to more than 300 times" in refused(tmp_path, bomb, "form.csv.gz")
