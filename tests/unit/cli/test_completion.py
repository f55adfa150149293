"""What a shell offers after Tab: commands, those of a group, and a command's options."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("creditrisk reg", {"registry"}),
        ("creditrisk registry ", {"show", "approve", "compare"}),
        ("creditrisk explain --", {"--month", "--what-if", "--json"}),
    ],
)
def test_a_shell_completes(typed: str, offered: set[str]) -> None:
    words = {"COMP_WORDS": typed, "COMP_CWORD": f"{len(typed.split(' ')) - 1}"}
    done = subprocess.run(
        [Path(sys.executable).with_name("creditrisk")],
        env=os.environ | words | {"_CREDITRISK_COMPLETE": "complete_bash"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert offered <= set(done.stdout.split())
