"""Which objects of the store the dashboard hands out as they are."""

import re

from creditrisk.records import layout

_KEYS = (
    (
        layout.month(r"\d{4}-\d\d-\d\d", r"(?:quality|report|compliance|evidently/[a-z]+)\.html"),
        "text/html; charset=utf-8",
    ),
    (layout.month(r"\d{4}-\d\d-\d\d", r"quality\.json"), "application/json"),
    (
        layout.version(r"[0-9A-Za-z-]+", r"(?:validation|compliance|card)\.html"),
        "text/html; charset=utf-8",
    ),
)


def media_type(key: str) -> str:
    """The type to send a key with; empty where it is not handed out."""
    return next((kind for pattern, kind in _KEYS if re.fullmatch(pattern, key)), "")
