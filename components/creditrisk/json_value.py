"""JSON that somebody else wrote: whatever is wrong with it is a ValueError."""

import json
from typing import Any


def json_value(data: str | bytes) -> Any:  # noqa: ANN401 - JSON holds anything
    """The value; a `ValueError` where there is none, it is nested without end, or a key of it
    stands twice: readers differ in which of the two they take. Bytes are UTF-8, without a mark."""
    try:
        text = data if isinstance(data, str) else data.decode()
        return json.loads(text, object_pairs_hook=_once)
    except RecursionError:
        raise ValueError("it is nested without end") from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key of it stands twice")
    return found
