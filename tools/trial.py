"""Is this machine fit for a trial cluster: `python3 tools/trial.py kind` (or minikube).

Asked before anything is built, so with Python alone. One line says what is missing.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

CPUS, GB = 2, 7.4  # of an 8 GB machine a little is the kernel's
DISK = 25  # GB: Kubeflow's images and ours, built and loaded, and the volumes
_WHERE = {
    "kind": "https://kind.sigs.k8s.io",
    "minikube": "https://minikube.sigs.k8s.io",
    "kubectl": "https://kubernetes.io/docs/tasks/tools",
    "docker": "https://docs.docker.com/engine/install",
}


def missing(cluster: str) -> Iterator[str]:
    """What there is not, each with the next move."""
    programs = (cluster, "docker", "kubectl")
    lacks = [program for program in programs if shutil.which(program) is None]
    yield from (f"no {program} ({_WHERE[program]})" for program in lacks)
    if not any(map(shutil.which, ("go", "/usr/local/go/bin/go"))):
        yield "no go (https://go.dev/dl: it builds MinIO, and Helm where there is none)"
    if "docker" not in lacks:
        yield from _too_small()


def _too_small() -> Iterator[str]:
    format = "{{.NCPU}} {{.MemTotal}} {{.DockerRootDir}}"
    asked = ["docker", "info", "--format", format]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    try:
        cpus, memory, root = done.stdout.split(maxsplit=2)
        has = int(cpus), int(memory) / 1e9
    except ValueError:
        yield f"docker does not answer ({' '.join(done.stderr.split())[:200]}): is it started?"
        return
    if has[0] < CPUS or has[1] < GB:
        yield f"docker has {has[0]} CPUs and {has[1]:.1f} GB of memory: give it {CPUS} and 8 GB"
    place = Path(root.strip())
    if place.is_dir() and (free := shutil.disk_usage(place).free / 1e9) < DISK:
        yield f"{place} has {free:.0f} GB of disk left: free {DISK}"


def main(cluster: str) -> int:
    """Exit code 2 and one line where something is missing."""
    found = list(missing(cluster))
    if found:
        sys.stderr.write(f"not fit for a trial on {cluster}: {'; '.join(found)}\n")
    return 2 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
