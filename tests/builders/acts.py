"""People at the command line, at a time of the test's choosing."""

import json
from datetime import datetime

import pytest

from creditrisk.period import Period, freeze
from tests.builders.commands import run_here


class Desk:
    """A store's commands as people give them; `at` is what their clock shows."""

    def __init__(self, period: Period, patch: pytest.MonkeyPatch, at: str) -> None:
        self.period, self.patch, self.at = period, patch, at
        patch.setattr("creditrisk.records.run._clock", lambda: datetime.fromisoformat(self.at))

    def does(self, name: str, *words: str) -> str:
        """What a command prints, in one line."""
        self.patch.setattr("creditrisk.records.identity.account", lambda: name)
        done = run_here(*words, "--store", self.period.store.uri)
        return " ".join(done.output.split())


def closed(period: Period) -> None:
    """Let the store look as after a month's run."""
    config = freeze(period.store, period.policy, period.portfolio)
    resolved = {"month": f"{period.as_of}", "config": config, "champion": ""}
    period.store.write("periods/r1.json", json.dumps(resolved).encode())
    period.store.write(f"months/{period.as_of}/run.json", b'{"run_id": "r1", "status": "ok"}')
