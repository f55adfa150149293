"""JSON that somebody else wrote: whatever is wrong with it is a ValueError."""

import json
from typing import Any


def json_value(data: str | bytes) -> Any:  # noqa: ANN401 - JSON holds anything
    """The value; a `ValueError` where there is none, or it is nested without end."""
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("it is nested without end") from None
