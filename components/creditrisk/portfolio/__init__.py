"""The lender's own tables, described: the one place that knows their names.

A column's `name` is what it is called from silver on (default: its own name in
lower case); its `role`, if any, is what the system uses it as. Everything that
depends on a lender (contracts, features, dictionary, drift profile, fairness
groups, texts of reason codes) follows from here.
"""

import hashlib
import json
from difflib import get_close_matches
from functools import cached_property
from importlib import resources
from math import gcd
from pathlib import Path

from pydantic import Field, ValidationError, model_validator

from creditrisk.errors import UserError
from creditrisk.named_file import file_text
from creditrisk.policy import FaultError, Section, YamlText, faults
from creditrisk.portfolio.column import ColumnSpec, Monotone, Role, Type
from creditrisk.portfolio.effect import without_effect
from creditrisk.portfolio.feature import Events, Feature, features_of, list_flags, ratio_of
from creditrisk.portfolio.source import SourceSpec
from creditrisk.portfolio.table_roles import NEEDED, SourceRole

__all__ = [
    "NEEDED",
    "ColumnSpec",
    "Events",
    "Feature",
    "Monotone",
    "Portfolio",
    "Ratio",
    "Role",
    "SourceRole",
    "SourceSpec",
    "Type",
    "list_flags",
    "load_portfolio",
    "parse_portfolio",
    "portfolio_text",
    "thaw_portfolio",
]


class Ratio(Section):
    """A derived feature: one column over another; null where the divisor is zero or missing."""

    ratio: tuple[str, str] = Field(description="names of two number columns of applications")
    text: str = Field("", description="in plain words, for the dictionary and reason codes")
    monotone: Monotone | None = Field(
        None, description="how the PD may move as the value rises: increasing or decreasing"
    )


