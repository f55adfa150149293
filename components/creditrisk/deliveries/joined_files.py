"""Several files read as one: `clicks/2024-02-*.csv`, a file a day, `LoanStats_*.csv`, a quarter.

Each of them begins with the same header, which the reader leaves out where it comes again.
"""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import chain
from typing import IO, cast

from creditrisk.errors import UserError, printable
from creditrisk.portfolio.source import STAR
from creditrisk.storage import Store

SEVERAL = "or write * in its name for several files a month: clicks_{yyyyMM}*"
_LONGEST_HEADER = 1 << 16  # bytes


def joined_key(table: str, month: date, part: str) -> str:
    """What the files of a month are called together: the table's name with the month in it."""
    ending = ".csv.gz" if part.endswith(".gz") else ".csv"
    written = re.search(r"\{([^}]*)\}", table)
    shape = written[1] if written else ""
    named = shape.replace("yyyy", f"{month:%Y}").replace("MM", f"{month:%m}").replace("dd", STAR)
    return table.replace(f"{{{shape}}}", named) + ending


def parts_of(key: str, keys: Iterable[str]) -> list[str]:
    """The files that a joined key stands for, in the order of their names."""
    shape = re.compile("[^/]*".join(map(re.escape, key.split(STAR))))
    return sorted(one for one in keys if shape.fullmatch(one))


def delivered_parts(landing: Store, key: str) -> list[str]:
    """The same of a landing folder; of a key without a `*`, none."""
    folder = key.rpartition("/")[0]
    return parts_of(key, landing.keys(f"{folder}/".lstrip("/"))) if STAR in key else []


@contextmanager
def opened(landing: Store, key: str, encoding: str) -> Iterator[IO[bytes]]:
    """A delivered file, or several as one; `KeyError` where there is none."""
    if STAR not in key:
        with landing.open(key) as stream:
            yield stream
        return
    parts = delivered_parts(landing, key)
    if not parts:
        raise KeyError(key)
    try:
        again = _headers_again(landing, parts, encoding)
    except KeyError as lost:
        raise UserError(f"{printable(lost.args[0])} is a link to nothing; deliver a file") from None
    yield cast("IO[bytes]", Joined(landing, parts, encoding, again))


def _headers_again(landing: Store, parts: list[str], encoding: str) -> int:
    """How many files begin with the columns of the first, as rows of the whole.

    `UserError` where one has others: its rows would be misread.
    """
    again = 0
    found = ((part, first_line(landing, part, encoding)) for part in parts)
    first, header = next(((part, header) for part, header in found if header), ("", ""))
    for part, other in found:
        again += bool(other)
        if other not in (header, ""):
            raise UserError(
                f"{printable(part)} does not begin with the columns of {printable(first)};"
                " files that are read as one begin alike: deliver them so"
            )
    return again


def first_line(landing: Store, part: str, encoding: str) -> str:
    """Of a file, without its end; empty where there is none."""
    with landing.open(part) as stream:
        plain = gzip.GzipFile(fileobj=stream) if part.endswith(".gz") else stream
        try:
            text = plain.read(_LONGEST_HEADER).decode(encoding, errors="replace")
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UserError(
                f"{printable(part)} is cut short or damaged ({error}); deliver it again"
            ) from None
    return re.split("[\r\n\x85]", text.lstrip("\ufeff"), maxsplit=1)[0]


class Joined(io.RawIOBase):
    """The bytes of one file after the other, a line end between them."""

    def __init__(self, landing: Store, parts: list[str], encoding: str, again: int) -> None:
        self.headers_again = again
        self.cut = False  # some file of them ends without a line end; of packed ones unknown
        self._line_end = _line_end(landing, parts[0], encoding)
        self._chunks = chain.from_iterable(self._part(landing, part) for part in parts)
        self._held = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._held) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._held += chunk
        end = len(self._held) if size < 0 else size
        taken, self._held = self._held[:end], self._held[end:]
        return taken

    def _part(self, landing: Store, part: str) -> Iterator[bytes]:
        end = b""
        with landing.open(part) as stream:
            while chunk := stream.read(1 << 20):
                yield chunk
                end = (end + chunk)[-len(self._line_end) :]
        if part.endswith(".gz"):
            yield gzip.compress(self._line_end)
            return
        self.cut |= bool(end) and end != self._line_end and not end.endswith(b"\r")
        yield self._line_end


def _line_end(landing: Store, part: str, encoding: str) -> bytes:
    """As it is written there: of two byte orders, in that of the first file."""
    name = codecs.lookup(encoding).name
    if name in ("utf-16", "utf-32"):
        with landing.open(part) as stream:
            plain = gzip.GzipFile(fileobj=stream) if part.endswith(".gz") else stream
            name += "-be" if plain.read(1) in (b"\xfe", b"\x00") else "-le"
    return "\n".encode(name).removeprefix(codecs.BOM_UTF8)
