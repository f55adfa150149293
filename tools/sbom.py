"""What is in each image, and under which licences: `python -m tools.sbom [build/images.json]`.

CycloneDX of an image's own Python environment, by cyclonedx-py, which looks at it inside the image;
Debian's packages and Java's archives are added by name and version. Beside it a list of licences.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from creditrisk.errors import UserError

ROOT = Path(__file__).parents[1]
PLACE = ROOT / "build" / "sbom"
LOCK = ROOT / "requirements" / "sbom.txt"
# of packages whose metadata names none that has an identifier, as their projects do
LICENCES = {
    "catboost": "Apache-2.0",
    "kfp-kubernetes": "Apache-2.0",
    "kfp-pipeline-spec": "Apache-2.0",
    "kfp-server-api": "Apache-2.0",
    "protobuf": "BSD-3-Clause",
    "rich-click": "MIT",
}
_PYTHON = """
import runpy, sys
sys.path.append("/sbom")
options = ["--output-reproducible", "--no-validate"]
sys.argv = ["cyclonedx-py", "environment", *options, "/opt/venv/bin/python3"]
runpy.run_module("cyclonedx_py", run_name="__main__")
"""
_DEBIAN = ("dpkg-query", "--show", "--showformat=${Package} ${Version} ${Architecture}\\n")
_JAVA = ("find", "/opt", "-name", "*.jar", "-type", "f")  # Java itself is Debian's
_PYPI = "pkg:pypi/"
Component = dict[str, Any]


def bill(image: str) -> dict[str, Any]:
    """The CycloneDX document of an image; a `UserError` where it cannot be looked at."""
    found: dict[str, Any] = json.loads(_inside(image, "python3", "-c", _PYTHON))
    found["components"] += [*_debian(_inside(image, *_DEBIAN)), *_java(_inside(image, *_JAVA))]
    name, _, tag = image.rpartition(":")
    found.setdefault("metadata", {})["component"] = {
        "type": "container",
        "bom-ref": image,
        "name": name,
        "version": tag,
    }
    return found


def licences(found: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Name, version and licence of every Python package."""
    for one in found["components"]:
        if one.get("purl", _PYPI).startswith(_PYPI):  # what no index has is ours
            yield one["name"], one["version"], licence(one)


def licence(one: Component) -> str:
    """As its metadata declares it, else as its project does; empty where neither is known."""
    declared = [
        entry.get("expression") or entry["license"].get("id") or entry["license"].get("name")
        for entry in one.get("licenses", ())
    ]
    return "; ".join(map(str, declared)) or LICENCES.get(one["name"], "")


def _debian(text: str) -> Iterator[Component]:
    for line in text.splitlines():
        name, version, architecture = line.split()
        purl = f"pkg:deb/debian/{name}@{version}?arch={architecture}"
        yield _component(name, version, purl)


def _java(text: str) -> Iterator[Component]:
    for path in sorted(set(text.splitlines())):
        if named := re.fullmatch(r"(.+?)-(\d[\w.-]*)\.jar", Path(path).name):
            yield _component(named[1], named[2], f"pkg:generic/{named[1]}@{named[2]}?file={path}")


def _component(name: str, version: str, purl: str) -> Component:
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def _inside(image: str, *words: str) -> str:
    confined = ["--rm", "--network=none", "--read-only", "--tmpfs=/tmp", "--cap-drop=ALL"]
    tool = f"--volume={PLACE / 'tool'}:/sbom:ro"
    command = ["docker", "run", *confined, tool, image, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and not done.stdout:
        raise UserError(f"{image} cannot be looked at: {' '.join(done.stderr.split())[-300:]}")
    return done.stdout


def _tool() -> None:
    """cyclonedx-py by its lock, for the Python of the images, into a folder of its own."""
    if (PLACE / "tool").is_dir():
        return
    words = ["pip", "install", "--quiet", "--require-hashes", "--no-deps", "--only-binary=:all:"]
    python = ["--python-version=3.11", f"--target={PLACE / 'tool'}"]
    command = [sys.executable, "-m", *words, *python, f"--requirement={LOCK}"]
    if subprocess.run(command, check=False).returncode:
        raise UserError("cyclonedx-py cannot be installed; what pip said stands above")


def _write(target: str, image: str) -> list[str]:
    """Both files of an image; the packages whose licence nobody knows."""
    found = bill(image)
    rows = list(licences(found))
    (PLACE / f"{target}.cdx.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    lines = (f"{name}\t{version}\t{text or 'NOT DECLARED'}\n" for name, version, text in rows)
    (PLACE / f"{target}-licences.tsv").write_text("".join(lines), "utf-8")
    print(f"{image:44} {len(found['components'])} components, {len(rows)} of them Python's")
    return [name for name, _, text in rows if not text]


def main(built: str = str(ROOT / "build/images.json")) -> int:
    """Exit code 1 where a package names no licence, 2 where an image cannot be looked at."""
    unknown = []
    try:
        images = json.loads(Path(built).read_text("utf-8"))
        _tool()
        for target, image in images.items():
            unknown += [f"{target}: {name}" for name in _write(target, image)]
    except OSError as error:
        print(f"{built}: {error.strerror}; make images writes it", file=sys.stderr)
        return 2
    except UserError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(*(f"no licence is known of {name}" for name in unknown), f"in {PLACE}", sep="\n")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
