"""What a table is taken for, and how columns are chosen for what the system needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from creditrisk.portfolio import Role, SourceRole
from creditrisk.quality.portfolio_draft.field import Field
from creditrisk.quality.portfolio_draft.look import Look
from creditrisk.quality.portfolio_draft.words import meaning


@dataclass(frozen=True, eq=False)
class Part:
    """A table's role, the columns that have one, and why."""

    look: Look
    role: SourceRole
    roles: Mapping[Role, Field]
    why: str
    every: int = 1
    extract: date | None = None  # of outcomes without a month of their own, when they were taken
    several: str = ""  # how a loan's rows of a month are taken together
    lag: int = 0  # months until a figure is published
    within: int = 0  # months from the start that a flag without a date looks at


def distinct(roles: Mapping[Role, Field | None]) -> dict[Role, Field]:
    """Roles for which a column was found, each column once: the first role keeps it."""
    found: dict[Role, Field] = {}
    for role, field in roles.items():
        if field is not None and field not in found.values():
            found[role] = field
    return found


def best(
    fields: Iterable[Field], *nouns: str, without: str = "", but: Iterable[Field | None] = ()
) -> Field | None:
    """The one whose name has most words of these meanings, the shortest name first."""
    wanted, barred = meaning(*nouns), meaning(*([without] if without else []))
    used = list(but)
    able = [f for f in fields if f.terms & wanted and not f.terms & barred and f not in used]
    return max(able, key=lambda f: (len(f.terms & wanted), -len(f.terms)), default=None)


def customer_of(look: Look, other: Field | None = None) -> Field | None:
    """Who: the identifier whose name says so, else one whose name says nothing else."""
    others = [one for one in look.identifiers if one is not other]
    named = [one for one in others if one.noun == "customer"]
    unnamed = [one for one in others if one.noun == ""]
    return next(iter(named or unnamed), None)
