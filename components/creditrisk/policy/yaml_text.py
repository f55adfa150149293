"""YAML that a person wrote, read as it is written: nothing is dropped, guessed or run.

Of YAML's own readings only plain numbers, true/false (also yes/no, on/off) and null are kept:
`12:30`, `010`, `0x1F` and `2023-01-31` stay text. Keys are always text. Size and depth are
limited with every alias counted at its full length, so that reading takes bounded time.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn

import yaml
from yaml.composer import Composer

from creditrisk.errors import UserError, printable

MAX_DEPTH = 20
MAX_NODES = 100_000
MAX_DIGITS = 300  # more, and no float holds it
_TAG = "tag:yaml.org,2002:"
_DIGITS = "(?:0|[1-9][0-9]*)"
_INT = re.compile(rf"[-+]?{_DIGITS}$")
_FLOAT = re.compile(
    rf"[-+]?(?:{_DIGITS}\.[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?"
    r"|\.(?:inf|Inf|INF))$|\.(?:nan|NaN|NAN)$"
)
_KEPT = {f"{_TAG}{name}" for name in ("bool", "null", "merge")}


class YamlText:
    """A file's content, and the line of each key in it."""

    def __init__(self, text: str, where: str) -> None:
        self._where = where
        try:
            self._root: yaml.Node | None = _Loader(text, self._refuse).get_single_node()
        except (yaml.YAMLError, UnicodeEncodeError) as error:  # the latter: half a character
            raise UserError(f"{where} is not YAML: {' '.join(str(error).split())}") from None
        self.content: Any = None if self._root is None else self._read(self._root)

    def line(self, path: Iterable[object]) -> int:
        """The line of a key, or of the innermost part of its path that is written there."""
        line, node = 1, self._root
        for part in map(str, path):
            if (
                isinstance(node, yaml.SequenceNode)
                and part.isdigit()
                and int(part) < len(node.value)
            ):
                node = node.value[int(part)]
                line = _line(node)
                continue
            pairs = self._pairs(node) if isinstance(node, yaml.MappingNode) else iter(())
            found = next(((key, value) for key, value in pairs if key.value == part), None)
            if found is None:
                break
            line, node = _line(found[0]), found[1]
        return line

    def _read(self, node: yaml.Node) -> Any:  # noqa: ANN401 - whatever was written
        if isinstance(node, yaml.SequenceNode):
            return [self._read(part) for part in node.value]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        lines: dict[str, int] = {}
        content = {}
        for key, value in self._pairs(node):
            if key.value in lines:
                first, again = sorted((lines[key.value], _line(key)))
                self._refuse(again, f"{key.value} is there twice (line {first})")
            lines[key.value] = _line(key)
            content[key.value] = self._read(value)
        return content

    def _pairs(self, node: yaml.Node) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
        """Keys and values of a mapping, those that `<<` brings among them."""
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._refuse(_line(key), "a key is a list or a mapping")
            if key.tag != f"{_TAG}merge":
                yield key, value
                continue
            for part in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                if not isinstance(part, yaml.MappingNode):
                    self._refuse(_line(key), "<< takes in mappings only")
                yield from self._pairs(part)

    def _scalar(self, node: yaml.ScalarNode) -> object:
        kind, text = node.tag.removeprefix(_TAG), node.value
        if kind == "int" and len(text) > MAX_DIGITS:
            self._refuse(_line(node), f"a number of {len(text)} digits")
        read: dict[str, Callable[[], object]] = {
            "null": lambda: None,
            "bool": lambda: yaml.SafeLoader.bool_values[text.lower()],
            "int": lambda: int(text),
            "float": lambda: float(re.sub(r"\.(?=[in])", "", text.lower())),
        }
        return read.get(kind, lambda: text)()

    def _refuse(self, line: int, what: str) -> NoReturn:
        raise UserError(f"{self._where} line {line}: {what}")


class _Loader(Composer, yaml.CSafeLoader):
    """Composes nodes within the limits; an alias counts as all that it stands for.

    Events are libyaml's: PyYAML's own parser takes ten times as long.
    """

    yaml_implicit_resolvers = {  # noqa: RUF012 - as PyYAML declares it
        first: [(tag, shape) for tag, shape in resolvers if tag in _KEPT]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def __init__(self, text: str, refuse: Callable[[int, str], NoReturn]) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)
        self._refuse, self._depth, self._nodes = refuse, 0, 0
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # of a kind per node; PyYAML's types know no kinds
        line, tag = event.start_mark.line + 1, getattr(event, "tag", None)
        if tag not in (None, f"{_TAG}str"):
            self._refuse(line, f"the tag {tag} is not read; leave it out")
        before, self._depth = self._nodes, self._depth + 1
        if self._depth > MAX_DEPTH:
            self._refuse(line, f"nested deeper than {MAX_DEPTH} levels")
        node = super().compose_node(parent, index)
        self._depth -= 1
        if isinstance(event, yaml.AliasEvent):
            if id(node) not in self._sizes:
                self._refuse(line, f"*{event.anchor} stands within itself")
            self._nodes += self._sizes[id(node)]
        else:
            self._nodes += 1
            self._sizes[id(node)] = self._nodes - before
        if self._nodes > MAX_NODES:
            self._refuse(line, f"more than {MAX_NODES:,} values, aliases at their full length")
        return node


_Loader.add_implicit_resolver(f"{_TAG}int", _INT, list("-+0123456789"))
_Loader.add_implicit_resolver(f"{_TAG}float", _FLOAT, list("-+.0123456789"))


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def quoted(text: str) -> str:
    """A text as YAML reads it back, whatever is in it: some of its line ends are no one else's."""
    return printable(json.dumps(text, ensure_ascii=False))
