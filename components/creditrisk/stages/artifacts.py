"""A task's artifacts: commits in, commits and pages out. kfp itself is not imported."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, Field, TypeAdapter

from creditrisk.errors import UserError
from creditrisk.lake import Commit
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.version_files import sums_sha256
from creditrisk.storage import Store


class Artifact(Protocol):
    """The part of a kfp artifact that is used."""

    path: str
    metadata: dict[str, Any]


class Pointed(BaseModel):
    """What a pointer says of one table: which commit it stands for."""

    manifest: str
    digest: str
    rows: int


_POINTER = TypeAdapter(Annotated[dict[str, Pointed], Field(min_length=1)])  # by table


def pinned(period: Period, *inputs: Artifact) -> Period:
    """The period on the commits that a task's inputs name.

    A commit that comes later, from a retry or another run, is not seen. An input that names no
    commits is a `UserError`.
    """
    named = [table for given in inputs for table in _read_pointer(given).values()]
    return replace(period, pins={table.manifest: table.digest for table in named})


def write_pointer(out: Artifact, commits: Mapping[str, Commit]) -> None:
    """Write which commits an output stands for: a small JSON, never the table itself.

    The artifact's URI stays as kfp set it: the launcher refuses URIs outside the
    pipeline root and downloads whole tables inside it.
    """
    tables = {
        name: Pointed(manifest=commit.key, digest=commit.digest, rows=commit.rows)
        for name, commit in commits.items()
    }
    body = _POINTER.dump_python(tables)
    write_text(out, json.dumps(body, indent=2, sort_keys=True))
    out.metadata["tables"] = body


def write_version(out: Artifact, store: Store, version: str) -> None:
    """Write which model version an output stands for; its files stay in the store."""
    body = {
        "version": version,
        "folder": f"{store.uri}/{layout.version(version)}",
        "sha256": sums_sha256(store, version),
    }
    write_text(out, json.dumps(body, indent=2, sort_keys=True))
    out.metadata |= body


def write_text(out: Artifact, text: str) -> None:
    """Write an HTML or Markdown artifact."""
    Path(out.path).write_text(text, "utf-8")


def _read_pointer(given: Artifact) -> dict[str, Pointed]:
    try:
        return _POINTER.validate_json(Path(given.path).read_bytes())
    except (OSError, ValueError):
        raise UserError(
            f"{given.path} names no commit to read; run the task that writes it again"
        ) from None
