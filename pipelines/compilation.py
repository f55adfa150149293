"""From pipeline functions to YAML that is known to be right before it leaves the house."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from google.protobuf import json_format
from kfp import compiler
from kfp.kubernetes import kubernetes_executor_config_pb2
from kfp.pipeline_spec import pipeline_spec_pb2

from creditrisk.errors import UserError
from pipelines import backfill, monthly, training

PIPELINES: dict[str, Callable[..., Callable[..., Any]]] = {
    "monthly_lifecycle": monthly.build,
    "training": training.build,
    "backfill": backfill.build,
}
LOCAL = {"scheduled_at": "", "run_id": "local", "retries": 0}  # what kfp.local can run


def compile_all(out: Path) -> list[Path]:
    """Compile and check every pipeline, for the cluster and (under `local/`) for a laptop."""
    written = []
    for name, build in PIPELINES.items():
        for folder, arguments in ((out, {}), (out / "local", LOCAL)):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{name}.yaml"
            compiler.Compiler().compile(build(**arguments), str(path))
            faults = list(check(path))
            if faults:
                path.unlink()
                raise UserError(f"{name}: {'; '.join(faults)}")
            written.append(path)
    return written


def check(path: Path) -> Iterator[str]:
    """What is wrong with a compiled pipeline; both documents are parsed strictly first."""
    documents = list(yaml.safe_load_all(path.read_text("utf-8")))
    try:
        json_format.ParseDict(documents[0], pipeline_spec_pb2.PipelineSpec())
        for document in documents[1:]:
            json_format.ParseDict(document, pipeline_spec_pb2.PlatformSpec())
    except json_format.ParseError as error:
        yield f"not a pipeline spec: {' '.join(str(error).split())}"
        return
    yield from _executors(documents)
    for name, component in documents[0]["components"].items():
        if "dag" in component:
            yield from _undeclared(name, component)
            yield from _cached(name, component["dag"])
    yield from _cached("root", documents[0]["root"]["dag"])


def _executors(documents: list[dict[str, Any]]) -> Iterator[str]:
    platform = documents[1]["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    for name, executor in documents[0]["deploymentSpec"]["executors"].items():
        container = executor["container"]
        said = " ".join((*container.get("command", ()), *container.get("args", ())))
        if "pip install" in said:
            yield f"{name} installs packages at run time; put them into its image"
        if ".uri =" in said:
            yield f"{name} sets an artifact's URI; write a pointer to out.path"
        if ":" not in container["image"] or container["image"].endswith(":latest"):
            yield f"{name} runs on {container['image']}; pin a tag or a digest"
        if not {"resourceCpuLimit", "resourceMemoryLimit"} <= set(container.get("resources", {})):
            yield f"{name} has no CPU or memory limit"
        config = kubernetes_executor_config_pb2.KubernetesExecutorConfig()
        json_format.ParseDict(platform.get(name, {}), config)
        if not config.security_context.run_as_non_root:
            yield f"{name} may run as root"


def _undeclared(name: str, component: dict[str, Any]) -> Iterator[str]:
    """A sub-DAG that uses an input it does not declare compiles, and fails on the cluster."""
    declared = component.get("inputDefinitions", {}).get("parameters", {})
    for task, body in component["dag"]["tasks"].items():
        for source in body.get("inputs", {}).get("parameters", {}).values():
            used = source.get("componentInputParameter")
            if used and used not in declared:
                yield f"{name}.{task} uses {used}, which {name} does not declare"


def _cached(name: str, dag: dict[str, Any]) -> Iterator[str]:
    for task, body in dag["tasks"].items():
        group = body["componentRef"]["name"].startswith(("comp-condition", "comp-exit-handler"))
        if not group and body.get("cachingOptions", {}).get("enableCache"):
            yield f"{name}.{task} may be served from the cache"
