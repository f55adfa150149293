"""A model's card as a page: its Markdown in the house's style."""

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from creditrisk.errors import straight
from creditrisk.records import layout
from creditrisk.records.card import CARD_PAGE, CARD_TEXT, read_card
from creditrisk.reports.render import render
from creditrisk.storage import Store

# what a lender's names hold is shown and never obeyed: no HTML passes
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_NUMBER = re.compile(r"[<>+-]? ?[\d,.]+%?( \([^)]*\))?")  # with its interval


def write_card_page(store: Store, version: str) -> str:
    """Write `card.html` beside the card, and return its key; a version has it once, as its card."""
    key = layout.version(version, CARD_PAGE)
    if store.tag(key) is None:
        text = store.read(layout.version(version, CARD_TEXT)).decode()
        store.write(key, card_page(version, read_card(store, version).as_of, text).encode())
    return key


def card_page(version: str, as_of: date, text: str) -> str:
    """The page of a card's Markdown."""
    # its table scrolls by itself on a phone, by keyboard too
    framed = '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
    tokens = _MARKDOWN.parse(straight(text))
    _align_numbers(tokens)
    drawn = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}).replace("<table>", framed)
    drawn = drawn.replace("</table>", "</table></div>")
    near = beside(version, as_of) | {"Validation": "validation.html", "Evidence": "compliance.html"}
    near.pop("Card")
    body = Markup(drawn)  # noqa: S704 - the renderer escapes what the text holds
    return render("card.html", near=near, version=version, body=body)


def _align_numbers(tokens: Sequence[Token]) -> None:
    """Mark the columns of each table whose cells are numbers, or empty."""
    columns: list[list[tuple[Token, str]]] = []
    at = 0
    for opened, inside in pairwise(tokens):
        if opened.type == "table_open":
            columns = []
        elif opened.type == "tr_open":
            at = 0
        elif opened.type in ("th_open", "td_open"):
            columns[at:] = columns[at:] or [[]]
            columns[at].append((opened, inside.content))
            at += 1
        elif opened.type == "table_close":
            for column in columns:
                texts = [text for _, text in column[1:] if text]
                if texts and all(map(_NUMBER.fullmatch, texts)):
                    for cell, _ in column:
                        cell.attrSet("class", "n")


def beside(version: str, as_of: date) -> dict[str, str]:
    """What lies beside a page in a version's folder: its card, and the report of its month."""
    up = "../" * layout.version(version).count("/")
    return {"Card": CARD_PAGE, "Report of the month": f"{up}{layout.month(as_of, 'report.html')}"}
