"""What each task of a month's run read and wrote, as manifests and records say it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from creditrisk.lake import Lake
from creditrisk.lake.housekeeping import manifest_keys
from creditrisk.records import layout
from creditrisk.records.commits import Commit
from creditrisk.records.decision import newest_decision
from creditrisk.records.development import read_lineages
from creditrisk.storage import Store

_LAYERS = {"bronze": "etl", "silver": "etl", "gold": "etl", "monitoring": "monitor"}
_MANIFEST = re.compile(r"lake/([^/]+/[^/]+)/manifests/")
_MONTH = re.compile(r"([^/]+/[^/]+)/\d{4}-\d{2}-\d{2}")
_NO_FILE = ("portfolio", "file", "rows astray")  # inputs of bronze that are no delivered file


@dataclass(frozen=True)
class Touched:
    """What a task read and wrote: names of datasets, and the commits among what was written."""

    inputs: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()
    commits: tuple[Commit, ...] = ()


def touched(store: Store, as_of: date, tasks: Iterable[str]) -> Mapping[str, Touched]:
    """By task, what a month's manifests and records say it read and wrote."""
    lake, found = Lake(store), dict[str, Touched]()
    ran = set(tasks)
    for task, commits in _committed(lake, as_of, "rescore" in ran).items():
        written = {commit.table for commit in commits}
        read = {name for commit in commits for name in _inputs(commit)}
        outputs = frozenset(f"lake/{table}" for table in written)
        found[task] = Touched(frozenset(read) - outputs, outputs, tuple(commits))
    if decision := newest_decision(store, as_of):
        read = {f"lake/{table}" for table in decision.inputs}
        found["decide"] = Touched(frozenset(read), frozenset({layout.decisions(as_of).rstrip("/")}))
    made = [(id, one) for id, one in read_lineages(store).items() if one.as_of == as_of]
    keys = (key for _, one in made for key in one.data_version)
    read = {f"lake/{table[1]}" for key in keys if (table := _MANIFEST.match(key))}
    versions = frozenset(layout.version(id).rstrip("/") for id, _ in made)
    found["train"] = Touched(frozenset(read), versions)
    found |= {task: Touched(versions) for task in ("validate", "promote")}
    return {task: touch for task, touch in found.items() if task in ran}


def _committed(lake: Lake, as_of: date, rescored: bool) -> dict[str, list[Commit]]:
    """By task, the commits of a month; the second score of a month is another task's."""
    keys = (key for key in manifest_keys(lake.store) if key.split("/")[4] == as_of.isoformat())
    of_table: dict[str, list[str]] = {}
    for key in keys:
        of_table.setdefault("/".join(key.split("/")[1:3]), []).append(key)
    found: dict[str, list[Commit]] = {}
    for table, versions in of_table.items():
        task = _LAYERS.get(table.partition("/")[0], "score")
        if task == "score" and rescored:
            found.setdefault("rescore", []).append(lake.manifest(versions.pop()))
        if versions:
            found.setdefault(task, []).append(lake.manifest(versions[-1]))
    return found


def _inputs(commit: Commit) -> Iterator[str]:
    """Datasets a commit was made from: tables, versions, and for bronze delivered files."""
    for name in commit.inputs:
        if table := _MANIFEST.match(name) or _MONTH.fullmatch(name):
            yield f"lake/{table[1]}"
        elif name.startswith(layout.VERSIONS):
            yield layout.version(layout.version_of(name)).rstrip("/")
        elif commit.table.startswith("bronze/") and name not in _NO_FILE:
            yield f"landing/{name}"
