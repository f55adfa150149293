"""Where a number comes from: `lineage`."""

from typing import Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import answer, app, listed
from creditrisk.cli.places import store_there


@app.command()
def lineage(
    id: Annotated[str, typer.Argument(help="A month, version, table, file, sha256, application.")],
    forward: Annotated[
        bool, typer.Option("--forward", help="What was made from it, not what it was made from.")
    ] = False,
    store: options.Store = "",
    as_json: options.Json = False,
) -> None:
    """Trace a number to its files, or a file to what it went into.

    Down to the delivered files, and up to every score.
    """
    from creditrisk.governance.lineage import find
    from creditrisk.governance.lineage import lineage as whole
    from creditrisk.governance.lineage_tree import tree

    opened = store_there(store)
    graph = whole(opened)
    roots = find(graph, opened, id)
    found = graph.downstream(*roots) if forward else graph.upstream(*roots)
    if as_json:
        edges = [
            [node, other] for node, others in found.sources.items() for other in sorted(others)
        ]
        answer({"roots": roots, "nodes": found.details, "edges": edges})
        return
    listed((f"{'  ' * depth}{line}" for depth, line in tree(found, roots)), "")
