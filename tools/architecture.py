"""The picture of the architecture: `python -m tools.architecture > docs/architecture.svg`.

Tasks, branches and arrows are those of the compiled monthly pipeline. What a task reads and
writes is not in it (data passes through the store): that is the table below.
"""

import sys
from collections.abc import Mapping
from typing import NamedTuple

from creditrisk.errors import UserError
from tools.compiled import Pipeline, compiled
from tools.picture import picture

PIPELINE = "monthly_lifecycle"
LAYERS = {  # by where they lie
    "delivered": ("landing",),
    "lake": ("bronze", "silver", "gold", "scores", "findings"),
    "documents": ("decisions", "registry", "reports"),
    "append-only": ("audit",),
}


class Touch(NamedTuple):
    """The layers that a component reads, whatever their month, and those it may write."""

    reads: str
    writes: str


TOUCHES = {
    "resolve_period": Touch("decisions registry", "audit"),
    "etl": Touch("landing bronze silver registry", "bronze silver gold reports"),
    "score": Touch("gold scores registry", "scores reports"),
    "monitor": Touch(
        "silver gold scores findings decisions registry reports audit", "findings reports"
    ),
    "evidently": Touch("gold registry", "reports"),
    "decide": Touch("gold findings decisions registry reports", "decisions audit"),
    "train": Touch("gold registry", "registry audit"),
    "validate": Touch("gold registry audit", "registry audit"),
    "refit": Touch("gold registry", "registry audit"),
    "promote": Touch("registry", "registry audit"),
    "close_month": Touch(
        "gold scores findings decisions registry reports audit",
        "decisions registry reports audit",
    ),
}


def draw(pipeline: Pipeline, touches: Mapping[str, Touch] = TOUCHES) -> str:
    """The picture as SVG; a table that does not fit the pipeline's tasks is a `UserError`."""
    known, named = {task.component for task in pipeline.tasks()}, set(touches)
    if known != named:
        raise UserError(
            f"tools/architecture.py: TOUCHES lacks {sorted(known - named)} and names"
            f" {sorted(named - known)}, which {pipeline.name} does not run"
        )
    return picture(pipeline, LAYERS, {name: _marks(touch) for name, touch in touches.items()})


def _marks(touch: Touch) -> dict[str, str]:
    """Layer -> what is done with it, in the order of the layers."""
    read, written = set(touch.reads.split()), set(touch.writes.split())
    layers = [layer for place in LAYERS.values() for layer in place]
    unknown = sorted((read | written).difference(layers))
    if unknown:
        raise UserError(f"tools/architecture.py: TOUCHES names {unknown}; LAYERS has {layers}")
    done = {"reads": read - written, "reads and writes": read & written, "writes": written - read}
    return {layer: mark for layer in layers for mark, of in done.items() if layer in of}


def main() -> int:
    """Print the picture."""
    sys.stdout.write(draw(compiled()[PIPELINE]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
