"""What a process and all it starts cost: wall time, CPU, resident memory."""

import ctypes
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_EVERY = 0.5  # seconds between two looks
_SET_CHILD_SUBREAPER = 36  # of Linux's prctl


@dataclass(frozen=True)
class Cost:
    """Of one command. On a busy machine CPU says more than the clock."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int  # resident memory of Python, the JVM and its workers, added up


def measured(command: list[str], limit: float) -> Cost | None:
    """Run a command; None when it, or what it left running, was stopped after `limit` seconds.

    Its CPU is the system's own count. What it starts and does not wait for, as pyspark does with
    Java, is ours to wait for; children that this process had before are not.
    """
    others = _children()
    started, cpu = time.perf_counter(), _waited_for()
    peak, before = 0, set[int]()
    with _adopting_orphans(), subprocess.Popen(command) as process:
        while process.poll() is None:
            tree = _tree(process.pid)
            if time.perf_counter() - started > limit:
                _stop(tree)
                return None
            # a process seen for the first time may still share its parent's pages
            peak, before = max(peak, sum(map(_resident, tree & before))), tree
            time.sleep(_EVERY)
        seconds = time.perf_counter() - started
        while left := _still_running(_children() - others):
            if time.perf_counter() - started > limit:
                _stop(set().union(*map(_tree, left)))
                return None
            time.sleep(_EVERY)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(seconds, _waited_for() - cpu, peak)


def cpu_seconds(root: int) -> float:
    """CPU seconds so far, of a process and all below it that it has waited for or still runs."""
    stats = filter(None, map(_stat, _tree(root)))
    # its own, and of children that have ended
    return sum(sum(map(int, stat[11:15])) for stat in stats) / _TICKS


def _waited_for() -> float:
    """CPU seconds of all that this process has waited for, and of what those had waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def _adopting_orphans() -> Iterator[None]:
    """While it lasts, a process whose parent ends becomes a child of this one."""
    prctl = ctypes.CDLL(None).prctl
    prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _still_running(children: set[int]) -> set[int]:
    """Those that have not ended; the others are waited for, which counts their CPU."""
    return {pid for pid in children if os.waitpid(pid, os.WNOHANG) == (0, 0)}


def _stop(pids: set[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # it ended by itself
            os.kill(pid, signal.SIGKILL)


def _children() -> set[int]:
    own = os.getpid()
    return {pid for pid, parent in _parents().items() if parent == own}


def _resident(pid: int) -> int:
    stat = _stat(pid)
    return int(stat[21]) * _PAGE if stat else 0


def _tree(root: int) -> set[int]:
    parents = _parents()
    found, before = {root}, 0
    while len(found) > before:
        before = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found


def _parents() -> dict[int, int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return {pid: int(stat[1]) for pid in pids if (stat := _stat(pid))}


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the third on; empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
