"""What came from what: one graph of files, tables, versions and decisions, walked both ways.

A node is named as people name it: `file features.csv.gz`, `silver/loans 2024-03 v1`,
`version 2024-03-initial-307b7b49`, `decision 2024-09-01/0001`, `policy 1f0a...`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from creditrisk.calendar_month import parse_month
from creditrisk.contracts import SCORES
from creditrisk.errors import UserError
from creditrisk.lake import Commit, Lake
from creditrisk.lake.housekeeping import manifest_keys
from creditrisk.records import layout
from creditrisk.records.decision import Decision, decisions
from creditrisk.records.development import Lineage, read_lineages
from creditrisk.records.quality import load_report
from creditrisk.records.run import RunRecord, every_run_record
from creditrisk.reports.applicant.score_of_record import REASONS, published
from creditrisk.storage import Store
from creditrisk.storage.parallel import in_parallel

Names = tuple[str, ...]
Detail = str | int | float | tuple[str, ...] | None
_MONTH = re.compile(r"\d{4}-\d{1,2}(-\d{1,2})?", re.ASCII)
_WANTED = (
    "give a month (2024-09), a model version, a table (gold/features), a delivered file or its"
    " sha256, or an application's id"
)


@dataclass
class Graph:
    """`sources`: node -> the nodes it was made from; `details`: what else is known of a node.

    In what `downstream` returns the edges are turned round: node -> what was made from it.
    """

    sources: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    details: dict[str, dict[str, Detail]] = field(default_factory=dict)

    def upstream(self, *nodes: str) -> "Graph":
        """Everything the nodes rest on, themselves included."""
        return self._reach(nodes, self.sources)

    def downstream(self, *nodes: str) -> "Graph":
        """Everything that rests on the nodes, themselves included."""
        users: dict[str, set[str]] = defaultdict(set)
        for node, made_from in self.sources.items():
            for source in made_from:
                users[source].add(node)
        return self._reach(nodes, users)

    def within(self, group: str, nodes: Iterable[str]) -> list[str]:
        """The nodes, and those of their group that they rest on: a month on the month before."""
        own = {
            n: {o for o in self.sources.get(n, ()) if group_of(o) == group} for n in self.details
        }
        return sorted(self._reach(nodes, own).sources)

    def _reach(self, nodes: Iterable[str], edges: Mapping[str, set[str]]) -> "Graph":
        found: dict[str, set[str]] = {}
        open_nodes = list(nodes)
        while open_nodes:
            node = open_nodes.pop()
            if node not in found:
                found[node] = set(edges.get(node, ()))
                open_nodes += found[node]
        return Graph(found, {node: self.details.get(node, {}) for node in found})


def lineage(store: Store) -> Graph:
    """The graph of a whole store; nothing but manifests and small records is read."""
    graph, lake = Graph(), Lake(store)
    commits = in_parallel(lake.manifest, manifest_keys(store))
    index = _Index(commits)
    for commit in commits:
        _add_commit(graph, store, commit, index)
    for id, made_from in read_lineages(store).items():
        _add_version(graph, id, made_from, index)
    for decision in decisions(store):
        _add_decision(graph, decision, index)
    for record in every_run_record(store):
        _add_run(graph, record)
    return graph


def find(graph: Graph, store: Store, text: str) -> Names:
    """The nodes somebody means: a node's name, a part of it, a sha256, or an application's id.

    An application stands for its newest scores. Nothing found, or too much, is a `UserError`.
    """
    if not text.strip():
        raise UserError(f"lineage of nothing: {_WANTED}")
    wanted = text.removeprefix(layout.DECISIONS).removesuffix(".json")
    if _MONTH.fullmatch(wanted):
        return _decisions_of(graph, store, parse_month(wanted, "month"))
    exact = [node for node in graph.details if wanted in (node, node.partition(" ")[2])]
    part = exact or [
        node
        for node, details in graph.details.items()
        if wanted in node or (len(wanted) >= 8 and wanted in details.values())
    ]
    if not part:
        return _scores_of(graph, store, text)
    # a table is asked for by its name, of other things one stands for all
    kinds = {
        kind: kind if "/" in kind else node
        for node in sorted(part, reverse=True)
        for kind in [node.partition(" ")[0]]
    }
    if len(kinds) > 1:
        raise UserError(
            f"'{text}' is in the names of {len(part)} things of {len(kinds)} kinds; say which, such"
            f" as {', '.join(repr(node) for _, node in sorted(kinds.items()))}"
        )
    return tuple(part)


def _decisions_of(graph: Graph, store: Store, month: date) -> Names:
    """What was decided on a month, superseded decisions included."""
    found = [node for node in graph.details if node.startswith(f"decision {month}/")]
    if not found:
        raise UserError(
            f"{store.uri} has no decision on {month:%Y-%m}; name a table of it, such as"
            f" 'gold/features {month:%Y-%m}', or see `creditrisk lake ls`"
        )
    return tuple(found)


class _Index:
    """Commits by what other records call them: `table/month` and digest, or the manifest."""

    def __init__(self, commits: Iterable[Commit]) -> None:
        self.by_digest = {(f"{c.table}/{c.month}", c.digest): _node(c) for c in commits}
        self.by_key = {c.key: _node(c) for c in commits}

    def node(self, name: str, digest: str) -> str | None:
        """The node behind an input; None for one that is no table."""
        return self.by_digest.get((name, digest)) or self.by_key.get(name)


def _add_commit(graph: Graph, store: Store, commit: Commit, index: _Index) -> None:
    node, layer = _node(commit), commit.table.partition("/")[0]
    graph.details[node] = {
        "manifest": commit.key,
        "digest": commit.digest,
        "rows": commit.rows,
        "code": commit.code,
    }
    _link(graph, node, f"code {commit.code}")
    for name, digest in commit.inputs.items():
        if made_from := index.node(name, digest):
            graph.sources[node].add(made_from)
        elif name in ("policy", "portfolio"):
            _link(graph, node, f"{name} {digest[:16]}", sha256=digest)
        elif name.startswith(layout.VERSIONS):
            graph.sources[node].add(f"version {layout.version_of(name)}")
        elif layer == "bronze" and name not in ("file", "rows astray"):
            sha256 = _delivered(store, commit.month, name)
            _link(graph, node, f"file {name} {sha256[:12]}".strip(), sha256=sha256, content=digest)


def _add_version(graph: Graph, id: str, lineage: Lineage, index: _Index) -> None:
    node = f"version {id}"
    folder, sums = layout.version(id).removesuffix("/"), layout.version(id, layout.SUMS)
    graph.details[node] = {"folder": folder, "sums": sums}
    for name, digest in lineage.data_version.items():
        if made_from := index.node(name, digest):
            graph.sources[node].add(made_from)
    _link(graph, node, f"code {lineage.code}")
    for kind, sha in (("policy", lineage.policy), ("portfolio", lineage.portfolio)):
        _link(graph, node, f"{kind} {sha[:16]}", sha256=sha)
    if lineage.parent:
        graph.sources[node].add(f"version {lineage.parent}")


def _add_decision(graph: Graph, decision: Decision, index: _Index) -> None:
    node = f"decision {decision.id}"
    graph.details[node] = {"decision": decision.decision, "action": decision.action}
    for table, digest in decision.inputs.items():
        if made_from := index.node(f"{table}/{decision.as_of}", digest):
            graph.sources[node].add(made_from)
    _link(graph, node, f"policy {decision.policy[:16]}", sha256=decision.policy)
    if decision.champion:
        graph.sources[node].add(f"version {decision.champion}")


def _add_run(graph: Graph, record: RunRecord) -> None:
    """Which images a version of the code ran in; older records do not say."""
    if record.image:
        graph.details.setdefault(f"code {record.code}", {})
        _link(graph, f"code {record.code}", f"image {record.image}")


def _link(graph: Graph, node: str, source: str, **details: Detail) -> None:
    graph.sources[node].add(source)
    graph.details.setdefault(source, details)


def _delivered(store: Store, month: str, file: str) -> str:
    """sha256 of a delivered file, as the month's quality report has it; empty without one."""
    report = load_report(store, date.fromisoformat(month))
    inputs = report.inputs.values() if report else ()
    return next((one.sha256 for one in inputs if one.file == file), "")


