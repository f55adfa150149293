"""A real MinIO on loopback: the server of `tests/s3`, and of `make minio`.

Taken from PATH, else built by Go into the user's cache (minutes, once), else run as a
container of the image `CREDITRISK_MINIO_IMAGE` names. `python -m tools.minio` starts
one and says how to use it; `--obtain` only sees to it that there is one, `--where` says where.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from minio import Minio

from creditrisk.errors import UserError
from creditrisk.stages.etl.jars import cache

# the last state of the archived repository: RELEASE.2025-10-15T17-29-55Z and two repairs
MODULE = "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c"
_IMAGE = "CREDITRISK_MINIO_IMAGE"  # its images have moved: whoever uses one says which
USER, PASSWORD = "creditrisk", "creditrisk-on-loopback"
_PATIENCE = 60.0  # seconds until a server that was started answers


@dataclass
class Server:
    """A MinIO with a folder and a port of its own; it can be killed, frozen and started again."""

    folder: Path
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _name: str = field(default_factory=lambda: f"creditrisk-minio-{uuid4().hex[:8]}")

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What clients need."""
        return {
            "AWS_ENDPOINT_URL": f"http://{self.host}",
            "AWS_ACCESS_KEY_ID": USER,
            "AWS_SECRET_ACCESS_KEY": PASSWORD,
            "AWS_REGION": "us-east-1",
        }

    @property
    def client(self) -> Minio:
        """The owner's client, for what a bootstrap does: buckets, rules, policies."""
        return Minio(self.host, USER, PASSWORD, secure=False, region="us-east-1")

    def start(self) -> None:
        """Start, on the same port and folder as before, and wait until it answers."""
        if self._process:
            return
        self.port = self.port or _free_port()
        if self._answers():
            raise UserError(f"another server answers on {self.host}: make minio PORT=9001")
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                _command(self._name, self.folder / "data", self.host),
                env=os.environ | _root(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                text = (self.folder / "log.txt").read_text(errors="replace")
                raise UserError(f"MinIO did not start on {self.host}: {text[-2000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End it as a crash would: no request is finished."""
        if self._process is None:
            return
        if binary() is None:
            subprocess.run(["docker", "kill", self._name], capture_output=True, check=False)  # noqa: S607 - docker from PATH
        self._process.kill()
        self._process.wait()
        self._process = None

    def written(self) -> int:
        """Bytes in its folder, unfinished uploads included."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return sum(path.stat().st_size for path in files if path.exists())

    def wait(self) -> None:
        """Until it ends."""
        if self._process:
            self._process.wait()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.host}/minio/health/ready", timeout=2):
                return True
        except OSError:
            return False


def binary() -> Path | None:
    """The program, on PATH or in the cache."""
    found = shutil.which("minio")
    built = cache() / MODULE.rpartition("-")[2] / "minio"
    return Path(found) if found else built if built.is_file() else None


def obtain() -> None:
    """See to it that a server can be started; a `UserError` says what would help."""
    if binary() or _build() or (shutil.which("docker") and os.environ.get(_IMAGE)):
        return
    raise UserError(
        "no MinIO: put `minio` on PATH, or install Go 1.24 or newer (it is then built once),"
        f" or install Docker and name an image of it in {_IMAGE}"
    )


def _build() -> bool:
    go = shutil.which("go", path=f"{os.environ.get('PATH', '')}:/usr/local/go/bin")
    if not go:
        return False
    print(f"building {MODULE} (minutes, once)", file=sys.stderr)
    target = cache() / MODULE.rpartition("-")[2]
    target.mkdir(parents=True, exist_ok=True)
    built = subprocess.run(
        [go, "install", MODULE],
        # without C it runs in any image too (make minio-image)
        env={"HOME": str(Path.home())} | os.environ | {"GOBIN": str(target), "CGO_ENABLED": "0"},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        check=False,
    )
    return built.returncode == 0


def _command(name: str, data: Path, host: str) -> list[str]:
    serve = ["server", str(data), "--address", host, "--quiet"]
    if program := binary():
        return [str(program), *serve]
    data.mkdir(parents=True, exist_ok=True)  # else the container's root would
    who, keys = f"{os.getuid()}:{os.getgid()}", [f"--env={name}" for name in _root()]
    place = ["--network=host", f"--volume={data}:{data}", f"--user={who}"]
    return [
        "docker",
        "run",
        "--rm",
        "--init",
        f"--name={name}",
        *place,
        *keys,
        os.environ[_IMAGE],
        *serve,
    ]


def _root() -> dict[str, str]:
    quiet = {"MINIO_BROWSER": "off", "MINIO_UPDATE": "off"}
    return {"MINIO_ROOT_USER": USER, "MINIO_ROOT_PASSWORD": PASSWORD, **quiet}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(arguments: list[str]) -> int:
    """Run a server until it is interrupted; its environment goes to standard output."""
    try:
        obtain()
        if "--where" in arguments:
            print(binary() or "")
        elif "--obtain" not in arguments:
            _serve()
    except UserError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _serve() -> None:
    with tempfile.TemporaryDirectory(prefix="minio-") as folder:
        server = Server(Path(folder), port=int(os.environ.get("PORT", "9000")))
        server.start()
        server.client.make_bucket("lake")
        server.client.make_bucket("audit", object_lock=True)
        stores = {"CREDITRISK_STORE": "s3://lake", "CREDITRISK_AUDIT_STORE": "s3://audit"}
        for name, value in (server.environment | stores).items():
            print(f"export {name}={value}", flush=True)
        print("MinIO runs until Ctrl-C; then what it holds is gone", file=sys.stderr)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with suppress(KeyboardInterrupt):
            server.wait()
        server.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
