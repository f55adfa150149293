"""Helm, where the machine has it or Go can build it."""

import pytest

from tests.needs import need
from tools.helm import template


@pytest.fixture(scope="session")
def rendered():
    """Render the chart with options; a laptop without Helm skips, the CI does not."""
    need("Helm")
    return template
