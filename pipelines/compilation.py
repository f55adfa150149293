"""Compiles the pipelines to YAML, and checks it before it is used."""

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
            faults = list(check(path, retried=not arguments))
            if faults:
                path.unlink()
                raise UserError(f"{name}: {'; '.join(faults)}")
            written.append(path)
    return written


def check(path: Path, retried: bool = True) -> Iterator[str]:
    """What is wrong with a compiled pipeline; both documents are parsed strictly first.

    `retried`: it goes to a cluster, where a task whose pod is lost is tried again.
    """
    documents = list(yaml.load_all(path.read_text("utf-8"), yaml.CSafeLoader))
    try:
        json_format.ParseDict(documents[0], pipeline_spec_pb2.PipelineSpec())
        for document in documents[1:]:
            json_format.ParseDict(document, pipeline_spec_pb2.PlatformSpec())
    except json_format.ParseError as error:
        yield f"not a pipeline spec: {' '.join(str(error).split())}"
        return
    yield from _executors(documents)
    limits = documents[1]["platforms"]["kubernetes"].get("pipelineConfig", {})
    if not limits.get("activeDeadlineSeconds"):
        yield "the run may go on for ever; give it a deadline"
    root = documents[0]["root"]
    for name, component in {"root": root, **documents[0]["components"]}.items():
        if "dag" in component:
            yield from _undeclared(name, component)
            yield from _tasks(name, component["dag"], retried)


def _executors(documents: list[dict[str, Any]]) -> Iterator[str]:
    platform = documents[1]["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    for name, executor in documents[0]["deploymentSpec"]["executors"].items():
        container = executor["container"]
        text = " ".join((*container.get("command", ()), *container.get("args", ())))
        if "pip install" in text:
            yield f"{name} installs packages at run time; put them into its image"
        if ".uri =" in text:
            yield f"{name} sets an artifact's URI; write a pointer to out.path"
        name_and_tag = container["image"].rpartition("/")[2]  # a registry may name a port
        if ":" not in name_and_tag or name_and_tag.endswith(":latest"):
            yield f"{name} runs on {container['image']}; pin a tag or a digest"
        if not {"resourceCpuLimit", "resourceMemoryLimit"} <= set(container.get("resources", {})):
            yield f"{name} has no CPU or memory limit"
        config = kubernetes_executor_config_pb2.KubernetesExecutorConfig()
        json_format.ParseDict(platform.get(name, {}), config)
        if not config.security_context.run_as_non_root:
            yield f"{name} may run as root"
        if not [m for m in config.empty_dir_mounts if m.mount_path == "/tmp" and m.size_limit]:  # noqa: S108 - in the pod
            yield f"{name} may fill the disk of its node; give it a /tmp of a size"
        if not config.active_deadline_seconds:
            yield f"{name} may run for ever; give it a timeout"


def _undeclared(name: str, component: dict[str, Any]) -> Iterator[str]:
    """A sub-DAG that uses an input it does not declare compiles, and fails on the cluster."""
    for kind, key in (
        ("parameters", "componentInputParameter"),
        ("artifacts", "componentInputArtifact"),
    ):
        declared = component.get("inputDefinitions", {}).get(kind, {})
        for task, body in component["dag"]["tasks"].items():
            for source in body.get("inputs", {}).get(kind, {}).values():
                used = source.get(key)
                if used and used not in declared:
                    yield f"{name}.{task} uses {used}, which {name} does not declare"


def _tasks(name: str, dag: dict[str, Any], retried: bool) -> Iterator[str]:
    for task, body in dag["tasks"].items():
        if body["componentRef"]["name"].startswith(("comp-condition", "comp-exit-handler")):
            continue  # a group runs nothing itself
        if body.get("cachingOptions", {}).get("enableCache"):
            yield f"{name}.{task} may be served from the cache"
        if retried and not body.get("retryPolicy", {}).get("maxRetryCount"):
            yield f"{name}.{task} is not retried"
