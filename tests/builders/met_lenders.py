"""Three small lenders whose files nobody wrote for this system: what `init` meets elsewhere.

A lessor with days as SAS counts them, a mortgage book by quarters with status codes, and
microfinance in Spanish, in UTF-16, with group loans and decimal commas.
"""

from datetime import date, timedelta
from pathlib import Path

from creditrisk.calendar_month import add_months

START, MONTHS = date(2022, 1, 1), 24
LOANS = 30  # a month, or a quarter
Row = dict[str, object]


def sas(day: date) -> int:
    return (day - date(1960, 1, 1)).days


def missed(loan: int, age: int) -> int:
    """One of seven stops paying in its third month."""
    return max(0, age - 2) * (loan % 7 == 0)


def lease(root: Path) -> None:
    """`contracts.csv`, `rentals.csv`: bars between fields, all dates as numbers."""
    contracts: list[Row] = []
    rentals: list[Row] = []
    for month in range(MONTHS):
        began = add_months(START, month)
        for loan in range(LOANS):
            who = {"CONTRACT_NO": f"LC{month:03}{loan:04}", "LESSEE_ID": f"P{loan * 31 + month:06}"}
            price, rent = 20_000 + 731.5 * loan, 400 + 9.5 * loan
            asked = sas(began + timedelta(loan % 25))
            contracts.append(
                who | {"APPL_DT": asked, "LIST_PRICE": price, "RESIDUAL_VALUE": price * 0.3}
            )
            rentals += [
                who
                | {
                    "PERIOD_DT": sas(add_months(began, age)),
                    "START_DT": sas(began),
                    "RENT_DUE": rent if age else 0,
                    "ARREARS": rent * missed(loan, age),
                }
                for age in range(MONTHS - month)
            ]
    save(root / "contracts.csv", contracts, "|")
    save(root / "rentals.csv", rentals, "|")


def mortgages(root: Path) -> None:
    """`origination.csv`, `performance.csv`: quarters, and codes of months behind, RA at the end."""
    origination: list[Row] = []
    performance: list[Row] = []
    for quarter in range(8):
        first = add_months(START, 3 * quarter)
        for loan in range(LOANS * 2):
            number = {"Loan Sequence Number": f"F22Q{quarter}{loan:07}"}
            score = {"Credit Score": 640 + loan, "Original LTV": 60 + loan % 40}
            origination.append(number | {"First Payment Date": f"{first:%Y%m}"} | score)
            for age in range(8 - quarter):
                now, behind = quarter + age, missed(loan, age + 2)
                performance.append(
                    number
                    | {
                        "Reporting Quarter": f"{2022 + now // 4}Q{now % 4 + 1}",
                        "First Payment Date": f"{first:%Y%m}",
                        "Delinquency Status": "RA" if behind > 2 else 3 * behind,
                        "Current UPB": 200_000 - 3_000 * age,
                    }
                )
    save(root / "origination.csv", origination, "|")
    save(root / "performance.csv", performance, "|")


def microfinance(root: Path) -> None:
    """`solicitudes.csv`, `pagos.csv`: a loan's number holds its group and cycle."""
    asked: list[Row] = []
    paid: list[Row] = []
    for month in range(MONTHS):
        began = add_months(START, month) + timedelta(14)
        for loan in range(LOANS):
            number = f"{loan % 9:04}-{loan:02}-{month:02}"
            who = {"Nº préstamo": number, "Socia": f"S{(month * 31 + loan * 17) % 400:06}"}
            sum_, due = 300 + 17.5 * loan, 30 + 1.75 * loan
            day = began - timedelta(loan % 14)
            form = {"Fecha solicitud": f"{day:%d/%m/%Y}", "Monto": comma(sum_)}
            asked.append(who | form | {"Actividad": ("Agrícola", "Comercio")[loan % 2]})
            paid += [
                who
                | {
                    "Mes": f"{add_months(began.replace(day=1), age):%d/%m/%Y}",
                    "Desembolso": f"{began:%d/%m/%Y}",
                    "Cuota": comma(due if age else 0),
                    "Saldo vencido": comma(due * missed(loan, age)),
                    "Saldo": comma(sum_ * (1 - age / 20)),
                }
                for age in range(MONTHS - month)
            ]
    save(root / "solicitudes.csv", asked, ";", "utf-16")
    save(root / "pagos.csv", paid, ";", "utf-16")


def comma(amount: float) -> str:
    return f"{amount:.2f}".replace(".", ",")


def save(path: Path, rows: list[Row], delimiter: str, encoding: str = "utf-8") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [rows[0].keys(), *(row.values() for row in rows)]
    text = "\n".join(delimiter.join(map(str, line)) for line in lines)
    path.write_text(f"{text}\n", encoding=encoding)
