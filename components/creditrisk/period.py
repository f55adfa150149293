"""What every stage is given: a month, the policy and portfolio in force, and the store."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from creditrisk.calendar_month import parse_month
from creditrisk.errors import UserError
from creditrisk.policy import Policy
from creditrisk.portfolio import Portfolio
from creditrisk.portfolio.state import MOST_MISSED
from creditrisk.records.audit import Trail
from creditrisk.records.config import config_name, read_config, write_config
from creditrisk.records.format import open_store
from creditrisk.storage import Store, open_audit_store

if TYPE_CHECKING:
    from creditrisk.lake import Lake  # Arrow: only where rows are read


@dataclass(frozen=True)
class Period:
    """One month as a stage sees it: nothing later than `as_of` exists.

    `pins`: commits that stand for their month in the lake, manifest -> digest.
    """

    as_of: date
    policy: Policy
    portfolio: Portfolio
    store: Store
    run_id: str
    pins: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def lake(self) -> "Lake":
        from creditrisk.lake.pinned import PinnedLake  # noqa: PLC0415 - Arrow: only to read rows

        return PinnedLake(self.store, self.pins)

    @cached_property
    def trail(self) -> Trail:
        return Trail(open_audit_store(self.store))

    @cached_property
    def code(self) -> str:
        """Version of the code: the image's, else package version and git commit."""
        return code_version()

    @classmethod
    def open(cls, as_of: str, config: str, run_id: str) -> "Period":
        """Open a month with the policy and portfolio that were frozen under `config`."""
        store = open_store()
        policy, portfolio = thaw(store, config)
        return cls(parse_month(as_of), policy, portfolio, store, run_id)

    @property
    def config(self) -> str:
        """What `freeze` called this policy and portfolio."""
        return config_name(self.policy.sha, self.portfolio.sha)


def freeze(store: Store, policy: Policy, portfolio: Portfolio) -> str:
    """Keep policy and portfolio in the store for good; returns the name to open them by."""
    refuse_mismatch(policy, portfolio)
    name = config_name(policy.sha, portfolio.sha)
    write_config(store, name, policy, portfolio)
    return name


def refuse_mismatch(policy: Policy, portfolio: Portfolio) -> None:
    """`UserError` where a policy would compare cohorts that are seen at other ages."""
    cycle, development, outcome = portfolio.cycle, policy.development, policy.outcome
    every = portfolio.every
    for key, months in {
        "development.validation_cohorts": development.validation_cohorts,
        "development.oot_months": development.oot_months,
        "development.oot_max_months": development.oot_max_months,
        "monitoring.max_pooled_cohorts": policy.monitoring.max_pooled_cohorts,
    }.items():
        if months % cycle:
            raise UserError(
                f"policy {key}: {months} is no multiple of {cycle}, and {portfolio.name} has a"
                f" snapshot every {every} months; write {cycle * (months // cycle + 1)}"
            )
    source, servicing = portfolio.servicing
    if servicing.within and servicing.within != outcome.mob:
        raise UserError(
            f"policy outcome.mob: {outcome.mob} months, and the status of {source} looks at"
            f" {servicing.within} (within); write the same"
        )
    counted = servicing.column("overdue") or servicing.column("days_late")
    if servicing.column("status") and not counted and outcome.missed_instalments > MOST_MISSED:
        raise UserError(
            f"policy outcome.missed_instalments: {outcome.missed_instalments}, and {source} tells"
            f" no more than {MOST_MISSED} apart (90+ days); write {MOST_MISSED} or less"
        )
    if outcome.early_mob < every:
        raise UserError(
            f"policy outcome.early_mob: {outcome.early_mob} may pass without a snapshot of"
            f" {portfolio.name}, which has one every {every} months; write {every}"
        )


def thaw(store: Store, config: str) -> tuple[Policy, Portfolio]:
    """What was frozen under a name; unknown names are a `UserError`."""
    try:
        return read_config(store, config)
    except KeyError as error:
        raise UserError(
            f"{store.uri} holds no {error.args[0]}; start the month with resolve_period"
        ) from None


def code_version() -> str:
    """`CREDITRISK_CODE` (set in images), else the package's version and git commit."""
    if code := os.environ.get("CREDITRISK_CODE"):
        return code
    try:
        commit = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"],  # noqa: S607 - git from PATH, as the user has it
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:  # no git here
        return version("creditrisk")
    suffix = f"+{commit.stdout.strip()}" if commit.returncode == 0 else ""
    return f"{version('creditrisk')}{suffix}"


def image() -> str:
    """The image this process runs in, as its pipeline names it (`CREDITRISK_IMAGE`).

    kfp.local hands a task of a laptop the same variable: only images set `CREDITRISK_CODE`.
    """
    if not os.environ.get("CREDITRISK_CODE"):
        return "none: this process"
    return os.environ.get("CREDITRISK_IMAGE") or "one that its pipeline does not name"
