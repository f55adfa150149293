"""What the demo leaves a person with: three commands that can be pasted."""

import shlex
import sys
from pathlib import Path

import pytest

from creditrisk.cli.demo import next_steps
from creditrisk.storage.file import FileStore


def test_three_next_steps_can_be_pasted_whatever_the_folder_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / ".venv/bin/creditrisk"
    command.parent.mkdir(parents=True)
    command.touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(command), "demo"])
    store = FileStore(tmp_path / "my demo/store")
    steps = [shlex.split(line, comments=True) for line in next_steps(store)[2:]]
    assert steps == [
        [".venv/bin/creditrisk", "dashboard", "--store", "my demo/store"],
        [".venv/bin/creditrisk", "status", "--store", "my demo/store"],
        [".venv/bin/creditrisk", "init", "DIR", "--portfolio", "mine.yaml"],
    ]
