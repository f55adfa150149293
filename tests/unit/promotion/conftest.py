"""A store with one trained version, as of April 2024."""

from datetime import date

import pytest

from tests.builders.versions import judged, with_version


@pytest.fixture
def trained(tmp_path):
    """A store with one trained version."""
    return with_version(tmp_path, date(2024, 4, 1))


@pytest.fixture
def period(trained):
    return trained[0]


@pytest.fixture
def version(trained):
    """A version that passed validation."""
    judged(*trained)
    return trained[1]
