"""`creditrisk init`: a first portfolio file from nothing but a folder of files."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import app, console, progress, sound_policy, styled
from creditrisk.cli.places import deliveries, file_to_write
from creditrisk.errors import UserError


@app.command()
def init(
    data: Annotated[str, typer.Argument(metavar="DIR", help="Folder of delivered files.")],
    portfolio: Annotated[
        Path,
        typer.Option(
            "--portfolio",
            parser=options.path_here,
            metavar="PATH",
            help="The file to write; never over.",
        ),
    ] = Path("portfolio.yaml"),
) -> None:
    """Look at a lender's files and write a first portfolio file.

    It holds what is believed, why, and as questions what the files cannot tell.
    """
    from creditrisk.quality.portfolio_draft.draft import draft_of
    from creditrisk.quality.portfolio_draft.page import page

    if portfolio.exists():
        raise UserError(f"{portfolio} is there already; name another file with --portfolio")
    landing, _ = deliveries(data), file_to_write(portfolio)
    with progress.status(styled(f"reading {data}")):
        draft = draft_of(landing, sound_policy(None).development.leakage_auc)
    words = ["creditrisk", "portfolio", "check", "--data", data, "--portfolio", str(portfolio)]
    text = page(draft, data, shlex.join(words))
    portfolio.touch(exist_ok=False)
    portfolio.write_text(text, encoding="utf-8")
    for source in draft.sources:
        console.print(f"{source.name}: {source.keys['role']}, {source.why}", soft_wrap=True)
    console.print(f"{portfolio}: {draft.questions} questions in it", soft_wrap=True)
    for lacking in draft.lacking:
        console.print(styled("not usable:", "red"), lacking, soft_wrap=True)
    if not draft.lacking:
        console.print(f"next: {shlex.join(words)}", soft_wrap=True)
