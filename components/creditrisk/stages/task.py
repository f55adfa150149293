"""What every component does around its body: open the month, keep the lease, leave a record."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.records.heartbeat import heartbeat
from creditrisk.records.lease import renew
from creditrisk.records.run import now, recorded
from creditrisk.records.store_check import require_bound


@contextmanager
def task(name: str, as_of: str, config: str, run_id: str) -> Iterator[Period]:
    """Run a task's body on its period and leave a record, once the trail says what it acts on.

    An error meant for a person ends the process with that one line and the error's
    exit code; anything else is recorded and raised.
    """
    with one_line(name):
        period = Period.open(as_of, config, run_id)
    with recorded(period.store, name, as_of, run_id):
        renew(period.store, run_id, now())
        require_bound(period)
        with heartbeat(period.store, run_id, now):
            yield period


@contextmanager
def one_line(name: str) -> Iterator[None]:
    """Where no record can be left: what is meant for a person ends the process in its own words."""
    try:
        yield
    except UserError as error:
        sys.stderr.write(f"{name}: {error}\n")
        raise SystemExit(error.exit_code) from None
