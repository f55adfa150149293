"""Helm, for the tests of the chart: on PATH, else built by Go into the user's cache.

`python -m tools.helm --obtain` sees to it that there is one (minutes, once);
`--where` says where it is, `--render` writes `manifests/install.yaml` again.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from creditrisk.errors import UserError
from creditrisk.stages.etl.jars import cache

MODULE = "helm.sh/helm/v3/cmd/helm@v3.22.0"
KUBERNETES = "1.30.0"  # a Helm built by Go knows no version to render for
MANIFESTS = Path(__file__).parents[1] / "manifests"
INSTALL = MANIFESTS / "install.yaml"
_HEAD = """\
# Rendered from manifests/chart with its default values (make manifests): do not edit.
# Secrets creditrisk-store, -reader, -approver, -deliverer and -minio must exist first in namespace
# creditrisk-people, the first two in kubeflow as well: docs/kubernetes.md, "Secrets".
"""


def binary() -> Path | None:
    """The program, on PATH or in the cache."""
    found = shutil.which("helm")
    built = _folder() / "helm"
    return Path(found) if found else built if built.is_file() else None


def obtain() -> Path:
    """See to it that there is one; a `UserError` says what would help."""
    if found := binary():
        return found
    go = shutil.which("go", path=f"{os.environ.get('PATH', '')}:/usr/local/go/bin")
    if go:
        print(f"building {MODULE} (minutes, once)", file=sys.stderr)
        _folder().mkdir(parents=True, exist_ok=True)
        environment = {"HOME": str(Path.home())} | os.environ | {"GOBIN": str(_folder())}
        subprocess.run([go, "install", MODULE], env=environment, stdout=sys.stderr, check=False)
    if found := binary():
        return found
    raise UserError("no Helm: put `helm` (3.14 or newer) on PATH, or install Go to have it built")


def template(*options: str) -> str:
    """What the chart renders to; `UserError` with Helm's own words where it refuses."""
    command = [str(obtain()), "template", "creditrisk", str(MANIFESTS / "chart")]
    settings = ["--namespace=kubeflow", f"--kube-version={KUBERNETES}", *options]
    done = subprocess.run([*command, *settings], capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError(done.stderr.strip())
    return done.stdout


def install() -> str:
    """What `manifests/install.yaml` has to hold: not what Helm does when it uninstalls."""
    parts = template("--skip-tests").split("\n---\n")
    kept = [part for part in parts if "helm.sh/hook: pre-delete" not in part]
    return _HEAD + "\n---\n".join(kept).rstrip() + "\n"


def _folder() -> Path:
    return cache() / f"helm-{MODULE.rpartition('@')[2]}"


def main(arguments: list[str]) -> int:
    """Obtain, or render; exit code 2 and one line when there is no Helm to be had."""
    try:
        program = obtain()
        if "--where" in arguments:
            print(program)
        if "--render" in arguments:
            INSTALL.write_text(install(), "utf-8")
    except UserError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
