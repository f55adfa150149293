"""A challenger from a working copy: `challenge`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from creditrisk.calendar_month import parse_month
from creditrisk.cli import options
from creditrisk.cli.app import answer, app, console, progress, sound_policy
from creditrisk.cli.headed_table import headed_table
from creditrisk.cli.places import store_there, to_fill
from creditrisk.errors import UserError
from creditrisk.period import refuse_mismatch
from creditrisk.portfolio import load_portfolio
from creditrisk.records.format import open_store, require_current
from creditrisk.records.identity import caller
from creditrisk.records.run import now

if TYPE_CHECKING:
    from creditrisk.metrics.estimates import PairedAuc
    from creditrisk.records.validation import Validation
    from creditrisk.stages.training.workbench import Workbench

Out = Annotated[
    Path,
    typer.Option(
        "--out",
        parser=options.path_here,
        metavar="DIR",
        help="Folder for the challenger; the store stays.",
    ),
]


@app.command()
def challenge(
    out: Out,
    as_of: Annotated[str, typer.Option("--as-of", help="Default: the newest month run.")] = "",
    store: options.Store = "",
    policy: options.Policy = None,
    portfolio: options.Portfolio = None,
    as_json: options.Json = False,
) -> None:
    """Train a challenger aside and hold it against the champion.

    Policy and portfolio are those of the newest month run, unless others are given. The store
    stays as it is, but its windows are read, which goes on the lender's audit trail and spends
    them: who tries until one attempt wins has chosen on them. What is promoted is trained and
    judged once more, by the pipeline, on windows of its own month, the newest of which nobody has
    read.
    """
    from creditrisk.records.champion_pointer import current_champion
    from creditrisk.records.oot_ledger import readings
    from creditrisk.records.validation import validation_page_key
    from creditrisk.stages.training.train import train
    from creditrisk.stages.validation.validate import try_out

    period = _workbench(out, store, as_of, policy, portfolio)
    champion = current_champion(period.store) or ""
    progress.print(f"training as of {period.as_of:%Y-%m}")  # the search for parameters has a bar
    version = train(period, "retrain" if champion else "initial", champion, at=now())
    who = caller(period.ledger.store)
    found = try_out(period, period.ledger, version, champion, by=str(who), at=now())
    if as_json:
        answer(found)
        return
    _say(found, version, champion)
    newest = found.cohorts[-1] if found.cohorts else ()
    times = len(readings(period.ledger, newest))
    console.print(f"the newest window is spent: it was read {times} times", soft_wrap=True)
    console.print(f"report: {out / validation_page_key(version)}", soft_wrap=True)


def _workbench(
    out: Path, store: str, as_of: str, policy: Path | None, portfolio: Path | None
) -> "Workbench":
    from creditrisk.records.resolved import newest_period
    from creditrisk.stages.training.workbench import OverlayStore, Workbench

    base, own = store_there(store), to_fill(open_store(str(out)))
    require_current(base)
    if own.uri == base.uri:
        raise UserError(f"--out {out} is the store itself; name a folder of its own")
    if as_of and policy and portfolio:
        month, limits, described = (
            parse_month(as_of),
            sound_policy(policy),
            load_portfolio(portfolio),
        )
    else:
        newest = newest_period(base)
        month = parse_month(as_of) if as_of else newest.as_of
        limits = sound_policy(policy) if policy else newest.policy
        described = load_portfolio(portfolio) if portfolio else newest.portfolio
    refuse_mismatch(limits, described)
    return Workbench(month, limits, described, OverlayStore(base, own), "workbench")


def _say(found: "Validation", version: str, champion: str) -> None:
    numbers = ("rows", "bads", "AUC", "champion's", "difference (95%)", "O/E")
    table = headed_table("window", *numbers, right=numbers)
    compared = found.comparison
    pairs = {pair.name: pair for pair in compared.windows} if compared else {}
    for w in found.windows:
        pair = pairs.get(w.name)
        table.add_row(
            w.name, f"{w.rows:,}", f"{w.bads:,}", f"{w.auc.auc:.3f}",
            *(_against(pair) if pair else ("", "")), f"{w.oe.ratio:.2f}",
        )  # fmt: skip
    if compared and found.pooled_oe:
        table.add_row(
            "equal rows", f"{compared.rows:,}", f"{compared.bads:,}",
            f"{compared.pooled.auc_a:.3f}", *_against(compared.pooled),
            f"{found.pooled_oe.ratio:.2f}",
        )  # fmt: skip
    console.print(table)
    against = f"{compared.outcome} against {champion}" if compared else "no comparison"
    console.print(f"{version}: {found.verdict}, {against}", soft_wrap=True)
    for reason in found.reasons:
        console.print(f"  {reason}")


def _against(pair: "PairedAuc") -> tuple[str, str]:
    span = f"({pair.lower:+.3f} to {pair.upper:+.3f})"
    return f"{pair.auc_b:.3f}", f"{pair.difference:+.3f} {span}"
