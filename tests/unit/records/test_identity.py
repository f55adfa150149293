"""Who acts, where this machine has no name for the account."""

import getpass

import pytest

from creditrisk.records.identity import caller
from creditrisk.storage.file import FileStore


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found"), OSError("no username")])
def test_an_account_without_a_name_acts_under_its_number(error, tmp_path, monkeypatch):
    def getuser():
        raise error

    monkeypatch.setattr(getpass, "getuser", getuser)
    monkeypatch.setattr("os.getuid", lambda: 12345)
    assert str(caller(FileStore(tmp_path))) == "uid 12345 (self-asserted)"
