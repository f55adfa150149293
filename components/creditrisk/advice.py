"""Commands that errors advise, with the options that the run at hand was given."""

import os
import shlex
from datetime import date

_GIVEN = {  # by the command line, or by whoever runs a task
    "--store": "CREDITRISK_STORE",
    "--policy": "CREDITRISK_POLICY",
    "--portfolio": "CREDITRISK_PORTFOLIO",
}


def backfill(start: date | str, end: date | str, landing: str = "") -> str:
    """The command that builds months again: where this run is, on what it was run on."""
    months = ["--from", f"{start}", "--to", f"{end}"]
    if os.environ.get("KFP_POD_NAME"):
        return shlex.join(["creditrisk", "backfill", "--remote", *months])
    data = ["--data", landing] if landing else []
    given = [(option, os.environ.get(name)) for option, name in _GIVEN.items()]
    options = [word for option, value in given if value for word in (option, value)]
    command = shlex.join(["creditrisk", "backfill", *data, *months, *options])
    return command if landing else f"{command} --data FOLDER"
