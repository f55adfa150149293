"""What is known of a delivered file: its months, their rows and their digests."""

from creditrisk.deliveries import arrow_rows
from creditrisk.deliveries.delivered_file import comparable, inspect
from creditrisk.storage.file import FileStore
from tests.builders.form_file import HEADER, SPEC


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


def test_whether_a_file_ends_with_a_line_end_is_known_in_every_encoding(tmp_path):
    for encoding in ("utf-8", "utf-16", "cp1252", "cp037"):
        spec = SPEC.model_copy(update={"encoding": encoding})
        for end, cut in (("", True), ("\n", False), ("\r\n", False)):
            text = f"{HEADER}c1,2023-01-01,1,ok{end}"
            (tmp_path / "form.csv").write_bytes(text.encode(encoding))
            assert inspect(FileStore(tmp_path), "form.csv", "form", spec).cut is cut, encoding
