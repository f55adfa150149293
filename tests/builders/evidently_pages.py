"""What is in a page of Evidently's."""

import base64
import gzip
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any


def values(page: Any, kind: str) -> dict[str, Any]:
    """Evidently's values of one kind of metric, by column."""
    metrics = page.numbers["metrics"]
    return {
        metric["config"]["column"]: metric["value"]
        for metric in metrics
        if metric["config"]["type"] == f"evidently:metric_v2:{kind}"
    }


def tables_of(html: str) -> list[dict[str, Any]]:
    """The parameters of every table of columns, however deep in the page."""
    packed = re.search(r'id="packed">([^<]+)<', html)[1]
    scripts = json.loads(gzip.decompress(base64.b64decode(packed)))
    data = next(text for text in scripts if "    var " in text)
    found = [json.loads(re.search(r"^    var \w+ = (.*);$", data, re.MULTILINE)[1])]
    for each in found:
        found += each.get("widgets") or []
    return [widget["params"] for widget in found[1:] if widget["type"] == "big_table"]


def colour_of(columns: Sequence[Mapping[str, Any]]) -> str:
    """Of a column's chart in such a table."""
    return next(c["options"]["color"] for c in columns if c["field"] == "current_distribution")