def _scores_of(graph: Graph, store: Store, application: str) -> Names:
    lake = Lake(store)
    for month in reversed(lake.months(SCORES.table)):
        if rows := published(lake, application, month):
            return tuple(_add_score(graph, lake, row, month) for row in rows)
    raise UserError(f"{store.uri} knows no '{application}': {_WANTED}")


def _add_score(graph: Graph, lake: Lake, row: Mapping[str, Any], month: date) -> str:
    """One row of an application's scores: of record, or of a version promoted in the month."""
    node = f"score {row['application_id']} {month:%Y-%m}"
    node += f" by {row['model_version']}" if row["rescored"] else ""
    graph.sources[node] = {_node(lake.need(SCORES.table, month)), f"version {row['model_version']}"}
    graph.details[node] = {
        "pd": row["pd"],
        "grade": row["grade"],
        "reasons": tuple(row[name] for name in REASONS if row[name] is not None),
    }
    return node


def _node(commit: Commit) -> str:
    return f"{commit.table} {commit.month[:7]} v{commit.version}"


def group_of(node: str) -> str:
    """A table's months stand together, and so do a delivery's monthly files."""
    kind, _, rest = node.partition(" ")
    if kind == "file":
        return f"file {rest.partition('/')[0].partition(' ')[0]}"
    return kind if "/" in kind else node
