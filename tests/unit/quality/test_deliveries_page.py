"""docs/deliveries.md promises what is tested, and all of it."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
FILE_OF_EXIT = {"0": "taken", "2": "refused", "3": "blocked"}
# of a kind as a whole, not of a thing that arrives
GENERAL = {
    "test_every_delivered_row_is_in_bronze_and_kept_or_counted",
    "test_a_blocked_month_says_why_and_leaves_bronze_and_the_months_before",
}


def promised(exit_code: str) -> set[str]:
    text = (ROOT / "docs/deliveries.md").read_text()
    rows = re.findall(rf"^\| (\S.*?) \| .* \| {exit_code} \| .*\|$", text, re.MULTILINE)
    return {f"test_{'_'.join(re.findall('[a-z0-9]+', row.lower()))}" for row in rows}


def functions_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text())
    names = (node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    return {name for name in names if name.startswith("test_")} - GENERAL


def test_each_row_of_the_page_is_a_test_and_each_test_a_row():
    files = (ROOT / "tests/unit/deliveries").glob("test_*.py")
    of_reader = {name for file in files for name in functions_of(f"unit/deliveries/{file.name}")}
    for exit_code, name in FILE_OF_EXIT.items():
        rows = promised(exit_code)
        assert rows
        assert rows - of_reader == functions_of(f"spark/test_deliveries_{name}.py")
