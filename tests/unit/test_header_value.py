"""Keys, tokens and cookies of the environment, as a header may hold them."""

import pytest

from creditrisk.errors import UserError
from creditrisk.header_value import header_value
from pipelines.remote.endpoint import Endpoint


@pytest.mark.parametrize("name", ["CREDITRISK_KFP_TOKEN", "CREDITRISK_KFP_COOKIE"])
@pytest.mark.parametrize("more", ["\r\nX-Other: 1", "\n", "\u00e9", "\x1b[31m"])
def test_what_no_header_can_hold_is_named_and_not_shown(name, more, monkeypatch):
    monkeypatch.setenv(name, f"PLANTED{more}KEY")
    with pytest.raises(UserError, match=f"^{name} holds a blank, a line end") as error:
        Endpoint.from_environment("http://localhost:8888", "")
    assert "PLANTED" not in str(error.value)


def test_blanks_and_line_ends_around_a_value_are_none_of_it(monkeypatch):
    monkeypatch.setenv("A_TOKEN", " abc\r\n")
    assert header_value("A_TOKEN") == "abc"
    monkeypatch.setenv("A_COOKIE", "a=1; b=2\n")
    assert header_value("A_COOKIE", blanks=True) == "a=1; b=2"
    assert header_value("NOT_THERE") == ""
