"""Books whose truth is known: `simulate`."""

from typing import Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import answer, app, console, progress, sound_policy
from creditrisk.errors import UserError


@app.command()
def simulate(
    policy: options.Policy = None,
    books: Annotated[int, typer.Option(min=1, help="Simulated books of each cell.")] = 400,
    seed: Annotated[int, typer.Option(min=0, help="Of the simulation.")] = 1,
    scenario: Annotated[str, typer.Option(help="Only scenarios with this in their name.")] = "",
    as_json: options.Json = False,
) -> None:
    """Simulate how often, and how soon, the policy acts.

    The product's measures and rule run in books with nothing wrong, and with something. Of every
    scenario and portfolio: actions a month, the share that acted within 3, 6 and 12 months, and
    honest versions that the gate on O/E refuses; beside it without shocks (where nothing is
    wrong) or with their truth known (where something is).
    """
    from rich.progress import track

    from creditrisk.cli.tables import characteristics_table
    from pipelines.characteristics import cells, characteristics

    wanted = cells(scenario)
    if not wanted:
        raise UserError(f"no scenario has '{scenario}' in its name; `creditrisk simulate` runs all")
    rows = characteristics(sound_policy(policy), wanted, books, seed)
    total = sum(len(cell.judges) for cell in wanted)
    found = list(track(rows, "books", total=total, console=progress))
    if as_json:
        answer(found)
        return
    console.print(characteristics_table(found))
