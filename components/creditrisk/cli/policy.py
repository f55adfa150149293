"""The policy: `policy`."""

from pathlib import Path
from typing import Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import (
    acting,
    alert_who_waits,
    answer,
    console,
    document,
    group,
    sound_policy,
)
from creditrisk.period import refuse_mismatch
from creditrisk.portfolio import load_portfolio
from creditrisk.portfolio.pii_key import read_pii_key

policy_app = group("policy")
Change = Annotated[str, typer.Argument(help="As `policy request` and `status` print it.")]


@policy_app.command("check")
def policy_check(
    policy: options.Policy = None,
    portfolio: options.Portfolio = None,
    as_json: options.Json = False,
) -> None:
    """Read policy and portfolio; unknown or wrong keys are named."""
    read, described = sound_policy(policy), load_portfolio(portfolio)
    refuse_mismatch(read, described)
    read_pii_key()  # the ETL would refuse it
    if as_json:
        answer({"policy": read.sha, "portfolio": described.sha, "name": described.name})
        return
    console.print(f"policy {read.sha[:12]}: fine")
    console.print(f"portfolio {described.name} {described.sha[:12]}: fine")


@policy_app.command("explain")
def policy_explain(
    key: Annotated[str, typer.Argument(help="As monitoring.psi_red, or psi_red.")],
    policy: options.Policy = None,
    as_json: options.Json = False,
) -> None:
    """Explain a threshold: what it does, its default, its value under --policy."""
    from creditrisk.governance.policy_guide import explain, written

    found, values = explain(key), sound_policy(policy).values()
    if as_json:
        default = sound_policy(None).values()[found.key]
        words = {"key": found.key, "meaning": found.meaning}
        answer(words | {"default": default, "value": values[found.key]})
        return
    console.print(f"{found.key}: {found.default}  {found.meaning}", soft_wrap=True)
    if (here := written(values[found.key])) != found.default:
        console.print(f"here: {here}")


@policy_app.command("diff")
def policy_diff(
    before: Annotated[
        Path, typer.Argument(parser=options.path_here, metavar="FILE", help="A policy file.")
    ],
    after: Annotated[
        Path | None,
        typer.Argument(
            parser=options.path_here,
            metavar="FILE",
            help="Another; without it the default is before.",
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Compare two policies, key by key and which is looser; one file with the default."""
    from creditrisk.policy.strictness import differences

    one, two = (before, after) if after else (None, before)
    found = differences(sound_policy(one), sound_policy(two))
    if as_json:
        rows = [vars(changed) | {"direction": changed.direction} for changed in found]
        answer(rows)
        return
    for changed in found:
        console.print(f"{changed}, {changed.direction}")
    if not found:
        console.print("the same policy")


@policy_app.command("request")
def policy_request(
    policy: Annotated[
        Path, typer.Argument(parser=options.path_here, metavar="FILE", help="The looser policy.")
    ],
    reason: options.Reason,
    store: options.Store = "",
) -> None:
    """Ask that a looser policy may be run (four eyes)."""
    from creditrisk.governance.policy_change import request

    period, statement = acting(store, reason)
    waits = request(period, sound_policy(policy), statement)
    for change in waits.looser:
        console.print(f"looser  {change}")
    by = waits.requester
    console.print(f"{waits.id} requested by {by}; someone else approves it")
    alert_who_waits(period)


@policy_app.command("approve")
def policy_approve(change: Change, reason: options.Reason, store: options.Store = "") -> None:
    """Agree to a looser policy somebody else asked for."""
    from creditrisk.governance.policy_change import approve

    period, statement = acting(store, reason)
    approve(period, change, statement)
    console.print(f"{change} approved by {statement.who}")
    alert_who_waits(period)


@policy_app.command("reject")
def policy_reject(change: Change, reason: options.Reason, store: options.Store = "") -> None:
    """Refuse a looser policy for good; a run under it ends with exit code 3."""
    from creditrisk.records.approval_answers import reject
    from creditrisk.records.approval_requests import PolicyRequest

    period, statement = acting(store, reason)
    reject(period, change, PolicyRequest, statement)
    console.print(f"{change} rejected by {statement.who}")
    alert_who_waits(period)


@policy_app.command("guide")
def policy_guide() -> None:
    """Print every threshold as Markdown, as docs/policy.md has it."""
    from creditrisk.governance.policy_guide import guide

    document(guide())
