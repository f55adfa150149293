"""What a process that was killed leaves for itself is removed by the next one."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from creditrisk.temporary_folder import temporary_folder

_HOLDS = (
    "import time\n"
    "from creditrisk.temporary_folder import temporary_folder\n"
    "with temporary_folder() as folder:\n"
    "    (folder / 'file').touch()\n"
    "    print(folder, flush=True)\n"
    "    time.sleep(600)\n"
)


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch) -> Path:
    """Where temporary files are."""
    monkeypatch.setenv("TMPDIR", f"{tmp_path}")
    monkeypatch.setattr(tempfile, "tempdir", f"{tmp_path}")
    return tmp_path


def old(path: Path) -> Path:
    """The same, not looked at for two minutes."""
    then = path.stat().st_mtime - 120
    os.utime(path, (then, then))
    return path


def test_a_killed_process_leaves_a_folder_that_the_next_removes_and_a_living_one_keeps(root):
    words = [sys.executable, "-c", _HOLDS]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        held = old(Path(holder.stdout.readline().strip()))
        with temporary_folder() as own:
            assert {*root.iterdir()} == {held, own}
        holder.send_signal(signal.SIGKILL)
    assert [*root.iterdir()] == [held]
    with temporary_folder() as own:
        assert [*root.iterdir()] == [own]
    assert not [*root.iterdir()]


def test_what_is_new_or_of_another_name_or_a_link_stays(root):
    made_now, link = root / "creditrisk-temporary-new", root / "creditrisk-temporary-link"
    made_now.mkdir()
    store = root / "creditrisk-store"
    store.mkdir()
    link.symlink_to(old(store))
    with temporary_folder():
        pass
    assert {*root.iterdir()} == {made_now, store, link}
