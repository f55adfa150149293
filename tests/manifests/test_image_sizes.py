"""What `make images` says of sizes and of its base; without Docker."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from tools.helm import MANIFESTS

ROOT = MANIFESTS.parent
FAKE = """#!/bin/sh
case "$*" in *RepoDigests*) echo "debian@sha256:abc" ;; esac
"""


@pytest.fixture
def build(monkeypatch):
    spec = spec_from_file_location("images_build", ROOT / "images/build.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("bytes_", "verdict"), [(1.83e9, "within 1.8"), (1.95e9, "OVER 1.8")])
def test_an_image_is_weighed_on_the_base_its_limit_is_stated_for(
    build, monkeypatch, bytes_, verdict
):
    monkeypatch.setattr(build, "_size", {"spark:1": bytes_, "base": 0.2e9}.get)
    assert build._weighed("spark", "spark:1", "base").endswith(verdict)


def test_every_image_has_a_limit_and_the_base_is_one_line(build):
    assert set(build.LIMIT_GB) == set(build.TARGETS)
    assert build.BASE.read_text("utf-8").count("\n") == 1


def test_the_base_is_pinned_by_what_its_registry_says(build, monkeypatch, tmp_path):
    (tmp_path / "docker").write_text(FAKE)
    (tmp_path / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(build, "BASE", tmp_path / "base.txt")
    build._pin("debian:bookworm-slim@sha256:old")
    assert build.BASE.read_text() == "debian:bookworm-slim@sha256:abc\n"


def test_minio_takes_a_base_and_arguments_as_the_others_do(tmp_path):
    (tmp_path / "docker").write_text('#!/bin/sh\necho "$@" >&2\n')
    (tmp_path / "docker").chmod(0o755)
    words = ["minio", "--base", "mine:1", "--registry=r.example/t", "--docker=--network=host"]
    done = subprocess.run(
        [sys.executable, ROOT / "images/build.py", *words],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    [asked] = [line for line in done.stderr.splitlines() if line.startswith("build ")]
    for part in (
        "--build-arg BASE=mine:1",
        "--tag r.example/t/creditrisk-minio:",
        "--network=host",
    ):
        assert part in asked
