"""The page of every key of a portfolio file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from creditrisk.policy import Section, YamlText
from creditrisk.portfolio import Portfolio, Ratio
from creditrisk.portfolio.column import ROLE_TEXTS, TYPE_TEXTS, ColumnSpec
from creditrisk.portfolio.date_format import FORMAT_TEXTS, LETTER_TEXTS
from creditrisk.portfolio.source import SourceSpec
from creditrisk.portfolio.state import STATES
from creditrisk.portfolio.table_roles import NEEDED, ONE_OF, SOURCE_ROLE_TEXTS, SourceRole

Rows = tuple[tuple[str, ...], ...]
_SECTIONS: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("The file", "", Portfolio),
    ("A table", "Under `sources`, by a name of your own.", SourceSpec),
    ("A column", "Under `columns`, by its name in the file.", ColumnSpec),
    ("A derived feature", "Under `derived`, by a name of your own.", Ratio),
)


class Example(Section):
    """Columns of one file column: what is delivered, and what each of them becomes in silver.

    `columns`: lines below `columns`, YAML. `becomes`: values by name, '' where it is null; as
    many as there are texts in `delivered`. `table`: a line of the table above `columns`.
    """

    title: str
    columns: str
    delivered: tuple[str, ...]
    becomes: dict[str, tuple[str, ...]]
    table: str = ""


class Lender(Section):
    """A description, the files it is of, and rows of tables that they become (header first).

    `sources`: YAML, below `sources`. In files and tables, cells as text; '' is null. Tables are
    those of the newest month and all before, at the outcome's `mob` of 3.
    """

    title: str
    text: str
    sources: str
    files: dict[str, Rows]
    becomes: dict[str, Rows]


class Examples(Section):
    """All of them, in the page's order."""

    columns: tuple[Example, ...]
    lenders: tuple[Lender, ...]


@cache
def examples() -> Examples:
    """As the package has them."""
    text = resources.files(__package__).joinpath("examples.yaml").read_text("utf-8")
    return Examples.model_validate(YamlText(text, "examples.yaml").content)


@dataclass(frozen=True)
class PortfolioKey:
    """A key `of` the file, a table, a column or a derived feature; `value`: what it may be."""

    of: str
    key: str
    value: str
    default: str
    required: bool
    meaning: str


def reference() -> str:
    """Every key of a portfolio file, Markdown."""
    lines = [
        "# Keys of a portfolio file",
        "",
        "Written by `make docs` (`creditrisk portfolio keys`). How to get from files to a portfolio"
        " is in [your-own-data.md](your-own-data.md). A key that is not here is refused, with its"
        " line and the nearest one that is; so is one that has no effect where it stands, a text"
        " that can never be met, and a mark that is itself a part of a value (a sign, a digit).",
    ]
    for title, where, model in _SECTIONS:
        lines += ["", f"## {title}", *([where, ""] if where else []), *_keys(model)]
    lines += ["", "## Roles of a table", *_grid(("role", "its rows are", "needs columns of role"))]
    lines += [
        f"| `{role}` | {text} | {_needed(role)} |" for role, text in SOURCE_ROLE_TEXTS.items()
    ]
    lines += ["", "## Roles of a column", *_grid(("role", "what it is"))]
    lines += [f"| `{role}` | {text} |" for role, text in ROLE_TEXTS.items()]
    lines += ["", "## States", "What the codes of a column with `role: status` may mean.", ""]
    lines += [*_grid(("state", "what it is")), *(f"| `{s}` | {t} |" for s, t in STATES.items())]
    lines += ["", "## Types", *_grid(("type", "what is read", "what it becomes as a feature"))]
    lines += [
        f"| `{type_}` | {read} | {becomes} |" for type_, (read, becomes) in TYPE_TEXTS.items()
    ]
    lines += ["", "## Dates", *_grid(("format", "what is read"))]
    lines += [f"| `{name}` | {text} |" for name, text in FORMAT_TEXTS.items()]
    lines += [
        *("", "Any other format is made of letters; text stands in quotes (`'T'`, `'Q'`)."),
        "A date is the day that is written, whatever its time and offset.",
    ]
    lines += ["", *_grid(("letters", "what they are"))]
    lines += [
        f"| {_code(letters.split(', '))} | {text} |" for letters, text in LETTER_TEXTS.items()
    ]
    lines += ["", "## Examples", "Each is run through `portfolio check` and the ETL by a test."]
    for example in examples().columns:
        lines += ["", f"### {example.title}", "```yaml", *_written(example), "```", ""]
        lines += [*_grid(("delivered", *example.becomes)), *_becomes(example)]
    lines += ["", "## Lenders", "Each is run through `portfolio check` and the ETL by a test."]
    for lender in examples().lenders:
        lines += _lender(lender)
    return "\n".join(lines) + "\n"


