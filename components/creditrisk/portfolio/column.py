"""One delivered column: what it is, how it is written, what may be done with it."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from creditrisk.policy import Section
from creditrisk.portfolio.date_format import Pattern, date_format
from creditrisk.portfolio.pattern import check_part
from creditrisk.portfolio.state import STATES
from creditrisk.portfolio.typography import BLANKS, UNSEEN, compositions, plain

Role = Literal[
    "customer",
    "application",
    "loan",
    "event",
    "snapshot",
    "start",
    "month_on_book",
    "due",
    "paid",
    "overdue",
    "balance",
    "days_late",
    "status",
    "default_date",
    "closed_date",
    "decision",
]
ROLE_TEXTS: dict[Role, str] = {
    "customer": "who",
    "application": "which application; default: customer and month of application",
    "loan": "which loan; where applications are numbered and loans have no column of role"
    " `application`, also the number of the application",
    "event": "which event, where a customer may have several on one date",
    "snapshot": "the date a row is about, cut to its month; for applications the date of"
    " application",
    "start": "the date a loan was paid out; its month is the cohort; default: its application's",
    "month_on_book": "whole months since start",
    "due": "instalment due (of a revolving line: the minimum payment)",
    "paid": "paid since the last snapshot",
    "overdue": "amount past due",
    "balance": "outstanding principal; 0 says that the loan is paid off",
    "days_late": "days past due; 30 are one instalment",
    "status": "where the loan stands, in codes: `spellings` says which of the states each is",
    "default_date": "when the loan went bad; empty: it has not",
    "closed_date": "when it was repaid or closed; empty: it has not been; beside the status of one"
    " extract, when the loan came to that status, if it is bad the date of default",
    "decision": "what was decided on the application, and why, in a few words: overrides of the"
    " score are counted by it; never a feature",
}
Type = Literal["number", "integer", "category", "text", "date", "duration", "list"]
TYPE_TEXTS: dict[Type, tuple[str, str]] = {
    "number": ("a decimal number", "a number"),
    "integer": ("a whole number; `11.0` is one, `1.5` is not", "a number"),
    "category": ("one of a few texts; case counts only where it tells two apart", "a category"),
    "text": ("anything", "none"),
    "date": ("a date by `format`", "none"),
    "duration": ("`10 Years and 9 Months`, `1yrs 11mon`, `P1Y2M`, in months", "a number"),
    "list": ("members between commas", "their count, and a flag for each of `categories`"),
}
Negative = Literal["brackets", "behind", "CR", "DR"]
Monotone = Literal["increasing", "decreasing"]  # how the PD may move as the value rises
Text = Annotated[str, Field(min_length=1)]

SPACE = f" \t\r\n\v\f{BLANKS}{UNSEEN}"  # taken off both ends of every delivered text
NUMBERS: tuple[Type, ...] = ("number", "integer")
_IN_PLAIN: tuple[Type, ...] = (*NUMBERS, "date", "duration")
ROLE_TYPES: dict[Role, tuple[Type, ...]] = {
    "snapshot": ("date",),
    "start": ("date",),
    "default_date": ("date",),
    "closed_date": ("date",),
    "month_on_book": ("integer",),
    "due": NUMBERS,
    "paid": NUMBERS,
    "overdue": NUMBERS,
    "balance": NUMBERS,
    "decision": ("category", "text"),
    "days_late": ("integer",),
    "status": ("category",),
}


def is_empty(value: object) -> bool:
    """Whether a later key is not set: a frozen portfolio without it keeps its sha256."""
    return not value


class ColumnSpec(Section):
    """One delivered column."""

    role: Role | None = Field(None, description="what the system uses it as; see below")
    column: str = Field(
        "",
        description="the file's column that is read, where this is another name than its own: one"
        " may be read several times",
        exclude_if=is_empty,
    )
    part: tuple[int, int] | None = Field(
        None,
        description="first and last character of the part that is read: `[1, 2]`; from the end:"
        " `[-2, -1]`",
        exclude_if=is_empty,
    )
    pattern: str = Field(
        "",
        description="how the whole text is written, the part that is read in brackets:"
        " `(\\d+) months`; made of letters, `\\d`, `.`, `[A-Z]`, and behind them `?`, `*`, `+`,"
        " `{1,3}`, each of which takes as many as it can",
        exclude_if=is_empty,
    )
    name: str = Field("", description="what it is called from silver on; default: in lower case")
    text: str = Field("", description="in plain words, for the dictionary and reason codes")
    type: Type = Field("text", description="what its values are; see below")
    unit: str = Field("", description="of a number, for the dictionary")
    missing: tuple[str, ...] = Field((), description="delivered values that mean missing")
    empty: str = Field(
        "",
        description='what a cell with nothing in it says, where that is a value: `"0"` of days past'
        " due, `current` of a status",
        exclude_if=is_empty,
    )
    strip: str = Field("", description="characters taken off both ends before anything else")
    thousands: str = Field("", max_length=1, description="between thousands: `,` in 12,345.00")
    decimal: str = Field(
        ".", min_length=1, max_length=1, description="before decimals: `,` in 12345,00"
    )
    negative: Negative | None = Field(
        None,
        description="how a number below zero is written, besides a minus in front: `(1)`"
        " (brackets), `1-` (behind), `1 CR` beside `1 DR` (CR), or the other way round (DR)",
        exclude_if=is_empty,
    )
    format: str = Field("yyyy-MM-dd", description="of a date: in letters, or by a name; see below")
    first_year: int = Field(
        1970,
        ge=1901,
        le=2000,
        description="of the hundred years a two-digit year may mean: from 1970, 97 is 1997"
        " and 14 is 2014",
    )
    range: tuple[float, float] | None = Field(
        None, description="lowest and highest value; outside is null, with a reason"
    )
    categories: tuple[Text, ...] = Field((), description="others become 'unknown', with a reason")
    spellings: dict[Text, tuple[Text, ...]] = Field(
        default_factory=dict, description='other ways a category is written: `{"yes": [Y, "1"]}`'
    )
    growing: bool = Field(
        False, description="grows with calendar time, whoever applies: not compared for drift"
    )
    pii: bool = Field(False, description="leaves bronze only as a keyed hash, never a feature")
    protected: bool = Field(False, description="kept for fairness, never in a model")
    fairness: bool = Field(False, description="a group to compare, protected or not")
    bands: tuple[float, ...] = Field(
        (), description="where the groups to compare end, of a number; default: its quarters"
    )
    excluded: bool = Field(False, description="kept in silver, no feature")
    monotone: Monotone | None = Field(
        None, description="how the PD may move as the value rises: increasing or decreasing"
    )
    known_at_application: str = Field(
        "", description="why, of a column the leakage scan refuses: it then counts as a feature"
    )

    @property
    def partial(self) -> bool:
        """Whether only a part of each text is read."""
        return bool(self.part or self.pattern)

    @property
    def in_plain(self) -> bool:
        """Whether its texts are read in plain characters."""
        return self.type in _IN_PLAIN

    @property
    def mean_missing(self) -> tuple[str, ...]:
        """The texts that mean missing, also as they are read."""
        plainly = map(plain, self.missing) if self.in_plain else ()
        return tuple(dict.fromkeys((*self.missing, *plainly)))

    @property
    def two_digit_years(self) -> bool:
        """Whether its dates say the year in two digits."""
        how = date_format(self.format)
        return isinstance(how, Pattern) and "yy" in how.letters

    @cached_property
    def spelt(self) -> dict[str, str]:
        """Of each way a category is written (in lower case where `folds`): which one it is."""
        if not self.folds:
            return dict(self._written)
        return {text.lower(): value for text, value in self._written}

    @cached_property
    def folds(self) -> bool:
        """Whether case tells no two categories apart; it does only where both are declared."""
        texts = {(text.lower(), value) for text, value in self._written}
        return len(texts) == len({text for text, _ in texts})

    @property
    def _written(self) -> list[tuple[str, str]]:
        values = dict.fromkeys((*self.categories, *self.spellings))
        texts = [(text, v) for v in values for text in (v, *self.spellings.get(v, ()))]
        return list(dict.fromkeys([*texts, *((t, v) for x, v in texts for t in compositions(x))]))

    @model_validator(mode="before")
    @classmethod
    def _states_are_its_categories(cls, written: object) -> object:
        if not isinstance(written, dict) or written.get("role") != "status":
            return written
        if tuple(written.get("categories", STATES)) != (*STATES,):
            raise ValueError(
                f"categories of a status are given ({', '.join(STATES)}): leave them out, and say"
                " under spellings how each is written"
            )
        return written | {"categories": (*STATES,)}

    @model_validator(mode="after")
    def _consistent(self) -> "ColumnSpec":
        needed = ROLE_TYPES.get(self.role, (self.type,)) if self.role else (self.type,)
        if self.type not in needed:
            raise ValueError(f"role {self.role} needs type: {' or '.join(needed)}")
        if plain(self.thousands) == plain(self.decimal):
            raise ValueError(f"thousands and decimal are both '{self.decimal}'")
        if self.range and self.range[0] > self.range[1]:
            raise ValueError(f"range {list(self.range)} has its ends the wrong way round")
        if list(self.bands) != sorted(set(self.bands)):
            raise ValueError("bands must rise")
        self._check_spellings()
        date_format(self.format)
        check_part(self.part, self.pattern)
        return self

    def _check_spellings(self) -> None:
        for value in self.spellings:
            if self.categories and value not in self.categories:
                raise ValueError(f"spellings: {value} is not one of its categories")
        spelled = [text for texts in self.spellings.values() for text in texts]
        twice = sorted({text for text in spelled if spelled.count(text) > 1})
        if twice:
            raise ValueError(f"spellings: {', '.join(twice)} is spelled for two categories")
