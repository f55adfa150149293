"""What a portfolio file says to no effect: each key works where it stands, or is refused there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from creditrisk.portfolio.column import NUMBERS, ColumnSpec, Role, Type
from creditrisk.portfolio.date_format import date_format
from creditrisk.portfolio.file_column import file_column
from creditrisk.portfolio.meaning import unmeant
from creditrisk.portfolio.names import Fault, alike, odd_files, odd_names
from creditrisk.portfolio.source import STAR, SourceSpec
from creditrisk.portfolio.table_roles import NEEDED, ONE_OF, SourceRole

if TYPE_CHECKING:
    from creditrisk.portfolio import Portfolio

_EVERY_TYPE: tuple[Type, ...] = get_args(Type)
_EVERY_TABLE: tuple[SourceRole, ...] = get_args(SourceRole)
_KEYS: tuple[Role, ...] = ("customer", "application", "loan", "event")
MEASURED: tuple[Type, ...] = (*NUMBERS, "duration")
FEATURES: tuple[Type, ...] = (*MEASURED, "category", "list")
MORE_ROLES: dict[SourceRole, tuple[Role, ...]] = {
    "applications": ("application", "decision"),
    "events": ("event",),
    "macro": (),
    "performance": ("application", "paid", "balance"),
    "outcomes": ("application", "closed_date", "snapshot"),
}
_SILENT = ColumnSpec.model_validate({})
_BESIDE: dict[Role | None, Role] = {"due": "overdue", "overdue": "due"}


@dataclass(frozen=True)
class Use:
    """Where a key of a column has an effect."""

    types: tuple[Type, ...] = _EVERY_TYPE
    roles: tuple[Role, ...] = get_args(Role)  # besides: a column without a role
    tables: tuple[SourceRole, ...] = _EVERY_TABLE
    without: tuple[str, ...] = ()  # flags that leave it nothing to do


_MAY_SAY_NOTHING: tuple[Role, ...] = ("due", "paid", "overdue", "balance", "days_late", "status")
_HIDDEN = ("pii", "excluded")
_FEATURE = Use(FEATURES, (), ("applications",), _HIDDEN)
USES: dict[str, Use] = {
    "role": Use(),
    "column": Use(),
    "part": Use(),
    "pattern": Use(),
    "name": Use(roles=()),
    "text": Use(),
    "type": Use(),
    "unit": Use(MEASURED, without=("pii",)),
    "missing": Use(),  # of a name: such a row is set aside
    "empty": Use((*NUMBERS, "category"), _MAY_SAY_NOTHING),
    "strip": Use(),
    "thousands": Use(NUMBERS),
    "decimal": Use(NUMBERS),
    "negative": Use(NUMBERS),
    "format": Use(("date",)),
    "first_year": Use(("date",)),
    "range": Use(MEASURED),
    "categories": Use(("category", "list")),
    "spellings": Use(("category",)),
    # a figure of the month is so by itself
    "growing": Use(MEASURED, (), ("applications", "events", "performance", "outcomes"), _HIDDEN),
    "pii": Use(roles=_KEYS),
    # of personal data, too, it says that no model sees it
    "protected": Use(FEATURES, (), ("applications",), ("excluded",)),
    "fairness": _FEATURE,
    "bands": Use(MEASURED, (), ("applications",), _HIDDEN),
    "excluded": Use(roles=()),
    "monotone": Use(MEASURED, (), ("applications", "macro"), (*_HIDDEN, "protected")),
    "known_at_application": Use(
        FEATURES, (), ("applications", "events", "macro"), (*_HIDDEN, "protected")
    ),
}


def without_effect(portfolio: "Portfolio") -> Iterator[Fault]:
    """All that would do nothing, or would be read as something else, where it is written."""
    yield from alike((name, ("sources", name)) for name in portfolio.sources)
    yield from odd_names(portfolio)
    for name, source in portfolio.sources.items():
        place = ("sources", name, "columns")
        yield from ((("sources", name, key), what) for key, what in odd_files(source))
        if source.optional and source.role in ("performance", "outcomes"):
            yield ("sources", name, "optional"), "without it no outcome is known: it has no outage"
        yield from alike((column, (*place, column)) for column in source.columns)
        yield from alike((source.name_of(column), (*place, column)) for column in source.columns)
        for column, spec in source.columns.items():
            for key, what in (*_idle(spec, source), *_read_again(column, spec, source)):
                yield (*place, column, key), what
    yield from _as_the_base(portfolio)
    yield from _ratios(portfolio)
    yield from alike(
        (f.name, ("sources", f.source, "columns", f.column) if f.column else ("derived", f.name))
        for f in portfolio.features
    )
    if not portfolio.events and all(feature.protected for feature in portfolio.features):
        yield (
            ("sources",),
            "no column becomes a feature of a model; describe a number, duration, category or list"
            " of applications, or a table of events",
        )


def roles_of(table: SourceRole) -> set[Role]:
    """The roles a column may have in a table."""
    ways = (way for each in ONE_OF.get(table, ()) for way in each)
    return {*NEEDED[table], *MORE_ROLES[table], *(role for way in ways for role in way)}


def idle_key(key: str, spec: ColumnSpec, table: SourceRole) -> str:
    """Why a key has no effect on a column; empty where it has."""
    use = USES[key]
    if spec.type not in use.types:
        return f"{key} is for type {' or '.join(use.types)}, this is {spec.type}"
    if spec.role and spec.role not in use.roles:
        allowed = f"role {' or '.join(use.roles)} or none" if use.roles else "a column without role"
        return f"{key} is for {allowed}, this is {spec.role}"
    if table not in use.tables:
        return f"{key} is for columns of {' or '.join(use.tables)}, this is one of {table}"
    if flag := next((flag for flag in use.without if getattr(spec, flag)), None):
        return f"{key} says nothing of a column that is {flag}: leave one of them out"
    return _alone(key, spec)


def _alone(key: str, spec: ColumnSpec) -> str:
    """What a key lacks that it is about."""
    if key == "first_year" and not spec.two_digit_years:
        return f"first_year is for two-digit years, and format '{spec.format}' has none"
    if key == "bands" and not (spec.protected or spec.fairness):
        return "bands are of groups to compare: add fairness: true, or protected: true"
    return ""


def _idle(spec: ColumnSpec, source: SourceSpec) -> Iterator[tuple[str, str]]:
    # the frozen form names every key, so one is declared where it differs from its default
    for key in (key for key in USES if getattr(spec, key) != getattr(_SILENT, key)):
        if why := idle_key(key, spec, source.role):
            yield key, why
    yield from unmeant(spec)
    if spec.role and spec.role not in roles_of(source.role):
        yield "role", f"a table of {source.role} has no use for role: {spec.role}"
    if (needs := _BESIDE.get(spec.role)) and not source.column(needs):
        yield "role", f"{spec.role} says nothing without a column of role {needs}"
    if source.role == "outcomes" and spec.role == "status" and source.column("default_date"):
        yield "role", "a status and a date of default say the same: leave one of them out"
    if spec.role in _KEYS and spec.type != "text":
        yield "type", f"role {spec.role} is read as it is written: type: text, not {spec.type}"
    if spec.type == "date" and (fault := date_format(spec.format).fault):
        yield "format", f"format '{spec.format}' {fault}"
    summed = source.role == "events" and not (spec.role or spec.pii or spec.excluded)
    if summed and spec.type not in MEASURED:
        yield (
            "type",
            f"only numbers of events are summed, this is {spec.type}: leave it out, or excluded:"
            " true",
        )


def _read_again(name: str, spec: ColumnSpec, source: SourceSpec) -> Iterator[tuple[str, str]]:
    """What a column lacks that reads what another one reads: it inherits from that one."""
    if spec.column == name:
        yield "column", "that is its own name: leave it out"
    if spec.empty and name in source.starred:
        yield "empty", "a month with nothing in it becomes no row"
    if spec.column and source.monthly and STAR in f"{name}{spec.column}":
        yield "column", "what differs from month to month is read once"
    if (target := source.columns.get(spec.column)) and target.column not in ("", spec.column):
        yield "column", f"{spec.column} itself reads {target.column}: name a column of the file"
    for other in source.columns:
        if other == name or file_column(source, other) != file_column(source, name):
            continue
        for flag in ("pii", "protected", "growing"):
            declares, lacks = getattr(source.columns[other], flag), not getattr(spec, flag)
            if declares and lacks and (flag == "pii" or not idle_key(flag, spec, source.role)):
                yield "column", f"{other} is {flag}, and this reads the same: {flag}: true here too"


def _as_the_base(portfolio: "Portfolio") -> Iterator[Fault]:
    """Tables of applications come in the same months."""
    base, first = portfolio.base
    for name, source in portfolio.by_role("applications"):
        for key in ("every", "pauses"):
            if getattr(source, key) != (value := getattr(first, key)):
                text = str(value).lower()
                yield ("sources", name, key), f"{key} is {text} for {base}, so it is here: write it"


def _ratios(portfolio: "Portfolio") -> Iterator[Fault]:
    for name, derived in portfolio.derived.items():
        place = ("derived", name)
        specs = {part: portfolio.columns[part][1] for part in derived.ratio}
        for part, spec in specs.items():
            if spec.type not in MEASURED:
                yield (*place, "ratio"), f"{part} is of type {spec.type}: a ratio is of two numbers"
        if len(specs) == 1:
            yield (*place, "ratio"), f"{derived.ratio[0]} over itself is always 1"
        hidden = [part for part, spec in specs.items() if spec.protected]
        if hidden and derived.monotone:
            yield (*place, "monotone"), f"no model sees {name}, as {hidden[0]} is protected"
