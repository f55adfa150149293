"""A compiled pipeline as a reviewer reads it: `python -m tools.dag [FILE ...]`.

Under each task stands what it runs, takes, gives, and is told by its environment. `a.b` is
output b of task a, or parameter b of the `pipeline`; it goes to the input of that name unless
another is named. What is the same for every task is said once, above them. A setting that is
unknown here is printed as it is compiled, so that none is left out.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import yaml

from tools.compiled import Document, Node, Pipeline, Source, Task, compiled, read

WIDTH = 100
WHOLE = ("monthly_lifecycle", "score")  # the task whose settings are also kept as compiled
# printed in other words, so not once more as compiled
_PRINTED = {"componentRef", "dependentTasks", "inputs", "taskInfo", "triggerPolicy"}
_PRINTED |= {"args", "cachingOptions", "command", "env", "image", "resources", "retryPolicy"}
_PRINTED |= {"activeDeadlineSeconds"}
_PRINTED |= {"configMapAsEnv", "fieldPathAsEnv", "secretAsEnv"}
_CPU_OR_MEMORY = re.compile(r"(resource)?(cpu|memory)(limit|request)", re.IGNORECASE)


class Fact(NamedTuple):
    """One thing that is so; facts under one label share a line."""

    label: str
    shown: str


def goldens() -> dict[str, str]:
    """What the pipelines of this working copy compile to, by the name of the file."""
    pipelines = compiled()
    found = {f"{name}.txt": text(pipeline) for name, pipeline in pipelines.items()}
    pipeline, name = WHOLE
    task = next(task for task in pipelines[pipeline].tasks() if task.name == name)
    return found | {"task.yaml": whole(task)}


def text(pipeline: Pipeline) -> str:
    """All of a pipeline; the same one gives the same text."""
    body = {task.name: [*facts(task)] for task in pipeline.tasks()}
    common = set.intersection(*map(set, body.values()))
    shared = [fact for fact in next(iter(body.values())) if fact in common]
    own = {name: [fact for fact in all_ if fact not in common] for name, all_ in body.items()}
    given = (Fact("parameters", _parameter(*item)) for item in pipeline.parameters.items())
    head = f"{pipeline.name}: {pipeline.description}"
    every = ("", "every task", *_lines(shared, "  "))
    above = _lines((*given, *_rest(pipeline.settings)), "  ")
    return "\n".join((head, *above, *every, *_tree(pipeline.children, own), ""))


def whole(task: Task) -> str:
    """One task as YAML, as compiled; without the source of its component, which is reviewed."""
    container = {**task.container, "command": task.container["command"][:-1]}
    settings = {"task": task.body, "container": container, "platform": task.platform}
    return str(yaml.safe_dump(settings, width=WIDTH))


def facts(task: Task) -> Iterator[Fact]:
    """What there is to say of a task, in the order in which it is said."""
    yield from _runs(task)
    yield from (Fact("takes", _input(*item)) for item in task.inputs.items())
    for kind, outputs in task.definition.get("outputDefinitions", {}).items():
        yield from (Fact("gives", _output(kind, *item)) for item in outputs.items())
    yield from _order(task)
    image = task.container["image"]
    for variable in task.container.get("env", ()):
        value = "its image" if variable["value"] == image else variable["value"]
        yield Fact("env", f"{variable['name']} = {value}")
    yield from _environment(task.platform)
    for document in (task.body, task.container, task.platform):
        yield from _rest(document)


def role(image: str) -> str:
    """Which of our images it is, wherever it is pulled from."""
    return re.sub(r"[:@].*", "", image.rpartition("/")[2]).removeprefix("creditrisk-")


def _tree(nodes: Iterable[Node], own: Mapping[str, list[Fact]], at: str = "") -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Task):
            yield from ("", f"{at}{node.name}: {node.title}", *_lines(own[node.name], f"{at}  "))
        elif node.is_branching:
            yield from _tree(node.children, own, at)
        else:
            yield from ("", f"{at}{node.title}: {node.condition or 'exit handler'}")
            yield from _lines((*_order(node), *_rest(node.body)), f"{at}  ")
            yield from _tree(node.children, own, f"{at}  ")


def _runs(task: Task) -> Iterator[Fact]:
    yield Fact("runs", f"{task.component} on {role(task.container['image'])}")
    resources = task.container.get("resources", {})
    for name in ("Cpu", "Memory"):
        bounds = (resources.get(f"resource{name}{end}", "?") for end in ("Request", "Limit"))
        yield Fact("runs", f"{name.lower()} {' to '.join(bounds)}")
    others = {key: value for key, value in resources.items() if not _CPU_OR_MEMORY.fullmatch(key)}
    yield from (Fact("runs", f"{key} {_flow(value)}") for key, value in others.items())
    retry = task.body.get("retryPolicy")
    times = (
        "{maxRetryCount} retries ({backoffDuration} x {backoffFactor:g} to {backoffMaxDuration})"
    )
    yield Fact("runs", times.format(**retry) if retry else "no retry")
    seconds = int(task.platform.get("activeDeadlineSeconds", 0))
    yield Fact("runs", f"at most {seconds // 60} min" if seconds else "no deadline")
    yield Fact("runs", "cached" if task.body["cachingOptions"].get("enableCache") else "not cached")


def _order(node: Node) -> Iterator[Fact]:
    """Who is waited for, where no input says it."""
    if isinstance(node, Task) and node.always:
        yield Fact("after", "the exit handler's tasks, whatever became of them")
        return
    for name in sorted(node.after - {source.task for source in node.inputs.values()}):
        yield Fact("after", name)


def _environment(platform: Document) -> Iterator[Fact]:
    for kind, name in (("configMapAsEnv", "configMap"), ("secretAsEnv", "secret")):
        for entry in platform.get(kind, ()):
            optional = " (optional)" if entry.get("optional") else ""
            label = f"env of {name} {entry[f'{name}Name']}{optional}"
            for pair in entry["keyToEnv"]:
                key, variable = pair[f"{name}Key"], pair["envVar"]
                yield Fact(label, variable if key == variable else f"{variable} = {key}")
    for entry in platform.get("fieldPathAsEnv", ()):
        yield Fact("env of pod", f"{entry['name']} = {entry['fieldPath']}")


def _rest(document: Document) -> Iterator[Fact]:
    for key in sorted(document.keys() - _PRINTED):
        items = document[key] if isinstance(document[key], list) else [document[key]]
        yield from (Fact(key, _flow(item)) for item in items)


def _input(name: str, source: Source) -> str:
    return f"{source}" if source.task and source.value == name else f"{name} = {source}"


def _output(kind: str, name: str, spec: Document) -> str:
    if kind == "artifacts":
        return f"{name} {spec['artifactType']['schemaTitle'].removeprefix('system.')}"
    return f"{name} {spec['parameterType']}"


def _parameter(name: str, spec: Document) -> str:
    default = f" = {spec['defaultValue']!r}" if "defaultValue" in spec else ""
    return f"{name} {spec['parameterType']}{default}"


def _flow(value: object) -> str:
    if isinstance(value, dict):  # kfp says a constant name twice: xName and xNameParameter
        twins = {f"{key}Parameter" for key in value}
        value = {key: item for key, item in value.items() if key not in twins}
    found: str = yaml.safe_dump(value, default_flow_style=True, width=10_000)
    return found.removesuffix("...\n").strip()


def _lines(facts: Iterable[Fact], indent: str) -> Iterator[str]:
    """A line for each label; one that grows too long is broken between two facts."""
    grouped: dict[str, list[str]] = {}
    for label, found in facts:
        grouped.setdefault(label, []).append(found)
    for label, items in grouped.items():
        line = f"{indent}{label}:"
        for item in (*(f"{item}," for item in items[:-1]), items[-1]):
            if len(line) + 1 + len(item) > WIDTH:
                yield line
                line = f"{indent}   "
            line += f" {item}"
        yield line


def main() -> int:
    """Print pipelines, or write the goldens."""
    parser = argparse.ArgumentParser(prog="python -m tools.dag", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="compiled; default: compile all now")
    parser.add_argument("--golden", type=Path, help="a folder: write what a test compares with")
    options = parser.parse_args()
    if options.golden:
        for name, content in goldens().items():
            (options.golden / name).write_text(content, "utf-8")
        return 0
    pipelines = [read(path) for path in options.files] or compiled().values()
    sys.stdout.write("\n".join(text(pipeline) for pipeline in pipelines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
