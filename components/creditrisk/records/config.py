"""What a month is run under: a policy and a portfolio, frozen in the store by their content."""

import hashlib

from creditrisk.errors import UserError
from creditrisk.policy import Policy, thaw_policy
from creditrisk.portfolio import Portfolio, thaw_portfolio
from creditrisk.records import layout
from creditrisk.records.document import Document, Line, Part
from creditrisk.storage import Store


class Config(Line):
    """`configs/<name>.json`: sha256 of both."""

    policy: str
    portfolio: str


class Lender(Document):
    """As much of a portfolio as any release can read; `currency` may be unknown."""

    name: str = ""
    currency: str = ""


class _Promotion(Part):
    mode: str


class _Policy(Document):
    """As much of a policy as any release can read."""

    promotion: _Promotion


def wants_four_eyes(store: Store, sha: str) -> bool:
    """Whether a promotion by a policy takes two persons; so it does where the policy is not there.

    A policy is known by its content: another one under its name is not it.
    """
    key = layout.policy(sha)
    try:
        data = store.read(key)
    except KeyError:
        return True
    altered = hashlib.sha256(data).hexdigest() != sha
    return altered or _Policy.parse(data, key).promotion.mode == "four_eyes"


def write_config(store: Store, name: str, policy: Policy, portfolio: Portfolio) -> None:
    """Keep both, and what they are called together, for good: as what will be read back."""
    rules, tables = policy.canonical(), portfolio.model_dump_json()
    if thaw_policy(rules.decode(), "policy") != policy:
        raise UserError("the policy would not be read back as it is")
    if thaw_portfolio(tables, "portfolio") != portfolio:
        raise UserError(f"portfolio {portfolio.name} would not be read back as it is")
    store.write(layout.policy(policy.sha), rules)
    store.write(layout.portfolio(portfolio.sha), tables.encode())
    config = Config(policy=policy.sha, portfolio=portfolio.sha)
    store.write(layout.config(name), config.encode())


def read_config(store: Store, name: str) -> tuple[Policy, Portfolio]:
    """What was kept under a name; `KeyError` with the key of what is not there."""
    key = layout.config(name)
    config = Config.parse(store.read(key), f"{store.uri}/{key}")
    return read_policy(store, config.policy), read_portfolio(store, config.portfolio)


def read_policy(store: Store, sha: str) -> Policy:
    """A policy by its sha256; `KeyError` when it was never kept."""
    key = layout.policy(sha)
    return thaw_policy(store.read(key).decode(), key)


def read_portfolio(store: Store, sha: str) -> Portfolio:
    """A portfolio by its sha256; `KeyError` when it was never kept."""
    key = layout.portfolio(sha)
    return thaw_portfolio(store.read(key).decode(), key)


def newest_portfolio(store: Store) -> Lender:
    """The portfolio that was frozen last; without a name where there is none."""
    objects = store.objects(layout.PORTFOLIOS)
    newest = max(objects, key=lambda item: item.changed, default=None)
    return (Lender.read(store, newest.key) if newest else None) or Lender()
