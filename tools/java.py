"""A Java for Spark: the one of this machine, else one that is fetched.

`python -m tools.java` prints its home and nothing else on standard output.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from creditrisk.errors import UserError
from creditrisk.stages.etl.java import OLDEST, find_java

INSTALL = {
    "apt-get": ("apt-get", "install", "--yes", "--no-install-recommends"),
    "dnf": ("dnf", "install", "--assumeyes"),
    "apk": ("apk", "add"),
}
PACKAGES = {  # no release of a distribution carries every version
    "apt-get": ("openjdk-17-jre-headless", "openjdk-21-jre-headless"),
    "dnf": ("java-17-openjdk-headless", "java-21-openjdk-headless"),
    "apk": ("openjdk17-jre-headless", "openjdk21-jre-headless"),
}


def obtain_java() -> Path:
    """Fetch a Java into `.jdk/`, or install the system's package; asks nobody.

    Raises UserError, with what to do by hand, when this machine allows neither.
    """
    for way in (_download, _install_package):
        way()
        if home := find_java():
            return home
    raise UserError(
        f"Spark needs Java {OLDEST} or newer and this machine has none that serves: install one"
        " (apt install openjdk-17-jre-headless, brew install openjdk@17) or set JAVA_HOME to it"
    )


def _download() -> None:
    try:
        import jdk  # noqa: PLC0415 - a development tool: images bring their Java
        from jdk.client.client import ClientError  # noqa: PLC0415 - likewise
    except ImportError:
        return
    socket.setdefaulttimeout(30)  # install-jdk sets none: a silent firewall would hold us forever
    try:
        for jre in (True, False):  # the small one, unless it lacks what Spark needs
            _say(f"fetching Java {OLDEST} into .jdk")
            jdk.install(str(OLDEST), path=str(Path.cwd() / ".jdk"), jre=jre)
            if find_java():
                return
    except (OSError, ClientError, jdk.JdkError) as error:
        _say(f"no Java from the download: {error}")


def _install_package() -> None:
    manager = next(filter(shutil.which, INSTALL), None)
    if manager is None or os.geteuid() != 0:
        return
    if manager == "apt-get":
        _run("apt-get", "update", "--quiet")
    for package in PACKAGES[manager]:
        _say(f"installing {package}")
        if _run(*INSTALL[manager], package):
            return


def _run(*command: str) -> bool:
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, env=quiet, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False
    )
    return done.returncode == 0


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def main() -> int:
    """Print a Java home; exit code 2 and one line when there is none to be had."""
    try:
        print(find_java() or obtain_java())
    except UserError as error:
        _say(str(error))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
