"""Where a pipeline's tasks stand in a picture: top down, a branch below and right of its task.

A task that nothing waits for stands aside.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tools.compiled import Group, Node, Task

LEFT, TOP = 48, 112
STEM = 16  # from a box's left edge to where its arrows start
INDENT, BOX, GAP, HEADER, PAD = 30, 30, 16, 34, 12
GUTTER = 9
_EQUALS = re.compile(r"if ([\w-]+)\.\w+ == '([^']*)'")
_DIFFERS = re.compile(r"if ([\w-]+)\.\w+ != '([^']*)'")

Point = tuple[int, int]


@dataclass(frozen=True)
class Box:
    """A task; every box ends at the same right edge."""

    task: Task
    x: int
    y: int

    @property
    def middle(self) -> int:
        return self.y + BOX // 2


@dataclass(frozen=True)
class Frame:
    """A branch, and how many branches it lies in."""

    label: str
    depth: int
    x: int
    top: int
    bottom: int


@dataclass
class Layout:
    """What stands where; `bottom` moves down as nodes are placed."""

    boxes: list[Box] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    arrows: list[Sequence[Point]] = field(default_factory=list)
    always: list[Sequence[Point]] = field(default_factory=list)  # arrows to exit tasks
    bottom: int = TOP

    def place(self, nodes: Iterable[Node], x: int = LEFT, depth: int = 0) -> None:
        """Place siblings, and all that is in them, below what is there."""
        siblings, boxes, tops = _asides_early([*nodes]), dict[str, Box](), dict[str, int]()
        for node in siblings:
            tops[node.name] = self.bottom
            before = [boxes[name] for name in sorted(_directly(node, siblings)) if name in boxes]
            if isinstance(node, Task):
                box = Box(node, x + INDENT * _is_aside(node, siblings), self.bottom)
                boxes[node.name] = box
                self._put(box, before)
                if node.always:
                    self._guard(box, min(tops[name] for name in node.after))
            elif node.is_branching:
                for branch in node.children:  # kfp has groups alone there
                    if isinstance(branch, Group):
                        self._branch(
                            _condition(branch.condition), branch.children, before, x, depth
                        )
            elif node.condition:
                self._branch(_condition(node.condition), node.children, before, x, depth)
            else:
                self.place(node.children, x, depth)

    def _put(self, box: Box, before: Iterable[Box]) -> None:
        for other in before:
            self._arrow(other, (box.x, box.middle), straight=box.x == other.x)
        self.boxes.append(box)
        self.bottom += BOX + GAP

    def _branch(
        self, label: str, nodes: Iterable[Node], before: Iterable[Box], x: int, depth: int
    ) -> None:
        top, left = self.bottom, x + INDENT
        for box in before:
            self._arrow(box, (left, top + HEADER // 2), straight=False)
        self.bottom += HEADER
        self.place(nodes, left + PAD, depth + 1)
        self.bottom += PAD - GAP
        self.frames.append(Frame(label, depth, left, top, self.bottom))
        self.bottom += GAP

    def _arrow(self, box: Box, door: Point, straight: bool) -> None:
        """Down to a left edge, or `straight` to the top; on the left around what is between."""
        y, stem, gutter = door[1], box.x + STEM, box.x - GUTTER
        if any(other.x <= stem and box.y < other.y < y - BOX for other in self.boxes):
            self.arrows.append([(box.x, box.middle), (gutter, box.middle), (gutter, y), door])
        elif straight:
            self.arrows.append([(stem, box.y + BOX), (stem, y - BOX // 2)])
        else:
            self.arrows.append([(stem, box.y + BOX), (stem, y), door])

    def _guard(self, box: Box, top: int) -> None:
        far, tick = box.x - 3 * GUTTER, (box.x - GUTTER, top)
        self.always.append([tick, (far, top), (far, box.middle), (box.x, box.middle)])


def _asides_early(nodes: Sequence[Node]) -> list[Node]:
    """What stands aside follows at once on what it waits for."""
    asides = [node for node in nodes if _is_aside(node, nodes)]
    placed = [node for node in nodes if node not in asides]
    for aside in asides:
        last = max(n for n, node in enumerate(placed) if node.name in aside.after)
        placed.insert(last + 1, aside)
    return placed


def _is_aside(node: Node, siblings: Sequence[Node]) -> bool:
    """A task nobody waits for, where others go on from the same place."""
    others = [other for other in siblings if other is not node]
    before = _directly(node, siblings)
    return (
        isinstance(node, Task)
        and not any(node.name in other.after for other in others)
        and any(before & _directly(other, siblings) for other in others)
    )


def _directly(node: Node, siblings: Sequence[Node]) -> set[str]:
    """The siblings it waits for, without those that these wait for themselves."""
    named = {sibling.name: sibling for sibling in siblings}

    def earlier(name: str) -> set[str]:
        return set(named[name].after).union(*map(earlier, named[name].after))

    return set(node.after).difference(*map(earlier, node.after))


def _condition(condition: str) -> str:
    """A condition in words, where it is that one task says one word."""
    text = _EQUALS.sub(r"if \1 says \2", condition)
    return _DIFFERS.sub(r"unless \1 says \2", text)
