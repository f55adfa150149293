"""What a page of Evidently's was drawn on, and its numbers: a month's `evidently/<name>.json`."""

from collections.abc import Mapping
from datetime import date

from pydantic import ConfigDict

from creditrisk.records import layout
from creditrisk.records.document import Document


class EvidentlyPage(Document):
    """`rows`: what it was drawn on. Evidently's own numbers stand beside, under its names."""

    model_config = ConfigDict(extra="allow")

    drawn: bool
    why_not: str
    rows: Mapping[str, str]


def evidently_key(as_of: date, name: str) -> str:
    """Where a page (`drift.html`) or its numbers (`drift.json`) lie."""
    return layout.month(as_of, f"evidently/{name}")
