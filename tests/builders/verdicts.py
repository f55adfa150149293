"""Months of a table, each spoilt in one way, and what both judges must say of it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.builders.deliveries import Rows, client, month

CLIENTS = 20  # a month; limits of the tests' policy: .3 of rows set aside, .5 of values lost
LENDER = """
name: small-lender
currency: EUR
sources:
  form:
    table: application_form
    role: applications
    columns:
      client: {role: customer, missing: ["NULL"]}
      month: {role: snapshot, type: date}
      income: {type: number, range: [0, 1000000]}
      home: {type: category, categories: [own, rent]}
      note: {type: number, excluded: true}
  standing:
    table: standing
    role: outcomes
    columns:
      loan: {role: loan}
      client: {role: customer}
      month: {role: snapshot, type: date}
      began: {role: start, type: date}
      failed: {role: default_date, type: date, missing: [never]}
      closed: {role: closed_date, type: date}
"""


@dataclass(frozen=True)
class Case:
    """What is done to a month's rows, then to the file's text; and whether it may pass."""

    what: str
    blocked: bool
    rows: Callable[[Rows], Rows] = lambda rows: rows
    text: Callable[[str], str] = lambda text: text


def forms(number: int) -> Rows:
    """A good month of applications."""
    return [
        {
            "client": client(number, i),
            "month": str(month(number)),
            "income": f"{30_000 + i}",
            "home": "own" if i % 2 else "rent",
            "note": "1",
        }
        for i in range(CLIENTS)
    ]


def standings(number: int) -> Rows:
    """A good month of outcomes: six loans of twenty have failed, six are closed."""
    return [
        {
            "loan": f"L{number}-{i}",
            "client": client(number, i),
            "month": str(month(number)),
            "began": str(month(number)),
            "failed": str(month(number)) if i < 6 else "",
            "closed": str(month(number)) if i > 13 else "",
        }
        for i in range(CLIENTS)
    ]


def some(share: float, **values: str) -> Callable[[Rows], Rows]:
    """Other values in the first rows."""
    return lambda rows: [
        row | values if place < share * len(rows) else row for place, row in enumerate(rows)
    ]


def filled(column: str, value: str) -> Callable[[Rows], Rows]:
    """Another value wherever there is one."""
    return lambda rows: [row | {column: value} if row[column] else row for row in rows]


def again(share: float, **values: str) -> Callable[[Rows], Rows]:
    """The first rows once more, with other values."""
    return lambda rows: rows + [row | values for row in rows[: int(share * len(rows))]]


def both(*changes: Callable[[Rows], Rows]) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        for one in changes:
            rows = one(rows)
        return rows

    return change


def lines(change: Callable[[list[str]], list[str]]) -> Callable[[str], str]:
    """The lines of a file, its header first, changed."""
    return lambda text: "\n".join(change(text.splitlines())) + "\n"


def last_again(rows: Rows) -> Rows:
    """Three rows once more, and different."""
    return [*rows, *(row | {"income": "1"} for row in rows[-3:])]


def ends(line: str, end: str) -> str:
    return f"{line}{end}"


CASES = {
    "form": (
        Case("nothing", False),
        Case("garbage in four of ten amounts", False, some(0.4, income="abc")),
        Case("garbage in six of ten amounts", True, some(0.6, income="abc")),
        Case("two of ten customers are none", False, some(0.2, client="NULL")),
        Case("four of ten customers are none", True, some(0.4, client="NULL")),
        Case("amounts out of range", True, some(0.6, income="-1")),
        Case(
            "garbage, and out of range", False, both(some(0.8, income="-1"), some(0.4, income="x"))
        ),
        Case("undeclared categories", True, some(0.6, home="tent")),
        Case("categories in another case", False, some(1.0, home="OWN")),
        Case("no amount at all", False, some(1.0, income="")),
        Case("amounts in a programmer's notation", True, some(0.6, income="0x1p3")),
        Case("amounts in other digits", False, some(0.6, income="\u0661\u0662")),
        Case("amounts with an exponent", False, some(1.0, income="3e4")),
        Case("amounts without end", True, some(0.6, income="Infinity")),
        Case("garbage in a column that nobody uses", False, some(1.0, note="abc")),
        Case("some rows of nobody", False, some(0.2, client="")),
        Case("many rows of nobody", True, some(0.4, client="")),
        Case("many rows without a date", True, some(0.4, month="soon")),
        Case("rows twice", False, again(1.0)),
        Case("rows twice, and different", True, again(0.2, income="1")),
        Case("few rows twice, and different", False, again(0.1, income="1")),
        Case("nobody's rows and rows that differ", True, both(some(0.2, client=""), last_again)),
        Case("rows that do not split", True, text=lines(lambda one: [*one, *["a,b"] * 12])),
        Case("blank rows", False, text=lines(lambda one: [*one, *[",,,,"] * 30])),
        Case("line ends of two kinds", False, text=lambda text: text.replace("\n", "\r\n", 9)),
        Case(
            "a delimiter at the end of rows",
            False,
            text=lines(lambda one: [one[0], *(ends(row, ",") for row in one[1:])]),
        ),
        Case(
            "a quote left open",
            True,
            text=lines(lambda one: [*one[:8], ends(one[8][:-1], '"1'), *one[9:]]),
        ),
    ),
    "standing": (
        Case("nothing", False),
        Case("no default date can be read", True, filled("failed", "15/03/2023")),
        Case("a word where nothing has happened", False, some(1.0, failed="never")),
        Case("defaults before the loans began", True, filled("failed", "2019-01-01")),
        Case("defaults after their delivery", True, filled("failed", "2039-01-01")),
        Case("two of many default dates cannot be read", False, some(0.1, failed="15/03/2023")),
        Case("no closing date can be read", True, filled("closed", "soon")),
        Case("two of ten loans begin in another calendar", False, some(0.2, began="2566-01-01")),
        Case("four of ten loans begin in another calendar", True, some(0.4, began="2566-01-01")),
        Case("nothing has happened", False, some(1.0, failed="", closed="")),
    ),
}
GOOD: dict[str, Callable[[int], Rows]] = {"form": forms, "standing": standings}
