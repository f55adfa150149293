"""The rules of the house that no linter knows, on every file a clone would hold."""

from __future__ import annotations

import ast
import fnmatch
import io
import re
import shutil
import subprocess
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
MAKE = shutil.which("make")
IGNORED = [line.strip("/") for line in (ROOT / ".gitignore").read_text().split()]

# Needles are put together here so that this file does not find itself.
PRIVATE_PLACES = ["/".join(("..", "shared")), "/".join(("", "work", "main"))]
EXCEPTION = re.compile(r"#\s*(?:noqa|type:\s*ignore)")
WITH_REASON = re.compile(r"# (?:noqa: [A-Z0-9, ]+ -|type: ignore\[[a-z, -]+\]  #) \S.*")
KFP_DECORATORS = {"component", "container_component", "pipeline"}
ROOMS = (  # folders of a store
    "decisions|months|runs|containment|portfolios|alerts|registry|configs|policies|periods|begun"
    "|records|events|anchors"
)
KEY = re.compile(rf"(?:^|/)(?:{ROOMS})/|^(?:format|lease)\.json$")
MAY_SPELL_KEYS = {"pipelines/remote/api.py": "a page of Kubeflow Pipelines, no key"}
HEAVY = {"catboost", "evidently", "numpy", "optuna", "pandas", "pyarrow", "pyspark", "sklearn"}


@cache
def files(pattern: str = "*") -> list[Path]:
    """Every file under the root that git would not ignore."""
    found = (path for path in walk(ROOT) if fnmatch.fnmatch(path.name, pattern))
    return sorted(found)


