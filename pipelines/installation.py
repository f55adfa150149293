"""Which installation this is: what its objects, pipelines and schedule are named by."""

import os
import re

from creditrisk.errors import UserError

NAME = "CREDITRISK_NAME"
_FORM = re.compile(r"creditrisk(-[a-z0-9]+)*")


def installation() -> str:
    """`creditrisk`, or what the environment says, as `creditrisk-cards`: a second portfolio's.

    The chart's value `name` is the same word, and holds its form more narrowly.
    """
    name = os.environ.get(NAME) or "creditrisk"
    if not _FORM.fullmatch(name):
        raise UserError(f"{NAME} is '{name}'; it is creditrisk, or begins so: creditrisk-cards")
    return name


def named(end: str) -> str:
    """The name of one of its objects, or of a pipeline."""
    return f"{installation()}-{end}"
