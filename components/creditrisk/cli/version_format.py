"""How model versions, and what was done to them, are put into words and tables."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from creditrisk.cli.headed_table import headed_table
from creditrisk.records.identity import signed
from creditrisk.records.version_files import brief
from creditrisk.reports.metric_form import shown


def side_by_side(values: Mapping[str, list[float | None]], versions: list[str]) -> Table:
    """A row per number, a column per version."""
    table = headed_table("", *map(brief, versions), right=[*map(brief, versions)])
    for name, each in values.items():
        table.add_row(name, *("" if one is None else shown(_metric(name), one) for one in each))
    return table


def _metric(name: str) -> str:
    """What a number of development or of a window measures: `oot1_oe` an `oe`."""
    return name.rpartition("_")[2]


def on_one_line(row: Mapping[str, Any]) -> str:
    """The fields of a record."""
    return ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in row.items() if v != "")


def differing(name: str, one: object, two: object) -> Iterator[str]:
    """A line per difference: of two mappings only the keys that differ."""
    if isinstance(one, dict) and isinstance(two, dict):
        for key in sorted(one.keys() | two.keys()):
            if one.get(key) != two.get(key):
                yield from differing(f"{name} {key}", one.get(key), two.get(key))
    else:
        yield f"{name}: {'none' if one is None else one} | {'none' if two is None else two}"


def span(months: list[str]) -> str:
    """First and last of some cohorts."""
    if not months:
        return "no"  # a refit has neither validation nor windows
    return months[0][:7] if len(months) == 1 else f"{months[0][:7]}..{months[-1][:7]}"


def act(record: Mapping[str, Any] | None, by: str, at: str) -> str:
    """What somebody did, why, and when; empty where nobody did."""
    if record is None:
        return ""
    texts = ("decision", "reason", "requested_because")
    done = " ".join(str(record[key]) for key in texts if key in record)
    vouched = "requested_identity" if by == "requested_by" else "identity"
    who = signed(record[by], record.get(vouched, ""))
    return f"{done} by {who} at {record[at][:19]}".strip()