def walk(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name == ".git" or any(fnmatch.fnmatch(path.name, name) for name in IGNORED):
            continue
        if path.is_dir():
            yield from walk(path)
        else:
            yield path


@cache
def text_files() -> list[Path]:
    return [path for path in files() if b"\0" not in path.read_bytes()]


def where(path: Path, line: int | None = None) -> str:
    return f"{path.relative_to(ROOT)}" + (f":{line}" if line else "")


def packages_of(nodes: Iterator[ast.AST]) -> set[str]:
    """The top-level packages that import statements among `nodes` name."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


def defines_tasks(tree: ast.Module) -> bool:
    """Whether a function in `tree` carries a decorator whose annotations kfp reads."""
    decorators = (
        decorator.func if isinstance(decorator, ast.Call) else decorator
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
    )
    return any(ast.unparse(name).rpartition(".")[2] in KFP_DECORATORS for name in decorators)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def source_trees() -> list[tuple[Path, ast.Module]]:
    return [
        (path, parsed(path))
        for path in files("*.py")
        if path.is_relative_to(ROOT / "components") or path.is_relative_to(ROOT / "pipelines")
    ]


def test_the_walk_sees_the_house():
    seen = {where(path) for path in files()}
    assert {"Makefile", "pyproject.toml", ".ci/run", "components/creditrisk/errors.py"} <= seen
    assert not any(name.startswith((".git/", ".venv/")) for name in seen)


def test_no_file_names_a_place_that_only_one_machine_has():
    found = [
        f"{where(path)} names {place}"
        for path in text_files()
        for place in PRIVATE_PLACES
        if place in path.read_text()
    ]
    assert found == []


def test_text_is_utf8_with_unix_line_ends():
    for path in text_files():
        content = path.read_bytes()
        content.decode("utf-8")
        assert b"\r" not in content, where(path)


def test_every_file_of_the_package_parses():
    assert source_trees()
    for path in files("*.yaml"):
        if path.is_relative_to(ROOT / "components"):
            assert yaml.load(path.read_text(), yaml.CSafeLoader), where(path)


def test_no_file_of_the_product_is_longer_than_250_lines():
    product = ("components", "pipelines", "tools", "images")
    long = {
        where(path): lines
        for path in files("*.py")
        if where(path).startswith(product)
        and (lines := len(path.read_text("utf-8").splitlines())) > 250
    }
    assert long == {}, "a file is one noun: take apart what has grown two"


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_pins_and_hashes_everything_and_names_no_host(path):
    text = path.read_text()
    assert "://" not in text
    assert not re.search(r"^--", text, re.MULTILINE)
    requirements = re.findall(r"^(?!#)\S.*(?:\n[ \t]+--hash\S+.*)*", text, re.MULTILINE)
    assert requirements
    for requirement in requirements:
        assert re.match(r"\S+==\S+", requirement)
        assert "--hash=sha256:" in requirement, requirement


def pins(lock: str) -> set[tuple[str, str]]:
    text = (ROOT / "requirements" / lock).read_text()
    return set(re.findall(r"^([^\s#=]+)==(\S+)", text, re.MULTILINE))


def test_the_bootstrap_agrees_with_the_environment_it_builds():
    beyond = pins("bootstrap.txt") - pins("dev.txt")
    assert [name for name, _ in beyond] == ["pip"]  # it installs the rest, which does not need it


def test_the_lock_serves_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = chain(project["dependencies"], *project["optional-dependencies"].values())
    for requirement in map(Requirement, asked):
        if requirement.name == project["name"]:
            continue
        name = canonicalize_name(requirement.name)
        versions = [version for pinned, version in pins("dev.txt") if pinned == name]
        assert any(map(requirement.specifier.contains, versions)), f"{requirement}: make lock"


def test_an_exception_to_a_rule_carries_its_reason():
    bare = [
        f"{where(path, token.start[0])} {token.string}"
        for path in files("*.py")
        if EXCEPTION.search(text := path.read_text())
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
        and EXCEPTION.match(token.string)
        and not WITH_REASON.fullmatch(token.string)
    ]
    assert bare == [], "write `# noqa: RULE - why` or `# type: ignore[rule]  # why`"


def test_a_file_that_defines_tasks_keeps_real_annotations():
    postponed = [
        where(path)
        for path, tree in source_trees()
        if defines_tasks(tree)
        and any(isinstance(n, ast.ImportFrom) and n.module == "__future__" for n in tree.body)
    ]
    assert postponed == [], "kfp reads annotations: no `from __future__ import annotations` here"


def test_kfp_is_known_to_pipelines_components_and_runtime_alone():
    strangers = [
        where(path)
        for path, tree in source_trees()
        if "kfp" in packages_of(ast.walk(tree))
        and path.is_relative_to(ROOT / "components")
        and not fnmatch.fnmatch(path.name, "component*.py")
        and path.name != "runtime.py"
    ]
    assert strangers == []


def test_compile_time_imports_no_data_library():
    heavy = {
        where(path): found
        for path, tree in source_trees()
        if defines_tasks(tree) and (found := packages_of(iter(tree.body)) & HEAVY)
    }
    assert heavy == {}, "import it inside the component"


def prose(tree: ast.Module) -> set[ast.AST]:
    """Docstrings."""
    alone = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {value for value in alone if isinstance(value, ast.Constant)}


def spelled_keys(tree: ast.Module) -> list[int]:
    """Lines that spell a key of a store, or parse an object of it."""
    docstrings = prose(tree)
    nodes = [node for node in ast.walk(tree) if node not in docstrings]
    texts = [n for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    calls = [n for n in nodes if isinstance(n, ast.Call) and ast.unparse(n.func) == "json.loads"]
    spelled = [node.lineno for node in texts if KEY.search(node.value)]
    return spelled + [node.lineno for node in calls if "store.read(" in ast.unparse(node)]


def test_the_records_alone_spell_a_key_or_parse_a_document():
    places = (ROOT / "components/creditrisk", ROOT / "pipelines", ROOT / "tools")
    found = {
        where(path): lines
        for path in files("*.py")
        if any(path.is_relative_to(place) for place in places)
        and not path.is_relative_to(ROOT / "components/creditrisk/records")
        and (lines := spelled_keys(parsed(path)))
    }
    strangers = {path: lines for path, lines in found.items() if path not in MAY_SPELL_KEYS}
    assert strangers == {}, "creditrisk.records.layout has the key, a module of records the reader"
    assert MAY_SPELL_KEYS.keys() <= found.keys(), "an exception that is no longer needed"


def test_storage_alone_looks_at_what_a_place_is_called():
    asking = re.compile(r"""startswith\(["'](s3|file)\b""")
    outside = [path for path in files("*.py") if "components/creditrisk/storage" not in str(path)]
    found = [where(path) for path in outside if asking.search(path.read_text())]
    tests = [place for place in found if place.startswith("tests/")]
    assert found == tests, "creditrisk.storage.location.in_bucket has the answer"


@pytest.mark.skipif(MAKE is None, reason="make is not installed")
def test_make_help_lists_every_target():
    makefile = "".join((ROOT / name).read_text() for name in ("Makefile", "manifests/cluster.mk"))
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", makefile, re.MULTILINE))
    phony = set(" ".join(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)).split())
    shown = subprocess.run([MAKE, "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^  make ([a-z0-9-]+) +\S", shown.stdout, re.MULTILINE))
    assert targets == phony == listed
