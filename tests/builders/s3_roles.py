"""A server after the bootstrap: its buckets, and one user per role."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from creditrisk.storage.bootstrap import main
from tools.minio import Server

ROLES = ("pipeline", "approver", "reader", "deliverer")


def write_keys(folder: Path) -> Path:
    """Keys of every role, as mounted Secrets show them."""
    for role in ROLES:
        (folder / role).mkdir()
        (folder / role / "accesskey").write_text(f"risk-{role}\n")
        (folder / role / "secretkey").write_text(f"secret-of-{role}\n")
    return folder


def keys_of(users: Path, role: str) -> dict[str, str]:
    """A role's keys, as variables of its processes."""
    names = {"accesskey": "AWS_ACCESS_KEY_ID", "secretkey": "AWS_SECRET_ACCESS_KEY"}
    return {name: (users / role / key).read_text().strip() for key, name in names.items()}


def bootstrap(server: Server, users: Path, places: Mapping[str, str], *words: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (server.environment | dict(places)).items():
            patch.setenv(name, value)
        assert main(["--users", f"{users}", *words]) == 0
