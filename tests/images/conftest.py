"""The images that `make images` built; `make test-images` says where their names are.

Plain `make test` needs no Docker and collects nothing here.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

_NAMES = os.environ.get("CREDITRISK_TEST_IMAGES")
_IMAGES = json.loads(Path(_NAMES).read_text("utf-8")) if _NAMES else {}
if not _NAMES:
    collect_ignore_glob = ["test_*.py"]
for _target in _IMAGES.keys() & {"spark", "ml"}:  # components read them when they are imported
    os.environ[f"CREDITRISK_{_target.upper()}_IMAGE"] = _IMAGES[_target]


def docker(*words: str, **options) -> subprocess.CompletedProcess:
    command = ["docker", *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=500, **options
    )


def inside(image: str, *words: str) -> subprocess.CompletedProcess:
    """Run words in a container that is confined as a pod of ours is: no network, no writing."""
    confined = ("--network=none", "--cap-drop=ALL", "--security-opt=no-new-privileges")
    place = ("--read-only", "--tmpfs=/tmp:exec,mode=1777")
    return docker("run", "--rm", *confined, *place, image, *words)


@pytest.fixture(scope="session")
def images() -> dict[str, str]:
    return _IMAGES


def give(folder: Path) -> None:
    """Let user 185 write everywhere below; a root gives it away, another opens it to all."""
    for path in (folder, *folder.rglob("*")):
        if os.getuid() == 0:
            os.chown(path, 185, 185)
        else:
            path.chmod(0o777 if path.is_dir() else 0o666)
