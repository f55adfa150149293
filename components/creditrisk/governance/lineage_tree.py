"""A graph of what came from what, as lines to read."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from creditrisk.governance.lineage import Detail, Graph, Names, group_of
from creditrisk.number_text import pd_text

_SHOWN = ("rows", "decision", "action", "pd", "grade", "reasons")
_EVERYWHERE = ("code", "image", "policy", "portfolio")  # named once


def tree(graph: Graph, roots: Names) -> Iterator[tuple[int, str]]:
    """Depth and text of each line, along the graph's edges from `roots`.

    The months of a table are one line; what is below it is shown once.
    """
    shown: set[str] = set()

    def lines(nodes: Iterable[str], depth: int) -> Iterator[tuple[int, str]]:
        for group, members in sorted(_grouped(nodes).items()):
            chain = graph.within(group, members)
            fresh = [node for node in chain if node not in shown]
            if fresh:
                shown.update(fresh)
                yield depth, _line(graph, group, fresh)
                below = {n for member in fresh for n in graph.sources.get(member, ())}
                yield from lines(below - {*chain}, depth + 1)
            elif group.partition(" ")[0] not in _EVERYWHERE:
                yield depth, f"{_line(graph, group, members)} (above)"

    yield from lines(roots, 0)


def _grouped(nodes: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for node in sorted(nodes):
        found[group_of(node)].append(node)
    return found


def _line(graph: Graph, group: str, members: list[str]) -> str:
    if len(members) > 1:
        names = [member.removeprefix(group).strip(" /") for member in members]
        return f"{group}: {len(members)} from {names[0]} to {names[-1]}"
    details = graph.details.get(members[0], {})
    shown = [_detail(key, value) for key, value in details.items() if key in _SHOWN and value]
    return f"{members[0]}" + (f"  ({', '.join(shown)})" if shown else "")


def _detail(name: str, value: Detail) -> str:
    """A detail as a person reads it: a PD with three digits, reasons one after the other."""
    match value:
        case float():
            return f"{name} {pd_text(value)}"
        case tuple():
            return f"{name}: {'; '.join(value)}"
        case int():
            return f"{name} {value:,}"
        case _:
            return f"{name} {value}"
