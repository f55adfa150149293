"""Pipelines on the server: found by name, versions deployed beside others and never changed."""

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
    content: str  # its digest: several names where it was deployed again
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
    link: str


def deploy(api: Api, found: Iterable[Package]) -> Iterator[Deployed]:
    """Make each package the newest version of its pipeline, which is what runs when none is named.

    Content that was deployed before others is uploaded once more, as `<content>-2`: after a
    rollback runs are what they were. What is the newest already is left alone.
    """
    api.require_known()
    for package in found:
        pipeline_id = _pipeline(api, package.pipeline)
        version, uploaded = api.change(
            f"version {package.version} of {package.pipeline}",
            partial(_upload, api, pipeline_id, package),
            find=partial(_newest_of, api, pipeline_id, package.version),
        )
        id = version.pipeline_version_id
        link = api.version_page(pipeline_id, id)
        yield Deployed(package.pipeline, version.display_name, id, uploaded, link)


def find_version(api: Api, pipeline: str, name: str = "") -> Version:
    """The newest version, of a name or content if given; a `UserError` says what is not there."""
    pipeline_id = find_pipeline(api, pipeline)
    if pipeline_id is None:
        raise UserError(f"{api.endpoint.host} has no pipeline {pipeline}; run creditrisk deploy")
    versions = _versions(api, pipeline_id, size=10 if name else 1)
    found = next((v for v in versions if name in ("", v.display_name, _content(v))), None)
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
        content=_content(found),
        id=found.pipeline_version_id,
        created=f"{found.created_at:%Y-%m-%d %H:%M}" if found.created_at else "",
        spec=spec.get("pipeline_spec", spec),
    )


def find_pipeline(api: Api, name: str) -> str | None:
    """A pipeline's id; the client's own look-up knows no namespaces."""
    listing = partial(api.client.list_pipelines, namespace=api.namespace, filter=called(name))
    return next((p.pipeline_id for p in api.pages("pipelines", listing, "pipelines")), None)


def called(name: str) -> str:
    """A filter on the display name, as the API takes it."""
    predicate = {"operation": "EQUALS", "key": "display_name", "string_value": name}
    return json.dumps({"predicates": [predicate]})


def _pipeline(api: Api, name: str) -> str:
    wanted = V2beta1Pipeline(name=name, display_name=name, namespace=api.namespace)
    made, _ = api.change(
        f"pipeline {name}",
        lambda: api.client.pipelines.pipeline_service_create_pipeline(wanted).pipeline_id,
        find=partial(find_pipeline, api, name),
    )
    return str(made)


def _upload(api: Api, pipeline_id: str, package: Package) -> Any:  # noqa: ANN401 - as above
    before = [v for v in _versions(api, pipeline_id) if _content(v) == package.version]
    return api.client.upload_pipeline_version(
        str(package.path),
        f"{package.version}-{len(before) + 1}" if before else package.version,
        pipeline_id=pipeline_id,
        description=f"creditrisk {code_version()}, {', '.join(sorted(package.images))}",
    )


def _versions(api: Api, pipeline_id: str, size: int = 10) -> Iterator[Any]:
    """The newest first; each brings its whole document, so few at once."""
    listing = partial(api.client.list_pipeline_versions, pipeline_id, sort_by="created_at desc")
    return api.pages("versions", listing, "pipeline_versions", size)


def _content(version: Any) -> str:  # noqa: ANN401 - the client ships no types
    return f"{version.display_name}".partition("-")[0]


def _newest_of(api: Api, pipeline_id: str, content: str) -> Any:  # noqa: ANN401 - as above
    """The newest version if that is its content."""
    newest = next(_versions(api, pipeline_id, size=1), None)
    return newest if newest is not None and _content(newest) == content else None
