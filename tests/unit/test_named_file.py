"""A file that a person names: only a file is opened."""

import os
import socket
from pathlib import Path

import pytest

from creditrisk.errors import UserError
from creditrisk.named_file import file_text
from creditrisk.policy import load_policy
from creditrisk.portfolio import load_portfolio


def a_pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def a_socket(path: Path) -> Path:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{path}")
    return path


def a_folder(path: Path) -> Path:
    path.mkdir()
    return path


def a_device(_: Path) -> Path:
    return Path("/dev/zero")


@pytest.mark.parametrize("load", [load_policy, load_portfolio])
@pytest.mark.parametrize("other", [a_pipe, a_socket, a_folder, a_device])
def test_what_is_no_file_is_refused_and_never_waited_for(load, other, tmp_path):
    with pytest.raises(UserError, match=r"cannot be read: it is a .*; name a file"):
        load(other(tmp_path / "lender.yaml"))


@pytest.mark.parametrize(("load", "what"), [(load_policy, "policy"), (load_portfolio, "portfolio")])
def test_text_that_is_not_utf_8_is_refused(load, what, tmp_path):
    (tmp_path / "lender.yaml").write_bytes("name: Zürich".encode("latin-1"))
    with pytest.raises(UserError, match=f"{what} .*lender.yaml is not UTF-8"):
        load(tmp_path / "lender.yaml")


def test_a_link_to_a_file_is_read(tmp_path):
    (tmp_path / "file").write_text("name: a", "utf-8")
    (tmp_path / "link").symlink_to("file")
    assert file_text(tmp_path / "link", "portfolio") == "name: a"
