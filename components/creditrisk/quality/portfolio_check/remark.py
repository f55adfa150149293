"""What does not fit, how bad that is, and what to write in the portfolio file instead."""

from dataclasses import dataclass
from typing import Literal

# unusable: the ETL would refuse or block it, or no outcome could come of it, as most loans find no
# application or are dated otherwise than they say
Level = Literal["look", "unusable"]


@dataclass(frozen=True)
class Remark:
    """One thing about a column (`column` as delivered) or, where it is empty, about the table."""

    source: str
    column: str
    level: Level
    what: str
    key: str = ""  # of the column, or of the table, that is to be changed
    change: str = ""  # what to write there; empty where the file is at fault

    @property
    def path(self) -> tuple[str, ...]:
        """Of the key in the portfolio file."""
        column = ("columns", self.column) if self.column else ()
        return ("sources", self.source, *column, *([self.key] if self.key else []))


def share(part: int, whole: int) -> str:
    """`12 of 480 (2.5%)`."""
    return f"{part:,} of {whole:,} ({part / max(whole, 1):.1%})"
