"""Pipelines on the server: found by name, versions added and never changed."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from kfp_server_api import V2beta1Pipeline

from creditrisk.errors import UserError
from creditrisk.period import code_version
from pipelines.remote.api import Api
from pipelines.remote.packages import Package


@dataclass(frozen=True)
class Version:
    """A version of a pipeline on the server; `spec` is the pipeline's own document."""

    pipeline: str
    pipeline_id: str
    name: str
    id: str
    created: str
    spec: dict[str, Any]


@dataclass(frozen=True)
class Deployed:
    """What a deployment did for one pipeline."""

    pipeline: str
    version: str
    version_id: str
    uploaded: bool
    newest: str  # not ours where an older content is deployed again
    link: str


def deploy(api: Api, found: Iterable[Package]) -> Iterator[Deployed]:
    """Upload each pipeline unless the server has it: one made when absent, one version added."""
    for package in found:
        pipeline_id = _pipeline(api, package.pipeline)
        version, uploaded = api.change(
            f"version {package.version} of {package.pipeline}",
            partial(
                api.client.upload_pipeline_version,
                str(package.path),
                package.version,
                pipeline_id=pipeline_id,
                description=f"creditrisk {code_version()}, {', '.join(sorted(package.images))}",
            ),
            find=partial(_named, api, pipeline_id, package.version),
        )
        id = version.pipeline_version_id
        newest = package.version if uploaded else find_version(api, package.pipeline).name
        link = api.link("pipelines/details", f"{pipeline_id}/version/{id}")
        yield Deployed(package.pipeline, package.version, id, uploaded, newest, link)


def find_version(api: Api, pipeline: str, name: str = "") -> Version:
    """A version by name, else the newest; a `UserError` says what is not there."""
    pipeline_id = find_pipeline(api, pipeline)
    if pipeline_id is None:
        raise UserError(f"{api.endpoint.host} has no pipeline {pipeline}; run creditrisk deploy")
    found = _named(api, pipeline_id, name) if name else _newest(api, pipeline_id)
    if found is None:
        raise UserError(
            f"{api.endpoint.host} has no version {name or 'at all'} of {pipeline};"
            " run creditrisk deploy"
        )
    spec = found.pipeline_spec or {}
    return Version(
        pipeline=pipeline,
        pipeline_id=pipeline_id,
        name=found.display_name,
        id=found.pipeline_version_id,
        created=f"{found.created_at:%Y-%m-%d %H:%M}" if found.created_at else "",
        spec=spec.get("pipeline_spec", spec),
    )


def find_pipeline(api: Api, name: str) -> str | None:
    """A pipeline's id; the client's own look-up knows no namespaces."""
    listing = partial(
        api.client.list_pipelines, namespace=api.namespace, filter=equals("display_name", name)
    )
    return next((p.pipeline_id for p in api.pages("pipelines", listing, "pipelines")), None)


def equals(key: str, value: str) -> str:
    """A filter as the API takes it."""
    predicate = {"operation": "EQUALS", "key": key, "string_value": value}
    return json.dumps({"predicates": [predicate]})


def _pipeline(api: Api, name: str) -> str:
    wanted = V2beta1Pipeline(name=name, display_name=name, namespace=api.namespace)
    made, _ = api.change(
        f"pipeline {name}",
        lambda: api.client.pipelines.pipeline_service_create_pipeline(wanted).pipeline_id,
        find=partial(find_pipeline, api, name),
    )
    return str(made)


def _named(api: Api, pipeline_id: str, name: str) -> Any:  # noqa: ANN401 - the client ships no types
    listing = partial(
        api.client.list_pipeline_versions, pipeline_id, filter=equals("display_name", name)
    )
    return next(api.pages("versions", listing, "pipeline_versions"), None)


def _newest(api: Api, pipeline_id: str) -> Any:  # noqa: ANN401 - the client ships no types
    listing = partial(
        api.client.list_pipeline_versions, pipeline_id, page_size=1, sort_by="created_at desc"
    )
    return next(iter(api.ask("versions", listing).pipeline_versions or ()), None)
