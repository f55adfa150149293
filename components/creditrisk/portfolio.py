"""The lender's own tables, described: the one place that knows their names.

A column's `name` is what it is called from silver on (default: its own name in
lower case); its `role`, if any, is what the system uses it as. Everything that
depends on a lender (contracts, features, dictionary, drift profile, fairness
groups, texts of reason codes) follows from here.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from creditrisk.errors import UserError
from creditrisk.policy import Section, explain

Role = Literal[
    "customer",  # who
    "application",  # which application; default: customer and snapshot
    "loan",  # which loan
    "snapshot",  # the month a row speaks of; for applications the month of application
    "start",  # the month a loan was paid out: its cohort
    "month_on_book",  # whole months since start
    "due",  # instalment due that month
    "paid",  # paid that month
    "overdue",  # amount past due
    "balance",  # outstanding principal
    "default_date",  # when the loan went bad (a lender without a panel)
    "closed_date",  # when it was closed or repaid (likewise)
]
Type = Literal["number", "integer", "category", "text", "date", "duration", "list"]
SourceRole = Literal["applications", "events", "performance", "outcomes"]
NEEDED: dict[str, tuple[Role, ...]] = {
    "applications": ("customer", "snapshot"),
    "events": ("customer", "snapshot"),
    "performance": ("loan", "customer", "snapshot", "start", "month_on_book", "due", "overdue"),
    "outcomes": ("loan", "customer", "snapshot", "start", "default_date"),
}


class ColumnSpec(Section):
    """One delivered column."""

    name: str = ""
    role: Role | None = None
    type: Type = "text"
    strip: str = Field("", description="characters removed from both ends before casting")
    missing: tuple[str, ...] = Field((), description="delivered values that mean missing")
    format: str = Field("yyyy-MM-dd", description="of a date, in Spark's pattern letters")
    range: tuple[float, float] | None = Field(None, description="outside: null, with a reason")
    categories: tuple[str, ...] = Field((), description="others become 'unknown', with a reason")
    unit: str = ""
    text: str = Field("", description="in plain words, for dictionary and reason codes")
    pii: bool = False
    protected: bool = Field(False, description="kept for fairness, never in a model")
    fairness: bool = Field(False, description="a group to compare, protected or not")
    excluded: bool = Field(False, description="kept in silver, no feature")


class SourceSpec(Section):
    """One delivered table."""

    table: str
    role: SourceRole
    optional: bool = False
    columns: dict[str, ColumnSpec]

    @model_validator(mode="after")
    def _named(self) -> "SourceSpec":
        roles = [spec.role for spec in self.columns.values() if spec.role]
        for role in NEEDED[self.role]:
            if role not in roles:
                raise ValueError(f"a table of {self.role} needs a column with role: {role}")
        names = [self.name_of(column) for column in self.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two columns are called {', '.join(twice)}")
        return self

    def name_of(self, column: str) -> str:
        """What a delivered column is called from silver on."""
        spec = self.columns[column]
        if spec.role:
            return ROLE_NAMES.get(spec.role, spec.role)
        return spec.name or re.sub(r"\W+", "_", column.strip().lower())

    def column(self, role: Role) -> str | None:
        """The delivered column with a role."""
        return next((name for name, spec in self.columns.items() if spec.role == role), None)

    def values(self) -> dict[str, ColumnSpec]:
        """Columns without a role that may become features, by their silver name."""
        return {
            self.name_of(column): spec
            for column, spec in self.columns.items()
            if spec.role is None and not spec.pii and not spec.excluded
        }


ROLE_NAMES: dict[str, str] = {
    "customer": "customer_id",
    "application": "application_id",
    "loan": "loan_id",
    "snapshot": "snapshot_date",
    "start": "cohort",
}


class Ratio(Section):
    """A derived feature: one column over another; null where the divisor is zero or missing."""

    ratio: tuple[str, str]
    text: str = ""


@dataclass(frozen=True)
class Feature:
    """A column of gold features and what may be done with it."""

    name: str
    kind: Literal["number", "category"]
    source: str
    text: str
    protected: bool = False
    fairness: bool = False
    grows: bool = False


@dataclass(frozen=True)
class Events:
    """An events source in gold: `<name>_count` and `<name>_<column>_sum` over all history."""

    name: str
    columns: tuple[str, ...]
    optional: bool

    @property
    def count(self) -> str:
        return f"{self.name}_count"

    @property
    def sums(self) -> tuple[str, ...]:
        return tuple(f"{self.name}_{column}_sum" for column in self.columns)

    @property
    def evidence(self) -> str:
        """The pooled evidence a model derives from count and sums."""
        return f"{self.name}_evidence"


class Portfolio(Section):
    """A lender's tables."""

    name: str
    currency: str
    sources: dict[str, SourceSpec]
    derived: dict[str, Ratio] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _whole(self) -> "Portfolio":
        if not any(not s.optional for _, s in self.by_role("applications")):
            raise ValueError("sources: at least one table of applications must not be optional")
        if len(self.by_role("performance")) + len(self.by_role("outcomes")) != 1:
            raise ValueError("sources: name one table of performance, or one of outcomes")
        columns = {name for _, source in self.by_role("applications") for name in source.values()}
        for name, derived in self.derived.items():
            for part in derived.ratio:
                if part not in columns:
                    raise ValueError(f"derived.{name}: no application column is called {part}")
        return self

    def by_role(self, role: SourceRole) -> list[tuple[str, SourceSpec]]:
        """Sources of one role, in the file's order."""
        return [(name, source) for name, source in self.sources.items() if source.role == role]

    @property
    def optional_sources(self) -> tuple[str, ...]:
        """Sources that may be down: each has `<source>_available` in gold features."""
        return tuple(name for name, source in self.sources.items() if source.optional)

    @cached_property
    def events(self) -> tuple[Events, ...]:
        """The events sources."""
        return tuple(
            Events(name, tuple(source.values()), source.optional)
            for name, source in self.by_role("events")
        )

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """Application features in gold, in order; events come on top (see `events`)."""
        found = [
            feature
            for source_name, source in self.by_role("applications")
            for name, spec in source.values().items()
            for feature in _features_of(source_name, name, spec)
        ]
        sources = {
            name: source_name
            for source_name, source in self.by_role("applications")
            for name in source.values()
        }
        found += [
            Feature(name, "number", sources[derived.ratio[0]], derived.text or name)
            for name, derived in self.derived.items()
        ]
        return tuple(found)

    @property
    def sha(self) -> str:
        """sha256 of the canonical form."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def list_flags(name: str, spec: ColumnSpec) -> dict[str, str]:
    """Of a `list` column: feature name of each declared member."""
    return {f"{name}_{re.sub(r'[^a-z0-9]+', '_', m.lower())}": m for m in spec.categories}


def _features_of(source: str, name: str, spec: ColumnSpec) -> list[Feature]:
    text = spec.text or name.replace("_", " ")
    marks = {"protected": spec.protected, "fairness": spec.fairness or spec.protected}
    match spec.type:
        case "number" | "integer" | "duration":
            return [Feature(name, "number", source, text, **marks)]
        case "category":
            return [Feature(name, "category", source, text, **marks)]
        case "list":
            flags = list_flags(name, spec).items()
            return [
                Feature(f"{name}_count", "number", source, f"number of: {text}", **marks),
                *(Feature(flag, "number", source, f"{text}: {m}", **marks) for flag, m in flags),
            ]
        case _:
            return []


def parse_portfolio(text: str, where: str) -> Portfolio:
    """Read a portfolio from YAML; every unknown or wrong key is named in one `UserError`."""
    try:
        return Portfolio.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise UserError(f"{where} is not YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        raise UserError(f"{where}: {explain(error)}") from None


def load_portfolio(path: Path | None = None) -> Portfolio:
    """The reference portfolio, or a lender's own file."""
    if path is None:
        text = resources.files("creditrisk").joinpath("portfolio.yaml").read_text("utf-8")
        return parse_portfolio(text, "portfolio.yaml")
    try:
        return parse_portfolio(path.read_text("utf-8"), str(path))
    except OSError as error:
        raise UserError(f"portfolio {path} cannot be read: {error.strerror}") from None
