"""What people do in a pod, they do with the packages of the ops image and no others."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.run import now
from creditrisk.stages.promotion.promote import promote
from tests.builders.acts import closed
from tests.builders.small_lender import small_policy
from tests.builders.versions import judged, with_version

LOCK = Path(__file__).parents[2] / "requirements" / "ops.txt"
COMMAND = """
import json, os, sys
absent = set(json.loads(os.environ["ABSENT"]))
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Refuse())
from creditrisk.cli import main
main()
"""


def absent() -> list[str]:
    """Modules that are installed here and in no package that the image's lock names."""
    locked = set(re.findall(r"^([a-z0-9_.-]+)==", LOCK.read_text("utf-8"), re.MULTILINE))
    ours = {"creditrisk", "components", "pipelines", "tests", "tools", "images", "bench"}
    return sorted(
        module
        for module, owners in packages_distributions().items()
        if module not in ours
        and not {re.sub(r"[_.]+", "-", owner.lower()) for owner in owners} & locked
    )


@pytest.fixture
def waiting(tmp_path):
    """A version that passed waits for a second person."""
    period, version = with_version(
        tmp_path, date(2024, 4, 1), small_policy("promotion: {mode: four_eyes}")
    )
    judged(period, version)
    closed(period)
    promote(period, version, "pipeline", at=now())
    return period, version


def run(period, *words):
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *words, "--store", period.store.uri],
        env=os.environ | {"ABSENT": json.dumps(absent())},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_image_lacks_what_trains_and_what_builds_tables():
    assert {"catboost", "pyspark", "evidently", "sklearn", "scipy"} <= set(absent())


def test_a_challenger_is_looked_at_and_approved_with_what_the_image_has(waiting):
    period, version = waiting
    for words in (("status",), ("registry", "list"), ("registry", "show", version)):
        done = run(period, *words)
        assert done.returncode == 0, (words, done.stderr)
    done = run(period, "registry", "approve", version, "--reason", "report read")
    assert done.returncode == 0, done.stderr
    assert current_champion(period.store) == version
    assert run(period, "registry", "rollback", "--reason", "x").returncode == 2  # none before it


def test_a_command_that_needs_more_names_the_image_that_has_it(waiting):
    period, _ = waiting
    done = run(period, "compliance", f"{period.as_of:%Y-%m}")
    assert (done.returncode, done.stderr) == (
        2,
        "creditrisk: catboost is not installed here; run this in the ml image, or where"
        " creditrisk[ml] is installed\n",
    )
