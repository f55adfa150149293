"""A cluster where the chart is installed: KUBECONFIG or CREDITRISK_CONTEXT; else all is skipped."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable

import pytest

NAME = os.environ.get("CREDITRISK_NAME", "creditrisk")  # of the release, as for the commands
NAMESPACE = os.environ.get("CREDITRISK_NAMESPACE", "kubeflow")
CONTEXT = os.environ.get("CREDITRISK_CONTEXT", "")  # kubectl's current one where none is named
Kubectl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def kubectl() -> Kubectl:
    """Run kubectl; `stdin` is an object to give it."""
    found = shutil.which("kubectl")
    if not (CONTEXT or os.environ.get("KUBECONFIG")) or found is None:
        pytest.skip("no cluster: KUBECONFIG or CREDITRISK_CONTEXT names one with the chart on it")

    where = ("--context", CONTEXT) if CONTEXT else ()

    def run(*words: str, stdin: object = None) -> subprocess.CompletedProcess[str]:
        text = None if stdin is None else json.dumps(stdin)
        return subprocess.run(
            [found, *where, *words], input=text, capture_output=True, text=True, check=False
        )

    return run
