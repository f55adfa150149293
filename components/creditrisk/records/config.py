"""What a month is run under: a policy and a portfolio, frozen in the store by their content."""

import hashlib
import json
import math
from collections.abc import Iterator

from creditrisk.errors import GateError, UserError
from creditrisk.json_value import json_value
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
    approval_days: float = math.inf


class _Policy(Document):
    """As much of a policy as any release can read."""

    promotion: _Promotion


def wants_four_eyes(store: Store, sha: str) -> bool:
    """Whether a promotion by a policy takes two persons; so it does where none is there."""
    promotion = _promotion(store, sha)
    return promotion is None or promotion.mode == "four_eyes"


def approval_days(store: Store, sha: str) -> float:
    """Days after which a request expires by a policy; no limit where the policy is not there."""
    promotion = _promotion(store, sha)
    return promotion.approval_days if promotion else math.inf


def _promotion(store: Store, sha: str) -> _Promotion | None:
    """A policy is known by its content: another one under its name is not it."""
    key = layout.policy(sha)
    try:
        data = _named(store, key, sha)
    except (KeyError, GateError):
        return None
    return _Policy.parse(data, key).promotion


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
    """What was kept under a name; `KeyError` with the key of what is not there.

    A `GateError` where it is not what its name says: it was altered since it was checked.
    """
    config = _read_names(store, name)
    return read_policy(store, config.policy), read_portfolio(store, config.portfolio)


def config_name(policy: str, portfolio: str) -> str:
    """Short name of a policy and a portfolio, by the sha256 of each."""
    return f"{policy[:16]}-{portfolio[:16]}"


def read_policy(store: Store, sha: str) -> Policy:
    """A policy by its sha256; `KeyError` when it was never kept, `GateError` where it is not it."""
    key = layout.policy(sha)
    return thaw_policy(_named(store, key, sha).decode(), key)


def read_portfolio(store: Store, sha: str) -> Portfolio:
    """A portfolio by its sha256; errors as `read_policy`."""
    key = layout.portfolio(sha)
    return thaw_portfolio(_named(store, key, sha).decode(), key)


def altered_configs(store: Store) -> Iterator[str]:
    """What is said of each policy, portfolio or pair of them that is not what its name says.

    Or names what is not there.
    """
    reads = (
        (layout.POLICIES, lambda name: _named(store, layout.policy(name), name)),
        (layout.PORTFOLIOS, lambda name: _named(store, layout.portfolio(name), name)),
        (layout.CONFIGS, lambda name: _read_parts(store, name)),
    )
    for folder, read in reads:
        for key in store.keys(folder):
            try:
                read(layout.name_of(key))
            except UserError as error:
                yield str(error)
            except KeyError as lost:
                yield f"{key} names {lost.args[0]}, which is not there: restore it"


def _read_parts(store: Store, name: str) -> None:
    config = _read_names(store, name)
    _named(store, layout.policy(config.policy), config.policy)
    _named(store, layout.portfolio(config.portfolio), config.portfolio)


def _read_names(store: Store, name: str) -> Config:
    key = layout.config(name)
    config = Config.parse(store.read(key), f"{store.uri}/{key}")
    if config_name(config.policy, config.portfolio) != name:
        raise _altered(key)
    return config


def _named(store: Store, key: str, sha: str) -> bytes:
    """The bytes under a key, if the sha256 of their canonical JSON is its name."""
    data = store.read(key)
    try:
        content = json.dumps(json_value(data), sort_keys=True, separators=(",", ":"))
    except ValueError:
        raise _altered(key) from None
    if hashlib.sha256(content.encode()).hexdigest() != sha:
        raise _altered(key)
    return data


def _altered(key: str) -> GateError:
    return GateError(f"{key} is not what its name says: it was altered; restore it")


def newest_portfolio(store: Store) -> Lender:
    """The portfolio that was frozen last; without a name where there is none."""
    objects = store.objects(layout.PORTFOLIOS)
    newest = max(objects, key=lambda item: item.changed, default=None)
    return (Lender.read(store, newest.key) if newest else None) or Lender()
