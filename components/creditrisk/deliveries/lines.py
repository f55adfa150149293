"""Lines of a delivered file: how one must look to be a row, and where the file ends."""

import csv
import re
from collections.abc import Iterator

from creditrisk.deliveries.delivered_month import read_month
from creditrisk.portfolio import SourceSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.file_column import file_column

# stands below the last row while a file is read: where it is part of a field, the file ended
# within quotes
END = "\x1eend of file\x1e"
_LINE_END = re.compile(r"\r\n|\r|\n")
_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")


def lines_of(text: bytes) -> Iterator[bytes]:
    """Lines with their ends, LF, CR or CRLF, each when it is asked for."""
    return (found[0] for found in _LINE.finditer(text))


class Shape:
    """What a line must look like to be a row of a file."""

    def __init__(self, header: tuple[str, ...], fields: int, spec: SourceSpec) -> None:
        self._fields, self._delimiter, self._width = fields, spec.delimiter, len(header)
        # a wide table without a start has none, nor a file that nobody has described yet
        places = {name: file_column(spec, name) for name in spec.month_columns}
        dated = next((name for name, column in places.items() if column in header), None)
        self._date = (header.index(places[dated]), spec.columns[dated]) if dated else None
        self._undated = spec.in_file_names

    def lines(self, text: str) -> list[str]:
        """The lines that a row's text stands for: one, unless a quote left open swallowed more.

        Lines were swallowed where each of them splits as a row does and has a date where rows
        have theirs; and where the file ends before the quote does.
        """
        parts = [part for part in _LINE_END.split(text.partition(END)[0]) if part]
        if END in text or (len(parts) > 1 and all(map(self._is_row, parts))):
            return parts
        return [text]

    def row(self, text: str) -> list[str] | None:
        """The fields of a row that is like the header but for a delimiter at its end.

        None of one in which nothing stands, whatever its delimiters; null where it is no row.
        """
        if self.lines(text) != [text]:
            return None
        if not text.replace(self._delimiter, " ").strip(SPACE):
            return []
        try:
            cells = next(csv.reader([text], delimiter=self._delimiter), [])
        except csv.Error:  # a field beyond the module's limit
            return None
        more = cells[self._width :]
        return cells[: self._width] if len(cells) >= self._width and more in ([], [""]) else None

    def _is_row(self, line: str) -> bool:
        cells = line.split(self._delimiter)
        if len(cells) != self._fields or self._date is None:
            return len(cells) == self._fields > 1 and self._undated
        place, column = self._date
        return read_month(cells[place].strip('" '), column) is not None


class Below:
    """What stands below the header: whole blocks, then the end."""

    def __init__(self, beginning: bytes, chunks: Iterator[bytes], delimiter: str) -> None:
        self._held, self._chunks, self._delimiter = beginning, chunks, delimiter
        self._end = b""
        self._stopped = False
        self.fault: Exception | None = None

    def ends_in_delimiter(self, fields: int) -> bool:
        """Whether the first row does, where the header does not."""
        lines = (line.decode(errors="ignore") for line in lines_of(self._held))
        try:
            row = next(csv.reader(filter(str.strip, lines), delimiter=self._delimiter), [])
        except csv.Error:  # a first row of one endless field
            return False
        return len(row) == fields + 1 and not row[-1]

    def end(self, fields: int) -> None:
        """The row to put below all others."""
        self._end = f"\n{self._delimiter.join([END] * fields)}\n".encode()

    def stop(self) -> None:
        """The file ends here for whoever reads on."""
        self._stopped = True

    def read(self, size: int) -> bytes:
        """Bytes; after a `fault`, none: it is for whoever takes the rows, in a thread of theirs."""
        try:
            return b"" if self._stopped else self._read(size)
        except Exception as fault:
            self.fault, self._stopped = fault, True
            return b""

    def _read(self, size: int) -> bytes:
        parts, held = [self._held], len(self._held)
        while held < size and not self._stopped:
            chunk = next(self._chunks, None)
            if chunk is None:
                parts.append(self._end)
                self._end = b""
                break
            parts.append(chunk)
            held += len(chunk)
        text = b"".join(parts)
        self._held = text[size:]
        return text[:size]
