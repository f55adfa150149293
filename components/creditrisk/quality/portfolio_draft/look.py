"""A table nobody has described, looked at: its columns, and which of them others know."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from creditrisk.portfolio.source import STAR
from creditrisk.quality.portfolio_check.table import Table
from creditrisk.quality.portfolio_draft.field import Field, dated, field_of
from creditrisk.quality.portfolio_draft.folder import Files
from creditrisk.quality.portfolio_draft.values import Belief

_NEARLY_ALL = 0.9  # of the rows
_THE_OTHER_WAY = str.maketrans("dM", "Md")
_KNOWN = 0.5  # of an identifier's texts


@dataclass(frozen=True, eq=False)
class Look:
    """Rows of a table, each column by what it is taken for."""

    files: Files
    table: Table
    fields: dict[str, Field]

    @property
    def rows(self) -> int:
        return self.table.rows

    @cached_property
    def identifiers(self) -> list[Field]:
        """Columns whose texts name something."""
        return [field for field in self.fields.values() if field.identifies]

    @cached_property
    def dates(self) -> list[Field]:
        return self.of_type("date")

    def of_type(self, *types: str) -> list[Field]:
        """Columns of one of these types that name nothing."""
        return [f for f in self.fields.values() if f.type in types and not f.identifies]

    def known_to(self, others: Iterable["Look"]) -> list[Field]:
        """Identifiers that some other table has, too."""
        theirs = [field for other in others if other is not self for field in other.identifiers]
        return [f for f in self.identifiers if any(joins(f, other) for other in theirs)]


def joins(one: Field, other: Field) -> bool:
    """Whether two identifiers name the same things: half of the texts, and no other noun."""
    same = one.noun == other.noun or "" in (one.noun, other.noun)
    return same and one.overlap(other) >= _KNOWN


def look_at(files: Files, table: Table) -> Look:
    """What the texts of a table say of it."""
    fields = {name: field_of(one) for name, one in table.columns.items()}
    if not any(field.type == "date" and field.name != STAR for field in fields.values()):
        fields = {name: dated(field) for name, field in fields.items()}
    _as_others_are(fields)
    if table.spec.in_file_names and _dates_say(fields):
        del fields[STAR]
    return Look(files, table, fields)


def _as_others_are(fields: dict[str, Field]) -> None:
    """Dates that may be read day first or month first: as the table's other dates are."""
    dates = [field for field in fields.values() if field.type == "date"]
    sure = {str(f.belief.keys.get("format")) for f in dates if not f.belief.questions}
    for field in dates:
        written = str(field.belief.keys.get("format"))
        ways = (written, written.translate(_THE_OTHER_WAY))
        if field.belief.questions and (way := next((one for one in ways if one in sure), "")):
            belief = Belief(field.belief.keys | {"format": way}, ("as other dates here are",))
            column = replace(field.column, spec=belief.spec)
            fields[field.name] = Field(field.name, column, belief)


def _dates_say(fields: dict[str, Field]) -> bool:
    """Whether some column has the month that the name of the file has."""
    named = fields[STAR].months
    days = (field for name, field in fields.items() if name != STAR and field.type == "date")
    return any((day.months == named).mean() > _NEARLY_ALL for day in days)