class Portfolio(Section):
    """A lender's tables."""

    name: str = Field(min_length=1, description="of the portfolio, as reports call it")
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217 code of its amounts")
    sources: dict[str, SourceSpec] = Field(description="delivered tables by a name of your own")
    derived: dict[str, Ratio] = Field(
        default_factory=dict, description="features made of two columns, by a name of your own"
    )

    @model_validator(mode="after")
    def _whole(self) -> "Portfolio":
        if not any(not s.optional for _, s in self.by_role("applications")):
            raise FaultError("at least one table of applications must not be optional", "sources")
        if len(self.by_role("performance")) + len(self.by_role("outcomes")) != 1:
            raise FaultError("name one table of performance, or one of outcomes", "sources")
        if self.servicing[1].undated_loans and not self.base[1].column("application"):
            raise FaultError(
                "nothing says when a loan began: a column with role: start or month_on_book, or of"
                f" role application in {self.base[0]}, by which it began with its application",
                *("sources", self.servicing[0]),
            )
        for name, derived in self.derived.items():
            for part in derived.ratio:
                if part not in self.columns:
                    raise FaultError(self._unknown(part), "derived", name, "ratio")
        names = [feature.name for feature in self.features]
        names += [name for events in self.events for name in (events.count, *events.sums)]
        names += [f"{source}_available" for source in self.optional_sources]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(
                f"two features are called {', '.join(twice)}; give one column another name"
            )
        return self

    def _unknown(self, part: str) -> str:
        near = get_close_matches(part.lower(), self.columns, 1)
        hint = f"; is it {near[0]}?" if near else ""
        return f"no application column is called {part}{hint}"

    def by_role(self, role: SourceRole) -> list[tuple[str, SourceSpec]]:
        """Sources of one role, in the file's order."""
        return [(name, source) for name, source in self.sources.items() if source.role == role]

    @property
    def optional_sources(self) -> tuple[str, ...]:
        """Sources that may be down: each has `<source>_available` in gold features."""
        return tuple(name for name, source in self.sources.items() if source.optional)

    @property
    def servicing(self) -> tuple[str, SourceSpec]:
        """The source that says how loans turn out."""
        return (self.by_role("performance") or self.by_role("outcomes"))[0]

    @property
    def base(self) -> tuple[str, SourceSpec]:
        """The source that says who applied: the first required table of applications."""
        return next(item for item in self.by_role("applications") if not item[1].optional)

    @property
    def every(self) -> int:
        """Months from one snapshot of the loans to the next."""
        return self.servicing[1].every

    @property
    def cycle(self) -> int:
        """Cohorts until they are seen at the same ages again."""
        return self.every // gcd(self.every, self.base[1].every)

    @cached_property
    def events(self) -> tuple[Events, ...]:
        return tuple(
            Events(
                name,
                tuple(source.values()),
                source.optional,
                grows=any(spec.growing for spec in source.values().values()),
            )
            for name, source in self.by_role("events")
        )

    @property
    def columns(self) -> dict[str, tuple[str, ColumnSpec]]:
        """Columns that may become features: their source and description."""
        return {
            name: (source_name, spec)
            for source_name, source in self.featured
            for name, spec in source.values().items()
        }

    @property
    def featured(self) -> list[tuple[str, SourceSpec]]:
        """Sources whose columns become features as they are: of the application, of its month."""
        return [*self.by_role("applications"), *self.by_role("macro")]

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """Application features in gold, in order; events come on top (see `events`)."""
        found = [
            feature
            for source_name, source in self.featured
            for column, spec in source.columns.items()
            if (name := source.name_of(column)) in source.values()
            for feature in features_of(source_name, name, spec, column, source.role == "macro")
        ]
        columns = self.columns
        found += [
            ratio_of(
                name,
                derived.text or name.replace("_", " "),
                derived.monotone,
                [columns[part] for part in derived.ratio],
                any(self.sources[columns[part][0]].role == "macro" for part in derived.ratio),
            )
            for name, derived in self.derived.items()
        ]
        return tuple(found)

    @property
    def undescribed(self) -> frozenset[str]:
        """Values and ratios without a `text`: a reason can only call them by their name."""
        values = (source.values().items() for source in self.sources.values())
        found = [name for own in values for name, spec in own if not spec.text]
        return frozenset((*found, *(name for name, one in self.derived.items() if not one.text)))

    @property
    def growing(self) -> frozenset[str]:
        """Features, and evidence of events, that grow with calendar time."""
        found = [feature.name for feature in self.features if feature.grows]
        return frozenset((*found, *(events.evidence for events in self.events if events.grows)))

    @property
    def sha(self) -> str:
        """sha256 of the canonical form."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def parse_portfolio(text: str, where: str) -> Portfolio:
    """Read a portfolio from YAML; what is wrong or would do nothing is named in one `UserError`."""
    written = YamlText(text, where)
    try:
        portfolio = Portfolio.model_validate(written.content)
        found = list(without_effect(portfolio))
    except ValidationError as error:
        found = faults(error, Portfolio)
    if found:
        message = (
            f"line {written.line(path)}, {'.'.join(path) or 'top level'}: {what}"
            for path, what in found
        )
        raise UserError(f"{where}: {'; '.join(message)}") from None
    return portfolio


def thaw_portfolio(text: str, where: str) -> Portfolio:
    """A portfolio that some release of ours froze as JSON, whatever it took that we refuse now."""
    try:
        return Portfolio.model_validate_json(text)
    except ValidationError as error:
        found = (
            f"{'.'.join(path) or 'top level'}: {what}" for path, what in faults(error, Portfolio)
        )
        raise UserError(f"{where}: {'; '.join(found)}") from None


def load_portfolio(path: Path | None = None) -> Portfolio:
    """The reference portfolio, or a lender's own file."""
    return parse_portfolio(portfolio_text(path), str(path or "portfolio.yaml"))


def portfolio_text(path: Path | None = None) -> str:
    """The file as it is written."""
    if path is None:
        return resources.files("creditrisk.portfolio").joinpath("portfolio.yaml").read_text("utf-8")
    return file_text(path, "portfolio")
