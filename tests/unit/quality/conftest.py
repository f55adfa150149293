"""The files of the quiet lender, and the check of what a test made of them."""

from functools import partial

import pytest

from tests.builders import quiet_lender


@pytest.fixture
def check(tmp_path):
    return partial(quiet_lender.checked, tmp_path)


@pytest.fixture
def panel():
    return quiet_lender.panel()


@pytest.fixture
def outcomes():
    return quiet_lender.outcomes()


@pytest.fixture
def forms():
    return quiet_lender.forms()
