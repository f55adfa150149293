"""Looking at what is kept: `policy`, `audit`."""

import typer

from creditrisk.audit import Trail, verify
from creditrisk.cli.app import (
    Json,
    PolicyOption,
    PortfolioOption,
    StoreOption,
    app,
    console,
    sound_policy,
)
from creditrisk.errors import GateError
from creditrisk.portfolio import load_portfolio
from creditrisk.storage import open_audit_store, open_store

policy_app = typer.Typer(no_args_is_help=True, help="The policy: every threshold, once.")
audit_app = typer.Typer(no_args_is_help=True, help="The audit trail.")
for name, group in (("policy", policy_app), ("audit", audit_app)):
    app.add_typer(group, name=name)


@policy_app.command("check")
def policy_check(policy: PolicyOption = None, portfolio: PortfolioOption = None) -> None:
    """Read policy and portfolio; unknown or wrong keys are named."""
    read, described = sound_policy(policy), load_portfolio(portfolio)
    console.print(f"policy {read.sha[:12]}: fine")
    console.print(f"portfolio {described.name} {described.sha[:12]}: fine")


@audit_app.command("verify")
def audit_verify(store: StoreOption = "") -> None:
    """Find any changed, removed, reordered or truncated record; exit code 3 if there is one."""
    trail = Trail(open_audit_store(open_store(store or None)))
    faults = verify(trail)
    if faults:
        raise GateError(f"audit trail: {faults[0]}")
    count, head = trail.anchor() or (0, "")
    console.print(f"{count} records, whole; head {head}", highlight=False)


@audit_app.command("list")
def audit_list(store: StoreOption = "", as_json: Json = False) -> None:
    """Every record, oldest first."""
    for record in Trail(open_audit_store(open_store(store or None))).records():
        if as_json:
            typer.echo(record.data().decode())
        else:
            console.print(
                f"{record.sequence:5d} {record.at[:19]} {record.event:<20} {record.id}",
                soft_wrap=True,
                highlight=False,
            )
