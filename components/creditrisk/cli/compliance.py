"""`creditrisk compliance`: the evidence there is, in the order of those who ask for it."""

from typing import Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import answer, app, console, styled
from creditrisk.cli.headed_table import headed_table
from creditrisk.cli.places import store_there
from creditrisk.number_text import money


@app.command()
def compliance(
    subject: Annotated[str, typer.Argument(help="A month (2024-09) or a model version.")],
    store: options.Store = "",
    as_json: options.Json = False,
) -> None:
    """Show the evidence of a month or a version, clause by clause.

    It claims no compliance.
    """
    from creditrisk.governance.compliance.report import look_up

    report = look_up(store_there(store), subject)
    if as_json:
        answer(report)
        return
    table = headed_table("clause", "asks, in our words", "evidence")
    for framework in report.frameworks:
        table.add_row(styled(framework.name, "bold"), "", "")
        for line in framework.lines:
            found = ", ".join(one.what for one in line.evidence)
            table.add_row(line.clause, line.asks, found or styled("not evidenced", "dim"))
        table.add_section()
    console.print(table)
    for one in report.expected_loss:
        console.print(
            f"{one.choice}: {one.approved:,} of {one.applications:,} approved,"
            f" expected loss {money(report.currency, one.expected_loss)}"
        )
    console.print(report.says, soft_wrap=True)
