"""Which objects of the store the dashboard hands out as they are."""

import re

_KEYS = (
    (r"months/\d{4}-\d\d-\d\d/(?:quality|report)\.html", "text/html; charset=utf-8"),
    (r"months/\d{4}-\d\d-\d\d/quality\.json", "application/json"),
    (r"registry/versions/[0-9A-Za-z-]+/validation\.html", "text/html; charset=utf-8"),
)


def media_type(key: str) -> str:
    """The type to send a key with; empty where it is not handed out."""
    return next((kind for pattern, kind in _KEYS if re.fullmatch(pattern, key)), "")
