"""A task's process and all that it starts: one process group, which ends when this process does."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from kfp.local import subprocess_task_handler

from creditrisk.portfolio.pii_key import PII_KEY
from creditrisk.temporary_folder import temporary_folder

# Beside the task waits a guard for the end of its input, which is ours: it comes when we end, also
# by SIGKILL, and then the guard ends its whole group. The task itself has no input.
_GUARDED = """exec 3<&0 </dev/null
{ read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 &
"$@" 3<&-
code=$?; kill -KILL $!; exit $code"""


_ETL = {"etl", "backfill"}  # the functions that may know the key of personal data


@contextmanager
def guarded_tasks() -> Iterator[None]:
    """Let kfp.local start its tasks so; it has no setting for how it starts them."""
    with patch.object(subprocess_task_handler, "run_local_subprocess", run_task):
        yield


def run_task(full_command: list[str], env_vars: dict[str, str] | None = None) -> int:
    """Run a command to its end and print what it prints; returns its exit code.

    Whatever interrupts us ends the command, and all that it started, at once. Its temporary
    files go with it: kfp writes each task's code to a folder that it never removes.
    """
    with temporary_folder() as folder:
        return _run(full_command, _environment(full_command, f"{folder}") | (env_vars or {}))


def _run(command: list[str], environment: dict[str, str]) -> int:
    with subprocess.Popen(
        ["/bin/sh", "-c", _GUARDED, "sh", *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="backslashreplace",
        env=environment,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            for line in process.stdout:
                print(line, end="")
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise


def _environment(command: list[str], folder: str) -> dict[str, str]:
    """Ours, as every task inherits it, but for what a pod of the task would not be given."""
    kept = _ETL.intersection(command)  # kfp names the function it is to call
    given = {name: text for name, text in os.environ.items() if name != PII_KEY or kept}
    return given | {"TMPDIR": folder}
