"""Files that are no CSV are refused by what they are."""

import bz2
import gzip
import io
import json
import lzma
import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.builders.form_file import HEADER, ROWS, refused, taken

TEXT = (HEADER + "\n".join(ROWS) + "\n").encode()


def zipped() -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("form.csv", TEXT)
    return found.getvalue()


def tarred() -> bytes:
    found = io.BytesIO()
    with tarfile.open(fileobj=found, mode="w") as archive:
        entry = tarfile.TarInfo("form.csv")
        entry.size = len(TEXT)
        archive.addfile(entry, io.BytesIO(TEXT))
    return found.getvalue()


KINDS = {
    "a ZIP archive or an Excel workbook": zipped(),
    "a tar archive": tarred(),
    "packed with bzip2": bz2.compress(TEXT),
    "packed with xz": lzma.compress(TEXT),
    "packed with gzip": gzip.compress(TEXT),
    "a page in HTML": b"\n<!DOCTYPE html><h1>503</h1>",
    "JSON": json.dumps([{"client": "c1"}]).encode(),
    "a PDF": b"%PDF-1.7\n\xe2\xe3",
    "a pointer of Git LFS": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
}


@pytest.mark.parametrize(("kind", "data"), KINDS.items(), ids=list(KINDS))
def test_a_file_is_something_else_than_csv(kind, data, tmp_path):
    assert f"form.csv is {kind}" in refused(tmp_path, data)
    assert f"form.csv.gz is {kind}" in refused(tmp_path, gzip.compress(data), "form.csv.gz")
    if kind != "packed with gzip":
        assert f"form.csv.gz is {kind}" in refused(tmp_path, data, "form.csv.gz")


def test_a_table_packed_once_is_taken_and_damage_is_called_damage(tmp_path):
    packed = gzip.compress(TEXT)
    assert len(taken(tmp_path, packed, "form.csv.gz")[0]) == 20
    assert "cut short or damaged" in refused(tmp_path, packed + b"PK\x03\x04", "form.csv.gz")


def test_columns_may_be_named_as_other_files_begin(tmp_path):
    for name in ("BZh9", "PAR1", "Objx", "<5"):
        text = f"{name},{HEADER}" + "\n".join(f"0,{row}" for row in ROWS)
        assert len(taken(tmp_path, text)[0]) == 20


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_named(encoding, tmp_path):
    assert f"say so: sources.form.encoding: {encoding}" in refused(
        tmp_path, TEXT.decode().encode(encoding)
    )


@pytest.mark.parametrize("name", ["no end", "another encoding", "not all taken"])
def test_a_process_ends_after_it_refused_or_left_a_file(name, tmp_path):
    rows = (HEADER + "\n".join(ROWS * 20_000)).encode()
    data = {
        "no end": TEXT + b'c,2023-01-01,"' + b"a" * (1 << 26),
        "another encoding": rows + b"\xff",
    }
    (tmp_path / "form.csv").write_bytes(data.get(name, rows))
    program = (
        "from creditrisk.deliveries.reader import delivered_rows\n"
        "from creditrisk.storage.file import FileStore\n"
        "from tests.builders.form_file import SPEC\n"
        f"with delivered_rows(FileStore({str(tmp_path)!r}), 'form.csv', 'form', SPEC) as file:\n"
        f"    for rows in file:\n        {'break' if name == 'not all taken' else 'pass'}\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == (0 if name == "not all taken" else 1)
    assert ("UserError: form.csv" in ended.stderr) is (name != "not all taken")
