"""The model card in plain words, Markdown: `card.md` beside this file, filled."""

from importlib import resources

import jinja2

from creditrisk.calendar_month import span
from creditrisk.number_text import share
from creditrisk.records.card import Card, Label
from creditrisk.records.development import Metrics

_ENVIRONMENT = jinja2.Environment(
    autoescape=False,  # noqa: S701 - Markdown; its page escapes it
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    undefined=jinja2.StrictUndefined,
)
_ENVIRONMENT.filters["f"] = format
_CARD = _ENVIRONMENT.from_string(
    resources.files(__package__).joinpath("card.md").read_text("utf-8")
)


def card_text(card: Card, metrics: Metrics, portfolio_name: str) -> str:
    columns = card.leakage.columns
    return _CARD.render(
        card=card,
        metrics={"train": metrics.train, "validation": metrics.validation}
        | {"benchmark": metrics.benchmark, "masked": metrics.masked},
        portfolio=portfolio_name,
        refit=card.kind == "refit",
        worst=max(columns, key=lambda name: columns[name], default=""),
        bad=_bad,
        span=span,
        share=share,
    )


def _bad(label: Label) -> str:
    """What bad means; a lender without a panel has dates of default, no instalments."""
    missed = label.missed_instalments
    if missed is None:
        return f"a default within {label.mob} months of payout"
    full = "a full instalment" if missed == 1 else f"{missed} full instalments"
    return f"{full} or more missed within {label.mob} months on book"
