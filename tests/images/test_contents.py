"""What is in each image, and what is not."""

import json
import runpy
import time
import tomllib
from pathlib import Path

import pytest

from tests.builders.populated_store import populated_store
from tests.images.conftest import docker, give, inside

ROOT = Path(__file__).parents[2]
TARGETS = ("spark", "ml", "dashboard", "ops")
BUILD = runpy.run_path(str(ROOT / "images/build.py"))  # limits, on the base they are stated for
STAGES = {  # packages of ours whose every module an image can import
    "spark": ("stages.etl", "lake", "contracts", "storage", "records"),
    "ml": (
        *(f"stages.{name}" for name in ("training", "validation", "scoring", "monitoring")),
        *("stages.promotion", "stages.closing", "governance", "lake", "model", "metrics"),
        *("reports.alerts", "storage", "records"),
    ),
    "dashboard": ("reports.dashboard",),
    "ops": ("storage", "records"),
}
ELSEWHERE = {"spark": "delta_engine", "ml": "in_spark"}  # where delta-rs is, where Spark is
IMPORT_ALL = """
import importlib, pkgutil, sys
elsewhere, *packages = sys.argv[1:]
for name in packages:
    package = importlib.import_module(f"creditrisk.{name}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        # a component.py is read where pipelines are compiled; in a pod its body runs alone
        name = module.name.rpartition(".")[2]
        if "component" not in name and name != elsewhere:
            importlib.import_module(module.name)
"""
LEFTOVERS = """
import shutil
from pathlib import Path
tools = [tool for tool in ("gcc", "cc", "g++", "make", "pip", "pip3", "uv", "git", "curl") if shutil.which(tool)]
caches = [str(p) for place in ("/root/.cache", "/tmp", "/var/cache", "/var/lib/apt/lists")
          for p in Path(place).rglob("*") if p.is_file()]
print(tools + caches)
"""  # noqa: E501 - a program of its own


@pytest.fixture(params=TARGETS)
def target(request):
    return request.param


@pytest.fixture
def image(images, target):
    return images[target]


def settings(image):
    (found,) = json.loads(docker("image", "inspect", image).stdout)
    return found


def test_its_user_is_185_and_has_a_name(image):
    who = "import os, pwd; print(os.getuid(), os.getgid(), pwd.getpwuid(os.getuid()).pw_name)"
    assert inside(image, "python3", "-c", who).stdout == "185 185 creditrisk\n"
    assert settings(image)["Config"]["User"] == "185:185"


def test_it_says_what_it_is(image, target):
    labels = settings(image)["Config"]["Labels"]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    named = {key.rpartition(".")[2]: value for key, value in labels.items()}
    assert named["title"] == f"creditrisk-{target}"
    assert named["version"] == version
    assert named["revision"] not in ("", "unknown")
    assert "source" in named
    result = inside(
        image, "python3", "-c", "from creditrisk.period import code_version as v; print(v())"
    )
    assert result.stdout.strip() == f"{version}+{named['revision']}"


def test_its_tag_is_its_content_and_its_size_is_bounded(image, target):
    assert len(image.rpartition(":")[2]) == 12
    base = BUILD["_size"](BUILD["BASE"].read_text("utf-8").strip()) / 1e9
    added = settings(image)["Size"] / 1e9 - base
    assert added + BUILD["BASE_GB"] <= BUILD["LIMIT_GB"][target]


def test_everything_an_image_runs_can_be_imported_under_a_root_that_is_read_only(image, target):
    packages = (ELSEWHERE.get(target, ""), *STAGES[target])
    done = inside(image, "python3", "-c", IMPORT_ALL, *packages)
    assert done.returncode == 0, done.stderr


def test_its_libraries_have_the_versions_that_were_locked(image, target):
    lock = (ROOT / f"requirements/{target}.txt").read_text("utf-8")
    locked = {
        line.split("==")[0]: line.split("==")[1].split(" ")[0]
        for line in lock.splitlines()
        if "==" in line and not line.startswith((" ", "#")) and ";" not in line
    }
    ask = (
        "import json; from importlib.metadata import distributions as d;"
        "print(json.dumps({x.metadata['Name'].lower().replace('_', '-'): x.version for x in d()}))"
    )
    found = json.loads(inside(image, "python3", "-c", ask).stdout)
    assert len(locked) > 20
    assert {name: found.get(name.lower()) for name in locked} == locked
    assert set(found) <= {name.split("==")[0].lower() for name in lock.split()} | {"creditrisk"}


def test_nothing_in_it_installs_compiles_or_was_left_by_an_installer(image):
    found = docker("run", "--rm", "--user=0", image, "python3", "-c", LEFTOVERS)
    assert found.stdout == "[]\n", found.stderr


def test_its_command_line_speaks(image):
    done = inside(image, "creditrisk", "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout


def test_the_doctor_finds_nothing_wrong(image):
    done = inside(image, "creditrisk", "doctor", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    states = {finding["name"]: finding["state"] for finding in json.loads(done.stdout)}
    assert states["Python"] == "ok"
    assert "fail" not in states.values()


def test_pods_of_a_run_hold_no_pipelines_and_ops_holds_them_compiled(images):
    ask = "from importlib.util import find_spec; print(find_spec('pipelines') is not None)"
    has = {target: inside(images[target], "python3", "-c", ask).stdout for target in TARGETS}
    assert has == {target: f"{target == 'ops'}\n" for target in TARGETS}
    compiled = inside(images["ops"], "cat", "/opt/creditrisk/pipelines/monthly_lifecycle.yaml")
    assert images["spark"] in compiled.stdout
    assert images["ml"] in compiled.stdout


def test_spark_has_java_and_its_jars_baked_in(images):
    ask = (
        "from creditrisk.stages.etl.jars import find_jars;"
        "from creditrisk.stages.etl.java import find_java;"
        "print(len(find_jars()), find_java())"
    )
    assert inside(images["spark"], "python3", "-c", ask).stdout == "4 /usr/lib/jvm/java\n"


def test_the_dashboard_serves_a_store_that_it_cannot_write_to(images, tmp_path):
    populated_store(tmp_path, months=2, features=2)
    give(tmp_path)
    ask = (
        "from urllib.request import urlopen as get; at = 'http://127.0.0.1:8050';"
        "print(get(at + '/healthz').status, 'creditrisk_store_up 1' in"
        " get(at + '/metrics').read().decode(), b'creditrisk' in get(at).read())"
    )
    started = docker(
        *("run", "--detach", "--rm", "--read-only", "--tmpfs=/tmp:mode=1777", "--cap-drop=ALL"),
        *("--network=none", f"--volume={tmp_path}:/data:ro"),
        *("--env=CREDITRISK_STORE=file:///data/store", images["dashboard"]),
        *("creditrisk", "dashboard", "--host=0.0.0.0", "--port=8050"),
    )
    name = started.stdout.strip()
    try:
        for _ in range(60):
            result = docker("exec", name, "python3", "-c", ask).stdout
            if result:
                break
            time.sleep(0.5)
        assert result == "200 True True\n", docker("logs", name).stderr
    finally:
        docker("rm", "--force", name)