def portfolio_keys() -> list[PortfolioKey]:
    """The same keys as data."""
    return [
        PortfolioKey(
            of=title,
            key=name,
            value=_type(info.annotation).replace("`", ""),
            default=_default(info),
            required=info.is_required(),
            meaning=f"{info.description}",
        )
        for title, _, model in _SECTIONS
        for name, info in model.model_fields.items()
    ]


def _written(example: Example) -> list[str]:
    columns = example.columns.splitlines()
    return (
        [example.table, "columns:", *(f"  {line}" for line in columns)]
        if example.table
        else columns
    )


def _becomes(example: Example) -> Iterator[str]:
    for row in zip(example.delivered, *example.becomes.values(), strict=True):
        yield f"| {' | '.join(f'`{cell}`' if cell else 'null' for cell in row)} |"


def _lender(lender: Lender) -> Iterator[str]:
    yield from ("", f"### {lender.title}", lender.text, "", "```yaml", "sources:")
    yield from (f"  {line}" for line in lender.sources.splitlines())
    yield "```"
    for name, rows in lender.files.items():
        yield from ("", f"`{name}.csv`:", "", "```text", *map(",".join, rows), "```")
    for name, (header, *cells) in lender.becomes.items():
        yield from ("", f"becomes gold `{name}`:", "", *_grid(header))
        yield from (f"| {' | '.join(cell or 'null' for cell in row)} |" for row in cells)


def _needed(role: SourceRole) -> str:
    ways = (
        " or ".join(" and ".join(map(_code, zip(way))) for way in each)
        for each in ONE_OF.get(role, ())
    )
    return "; ".join((_code(NEEDED[role]), *ways))


def _keys(model: type[BaseModel]) -> Iterator[str]:
    yield from _grid(("key", "value", "default", "meaning"))
    for name, info in model.model_fields.items():
        default = "required" if info.is_required() else _default(info)
        default = f"`{default}`" if default and not info.is_required() else default
        yield f"| `{name}` | {_type(info.annotation)} | {default} | {info.description} |"


def _grid(names: Iterable[str]) -> list[str]:
    names = list(names)
    return [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]


def _type(annotation: Any) -> str:  # noqa: ANN401 - an annotation is of no one type
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return " or ".join(_type(part) for part in parts if part is not NoneType)
    if origin is Literal:
        return "see below" if len(parts) > 5 or "events" in parts else _code(parts)
    if origin is tuple:
        return f"list of {_type(parts[0])}s" if parts[-1] is ... else f"two {_type(parts[0])}s"
    if origin is dict:
        return "mapping"
    if hasattr(annotation, "__metadata__"):
        return _type(parts[0])
    names = {date: "date", str: "text", bool: "true or false", int: "whole number", float: "number"}
    return names.get(annotation, "mapping")


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return ""
    default = info.get_default(call_default_factory=True)
    if default in ("", (), {}, None):
        return ""
    return str(default).lower() if isinstance(default, bool) else f"{default}"


def _code(words: Iterable[object]) -> str:
    return ", ".join(f"`{word}`" for word in words)
