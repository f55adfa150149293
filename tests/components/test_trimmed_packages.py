"""What the images leave out of their packages, nothing in a pod asks for."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRIMMED = ("evidently", "pyarrow", "plotly")  # the packages of which images/trim.sh removes parts
DRAWS = """
from datetime import date
import pandas as pd
import pyarrow, pyarrow.dataset, pyarrow.parquet
from creditrisk.reports.evidently import evidently_reports
from creditrisk.reports.evidently.page import Page
rows = pd.DataFrame({"income": [1.0, 2.0, 3.0]})
drawn = evidently_reports.summary(rows, None, {"income": "number"}, date(2024, 1, 1))
print(evidently_reports.__file__, len(Page.of("summary", date(2024, 1, 1), {}, drawn).html))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory) -> Path:
    """The packages as the images have them."""
    venv = tmp_path_factory.mktemp("venv")
    packages = venv / "lib" / "python3.11" / "site-packages"
    for name in TRIMMED:
        spec = find_spec(name)
        assert spec and spec.origin
        shutil.copytree(Path(spec.origin).parent, packages / name, copy_function=_linked)
    subprocess.run(["sh", ROOT / "images" / "trim.sh", venv], check=True)  # noqa: S607 - the shell of the machine
    return packages


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # another disk
        shutil.copy2(source, target)


def test_a_page_of_evidently_is_drawn_from_what_is_left(packages):
    done = subprocess.run(
        [sys.executable, "-c", DRAWS],
        env=os.environ
        | {"PYTHONPATH": f"{packages}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) > 1_000_000, "the page holds its script"
