"""Lenders as `init` describes them, and what a person still changes in each file."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from typer.testing import CliRunner

from creditrisk.cli import app
from tests.builders import coded_lender, revolving_lender
from tools.sme_lender import Sme

MOST_EDITS = 5
EUROS = ("currency: XXX", "currency: EUR")
BEHIND = "is 1 one month late (30-59 days), or 1 to 29 days?"


@dataclass(frozen=True)
class Described:
    """A lender, and the edits from what `init` writes: each a text that stands there once."""

    deliver: Callable[[Path], None]
    edits: tuple[tuple[str, str], ...]


LENDERS = {
    "sme": Described(lambda root: Sme(14, applications=150).deliver(root), ()),
    "revolving": Described(
        lambda root: revolving_lender.deliver(root, 12, applications=60), (EUROS,)
    ),
    "status codes": Described(
        lambda root: coded_lender.deliver(root, 16, applications=110),
        (EUROS, (f"  # {BEHIND}", "  # 1 is one month late")),
    ),
    "wide months": Described(
        partial(coded_lender.deliver, months=16, applications=110, wide=True),
        (EUROS, (f"  # {BEHIND}", "  # 1 is one month late")),
    ),
}


def described(landing: Path, edits: tuple[tuple[str, str], ...]) -> str:
    """What `creditrisk init` writes of a folder, after the edits."""
    assert len(edits) <= MOST_EDITS
    path = landing.parent / "portfolio.yaml"
    done = CliRunner().invoke(app, ["init", str(landing), "--portfolio", str(path)])
    assert done.exit_code == 0, done.output or done.exception
    text = path.read_text("utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    return text


# of `tests.builders.six_lenders`
SIX_EDITS: dict[str, tuple[tuple[str, str], ...]] = {
    "sme_panel": (EUROS,),
    "card_statements": (EUROS,),
    "pay_later": (EUROS,),
    "leases": (EUROS, ("# Leasingrate: {type:", "Leasingrate: {role: due, type:")),
    "weekly": (EUROS,),
    "one_extract": (("extract: 2024-02-24", "extract: 2024-02-29"),),
}
