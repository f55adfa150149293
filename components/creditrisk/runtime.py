"""What a `component.py` needs of kfp, and nothing a stage needs."""

import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from kfp import dsl
from kfp.dsl.base_component import BaseComponent

from creditrisk.lake import Commit

IMAGES = {
    "spark": os.environ.get("CREDITRISK_SPARK_IMAGE", "creditrisk-spark:0.1.0"),
    "ml": os.environ.get("CREDITRISK_ML_IMAGE", "creditrisk-ml:0.1.0"),
}


def component(image: str) -> Callable[[Callable[..., Any]], BaseComponent]:
    """`dsl.component` on one of our images; the package is in it, so nothing is installed."""
    return partial(
        dsl.component,
        base_image=IMAGES[image],
        install_kfp_package=False,
        packages_to_install=[],
    )


def write_pointer(out: dsl.Artifact, commits: Mapping[str, Commit]) -> None:
    """Write which commits an output stands for: a small JSON, never the table itself.

    The artifact's URI stays as KFP set it: the launcher refuses URIs outside the
    pipeline root and downloads whole tables inside it.
    """
    body = {
        name: {"manifest": commit.key, "digest": commit.digest, "rows": commit.rows}
        for name, commit in commits.items()
    }
    with open(out.path, "w", encoding="utf-8") as file:  # noqa: PTH123 - kfp gives a string
        json.dump(body, file, indent=2, sort_keys=True)
    out.metadata["tables"] = body


def write_text(out: dsl.Artifact, text: str) -> None:
    """Write an HTML or Markdown artifact."""
    with open(out.path, "w", encoding="utf-8") as file:  # noqa: PTH123 - kfp gives a string
        file.write(text)
