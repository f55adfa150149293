"""What follows from the description of columns: features of gold, events as counts and sums."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from creditrisk.portfolio.column import ColumnSpec, Monotone


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
    monotone: Monotone | None = None
    bands: tuple[float, ...] = ()
    column: str = ""  # as delivered; none for a ratio


@dataclass(frozen=True)
class Events:
    """An events source in gold: `<name>_count` and `<name>_<column>_sum` over all history."""

    name: str
    columns: tuple[str, ...]
    optional: bool
    grows: bool = False  # one of its columns does, and with it the evidence

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

    @property
    def count_text(self) -> str:
        """What the count is, in plain words."""
        return f"number of {self.name} records before the application"


def list_flags(name: str, spec: ColumnSpec) -> dict[str, str]:
    """Of a `list` column: feature name of each declared member."""
    return {f"{name}_{re.sub(r'[^a-z0-9]+', '_', m.lower())}": m for m in spec.categories}


def features_of(
    source: str, name: str, spec: ColumnSpec, column: str, of_month: bool = False
) -> list[Feature]:
    """The features a column becomes; dates and free text become none.

    `of_month`: equal for all who apply in a month, so that months are not compared by it.
    """
    text = spec.text or name.replace("_", " ")
    make = partial(
        Feature,
        source=source,
        protected=spec.protected,
        fairness=spec.fairness or spec.protected,
        grows=spec.growing or of_month,
        monotone=spec.monotone,
        bands=spec.bands,
        column=column,
    )
    match spec.type:
        case "number" | "integer" | "duration":
            return [make(name, "number", text=text)]
        case "category":
            return [make(name, "category", text=text)]
        case "list":
            flags = list_flags(name, spec).items()
            return [
                make(f"{name}_count", "number", text=f"number of: {text}"),
                *(make(flag, "number", text=f"{text}: {member}") for flag, member in flags),
            ]
        case _:
            return []


def ratio_of(
    name: str,
    text: str,
    monotone: Monotone | None,
    parts: Sequence[tuple[str, ColumnSpec]],
    of_month: bool = False,
) -> Feature:
    """The feature a ratio becomes: protected, compared and growing where one of its parts is."""
    specs = [spec for _, spec in parts]
    protected = any(spec.protected for spec in specs)
    return Feature(
        name,
        "number",
        parts[0][0],
        text,
        protected=protected,
        fairness=protected or any(spec.fairness for spec in specs),
        grows=of_month or any(spec.growing for spec in specs),
        monotone=monotone,
    )
