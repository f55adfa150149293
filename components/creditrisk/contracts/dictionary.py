"""The contracts to read: one table of columns for each table of ours."""

from collections.abc import Iterator
from itertools import groupby

from creditrisk.contracts import all_contracts
from creditrisk.contracts.contract import Column, Contract
from creditrisk.policy import Policy
from creditrisk.portfolio import Portfolio

_INTRODUCTION = """# Data dictionary

Every table of every layer, of the portfolio `{name}`. Written by `make docs` from the contracts
the pipeline itself checks; another lender's is `creditrisk lake dictionary --portfolio FILE`.

A table lies in the lake as one commit per month (`snapshot_date`), and its rows are unique by
key within a commit. What a column may hold is checked before a commit: a table that breaks its
contract is not committed. How delivered data that does not fit is dealt with before that, is in
[deliveries.md](deliveries.md)."""
_LAYERS = {
    "bronze": "As delivered, all text, plus where each row came from. PII stays here.",
    "silver": "Typed and cleaned. PII is an HMAC-SHA256 under `CREDITRISK_PII_KEY`, null without.",
    "gold": "What models are trained on and measured by.",
    "scores": "What is published.",
    "monitoring": "What is measured every month.",
}


def data_dictionary(portfolio: Portfolio, policy: Policy) -> str:
    """Markdown."""
    parts = [_INTRODUCTION.format(name=portfolio.name)]
    for layer, tables in groupby(all_contracts(portfolio), lambda contract: contract.layer):
        parts.append(f"## {layer}\n\n{_LAYERS[layer]}")
        parts += ["\n".join(_table(contract, policy)) for contract in tables]
    return "\n\n".join(parts) + "\n"


def _table(contract: Contract, policy: Policy) -> Iterator[str]:
    yield f"### {contract.table}\n"
    yield f"{contract.grain[0].upper()}{contract.grain[1:]}. Key: {_code(contract.key)}."
    if contract.steady:
        yield f"{_steady(contract, policy)}"
    yield "\n| column | type | null | values | meaning |\n|---|---|---|---|---|"
    for column in contract.columns:
        null = "" if column.name in contract.required else "yes"
        unit = f", {column.unit}" if column.unit else ""
        cells = (f"`{column.name}`", f"{column.type}{unit}", null, _values(column), column.text)
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _steady(contract: Contract, policy: Policy) -> str:
    if contract.layer == "bronze":
        return "Once begun, it has rows in every month; a month without is refused."
    low, high = policy.quality.rows_low, policy.quality.rows_high
    return f"A month has {low:g} to {high:g} times the rows of the month before, or is blocked."


def _values(column: Column) -> str:
    if column.hashed:
        return "hash"
    if column.categories:
        every = ", ".join(column.categories)
        return f"list of: {every}" if column.members else every
    match column.low, column.high:
        case None, None:
            return ""
        case low, None:
            return f"{low:,.15g} and more"
        case None, high:
            return f"up to {high:,.15g}"
        case low, high:
            return f"{low:,.15g} to {high:,.15g}"


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
