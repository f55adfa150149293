"""The quiet lender's deliveries, spoilt as other lenders' systems spoil theirs.

Each `Spoilt`: how it is delivered, and `shows`, a pattern of what the check must say; None where
the delivery is sound, and nothing may be said. That was written before anything was run; afterwards
patterns were changed to the words used, and `UNSEEN` was made of what is still silent.
"""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.builders.deliveries import Rows
from tests.builders.quiet_lender import FORM, LEDGER, changed, forms, month, panel

Row = dict[str, str]
Files = dict[str, str]  # by name, with their ending
EIGHTH = f"{month(7)}"
MONTHLY = (FORM + LEDGER).replace("table: form", "table: form_{yyyyMM}*")


@dataclass(frozen=True)
class Spoilt:
    """A delivery in bytes by the name of each file, the description, what must be said."""

    files: Callable[[], Files]
    shows: str | None
    text: str = FORM + LEDGER


def text_of(rows: Rows, delimiter: str = ",") -> str:
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return "".join(f"{delimiter.join(map(_quoted, line))}\n" for line in lines)


def _quoted(cell: str) -> str:
    return f'"{cell}"' if re.search(r"[,;\n]", cell) else cell


def whole(form: str = "", ledger: str = "") -> Callable[[], Files]:
    return lambda: {
        "form.csv": form or text_of(forms()),
        "ledger.csv": ledger or text_of(panel()),
    }


def formed(**change: Callable[[Row], str]) -> Callable[[], Files]:
    return lambda: {
        "form.csv": text_of(changed(forms(), **change)),
        "ledger.csv": text_of(panel()),
    }


def ledgered(**change: Callable[[Row], str]) -> Callable[[], Files]:
    return lambda: {
        "form.csv": text_of(forms()),
        "ledger.csv": text_of(changed(panel(), **change)),
    }


def later(of: str, change: Callable[[str], str], dated: str) -> Callable[[Row], str]:
    """A change from the eighth month on."""
    return lambda row: change(row[of]) if row[dated] >= EIGHTH else row[of]


def some(of: str, change: Callable[[str], str], share: float) -> Callable[[Row], str]:
    """A change of a share of the rows, drawn by what stands in them."""

    def one(row: Row) -> str:
        drawn = zlib.crc32("".join(row.values()).encode()) % 10_000
        return change(row[of]) if drawn < share * 10_000 else row[of]

    return one


def times(factor: float) -> Callable[[str], str]:
    return lambda text: f"{float(text) * factor:g}"


def months_of(rows: Rows, dated: str) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    for row in rows:
        found.setdefault(row[dated], []).append(row)
    return found


def monthly(
    spoil: Callable[[str, str], str] = lambda _, text: text, **more: str
) -> Callable[[], Files]:
    """Applications in a file a month; `spoil` takes a month and the text of its file."""

    def files() -> Files:
        parts = months_of(forms(), "asked")
        named = {
            f"form_{day[:4]}{day[5:7]}.csv": spoil(day, text_of(rows))
            for day, rows in parts.items()
        }
        return named | more | {"ledger.csv": text_of(panel())}

    return files


def in_eighth(change: Callable[[str], str]) -> Callable[[str, str], str]:
    return lambda day, text: change(text) if day == EIGHTH else text


def by_month() -> str:
    return text_of(sorted(panel(), key=lambda row: (row["month"], row["loan"])))


def cut(text: str, share: float) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(lines[: int(len(lines) * share)])


def stale() -> str:
    """The eighth month repeats the seventh, under its own date."""
    of_loan = {(row["loan"], row["month"]): row for row in panel()}
    rows = []
    for (loan, day), row in of_loan.items():
        before = of_loan.get((loan, f"{month(6)}"))
        rows.append(before | {"month": day} if day == EIGHTH and before else row)
    return text_of(rows)


def subtotals(rows: Rows, dated: str, written: str, of: str) -> str:
    """A line of each month: its day, and the sum of an amount."""
    parts = months_of(rows, dated).items()
    return "".join(written.format(day, sum(float(r[of]) for r in some)) for day, some in parts)


