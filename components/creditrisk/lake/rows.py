"""Whether the rows of a commit are those its digest names.

Reading a commit holds its files against their sha256 in the manifest; who changes both, and keeps
the digest, is found by computing the digest again.
"""

from collections.abc import Iterator, Mapping, Sequence

from creditrisk.contracts import Contract, all_contracts
from creditrisk.errors import UserError
from creditrisk.lake import Lake
from creditrisk.lake.digest import table_digest
from creditrisk.records import layout
from creditrisk.records.config import read_portfolio
from creditrisk.storage import Store

Contracts = Mapping[tuple[str, str], Contract]


def contracts_of(store: Store) -> Contracts:
    """By table and schema, of every description that a run of this store was under."""
    found: dict[tuple[str, str], Contract] = {}
    for key in store.keys(layout.PORTFOLIOS):
        try:
            portfolio = read_portfolio(store, layout.name_of(key))
        except UserError:
            continue  # altered, or of another release: its tables are counted as not looked at
        found |= {(one.table, one.schema_sha): one for one in all_contracts(portfolio)}
    return found


def altered_rows(lake: Lake, keys: Sequence[str], contracts: Contracts) -> Iterator[str | None]:
    """Of each manifest, what is wrong with its rows: "" nothing, None: no contract fits it."""
    for key in keys:
        commit = lake.manifest(key)
        contract = contracts.get((commit.table, commit.schema_sha))
        if contract is None:
            yield None
        elif table_digest(contract, lake.read_commits(contract, [commit])) == commit.digest:
            yield ""
        else:
            yield f"{key} says another digest than its rows have; restore it"
