"""What the code reads from beside itself is installed with it, in images too."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "components/creditrisk"


def test_every_file_beside_the_code_is_named_as_the_package_s_data():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["creditrisk"]
    installed = {path for pattern in patterns for path in PACKAGE.glob(pattern)}
    beside = {path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix[:3] != ".py"}
    assert beside - installed == set()
