"""The same pipelines from the built images: kfp.local, one container per task."""

from collections.abc import Mapping
from pathlib import Path

from kfp import local


def in_containers(
    environment: Mapping[str, str], *folders: Path, network: str = "none"
) -> local.DockerRunner:
    """A runner for `run_locally`: each task is confined as its pod would be.

    `folders` are mounted where they lie; the image's user (185) must be allowed to write to them.
    A task reaches nothing but those, or what `network` is (`host`: this machine's).
    kfp.local reports a container that failed as a success: `LocalRun.failure` knows.
    """
    from docker.types import Mount

    return local.DockerRunner(
        environment=dict(environment),
        mounts=[Mount(str(path), str(path), type="bind") for path in folders],
        network_mode=network,
        read_only=True,
        tmpfs={"/tmp": "exec,mode=1777"},  # noqa: S108 - its pod's emptyDir; Spark loads code there
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
    )
