"""The system in ten lines: `status`."""

from creditrisk.cli import options
from creditrisk.cli.app import answer, app
from creditrisk.cli.headed_table import print_named
from creditrisk.cli.named_damage import refuse_damage
from creditrisk.cli.places import store_there


@app.command()
def status(store: options.Store = "", as_json: options.Json = False) -> None:
    """Show champion, last decision, metrics, approvals and audit trail.

    Exit code 3 where a document cannot be read: it is named, and the rest is shown.
    """
    from creditrisk.reports.status import status as state
    from creditrisk.reports.status import status_lines

    found = state(store_there(store))
    if as_json:
        answer(found)
    else:
        print_named(status_lines(found).items())
    refuse_damage(found.damaged)
