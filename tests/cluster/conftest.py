"""A cluster where the chart is installed, named by KUBECONFIG; without one these are skipped."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable

import pytest

NAME = os.environ.get("CREDITRISK_NAME", "creditrisk")  # of the release, as for the commands
NAMESPACE = os.environ.get("CREDITRISK_NAMESPACE", "kubeflow")
Kubectl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def kubectl() -> Kubectl:
    """Run kubectl; `stdin` is an object to give it."""
    found = shutil.which("kubectl")
    if not os.environ.get("KUBECONFIG") or found is None:
        pytest.skip("no cluster: KUBECONFIG names one where the chart is installed")

    def run(*words: str, stdin: object = None) -> subprocess.CompletedProcess[str]:
        text = None if stdin is None else json.dumps(stdin)
        return subprocess.run(
            [found, *words], input=text, capture_output=True, text=True, check=False
        )

    return run
