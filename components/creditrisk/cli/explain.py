"""One application explained: `explain`."""

from pathlib import Path
from typing import Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import answer, app, progress
from creditrisk.cli.headed_table import print_named
from creditrisk.cli.places import file_to_write, store_there


@app.command()
def explain(
    application: Annotated[str, typer.Argument(help="Its id, as in scores/applications.")],
    month: Annotated[
        str, typer.Option("--month", help="Its month; default: the newest that scored it.")
    ] = "",
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            "--what-if",
            metavar="COLUMN=VALUE",
            help="Score it again with another value, by the same version; may be repeated.",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            parser=options.path_here,
            metavar="FILE",
            help="Write it as a page into this file.",
        ),
    ] = None,
    store: options.Store = "",
    as_json: options.Json = False,
) -> None:
    """Explain an application's PD: stored reasons, model, delivered rows, what if.

    Shows the score of record as it was stored. What is personal or protected is never shown.
    """
    from creditrisk.calendar_month import parse_month
    from creditrisk.reports.applicant.explanation import explained
    from creditrisk.reports.applicant.page import applicant_page
    from creditrisk.reports.applicant.score_of_record import score_of_record
    from creditrisk.reports.applicant.text import explanation_lines

    if html:
        file_to_write(html)
    opened = store_there(store)
    scored = score_of_record(opened, application, parse_month(month, "--month") if month else None)
    found = explained(opened, scored)
    if what_if:
        from creditrisk.stages.scoring.what_if import what_if as score_again

        found = found.replace(what_if=score_again(opened, scored, what_if))
    if html:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(applicant_page(found), encoding="utf-8")
        progress.print(f"page: {html}", soft_wrap=True)
    if as_json:
        answer(found)
        return
    print_named(explanation_lines(found))
