"""Settings of the environment that go into the header of a request: keys, tokens, cookies."""

import os
import re

from creditrisk.errors import UserError


def header_value(name: str, blanks: bool = False) -> str:
    """The setting without blanks around it; empty where there is none.

    A `UserError` names one that no header can hold and does not show it: a client would, in the
    trace that it ends in. `blanks`: whether there may be some within.
    """
    value = os.environ.get(name, "").strip()
    if value and not re.fullmatch("[ -~]+" if blanks else "[!-~]+", value):
        raise UserError(
            f"{name} holds a blank, a line end or a letter that no key has (it is not shown);"
            " copy it again"
        )
    return value
