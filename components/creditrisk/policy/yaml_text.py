"""YAML that a person wrote, read as it is written, and what is wrong in it, key by key.

Nothing is dropped, guessed or run.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, NoReturn, get_args

import yaml
from pydantic import BaseModel, ValidationError
from yaml.composer import Composer

from creditrisk.errors import UserError, printable

_WORDS = {  # of pydantic's errors, where its own are a programmer's
    "missing": "missing",
    "finite_number": "not a finite number; write the lowest or highest that there can be",
    "tuple_type": "not a list; write [a, b]",
    "dict_type": "no keys and values; write {key: value}",
    "model_type": "no keys and values; write {key: value}",
    "model_attributes_type": "no keys and values; write {key: value}",
    "bool_type": "neither true nor false",
    "bool_parsing": "neither true nor false",
    "float_type": "not a number",
    "float_parsing": "not a number",
    "int_type": "not a whole number",
    "int_parsing": "not a whole number",
    "int_from_float": "not a whole number",
    "date_type": "no day; write it as 2023-04-30",
    "date_parsing": "no day; write it as 2023-04-30",
    "date_from_datetime_parsing": "no day; write it as 2023-04-30",
    "date_from_datetime_inexact": "a day and a time; write the day alone, as 2023-04-30",
}
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


class FaultError(ValueError):
    """What a validator found wrong below the section it judges, and where there."""

    def __init__(self, what: str, *path: str) -> None:
        super().__init__(what)
        self.path = path


def faults(error: ValidationError, model: type[BaseModel]) -> list[tuple[tuple[str, ...], str]]:
    """The errors of a pydantic model one by one: where, and what is wrong there."""
    found = []
    for item in error.errors():
        what = _WORDS.get(item["type"], item["msg"].removeprefix("Value error, "))
        if item["type"] == "extra_forbidden":
            what = "unknown key"
            near = get_close_matches(str(item["loc"][-1]), _known(model, item["loc"][:-1]), 1)
            what += f"; did you mean {near[0]}?" if near else ""
        if item["type"] == "string_type" and isinstance(item["input"], bool | int | float):
            what += f"; YAML reads a {type(item['input']).__name__} here: quote it"
        below = getattr(item.get("ctx", {}).get("error"), "path", ())
        found.append(((*map(str, item["loc"]), *below), what))
    return found


def _known(model: object, path: tuple[int | str, ...]) -> list[str]:
    """The keys a model takes at a path: of a field by its name, of a mapping by what it holds."""
    for part in path:
        if isinstance(model, type) and issubclass(model, BaseModel):
            model = model.model_fields[str(part)].annotation
        else:
            model = get_args(model)[-1]
    return list(model.model_fields) if isinstance(model, type(BaseModel)) else []


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
