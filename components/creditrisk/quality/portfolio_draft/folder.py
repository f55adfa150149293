"""Which files of a folder are which table, how they are written, and what cannot be read."""

import codecs
import csv
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import takewhile

from creditrisk.deliveries.header import DELIMITERS
from creditrisk.deliveries.joined_files import first_line, joined_key, parts_of
from creditrisk.deliveries.links import refuse_no_files
from creditrisk.deliveries.plain_text import plain_text
from creditrisk.errors import UserError
from creditrisk.portfolio import ColumnSpec, SourceSpec
from creditrisk.portfolio.file_name import month_of, name_pattern
from creditrisk.portfolio.source import STAR
from creditrisk.quality.portfolio_check.table import Table, header_of, read_table
from creditrisk.quality.portfolio_draft.first_line import refuse_no_header
from creditrisk.quality.portfolio_draft.wide_columns import wide_columns
from creditrisk.storage import Store

_FILE = re.compile(r"((?:[^/]+/)?[^/]+?)\.csv(?:\.gz)?")
_MONTH = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])(?:(\2)(0[1-9]|[12]\d|3[01]))?(?!\d)"
)
ONE_BYTE = ("windows-1252", "iso-8859-1")
_JAPANESE = "cp932"
_ENCODINGS = ("utf-8", "utf-16", _JAPANESE, *ONE_BYTE)  # tried in this order
_NOT_ITS_LETTERS = re.compile("[\x80-\u2fff\uff61-\uff9f]")  # half-width ones: of other encodings
_TOGETHER = re.compile("[^\\x00-\\x7f]{2,}")
_NEARLY_ALL = 0.8  # of those letters: some stand alone, as units do
_LINES = 200  # looked at to find the delimiter


@dataclass(frozen=True)
class Files:
    """The files of a table, oldest first; `table`: as a portfolio file names it."""

    table: str
    keys: tuple[str, ...]

    @property
    def source(self) -> str:
        """A name for what they hold: the table's without a month."""
        name = re.sub(r"\{[^}]*\}", "", self.table).strip("/_-. *")
        return re.sub(r"\W+", "_", name.rpartition("/")[2]).strip("_").lower() or "table"


def tables_of(folder: Store) -> tuple[list[Files], list[str]]:
    """The tables of a folder, and the files that the ETL does not read."""
    stems: dict[str, str] = {}
    others = []
    for key in sorted(folder.keys()):
        file = _FILE.fullmatch(key)
        if file:
            stems[key] = file[1]
        elif not re.search(r"(^|/)[._]", key):  # what systems leave beside files
            others.append(key)
    named = {key: _by_month(stem) for key, stem in stems.items()}
    several = Counter(named.values())
    found: dict[str, list[str]] = defaultdict(list)
    for key, stem in stems.items():
        found[named[key] if several[named[key]] > 1 else stem].append(key)
    alone = {keys[0]: table for table, keys in found.items() if len(keys) == 1}
    parted = _parted(folder, alone, list(stems))
    apart = {key for files in parted for key in parts_of(files.keys[0], stems)}
    tables = [_files(table, keys) for table, keys in found.items() if keys[0] not in apart]
    return parted + tables, others


def _parted(folder: Store, stems: dict[str, str], every: list[str]) -> list[Files]:
    """Tables in several files of all months: of one header, and names that differ in a part."""
    alike: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for key, stem in stems.items() if len(stems) > 1 else ():
        refuse_no_files(folder, "", [key])
        try:
            header = first_line(folder, key, "latin-1").strip()
        except (UserError, KeyError):
            continue  # whoever reads it says what is wrong
        if header:
            alike[stem.rpartition("/")[0], key.removeprefix(stem), header].append(key)
    parted = []
    for (_, ending, _), keys in alike.items():
        table = _differing([stems[key] for key in keys])
        if len(keys) > 1 and parts_of(f"{table}{ending}", every) == sorted(keys):
            parted.append(Files(table, (f"{table}{ending}",)))
    return parted


def _common(texts: list[str]) -> str:
    """What texts begin with."""
    alike = takewhile(lambda letters: len({*letters}) == 1, zip(*texts, strict=False))
    return "".join(letters[0] for letters in alike)


def _differing(stems: list[str]) -> str:
    """What names have in common, the part in which they differ as a `*`: a number as a whole."""
    begins = _common(stems)
    ends = _common([stem[len(begins) :][::-1] for stem in stems])[::-1]
    return re.sub(r"\d[^\W_]*$", "", begins) + STAR + re.sub(r"^[^\W_]*\d", "", ends)


