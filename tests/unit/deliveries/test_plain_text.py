"""Files in any encoding: read in the one that is described, refused in another by their line."""

import codecs

import pytest

from tests.unit.deliveries.test_reader import HEADER, ROWS, described, refused, taken


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
