"""The text of a delivered file as a stream of UTF-8 bytes: unpacked, decoded, hashed, bounded.

What cannot be read as text is a `UserError` that names the file and what to do.
"""

import codecs
import gzip
import hashlib
import io
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import IO

import numpy as np

from creditrisk.deliveries.file_kind import MOST, refuse_other_kind, unmarked_utf_16
from creditrisk.deliveries.joined_files import Joined, delivered_parts, opened
from creditrisk.errors import UserError
from creditrisk.portfolio import SourceSpec
from creditrisk.storage import Store

CHUNK = 1 << 20
# a table of text packs 5 to 50 times; what packs hundreds of times is no table
MOST_UNPACKED, MOST_TIMES = 1 << 29, 300
_GZIP = b"\x1f\x8b"
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    # the longer one first: UTF-32's begins as UTF-16's does
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
ENDS_OPEN = "ends without a line end, as no other file does"
_NEXT_LINE = "\x85"


class PlainText:
    """A file's text. `sha256` is of its bytes as delivered, once all chunks were taken."""

    def __init__(self, stream: IO[bytes], key: str, source: str, spec: SourceSpec) -> None:
        self.key, self.source, self.spec = key, source, spec
        self._raw = _Hashing(stream)
        self._joined = stream if isinstance(stream, Joined) else None
        self._headers_again = self._joined.headers_again if self._joined else 0
        packed = key.endswith(".gz")
        self._bytes = gzip.GzipFile(fileobj=self._raw) if packed else self._raw
        self.line = 1  # that was read last
        self.cut = False  # once all chunks were taken: it ends without a line end

    @property
    def sha256(self) -> str:
        return self._raw.digest.hexdigest()

    def own_headers(self, found: int) -> int:
        """How many of the next headers found between rows begin a file of those read as one."""
        own = min(found, self._headers_again)
        self._headers_again -= own
        return own

    def chunks(self) -> Iterator[bytes]:
        """UTF-8 without a byte order mark, chunk by chunk."""
        chunk, unpacked = self._read(), 0
        text = codecs.lookup(self.spec.encoding).name
        refuse_other_kind(self.key, chunk[:MOST])
        self._refuse_mark(chunk, text)
        decoder, as_ascii = codecs.getincrementaldecoder(text)(), _has_ascii(text)
        hidden, next_line = _HiddenUtf8(text), _is_of_mainframes(text)
        end = b""
        while chunk:
            unpacked += len(chunk)
            if unpacked > max(MOST_UNPACKED, MOST_TIMES * self._raw.size):
                raise UserError(
                    f"{self.key} unpacks to more than {MOST_TIMES} times its size: it is no"
                    " table; deliver it again"
                )
            if as_ascii and chunk.isascii() and not decoder.getstate()[0]:
                end = chunk[-1:]
                yield chunk  # most are: they need no decoding
                self.line += _line_ends(chunk)
            else:
                plain = decoder.decode(chunk)
                if next_line:
                    plain = plain.replace(_NEXT_LINE, "\n")
                utf8 = (plain.lstrip("\ufeff") if self.line == 1 else plain).encode()
                end = plain[-1:].encode() or end
                yield utf8
                self.line += _line_ends(utf8)
            hidden.look(chunk)
            chunk = self._read()
        yield decoder.decode(b"", final=True).encode()
        self.cut = end not in (b"\n", b"\r") or (self._joined is not None and self._joined.cut)
        if hidden.found:
            raise UserError(
                f"{self.key} is written in UTF-8, not in {self.spec.encoding.upper()};"
                f" say so: sources.{self.source}.encoding: utf-8"
            )
        while self._raw.read(CHUNK):  # what gzip left unread
            pass

    def _read(self) -> bytes:
        try:
            return self._bytes.read(CHUNK)
        except gzip.BadGzipFile:
            self._raw.read(MOST)
            if not self._raw.beginning.startswith(_GZIP):  # else it is damaged further on
                refuse_other_kind(self.key, self._raw.beginning)
            raise

    def _refuse_mark(self, beginning: bytes, text: str) -> None:
        found = next((name for mark, name in _MARKS.items() if beginning.startswith(mark)), None)
        found = found or unmarked_utf_16(beginning)
        if found and not text.startswith(found):
            raise UserError(
                f"{self.key} is written in {found.upper()};"
                f" say so: sources.{self.source}.encoding: {found}"
            )


