"""The commands of docs/add-a-feature.md, one after the other, on a lender with a champion."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from creditrisk.model.version import load_version
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.version_files import list_versions
from creditrisk.storage import open_store

PAGE = (Path(__file__).parents[2] / "docs" / "add-a-feature.md").read_text("utf-8")
FEATURE = "debt_to_salary"


def commands() -> list[str]:
    """Every command of the page, with the lines it goes on over."""
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [one.strip() for block in blocks for one in re.split(r"^\$ ", block, flags=re.M) if one]


def state(folder):
    """Every file below a folder, by content."""
    return {
        path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def session(first_run, tmp_path_factory):
    """The page typed in a lender's folder: where, the store before, the output of each command."""
    lender = first_run[0].copy(tmp_path_factory.mktemp("feature") / "lender")
    before = state(lender.root / "store")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CREDITRISK_")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    body = {}
    for command in commands():
        done = subprocess.run(
            ["bash", "-c", command],  # noqa: S607 - as a reader has it
            cwd=lender.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout + done.stderr)
        body[command.split("\n")[0]] = done.stdout
    return lender, before, body


def test_the_feature_is_tried_and_the_store_is_as_it_was(session):
    lender, before, _ = session
    assert state(lender.root / "store") == before
    trial = open_store(str(lender.root / "trial"))
    (version,) = list_versions(trial)
    text = load_version(trial, version).card.selection.stability
    assert FEATURE in text


def test_the_challenger_is_held_against_the_champion_on_equal_rows(session):
    lender, _, text = session
    champion = current_champion(lender.store)
    (printed,) = [out for command, out in text.items() if " challenge " in command]
    assert f"against {champion}" in printed
    assert "the newest window is spent: it was read" in printed
    heading = " ".join(re.search(r"^ *window .*$", printed, re.MULTILINE).group().split())
    assert heading in " ".join(PAGE.split())
    (path,) = (lender.root / "trial").glob("registry/versions/*/validation.json")
    found = json.loads(path.read_text())
    assert found["comparison"]["champion"] == champion
    assert len(found["windows"]) == 3


def test_the_card_says_what_selection_thought_of_it(session):
    *_, text = session
    (features,) = [out for command, out in text.items() if command.startswith("grep")]
    assert "shuffled copies" in features
