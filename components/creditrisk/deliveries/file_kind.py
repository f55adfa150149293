"""Files that are no CSV, known by how they begin: archives, workbooks, pages, other tables."""

from creditrisk.errors import UserError

_BEGINNINGS: dict[bytes, str] = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "an Excel workbook (.xls)",
    b"\x1f\x8b\x08": "packed with gzip",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ\x00": "packed with xz",
    b"\x28\xb5\x2f\xfd": "packed with Zstandard",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"PAR1\x15": "Parquet",
    b"Obj\x01": "Avro",
    b"SQLite format 3\x00": "an SQLite database",
    b"\x89HDF\r\n": "HDF5",
    b"%PDF-": "a PDF",
    b"-----BEGIN PGP": "encrypted with PGP",
    b"version https://git-lfs": "a pointer of Git LFS to the file itself",
    b"<!doctype": "a page in HTML",
    b"<html": "a page in HTML",
    b"<?xml": "XML",
    b'{"': "JSON",
    b"[{": "JSON",
}
_SIGNED = {b"BZh": b"1AY&SY"}  # further on, where the beginning alone may be a column's name
_TAR = slice(257, 262)  # where an archive of tar says that it is one
MOST = 512  # bytes that are looked at


def refuse_other_kind(key: str, beginning: bytes) -> None:
    """`UserError` where a file is something else than the text of a table."""
    kind = next((kind for mark, kind in _BEGINNINGS.items() if _begins(beginning, mark)), None)
    if beginning[_TAR] == b"ustar":
        kind = "a tar archive"
    if kind:
        raise UserError(
            f"{key} is {kind}; deliver the table as CSV, plain (.csv) or packed with gzip (.csv.gz)"
        )


def unmarked_utf_16(beginning: bytes) -> str:
    """The encoding of text in UTF-16 that has no mark; empty where it is none."""
    halves = {"utf-16-le": beginning[1:MOST:2], "utf-16-be": beginning[0:MOST:2]}
    zeros = {name: half.count(0) for name, half in halves.items()}
    most, least = max(zeros, key=zeros.__getitem__), min(zeros.values())
    return most if 2 * zeros[most] > len(halves[most]) and not least else ""


def _begins(beginning: bytes, mark: bytes) -> bool:
    first = beginning.lstrip()[: len(mark)]
    return mark in (first, first.lower()) and _SIGNED.get(mark, b"") in beginning[:MOST]