def excel(day: str) -> str:
    return f"{(date.fromisoformat(day) - date(1899, 12, 30)).days}"


FORM_HEADER = "loan,client,asked,income,rate\n"
TOTAL = sum(float(row["income"]) for row in forms())
PAID = LEDGER.replace(
    "owed: {role: balance", "paid: {role: paid, type: number}\n      owed: {role: balance"
)
ON_BOOK = LEDGER.replace(
    "due: {role: due", "age: {role: month_on_book, type: integer}\n      due: {role: due"
)
HOME = "      home: {type: category}\n"


def year_to_date(row: Row) -> str:
    return f"{100 * int(row['month'][5:7])}"


SPOILT: dict[str, Spoilt] = {
    # rows that are none
    "the header stands in the middle": Spoilt(
        lambda: {
            "form.csv": text_of(forms()[:300]) + text_of(forms()[300:]),
            "ledger.csv": text_of(panel()),
        },
        "header again",
    ),
    "the header stands in the middle in capitals": Spoilt(
        lambda: {
            "form.csv": text_of(forms()[:300])
            + text_of(forms()[300:]).replace(FORM_HEADER, FORM_HEADER.upper(), 1),
            "ledger.csv": text_of(panel()),
        },
        "no date|header",
    ),
    "a footer of totals": Spoilt(whole(text_of(forms()) + f"Total,,,{TOTAL},\n"), "empty|no date"),
    "a footer of one field": Spoilt(whole(text_of(forms()) + "720 rows\n"), "do not split"),
    "a footer of totals with a date": Spoilt(
        whole(text_of(forms()) + f"Total,Total,2023-12-31,{TOTAL},\n"),
        "income .*(times|another unit)",
    ),
    "a subtotal of each month": Spoilt(
        whole(text_of(forms()) + subtotals(forms(), "asked", "Sum,Sum,{},{},\n", "income")),
        "several months|times|another unit",
    ),
    "a subtotal of each month in the panel": Spoilt(
        whole(ledger=text_of(panel()) + subtotals(panel(), "month", "Sum,,{},,,,{}\n", "owed")),
        "empty|no date",
    ),
    "a footer with the number of rows": Spoilt(
        whole(text_of(forms()) + "Rows: 720,,,,\n"), "empty|no date"
    ),
    # files
    "a month again, equal": Spoilt(
        monthly(form_202308b=text_of(months_of(forms(), "asked")[EIGHTH])), "there twice", MONTHLY
    ),
    "a month again, corrected": Spoilt(
        monthly(
            form_202308b=text_of(
                changed(months_of(forms(), "asked")[EIGHTH], income=lambda row: "1")
            )
        ),
        "differ",
        MONTHLY,
    ),
    "a month's file is that of another": Spoilt(
        monthly(in_eighth(lambda _: text_of(months_of(forms(), "asked")[f"{month(6)}"]))),
        "another month",
        MONTHLY,
    ),
    "columns in another order": Spoilt(
        monthly(
            in_eighth(
                lambda text: text_of(
                    [dict(reversed(row.items())) for row in months_of(forms(), "asked")[EIGHTH]]
                )
            )
        ),
        None,
        MONTHLY,
    ),
    "a column with another name": Spoilt(
        monthly(in_eighth(lambda text: text.replace("income", "salary", 1))),
        "lacks column income",
        MONTHLY,
    ),
    "a file with semicolons": Spoilt(
        monthly(in_eighth(lambda text: text.replace(",", ";"))), "semicolons", MONTHLY
    ),
    "lines end as on old Macs": Spoilt(
        monthly(in_eighth(lambda text: text.replace("\n", "\r"))), None, MONTHLY
    ),
    "a byte order mark in one file": Spoilt(monthly(in_eighth("\ufeff{}".format)), None, MONTHLY),
    "rows in reverse": Spoilt(whole(text_of(forms()[::-1]), text_of(panel()[::-1])), None),
    "an application file cut at a row's end": Spoilt(
        whole(cut(text_of(forms()), 0.95)), "newest month|find their"
    ),
    "a panel by month, cut at a row's end": Spoilt(
        whole(ledger=cut(by_month(), 0.94)), "newest month|gone"
    ),
    "a panel by loan, cut at a row's end": Spoilt(
        whole(ledger=cut(text_of(panel()), 0.9)), "no loan is here of applications"
    ),
    # numbers
    "decimal commas from a month on": Spoilt(
        formed(income=later("income", lambda t: t.replace(".", ","), "asked")),
        "income .*are no number",
    ),
    "thousands from a month on": Spoilt(
        formed(income=later("income", lambda t: f"{float(t):,.2f}", "asked")),
        "income .*are no number",
    ),
    "points for thousands from a month on": Spoilt(
        formed(income=later("income", lambda t: f"{int(float(t)):,}".replace(",", "."), "asked")),
        "income .*times",
    ),
    "percent, then fractions": Spoilt(
        formed(rate=later("rate", times(0.01), "asked")), "rate .*times"
    ),
    "percent, then basis points": Spoilt(
        formed(rate=later("rate", times(100), "asked")), "rate .*times"
    ),
    "fractions in a tenth of the rows": Spoilt(
        formed(rate=some("rate", times(0.01), 0.1)), "rate .*times"
    ),
    "a percent sign in some rows": Spoilt(
        formed(rate=some("rate", "{}%".format, 0.2)), "rate .*are no number"
    ),
    "a currency behind some amounts": Spoilt(
        formed(income=some("income", "{} EUR".format, 0.2)), "income .*are no number"
    ),
    "no-break blanks between thousands": Spoilt(
        formed(income=lambda r: f"{float(r['income']):,.1f}".replace(",", "\u00a0")),
        None,
        (FORM + LEDGER).replace("income: {type: number", "income: {type: number, thousands: ' '"),
    ),
    "another currency in a few rows, at 4.3": Spoilt(
        formed(income=some("income", times(4.3), 0.02)), "income .*times"
    ),
    "a year's due in a few rows": Spoilt(
        ledgered(due=some("due", times(12), 0.005)), "due .*times"
    ),
    "a week's due in a few rows": Spoilt(
        ledgered(due=some("due", times(1 / 4.33), 0.005)), "due .*times"
    ),
    "a balance of another currency in a few rows": Spoilt(
        ledgered(owed=some("owed", times(4.3), 0.005)), "owed .*times"
    ),
    "a balance in thousands in one month": Spoilt(
        ledgered(owed=lambda r: times(0.001)(r["owed"]) if r["month"] == EIGHTH else r["owed"]),
        "owed .*times",
    ),
    "a balance below zero from a month on": Spoilt(
        ledgered(owed=later("owed", "-{}".format, "month")), "owed .*below zero"
    ),
    "arrears below zero from a month on": Spoilt(
        ledgered(overdue=later("overdue", lambda t: f"-{t}" if t != "0" else t, "month")),
        "overdue .*below zero",
    ),
    "a dash for nothing": Spoilt(
        ledgered(
            overdue=lambda r: (
                r["overdue"].replace("0", "-") if r["overdue"] == "0" else r["overdue"]
            )
        ),
        "overdue .*(not|missing|empty)",
    ),
    "SAS's point for missing": Spoilt(
        formed(income=some("income", lambda _: ".", 0.1)), "income .*(not|missing)"
    ),
    "a database's NULL": Spoilt(
        formed(income=some("income", lambda _: "\\N", 0.1)), "income .*(not|missing)"
    ),
    # dates
    "day and month the other way round from a month on": Spoilt(
        formed(asked=later("asked", lambda t: f"{t[:5]}{t[8:]}-{t[5:7]}", "asked")),
        "differ|begin|began|no row|find|newest|rows of",
    ),
    "serial numbers from a month on": Spoilt(
        formed(asked=later("asked", excel, "asked")), "no date"
    ),
    "two-digit years": Spoilt(formed(asked=lambda r: r["asked"][2:]), "no date|no month"),
    "the Buddhist calendar": Spoilt(
        lambda: {
            "form.csv": text_of(changed(forms(), asked=lambda r: f"2566{r['asked'][4:]}")),
            "ledger.csv": text_of(
                changed(
                    panel(),
                    month=lambda r: f"2566{r['month'][4:]}",
                    began=lambda r: f"2566{r['began'][4:]}",
                )
            ),
        },
        "calendar",
    ),
    "Excel for Macs read as Excel": Spoilt(
        formed(asked=lambda r: f"{int(excel(r['asked'])) - 1462}"),
        "began 49 months after",
        (FORM + LEDGER).replace(
            "asked: {role: snapshot, type: date}",
            "asked: {role: snapshot, type: date, format: excel 1900}",
        ),
    ),
    "a start a month early, as clocks differ": Spoilt(
        ledgered(
            began=lambda r: (
                f"{month(int(r['loan'][1:3]) - 1)}" if r["loan"].endswith("7") else r["began"]
            )
        ),
        "began before",
    ),
    "two applications without a date": Spoilt(
        formed(asked=lambda r: "" if r["loan"] in ("L00001", "L03004") else r["asked"]),
        "asked .*empty",
    ),
    # names
    "customers lose their zeros in the panel": Spoilt(
        ledgered(client=lambda r: r["client"].replace("C0", "C")), "client .*other"
    ),
    "customers are merged in some month": Spoilt(
        ledgered(
            client=lambda r: "C00001" if r["month"] >= EIGHTH and r["loan"] < "L03" else r["client"]
        ),
        "client .*(anybody|other|several)",
    ),
    "loans are split in some month": Spoilt(
        ledgered(loan=lambda r: r["loan"] + "-1" if r["month"] >= EIGHTH else r["loan"]),
        "find their|gone",
    ),
    "loans as fractions in the panel": Spoilt(
        ledgered(loan=lambda r: r["loan"] + ".0"), "find their"
    ),
    "loans in lower case in the panel": Spoilt(
        ledgered(loan=lambda r: r["loan"].lower()), "find their"
    ),
    "loans with blanks around them": Spoilt(ledgered(loan=lambda r: f" {r['loan']} "), None),
    "loans as a spreadsheet rounds them": Spoilt(
        lambda: {
            "form.csv": text_of(
                changed(forms(), loan=lambda r: "1.23E+11" if r["loan"] > "L11" else r["loan"])
            ),
            "ledger.csv": text_of(panel()),
        },
        "last digits",
    ),
    # what does not go on
    "a month is the one before, under its own date": Spoilt(
        whole(ledger=stale()), "stands as in the month before"
    ),
    "what was paid since January": Spoilt(
        ledgered(paid=year_to_date), "running total", FORM + PAID
    ),
    "months on book begin with one": Spoilt(
        ledgered(age=lambda r: f"{_age(r) + 1}"), "not the months since", FORM + ON_BOOK
    ),
    "a payment holiday": Spoilt(
        ledgered(due=lambda r: "0" if r["month"] == EIGHTH else r["due"]), None
    ),
    "a category is coded anew from a month on": Spoilt(
        formed(
            home=lambda r: (
                ("own", "rent")[int(r["loan"][-1]) % 2]
                if r["asked"] < EIGHTH
                else "12"[int(r["loan"][-1]) % 2]
            )
        ),
        "home .*",
        (FORM + HOME + LEDGER),
    ),
    "a text in an amount from a month on": Spoilt(
        formed(income=later("income", lambda _: "see file", "asked")), "income .*are no number"
    ),
    "a number of loans in each row of the newest month twice": Spoilt(
        whole(
            ledger=text_of(panel())
            + text_of([r for r in panel() if r["month"] == f"{month(11)}"]).partition("\n")[2]
        ),
        "there twice",
    ),
    "an empty column from a month on": Spoilt(
        formed(income=later("income", lambda _: "", "asked")), "income .*empty"
    ),
}


def _age(row: Row) -> int:
    began, now = (int(row[name][:4]) * 12 + int(row[name][5:7]) for name in ("began", "month"))
    return now - began


def deliver(folder: Path, files: Files) -> None:
    for name, text in files.items():
        path = folder / (name if "." in name else f"{name}.csv")
        path.write_bytes(text.encode())


UNSEEN = {"fractions in a tenth of the rows"}  # such a tenth may well be of other loans
