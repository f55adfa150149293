"""People at the command line, at a time of the test's choosing."""

import json
from datetime import datetime

import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.period import Period, freeze


class Desk:
    """A store's commands as people give them; `at` is what their clock shows."""

    def __init__(self, period: Period, patch: pytest.MonkeyPatch, at: str) -> None:
        self.period, self.patch, self.at = period, patch, at
        patch.setattr("creditrisk.records.run._clock", lambda: datetime.fromisoformat(self.at))

    def does(self, name: str, *words: str) -> str:
        """What a command says, in one line; an error meant for a person is raised."""
        self.patch.setattr("creditrisk.records.identity.account", lambda: name)
        done = CliRunner().invoke(app, [*words, "--store", self.period.store.uri])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return " ".join(done.output.split())


def closed(period: Period) -> None:
    """Let the store look as after a month's run."""
    config = freeze(period.store, period.policy, period.portfolio)
    resolved = {"month": f"{period.as_of}", "config": config, "champion": ""}
    period.store.write("periods/r1.json", json.dumps(resolved).encode())
    period.store.write(f"months/{period.as_of}/run.json", b'{"run_id": "r1", "status": "ok"}')