class _HiddenUtf8:
    """Whether bytes described as of an alphabet, a byte a letter, are UTF-8 throughout.

    Text of such an alphabet that is not all ASCII hardly ever is: it would be `Ã¼` for `ü`.
    """

    def __init__(self, encoding: str) -> None:
        self._decoder = None if _holds_back(encoding) else codecs.getincrementaldecoder("utf-8")()
        self._other = False  # something else than ASCII

    @property
    def found(self) -> bool:
        return self._decoder is not None and self._other

    def look(self, chunk: bytes) -> None:
        if self._decoder is None or (chunk.isascii() and not self._decoder.getstate()[0]):
            return
        self._other = True
        try:
            self._decoder.decode(chunk)
        except UnicodeDecodeError:
            self._decoder = None


def _is_of_mainframes(encoding: str) -> bool:
    """Whether it is a form of EBCDIC, in which lines end with NEL."""
    try:
        return b"\x15".decode(encoding) == _NEXT_LINE
    except UnicodeDecodeError:
        return False


@lru_cache
def _has_ascii(encoding: str) -> bool:
    """Whether ASCII's bytes are its characters, whatever stands around them."""
    plain = bytes(range(128))
    try:
        return plain.decode(encoding) == plain.decode("ascii")
    except UnicodeDecodeError:
        return False


@lru_cache
def _holds_back(encoding: str) -> bool:
    """Whether a letter may have several bytes: a decoder that got the first one waits."""
    for byte in range(128, 256):
        try:
            if not codecs.getincrementaldecoder(encoding)().decode(bytes([byte])):
                return True
        except UnicodeDecodeError:
            continue
    return False


def _line_ends(text: bytes) -> int:
    held = np.frombuffer(text, dtype=np.uint8)  # `bytes.count` takes four times as long
    return int(np.count_nonzero(held == ord("\n")) or np.count_nonzero(held == ord("\r")))


class _Hashing(io.RawIOBase):
    """A byte stream that remembers beginning, size and sha256 of what was read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self.digest, self.size = stream, hashlib.sha256(), 0
        self.beginning = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = bytes(self._stream.read(size))
        self.digest.update(data)
        self.beginning += data[: MOST - len(self.beginning)]
        self.size += len(data)
        return data


@contextmanager
def plain_text(landing: Store, key: str, source: str, spec: SourceSpec) -> Iterator[PlainText]:
    """A file of a landing folder; a `UserError` where it is no text in its source's encoding.

    Of several that are read as one, it names the one.
    """
    try:
        with _text(landing, key, source, spec) as text:
            yield text
    except UserError:
        with suppress(KeyError):  # one that went away names none
            for part in delivered_parts(landing, key):
                with _text(landing, part, source, spec) as alone:
                    deque(alone.chunks(), maxlen=0)
        raise


@contextmanager
def _text(landing: Store, key: str, source: str, spec: SourceSpec) -> Iterator[PlainText]:
    text: PlainText | None = None
    try:
        with opened(landing, key, spec.encoding) as stream:
            text = PlainText(stream, key, source, spec)
            yield text
    except UnicodeError as error:
        found, line = "", text.line if text else 1
        if isinstance(error, UnicodeDecodeError):
            line += _line_ends(error.object[: error.start])
            found = f" (byte {error.object[error.start]:02x})"
        raise UserError(
            f"{key} is not {spec.encoding.upper()} in line {line}{found};"
            f" export it again, or say how it is written: sources.{source}.encoding"
        ) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError(f"{key} is cut short or damaged ({error}); deliver it again") from None
