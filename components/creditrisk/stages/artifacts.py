"""Writing a task's output artifacts, on whatever kfp hands in; kfp itself is not imported."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from creditrisk.lake import Commit


class Artifact(Protocol):
    """The part of a kfp artifact that is used."""

    path: str
    metadata: dict[str, Any]


def write_pointer(out: Artifact, commits: Mapping[str, Commit]) -> None:
    """Write which commits an output stands for: a small JSON, never the table itself.

    The artifact's URI stays as kfp set it: the launcher refuses URIs outside the
    pipeline root and downloads whole tables inside it.
    """
    body = {
        name: {"manifest": commit.key, "digest": commit.digest, "rows": commit.rows}
        for name, commit in commits.items()
    }
    write_text(out, json.dumps(body, indent=2, sort_keys=True))
    out.metadata["tables"] = body


def write_text(out: Artifact, text: str) -> None:
    """Write an HTML or Markdown artifact."""
    Path(out.path).write_text(text, "utf-8")
