"""A scored month of the small lender, with the deliveries its applications came from."""

import hashlib
import hmac
import json
from datetime import date
from pathlib import Path

import pyarrow as pa

from creditrisk import contracts
from creditrisk.contracts import Contract
from creditrisk.lake import Commit
from creditrisk.period import Period, freeze
from creditrisk.portfolio import parse_portfolio
from creditrisk.stages.scoring.score import score
from tests.builders.acts import closed
from tests.builders.small_lender import PORTFOLIO, Scenario, fill, rewrite, small_period
from tests.builders.trained_version import UNSEEN, install

AS_OF = date(2024, 1, 1)
FIRST = f"C01200000_{AS_OF}"  # the first who applied in it
KEY = "0123456789abcdef" * 4
PERSON = "Ada Lovelace <ada@example.org>"
# the same features, and columns that are nobody's business
DELIVERED = PORTFOLIO.replace(
    "      income:",
    "      name: {type: text, pii: true}\n      remark: {type: text}\n      income:",
)


def scored(root: Path, portfolio: str = DELIVERED, down: bool = False) -> tuple[Period, str]:
    """A month scored by its champion, its features made of delivered rows."""
    period = small_period(root, AS_OF)
    fill(period, {UNSEEN: Scenario(visits_down=True)} if down else None)
    deliver(period, portfolio)
    version = install(period, masked_passed=not down)
    score(period, version)
    closed(period)
    return period, version


def deliver(period: Period, portfolio: str = DELIVERED) -> None:
    """Bronze of the month's form and of two months' visits, and features made of them."""
    described = parse_portfolio(portfolio, "DELIVERED")
    freeze(period.store, period.policy, described)
    spec = described.sources["form"]
    rows = [
        {"client": client, "month": f"{AS_OF}", "name": PERSON, "remark": PERSON, "income": "1,5",
         "debt": " 20 ", "home": "rent", "age": "47"}
        for client in ("C01200001", " C01200000 ", None)
    ]  # fmt: skip
    form = _bronze(period, contracts.bronze("form", spec), AS_OF, rows, described.sha)
    history = None
    for month in (date(2023, 12, 1), AS_OF):
        seen = [{"client": "C01200000", "month": f"{month}", "pages": "7", "noise": "1"}]
        contract = contracts.bronze("visits", described.sources["visits"])
        visits = _bronze(period, contract, month, seen, described.sha)
        silver = _made(period, "silver/visits", month, visits)
        history = _made(period, "gold/visits_history", month, silver, *filter(None, [history]))
    made = _made(period, "silver/form", AS_OF, form)
    inputs = {_name(one): one.digest for one in (made, history) if one}
    rewrite(
        period, contracts.features(period.portfolio), [AS_OF], lambda found: found,
        inputs={**inputs, "portfolio": described.sha},
    )  # fmt: skip


def hashed(text: str) -> str:
    """As silver has a personal key."""
    return hmac.new(KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def _bronze(
    period: Period, contract: Contract, month: date, rows: list[dict], described: str
) -> Commit:
    file = f"{contract.name}/{month}.csv"
    origin = {"source_file": file, "source_sha256": "ab" * 32, "unreadable": None}
    numbered = [row | origin | {"source_row": n} for n, row in enumerate(rows, start=1)]
    table = pa.Table.from_pylist(numbered, schema=contract.arrow)
    inputs = {file: "content", "portfolio": described}
    return period.lake.write(contract, month, table, inputs=inputs, code="test")


def _made(period: Period, table: str, month: date, *sources: Commit) -> Commit:
    """A commit of which only what it was made from matters."""
    inputs = {_name(one): one.digest for one in sources}
    digest = hashlib.sha256(json.dumps([table, f"{month}"]).encode()).hexdigest()
    return period.lake.publish(
        Commit(table, f"{month}", 0, 1, digest, "", inputs, (), "test", f"{month}")
    )


def _name(commit: Commit) -> str:
    return f"{commit.table}/{commit.month}"
