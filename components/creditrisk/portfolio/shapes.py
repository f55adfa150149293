"""Examples of lenders for the page of keys; a test runs each through the check and the ETL."""

from dataclasses import dataclass

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Shape:
    """A description, the files it is of, and rows of tables that they become (header first).

    In files and tables, cells as text; '' is null. Tables are those of the newest month and all
    before, at the outcome's `mob` of 3.
    """

    title: str
    text: str
    sources: str  # YAML, below `sources`
    files: dict[str, Rows]
    becomes: dict[str, Rows]


_FORM = (
    ("loan", "client", "asked", "income"),
    ("A", "Ann", "2023-01-10", "1000"),
    ("B", "Bob", "2023-01-20", "2000"),
)
SHAPES = (
    Shape(
        "A status for each month, in columns of its own; applications by quarter",
        "A `*` in a column's name stands for the part that differs from month to month, and the"
        " column `*` says what that part is: a date, or the months on book (`role:"
        " month_on_book`, type `integer`), which then needs no date. Each row becomes one per"
        " month; a month in which every such column is empty, or declared missing, becomes none."
        " Months on book are counted from the start where no column holds them.",
        """\
form:
  table: form
  role: applications
  every: 3
  columns:
    loan: {role: application}
    client: {role: customer}
    asked: {role: snapshot, type: date}
    income: {type: number}
standing:
  table: standing
  role: performance
  columns:
    loan: {role: loan}
    client: {role: customer}
    paid_out: {role: start, type: date}
    "*": {role: snapshot, type: date, format: yyyy_MM}
    status_*:
      role: status
      type: category
      missing: [X]
      spellings: {current: ["0"], "1-29": ["1"], "30-59": ["2"], "90+": [DPD90+], paid_off: [C]}
""",
        {
            "form": (*_FORM, ("C", "Cid", "2023-04-05", "1500")),
            "standing": (
                ("loan", "client", "paid_out", *(f"status_2023_0{n}" for n in (1, 2, 3, 4))),
                ("A", "Ann", "2023-01-12", "0", "1", "DPD90+", "0"),
                ("B", "Bob", "2023-01-25", "0", "0", "0", "C"),
                ("C", "Cid", "2023-04-06", "X", "", "X", "0"),
            ),
        },
        {
            "loan_months": (
                ("loan_id", "month_on_book", "missed", "bucket", "balance"),
                ("A", "0", "0", "current", ""),
                ("A", "1", "0", "1-29", ""),
                ("A", "2", "3", "90+", ""),
                ("A", "3", "0", "current", ""),
                ("B", "0", "0", "current", ""),
                ("B", "1", "0", "current", ""),
                ("B", "2", "0", "current", ""),
                ("B", "3", "0", "current", "0"),
                ("C", "0", "0", "current", ""),
            ),
            "labels": (("loan_id", "mob", "bad"), ("A", "3", "1"), ("B", "3", "0")),
        },
    ),
    Shape(
        "A lender who pauses; restructured, written off and paid off; figures of the economy",
        "Nobody applied in February: the month is run and decided all the same. A figure of a"
        " macro table is known `lag` months after its month, and no application sees it before:"
        " the one of January (5.3) is joined to those of March. With `every: 3` a figure holds"
        " until the next is due. Such features are not compared for drift: a month has one value.",
        """\
form:
  table: form
  role: applications
  pauses: true
  columns:
    loan: {role: application}
    client: {role: customer}
    asked: {role: snapshot, type: date}
    income: {type: number}
ledger:
  table: ledger
  role: performance
  columns:
    loan: {role: loan}
    client: {role: customer}
    month: {role: snapshot, type: date, format: yyyy-MM}
    paid_out: {role: start, type: date}
    owed: {role: balance, type: number}
    state:
      role: status
      type: category
      spellings: {current: [OK], restructured: [R], written_off: [W/O], paid_off: [P]}
economy:
  table: economy
  role: macro
  lag: 2
  columns:
    month: {role: snapshot, type: date, format: yyyy-MM}
    unemployment: {type: number, unit: "%"}
""",
        {
            "form": (*_FORM, ("C", "Cid", "2023-03-05", "1500"), ("D", "Dan", "2023-03-09", "900")),
            "ledger": (
                ("loan", "client", "month", "paid_out", "owed", "state"),
                ("A", "Ann", "2023-01", "2023-01-12", "500", "OK"),
                ("B", "Bob", "2023-01", "2023-01-25", "800", "OK"),
                ("A", "Ann", "2023-02", "2023-01-12", "480", "R"),
                ("B", "Bob", "2023-02", "2023-01-25", "0", "P"),
                ("A", "Ann", "2023-03", "2023-01-12", "480", "W/O"),
                ("C", "Cid", "2023-03", "2023-03-06", "700", "OK"),
                ("D", "Dan", "2023-03", "2023-03-09", "300", "OK"),
                ("C", "Cid", "2023-04", "2023-03-06", "650", "OK"),
                ("D", "Dan", "2023-04", "2023-03-09", "280", "OK"),
            ),
            "economy": (
                ("month", "unemployment"),
                ("2022-11", "5.1"),
                ("2022-12", "5.2"),
                ("2023-01", "5.3"),
                ("2023-02", "5.4"),
            ),
        },
        {
            "features": (
                ("application_id", "snapshot_date", "income", "unemployment"),
                ("A", "2023-01-01", "1000", "5.1"),
                ("B", "2023-01-01", "2000", "5.1"),
                ("C", "2023-03-01", "1500", "5.3"),
                ("D", "2023-03-01", "900", "5.3"),
            ),
            "loan_months": (
                ("loan_id", "month_on_book", "missed", "bucket", "balance"),
                ("A", "0", "0", "current", "500"),
                ("A", "1", "3", "90+", "480"),
                ("A", "2", "3", "90+", "0"),
                ("B", "0", "0", "current", "800"),
                ("B", "1", "0", "current", "0"),
                ("C", "0", "0", "current", "700"),
                ("C", "1", "0", "current", "650"),
                ("D", "0", "0", "current", "300"),
                ("D", "1", "0", "current", "280"),
            ),
            "labels": (("loan_id", "mob", "bad"), ("A", "3", "1"), ("B", "3", "0")),
        },
    ),
    Shape(
        "One extract of outcomes, with a flag and no date",
        "The table is one file of how all loans stood on one day. `within` says how many months"
        " from the start the flag looks at; that is the policy's `outcome.mob`, and the only"
        " horizon with an outcome. A default with a date needs no `within`: it counts from that"
        " date on, whenever the extract was taken. A cohort whose outcome the extract cannot tell"
        " the whole of (here those of February and March) has none, and a month after it is not"
        " run until a later extract comes. A status with `role: snapshot` beside it needs neither:"
        " a loan is bad from the month a row says so.",
        """\
form:
  table: form
  role: applications
  columns:
    loan: {role: application}
    client: {role: customer}
    asked: {role: snapshot, type: date}
    income: {type: number}
final:
  table: final
  role: outcomes
  extract: 2023-04-30
  within: 3
  columns:
    loan: {role: loan}
    client: {role: customer}
    paid_out: {role: start, type: date}
    defaulted: {role: status, type: category, spellings: {default: [Y], current: [N]}}
""",
        {
            "form": (
                *_FORM,
                ("C", "Cid", "2023-02-05", "1500"),
                ("D", "Dan", "2023-03-05", "900"),
                ("E", "Eve", "2023-04-05", "900"),
            ),
            "final": (
                ("loan", "client", "paid_out", "defaulted"),
                ("A", "Ann", "2023-01-12", "Y"),
                ("B", "Bob", "2023-01-25", "N"),
                ("C", "Cid", "2023-02-06", "N"),
                ("D", "Dan", "2023-03-07", "N"),
                ("E", "Eve", "2023-04-06", "N"),
            ),
        },
        {"labels": (("loan_id", "mob", "bad"), ("A", "3", "1"), ("B", "3", "0"))},
    ),
)
