"""Where alerts go, on loopback."""

import pytest

from tests.builders.alert_months import SECRET
from tests.builders.alert_servers import Web, serving


@pytest.fixture
def hook(monkeypatch):
    with serving(Web()) as server:
        monkeypatch.setenv("CREDITRISK_ALERT_URLS", f"json://{server.address}/{SECRET}")
        yield server
