"""Build the images and say what they are called: `python images/build.py [spark ml ... | minio]`.

A tag is a hash over what goes into the image, so that one that exists is not built again and
one that is loaded onto a node by hand is never mistaken for another. The names go to
`build/images.json`; `compile.py --images` takes them from there.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = ROOT / "build/images.json"
BASE = ROOT / "images/base.txt"  # by digest once make pin-base has asked a registry for it
BASE_GB = 0.08  # Debian's own slim image; another base may hold more, and is measured apart
LIMIT_GB = {"spark": 1.8, "ml": 1.0, "dashboard": 0.6, "ops": 0.5}  # on that base
TARGETS = ("spark", "ml", "dashboard", "ops")
MINIO = "creditrisk-minio:0.1.0"  # by version: it holds nothing of ours
_EVERY = ("components", "images", "tools/jars.py", "pyproject.toml", "requirements/bootstrap.txt")
_OF_OPS = ("pipelines", "compile.py")


def main() -> int:
    """Exit code 1 when an image cannot be built, 2 when there is no Docker to build it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "target", nargs="*", choices=[[], *TARGETS, "minio"], help="default: all but minio"
    )
    parser.add_argument("--base", default=BASE.read_text("utf-8").strip(), help="may name a digest")
    parser.add_argument("--pin-base", action="store_true", help="put its digest into base.txt")
    parser.add_argument("--registry", default="", help="put before the names: host/team")
    parser.add_argument("--docker", action="append", default=[], help="an argument for docker")
    options = parser.parse_args()
    try:
        if options.pin_base:
            _pin(options.base)
        elif options.target == ["minio"]:
            _minio(options)
        else:
            _write(_build(options))
    except FileNotFoundError:
        sys.stderr.write("images are built by Docker, and there is no `docker` on PATH\n")
        return 2
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"{' '.join(error.cmd[:2])} failed; what it said stands above\n")
        return 1
    return 0


def _build(options: argparse.Namespace) -> dict[str, str]:
    names: dict[str, str] = {}
    for target in TARGETS:
        made_of = content(target, options.base, *sorted(names.values()))
        name = "/".join(filter(None, (options.registry, f"creditrisk-{target}:{made_of}")))
        names[target] = name
        if options.target and target not in options.target:
            continue
        started = time.monotonic()
        if not _size(name):
            _run("docker", "build", *_arguments(target, name, names, options), str(ROOT))
        seconds = time.monotonic() - started
        sys.stdout.write(f"{name:48} {_weighed(target, name, options.base)} {seconds:6.0f} s\n")
        sys.stdout.flush()
    if "@sha256:" not in options.base:
        sys.stdout.write(f"base {options.base} is named by tag: make pin-base names its digest\n")
    return {target: name for target, name in names.items() if _size(name)}


def _weighed(target: str, name: str, base: str) -> str:
    """Gigabytes of an image and of its base, against its limit on the base that the limit is of."""
    whole, below = _size(name) / 1e9, _size(base) / 1e9
    held = whole - below + BASE_GB
    verdict = "within" if held <= LIMIT_GB[target] else "OVER"
    return f"{whole:5.2f} GB, base {below:.2f}: {held:.2f}, {verdict} {LIMIT_GB[target]:g}"


def _pin(base: str) -> None:
    """Ask the base's registry for its digest, and keep it."""
    name = base.partition("@")[0]
    _run("docker", "pull", name)
    asked = ("docker", "image", "inspect", "--format", "{{index .RepoDigests 0}}", name)
    digest = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    BASE.write_text(f"{name}@{digest.partition('@')[2]}\n", "utf-8")
    sys.stdout.write(f"images/base.txt: {BASE.read_text('utf-8')}")


def _minio(options: argparse.Namespace) -> None:
    """MinIO's own server, which `make minio-image` has put into build/minio, on the same base."""
    name = "/".join(filter(None, (options.registry, MINIO)))
    file = str(ROOT / "manifests/minio.Dockerfile")
    base = ("--build-arg", f"BASE={options.base}")
    folder = str(ROOT / "build/minio")
    _run("docker", "build", "--file", file, "--tag", name, *options.docker, *base, folder)
    sys.stdout.write(f"{name:48} {_size(name) / 1e9:5.2f} GB\n")


def _arguments(
    target: str, name: str, names: dict[str, str], options: argparse.Namespace
) -> Iterator[str]:
    yield from ("--file", str(ROOT / "images/Dockerfile"), "--target", target, "--tag", name)
    yield from options.docker
    arguments = {
        "BASE": options.base,
        "VERSION": tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"],
        "REVISION": _git("describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"),
        "SOURCE": _git("config", "--get", "remote.origin.url"),
    }
    if target == "ops":
        arguments |= {"SPARK_IMAGE": names["spark"], "ML_IMAGE": names["ml"]}
    for key, value in arguments.items():
        yield from ("--build-arg", f"{key}={value}")


def content(target: str, *words: str) -> str:
    """Twelve digits of a hash over `words` and every file that goes into an image."""
    parts = (*_EVERY, f"requirements/{target}.txt", *(_OF_OPS if target == "ops" else ()))
    digest = hashlib.sha256("\n".join(words if target == "ops" else words[:1]).encode())
    for path in sorted(path for part in parts for path in _files(ROOT / part)):
        digest.update(f"\n{path.relative_to(ROOT)} ".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _files(part: Path) -> Iterator[Path]:
    found = part.rglob("*") if part.is_dir() else [part]
    return (path for path in found if path.is_file() and "__pycache__" not in path.parts)


def _size(name: str) -> int:
    """Bytes of an image, uncompressed; 0: there is none of that name."""
    asked = ("docker", "image", "inspect", "--format", "{{.Size}}", name)
    result = subprocess.run(asked, capture_output=True, text=True, check=False)
    return int(result.stdout) if result.returncode == 0 else 0


def _git(*words: str) -> str:
    asked = ("git", *words)
    result = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return result.stdout.strip() or "unknown"


def _run(*command: str) -> None:
    subprocess.run(command, stdout=sys.stderr, check=True)


def _write(names: dict[str, str]) -> None:
    NAMES.parent.mkdir(exist_ok=True)
    NAMES.write_text(json.dumps(names, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
