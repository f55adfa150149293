"""The delivered rows that an application's features were made of, found in bronze again.

What a person is called is never shown. Of the other columns only those that become a feature a
model may read are: a protected one is kept for fairness, a free text may say anything.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from creditrisk.contracts import bronze
from creditrisk.deliveries.text_part import text_part
from creditrisk.lake import Commit, Lake
from creditrisk.portfolio import ColumnSpec, SourceRole, SourceSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.pii_key import PII_KEY, read_pii_key
from creditrisk.records.document import Part
from creditrisk.reports.applicant.score_of_record import ScoreOfRecord, portfolio_of
from creditrisk.storage import Store

_LAYERS = ("bronze", "silver", "gold")
_WITHOUT_PERSON = ("performance", "outcomes", "macro")  # nothing of the applicant's application


class DeliveredRow(Part):
    """A row of a delivered file: `row` counts from 1, `values` are as delivered.

    `hidden`: described columns that are not shown, and why.
    """

    source: str
    role: SourceRole
    month: date
    file: str
    sha256: str
    row: int
    values: Mapping[str, str | None]
    hidden: Mapping[str, str]


def delivered_rows(
    store: Store, found: ScoreOfRecord
) -> tuple[tuple[DeliveredRow, ...], tuple[str, ...]]:
    """The rows, applications first, newest month first; and of which sources none was found."""
    lake = Lake(store)
    commits = sorted(bronze_behind(lake, found.gold), key=lambda one: one.month, reverse=True)
    rows: list[DeliveredRow] = []
    notes: list[str] = []
    for source, spec in _personal_sources(store, found, commits):
        own = [one for one in commits if one.table == f"bronze/{source}"]
        if note := _unknown(source, spec):
            notes.append(note)
            continue
        mine = [row for commit in own for row in _rows(store, lake, commit, source, found)]
        rows += mine
        if own and not mine and spec.role == "applications":
            notes.append(f"{source}: no delivered row names this application as silver does")
    return tuple(rows), tuple(notes)


def bronze_behind(lake: Lake, commit: Commit) -> list[Commit]:
    """Every bronze commit that a commit rests on, each once."""
    found: dict[str, Commit] = {}
    waiting = [commit]
    while waiting:
        one = waiting.pop()
        if one.key in found:
            continue
        found[one.key] = one
        waiting += _made_from(lake, one)
    return [one for one in found.values() if one.table.startswith("bronze/")]


def _made_from(lake: Lake, commit: Commit) -> Iterator[Commit]:
    for name, digest in commit.inputs.items():
        layer, _, rest = name.partition("/")
        table, _, month = rest.rpartition("/")
        if layer in _LAYERS and table:
            versions = lake.versions(f"{layer}/{table}", date.fromisoformat(month))
            # the oldest of equal content: what is committed later changes no explanation
            yield from [one for one in versions if one.digest == digest][:1]


def _personal_sources(
    store: Store, found: ScoreOfRecord, commits: list[Commit]
) -> Iterator[tuple[str, SourceSpec]]:
    portfolio = portfolio_of(store, found.gold) if commits else None
    for name, spec in portfolio.sources.items() if portfolio else ():
        if spec.role not in _WITHOUT_PERSON:
            yield name, spec


def _unknown(source: str, spec: SourceSpec) -> str:
    column = _naming(spec)
    if spec.columns[column].pii and not read_pii_key():
        return f"{source}: {column} is personal, and without {PII_KEY} its rows are not known"
    return ""


def _naming(spec: SourceSpec) -> str:
    """The column that says whose a row is."""
    return spec.column("application") or spec.column("customer") or ""


def _rows(
    store: Store, lake: Lake, commit: Commit, source: str, found: ScoreOfRecord
) -> Iterator[DeliveredRow]:
    portfolio = portfolio_of(store, commit)
    if portfolio is None or source not in portfolio.sources:
        return
    spec = portfolio.sources[source]
    column = _naming(spec)
    table = lake.read_commits(bronze(source, spec), [commit])
    own = _named(table[column], spec.columns[column], _wanted(found, spec))
    shown, hidden = _shown(spec), _hidden(spec)
    for row in table.filter(own).to_pylist():
        yield DeliveredRow(
            source=source,
            role=spec.role,
            month=date.fromisoformat(commit.month),
            file=row["source_file"],
            sha256=row["source_sha256"],
            row=row["source_row"],
            values={name: row[name] for name in shown},
            hidden=hidden,
        )


def _wanted(found: ScoreOfRecord, spec: SourceSpec) -> str:
    return str(found.row["application_id" if spec.column("application") else "customer_id"])


def _named(texts: pa.ChunkedArray, spec: ColumnSpec, wanted: str) -> pa.ChunkedArray:
    """Which delivered texts silver reads as the wanted name."""
    distinct = pc.unique(texts).to_pylist()
    read = partial(_read, spec=spec, key=read_pii_key() if spec.pii else None)
    hits = [text for text in distinct if text is not None and read(text) == wanted]
    return pc.is_in(texts, value_set=pa.array(hits, pa.string()))


def _read(text: str, spec: ColumnSpec, key: bytes | None) -> str | None:
    found = text_part(text.strip(SPACE + spec.strip), spec)
    if found is None or key is None:
        return found
    return hmac.new(key, found.encode(), hashlib.sha256).hexdigest()


def _shown(spec: SourceSpec) -> list[str]:
    hidden = _hidden(spec)
    return [name for name, one in spec.columns.items() if name not in hidden and not one.role]


def _hidden(spec: SourceSpec) -> dict[str, str]:
    """Columns without a role that are not shown."""
    own = spec.values()
    found = {}
    for name, column in spec.columns.items():
        if column.pii:
            found[name] = "personal"
        elif column.protected:
            found[name] = "protected"
        elif not column.role and (spec.name_of(name) not in own or column.type == "text"):
            found[name] = "no feature"
    return found
