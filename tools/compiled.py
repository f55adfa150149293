"""A compiled pipeline as a tree: groups that hold tasks, in an order they can run in."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import yaml

from pipelines.compilation import compile_all

Document = Mapping[str, Any]

# the trees that are read, and versions of kfp's format and of kfp itself
_READ = {"components", "deploymentSpec", "pipelineInfo", "root", "schemaVersion", "sdkVersion"}
_INPUT = re.compile(r"inputs\.parameter_values\['([^']+)'\]")
_CAST = re.compile(r"\bint\(([\w.-]+)\)")
_PLACEHOLDER = re.compile(r"\{\{\$\.(\w+)\}\}")


class Source(NamedTuple):
    """Where an input comes from: a task's output, a `pipeline` parameter, `kfp`; a constant: ''."""

    task: str
    value: str

    def __str__(self) -> str:
        return f"{self.task}.{self.value}" if self.task else self.value


@dataclass(frozen=True)
class Task:
    """One container; the documents are as compiled, `after` names siblings that end before."""

    name: str
    after: frozenset[str]
    inputs: Mapping[str, Source]
    body: Document
    definition: Document
    container: Document
    platform: Document

    @property
    def title(self) -> str:
        return str(self.body["taskInfo"]["name"])

    @property
    def always(self) -> bool:
        """An exit task: it runs whatever became of those before."""
        strategy = self.body.get("triggerPolicy", {}).get("strategy")
        return bool(strategy == "ALL_UPSTREAM_TASKS_COMPLETED")

    @property
    def component(self) -> str:
        """The name of its Python function."""
        arguments: list[str] = self.container["args"]
        return arguments[arguments.index("--function_to_execute") + 1]


@dataclass(frozen=True)
class Group:
    """Tasks under one condition (`if a.b == 'c'`, `elif ...`, `else`); '': an exit handler's."""

    name: str
    after: frozenset[str]
    inputs: Mapping[str, Source]
    body: Document
    condition: str
    children: "tuple[Node, ...]"

    @property
    def title(self) -> str:
        return str(self.body["taskInfo"]["name"])

    @property
    def is_branching(self) -> bool:
        """It holds an `if` and its `elif`s, and nothing else."""
        return self.name.startswith("condition-branches")


Node = Task | Group


@dataclass(frozen=True)
class Pipeline:
    """The tree, what the pipeline is given, and settings that are no task's."""

    name: str
    description: str
    parameters: Document
    settings: Document
    children: tuple[Node, ...]

    def tasks(self) -> Iterator[Task]:
        return tasks(self.children)


def tasks(nodes: Iterable[Node]) -> Iterator[Task]:
    """Every task among the nodes and below them, in order."""
    for node in nodes:
        if isinstance(node, Task):
            yield node
        else:
            yield from tasks(node.children)


def compiled() -> dict[str, Pipeline]:
    """Every pipeline, compiled now, by the name of its file."""
    with TemporaryDirectory() as folder:
        compile_all(Path(folder))
        return {path.stem: read(path) for path in sorted(Path(folder).glob("*.yaml"))}


def read(path: Path) -> Pipeline:
    """One compiled file: the pipeline's spec and the platform's."""
    spec, platform = yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader)
    whole = spec | platform["platforms"]["kubernetes"]
    settings = {key: value for key, value in whole.items() if key not in _READ}
    executors = (d["deploymentSpec"]["executors"] for d in (spec, whole))
    parameters = spec["root"].get("inputDefinitions", {}).get("parameters", {})
    known = {name: Source("pipeline", name) for name in parameters}
    children = _Reader(spec["components"], *executors).children(spec["root"], known)
    info = spec["pipelineInfo"]
    return Pipeline(info["name"], info.get("description", ""), parameters, settings, children)


@dataclass(frozen=True)
class _Reader:
    components: Document
    executors: Document
    platform: Document

    def children(self, component: Document, known: Mapping[str, Source]) -> tuple[Node, ...]:
        """What a component's dag holds; `known`: where the component's own inputs come from."""
        bodies = component["dag"]["tasks"]
        return tuple(_in_order(self.node(name, body, known) for name, body in bodies.items()))

    def node(self, name: str, body: Document, known: Mapping[str, Source]) -> Node:
        definition = self.components[body["componentRef"]["name"]]
        given = {**body.get("inputs", {}).get("parameters", {})}
        given |= body.get("inputs", {}).get("artifacts", {})
        inputs = {key: _source(spec, known) for key, spec in sorted(given.items())}
        after = frozenset(body.get("dependentTasks", ()))
        if "dag" not in definition:
            label = definition["executorLabel"]
            container = self.executors[label]["container"]
            platform = self.platform.get(label, {})
            return Task(name, after, inputs, body, definition, container, platform)
        children = self.children(definition, {**known, **inputs})
        condition = body.get("triggerPolicy", {}).get("condition", "")
        text = f"if {_condition(condition, inputs)}" if condition else ""
        return Group(name, after, inputs, body, text, tuple(_with_elifs(children)))


def _source(spec: Document, known: Mapping[str, Source]) -> Source:
    match spec:
        case {"taskOutputParameter": {"producerTask": task, "outputParameterKey": key}}:
            return Source(task, key)
        case {"taskOutputArtifact": {"producerTask": task, "outputArtifactKey": key}}:
            return Source(task, key)
        case {"componentInputParameter": name} | {"componentInputArtifact": name} if name in known:
            return known[name]
        case {"runtimeValue": {"constant": str(value)}} if found := _PLACEHOLDER.fullmatch(value):
            return Source("kfp", found[1])
        case {"runtimeValue": {"constant": value}}:
            return Source("", repr(value))
    return Source("", str(dict(spec)))  # a shape of kfp's that we do not use, as it stands


def _condition(condition: str, inputs: Mapping[str, Source]) -> str:
    """The condition with its inputs by their sources."""
    return _CAST.sub(r"\1", _INPUT.sub(lambda found: f"{inputs[found[1]]}", condition))


def _with_elifs(nodes: Iterable[Node]) -> Iterator[Node]:
    """As a person writes it: `elif b` where kfp has `!(a) && b`, `else` for `!(a) && !(b)`."""
    others = ""
    for node in nodes:
        if isinstance(node, Task) or not node.condition:
            yield node
            continue
        own = node.condition.removeprefix("if ")
        if others and own.startswith(others):
            own = own.removeprefix(others).removeprefix(" && ")
            yield replace(node, condition=f"elif {own}" if own else "else")
        else:
            yield node
        others += f" && !({own})" if others else f"!({own})"


def _in_order(nodes: Iterable[Node]) -> Iterator[Node]:
    """Whoever is waited for first; of those that wait for nobody, tasks by name, then groups."""
    left, done = sorted(nodes, key=_rank), set[str]()
    while left:
        node = next(node for node in left if node.after <= done)
        left.remove(node)
        done.add(node.name)
        yield node


def _rank(node: Node) -> tuple[int, str]:
    """kfp numbers groups as they are written; a task has its own name first."""
    return (int(node.name.rpartition("-")[2]), "") if isinstance(node, Group) else (0, node.name)