def _files(table: str, keys: list[str]) -> Files:
    """The files of a table; several of a month are read as one."""
    pattern = name_pattern(table) if "{" in table else None
    months = [month_of(key, table) for key in keys] if pattern else []
    if len({*months}) == len(months):
        return Files(_shortest(table), tuple(keys))
    joined = re.sub(r"([-_.]?)dd\}", r"}\1*", table)
    joined = joined if STAR in joined else f"{joined}*"
    of_months = zip(keys, months, strict=True)
    several = [joined_key(joined, month, key) for key, month in of_months if month]
    return Files(joined, tuple(dict.fromkeys(several)))


def read_undescribed(folder: Store, files: Files) -> Table:
    """A table nobody has described: every column as text, encoding and delimiter found out.

    A `UserError` says what is wrong with a file.
    """
    every = [*folder.keys()]
    refuse_no_files(folder, files.table, [p for key in files.keys for p in parts_of(key, every)])
    refusals: list[UserError] = []
    for encoding in _ENCODINGS:
        if encoding == "utf-16" and not f"{refusals[-1:]}".count("encoding: utf-16"):
            continue  # without its mark any bytes would do
        if encoding == _JAPANESE and not _is_japanese(folder, files):
            continue
        spec = _undescribed(files, encoding)
        try:
            lines = _lines(folder, files, spec)
            spec = spec.model_copy(update={"delimiter": _delimiter(lines)})
            refuse_no_header(lines, spec.delimiter, files.keys[-1])
            header = header_of(folder, files.source, spec, files.keys[-1])
            spec = spec.model_copy(update=_shape(header, files))
            return read_table(folder, files.source, spec, list(files.keys))
        except UserError as error:
            refusals.append(error)
            if ".encoding" not in str(error):
                break
    raise refusals[-1]


def _undescribed(files: Files, encoding: str) -> SourceSpec:
    return SourceSpec.model_construct(
        table=files.table, role="applications", encoding=encoding, columns={}
    )


def _shape(header: tuple[str, ...], files: Files) -> dict[str, object]:
    """Columns as text; of those that differ by a month alone, one that stands for them.

    Of files that bear a month in their names, that month, too.
    """
    names = [name for name in header if name.strip() and header.count(name) == 1]
    columns: dict[str, dict[str, str]] = {name: {} for name in names}
    wide = wide_columns(names)
    if wide:
        columns = {name: {} for name in names if name not in wide.columns}
        columns |= {STAR: wide.star, **{name: {} for name in wide.names}}
    elif STAR not in header and all(month_of(key, files.table) for key in files.keys):
        columns |= {STAR: {"role": "snapshot", "type": "date"}}
    found = {name: ColumnSpec.model_validate(keys) for name, keys in columns.items()}
    return {"columns": found, "role": "performance" if wide else "applications"}


def _by_month(stem: str) -> str:
    """The stem with the format of its month in place of the month."""
    found = list(_MONTH.finditer(stem))
    if not found:
        return stem
    _, between, _, _, day = found[-1].groups()
    written = f"yyyy{between}MM" + (f"{between}dd" if day else "")
    start, end = found[-1].span()
    return f"{stem[:start]}{{{written}}}{stem[end:]}"


def _shortest(table: str) -> str:
    """A folder of months named as we name them is the table itself."""
    return table.removesuffix("/{yyyy-MM-dd}")


def _is_japanese(folder: Store, files: Files) -> bool:
    """Whether the bytes are letters of that alphabet: nearly no other text can be read as it."""
    text = "".join(_lines(folder, files, _undescribed(files, "iso-8859-1"), keep=True))
    decoder = codecs.getincrementaldecoder(_JAPANESE)()  # the last letter may be cut
    try:
        read = decoder.decode(text.encode("iso-8859-1"))
    except UnicodeDecodeError:
        return False
    letters = sum(not letter.isascii() for letter in read)
    together = sum(map(len, _TOGETHER.findall(read)))  # an accent stands alone
    other = len(_NOT_ITS_LETTERS.findall(read))
    return letters > 0 and together >= _NEARLY_ALL * letters and other <= letters / 50


def _lines(folder: Store, files: Files, spec: SourceSpec, keep: bool = False) -> list[str]:
    """The first lines, without those that are blank; `keep`: with their ends, as they are."""
    with plain_text(folder, files.keys[-1], files.source, spec) as text:
        lines = next(text.chunks()).decode(errors="ignore").split("\n")
    return [line if keep else line.rstrip("\r") for line in lines if line.strip()][:_LINES]


def _delimiter(lines: list[str]) -> str:
    """The one that splits most lines into as many fields as the first, and that into the most."""
    if lines and (named := re.fullmatch(r'"?sep=(.)"?', lines[0])):
        return named[1]
    return max(DELIMITERS, key=lambda one: _fields(lines, one))


def _fields(lines: list[str], delimiter: str) -> float:
    """Fields of a line, as far as lines have the first one's."""
    try:
        counts = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:  # an endless field: the reader of all rows says what is wrong
        return 0.0
    if not counts or counts[0] < 2:
        return 0.0
    return counts[0] * sum(count == counts[0] for count in counts) / len(counts)
