"""Debian's Chromium, and the dashboard on a port of loopback: for tests, pictures, measurements."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from playwright.sync_api import Browser, sync_playwright
from waitress import create_server

from creditrisk.errors import UserError
from creditrisk.reports.dashboard.app import build_app
from creditrisk.reports.dashboard.watch import Watch

# every figure of the page is there: what a person waits for
DRAWN = """() => document.querySelector("main h1") &&
  document.querySelectorAll("main .plotted").length ==
  document.querySelectorAll("main .plotted .main-svg:first-child").length"""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic"]  # we are root in a container


def chromium() -> str:
    """The browser's path; without one there is nothing to test with."""
    found = os.environ.get("CREDITRISK_CHROMIUM") or shutil.which("chromium")
    if found is None:
        raise UserError("no chromium on PATH: apt-get install chromium, or set CREDITRISK_CHROMIUM")
    return found


@contextmanager
def served(uri: str, every: float = 0.2) -> Iterator[str]:
    """The address of a dashboard on a free port of loopback."""
    watch = Watch(uri, every)
    server = create_server(build_app(watch).server, host="127.0.0.1", port=0, threads=8)
    Thread(target=server.run, daemon=True).start()
    watch.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        watch.stop()
        server.close()


@contextmanager
def browsing() -> Iterator[Browser]:
    """The system's Chromium, started and closed."""
    path = chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()
