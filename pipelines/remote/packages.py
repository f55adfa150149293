"""Compiled pipelines as they go to a cluster: each named by what is in it."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from creditrisk.errors import UserError
from creditrisk.temporary_folder import temporary_folder
from pipelines.compilation import PIPELINES, check, compile_all
from pipelines.installation import NAME, installation, named

MONTHLY = "monthly-lifecycle"  # as it calls itself; on a server it has the installation's name


class Need(NamedTuple):
    """An object a run's pods refer to, and the keys they do not start without."""

    kind: str  # Secret or ConfigMap
    name: str
    keys: frozenset[str]
    optional: bool  # every reference says so


@dataclass(frozen=True)
class Package:
    """A compiled pipeline in a file."""

    path: Path
    pipeline: str  # what it is called on the server
    version: str  # the same content, the same name
    images: frozenset[str]
    needs: frozenset[Need]


@contextmanager
def packages(folder: Path | None) -> Iterator[list[Package]]:
    """The pipelines in `folder`; without one they are compiled, into a place that vanishes."""
    with temporary_folder() as place:
        if folder is None:
            compile_all(place)
        yield [read((folder or place) / f"{name}.yaml") for name in PIPELINES]


def read(path: Path) -> Package:
    """Read and check a package; what is not fit to run is a `UserError`."""
    try:
        text = path.read_text("utf-8")
        faults = list(check(path))
        spec, platform = yaml.load_all(text, yaml.CSafeLoader)
        name = spec["pipelineInfo"]["name"]
        executors = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"].values()
        images = {e["container"]["image"] for e in spec["deploymentSpec"]["executors"].values()}
        needs = {need for executor in executors for need in _needs(executor)}
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}; python compile.py writes it") from None
    except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise UserError(f"{path} is no compiled pipeline; python compile.py writes one") from None
    if faults:
        raise UserError(f"{path}: {'; '.join(faults)}")
    if ("ConfigMap", named("env")) not in {need[:2] for need in needs}:
        raise UserError(
            f"{path} was compiled for another installation than {installation()}: compile it with"
            f" {NAME}={installation()}"
        )
    # a server is shared, and `training` is a name others have too
    return Package(path, named(name), digest(text), frozenset(images), frozenset(needs))


def digest(text: str) -> str:
    """Name of a version: its content, whatever version of kfp wrote it."""
    lines = [line for line in text.splitlines() if not line.startswith("sdkVersion:")]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def needs_of(found: list[Package]) -> list[Need]:
    """All that the pipelines refer to, each object once."""
    merged: dict[tuple[str, str], Need] = {}
    for need in sorted(need for package in found for need in package.needs):
        known = merged.get(need[:2], Need(*need[:2], frozenset(), optional=True))
        merged[need[:2]] = Need(
            *need[:2], known.keys | need.keys, optional=known.optional and need.optional
        )
    return list(merged.values())


def _needs(executor: dict[str, Any]) -> Iterator[Need]:
    for kind, key in (("Secret", "secret"), ("ConfigMap", "configMap")):
        for form in (f"{key}AsEnv", f"{key}AsVolume"):
            for used in executor.get(form, ()):
                optional = used.get("optional", False)
                keys = (pair[f"{key}Key"] for pair in used.get("keyToEnv", ()) if not optional)
                yield Need(kind, used[f"{key}Name"], frozenset(keys), optional)
