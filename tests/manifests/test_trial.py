"""What a trial needs of a machine is looked at before anything is built."""

import os
import subprocess
import sys

import pytest

from tools import trial
from tools.helm import MANIFESTS

ROOT = MANIFESTS.parent


@pytest.fixture
def machine(tmp_path):
    """Look at a machine with some programs; Docker reports its size."""

    def look(*programs, size="2 8000000000 /nowhere"):
        for program in programs:
            text = f"#!/bin/sh\n[ {program} != docker ] || echo {size}\n"
            (tmp_path / program).write_text(text)
            (tmp_path / program).chmod(0o755)
        return subprocess.run(
            [sys.executable, ROOT / "tools/trial.py", "kind"],
            env={"PATH": f"{tmp_path}"},
            capture_output=True,
            text=True,
            check=False,
        )

    return look


ALL = ("kind", "docker", "kubectl", "go")


def test_two_cpus_and_eight_gigabytes_are_enough(machine):
    done = machine(*ALL)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("program", ["kind", "docker", "kubectl"])
def test_a_program_that_is_not_there_is_named_with_where_it_is(machine, program):
    done = machine(*(one for one in ALL if one != program))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"no {program} (https://" in done.stderr


@pytest.mark.parametrize(
    ("size", "text"),
    [
        ("1 16000000000 /x", "docker has 1 CPUs and 16.0 GB of memory: give it 2 and 8 GB"),
        ("4 4000000000 /x", "docker has 4 CPUs and 4.0 GB of memory: give it 2 and 8 GB"),
        ("", "docker does not answer"),
    ],
)
def test_a_docker_that_is_too_small_is_said_with_its_size(machine, size, text):
    done = machine(*ALL, size=size)
    assert done.returncode == 2
    assert text in done.stderr


def test_a_full_disk_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(trial, "DISK", 10**6)
    answer = subprocess.CompletedProcess([], 0, f"2 8000000000 {tmp_path}\n", "")
    monkeypatch.setattr(trial.subprocess, "run", lambda *_, **__: answer)
    assert [text for text in trial.missing("kind") if "of disk left: free" in text]


@pytest.mark.parametrize("cluster", ["kind", "minikube"])
def test_make_looks_before_it_builds(cluster):
    words = ["make", "--dry-run", "--no-print-directory", f"{cluster}-up", "READY="]
    done = subprocess.run(
        words, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True
    )
    lines = [line for line in done.stdout.splitlines() if line]
    assert lines[0].endswith(f"tools/trial.py {cluster}")


def test_make_deploy_looks_before_it_applies():
    words = ["make", "--dry-run", "deploy", "READY="]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.index("doctor --release") < done.stdout.index("upgrade --install")
