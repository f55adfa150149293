"""Examples of columns for the page of keys; a test runs each through the check and the ETL."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """Columns of one file column: what is delivered, and what each of them becomes in silver.

    `columns`: lines below `columns`, YAML. `becomes`: values by name, '' where it is null; as
    many as there are texts in `delivered`.
    """

    title: str
    columns: str
    delivered: tuple[str, ...]
    becomes: dict[str, tuple[str, ...]]
    table: str = ""  # a line of the table above `columns`


EXAMPLES = (
    Example(
        "Part of a code",
        'sector: {column: NAICS, part: [1, 2], type: category, categories: ["45", "72"]}',
        ("451120", "722410", "4"),
        {"sector": ("45", "72", "")},
    ),
    Example(
        "A number within a text",
        "term: {pattern: '(\\d+) months?', type: integer, range: [1, 120]}",
        ("36 months", "1 month", "36 years"),
        {"term": ("36", "1", "")},
    ),
    Example(
        "One column in two roles: the date of application, and its month as a season",
        "month: {role: snapshot, type: date}\n"
        'season: {column: month, part: [6, 7], type: category, categories: ["01", "07"]}',
        ("2023-01-01",),
        {"snapshot_date": ("2023-01-01",), "season": ("01",)},
    ),
    Example(
        "A file in an encoding of its own",
        "town: {type: category, categories: [Łódź, Kraków]}",
        ("Łódź", "Kraków"),
        {"town": ("Łódź", "Kraków")},
        table="encoding: cp1250",
    ),
    Example(
        "Amounts below zero in brackets",
        'profit: {type: number, negative: brackets, strip: $, thousands: ","}',
        ("($1,200.50)", "-1200.50", "$300", "(300"),
        {"profit": ("-1200.5", "-1200.5", "300", "")},
    ),
    Example(
        "Amounts with the minus behind",
        'margin: {type: number, negative: behind, thousands: ".", decimal: ","}',
        ("1.200,50-", "300"),
        {"margin": ("-1200.5", "300")},
    ),
    Example(
        "Credits and debits",
        "account: {type: number, negative: DR}",
        ("75.5 DR", "300 CR", "-1 CR"),
        {"account": ("-75.5", "300", "")},
    ),
    Example(
        "Nothing in a cell that means none",
        'late: {type: integer, empty: "0"}',
        ("31", "", "x"),
        {"late": ("31", "0", "")},
    ),
    Example(
        "Years and months",
        "employed: {type: duration, range: [0, 600]}",
        ("10 Years and 9 Months", "1yrs 11mon", "P1Y2M", "7 months", "two years"),
        {"employed": ("129", "23", "14", "7", "")},
    ),
    Example(
        "Timestamps",
        "opened: {type: date, format: iso}",
        ("2023-01-31", "2023-01-31T18:05:00.25Z", "2023-01-31 00:10:00+05:30", "31/01/2023"),
        {"opened": ("2023-01-31", "2023-01-31", "2023-01-31", "")},
    ),
    Example(
        "Timestamps in letters of one's own",
        'seen: {type: date, format: "M/d/yyyy h:mm:ss.SS a"}',
        ("1/31/2023 12:00:00.00 AM", "1/31/2023 13:00:00.00 PM"),
        {"seen": ("2023-01-31", "")},
    ),
    Example(
        "Milliseconds since 1970",
        "clicked: {type: date, format: epoch milliseconds}",
        ("1675123200000", "1675123199999"),
        {"clicked": ("2023-01-31", "2023-01-30")},
    ),
    Example(
        "Days as Excel counts them",
        "signed: {type: date, format: excel 1900}",
        ("44957", "44957.75", "60"),
        {"signed": ("2023-01-31", "2023-01-31", "")},
    ),
    Example(
        "SAS datetimes",
        "scored: {type: date, format: sas datetime}",
        ("1990742400", "1990742399.5"),
        {"scored": ("2023-01-31", "2023-01-30")},
    ),
    Example(
        "Quarters",
        "quarter: {type: date, format: \"yyyy'Q'Q\"}",
        ("2019Q3", "2019Q5"),
        {"quarter": ("2019-07-01", "")},
    ),
    Example(
        "Months and quarters by number",
        "observed: {type: date, format: months since 2015-01}",
        ("17", "0", "17.5"),
        {"observed": ("2016-06-01", "2015-01-01", "")},
    ),
    Example(
        "Months before a reference",
        "paid_in: {type: date, format: months before 2005-10}",
        ("1", "0", "-1"),
        {"paid_in": ("2005-09-01", "2005-10-01", "2005-11-01")},
    ),
)
