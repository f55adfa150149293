"""What every component does around its body: open the month, keep the lease, leave a record."""

from collections.abc import Iterator
from contextlib import contextmanager

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
    period = Period.open(as_of, config, run_id)
    with recorded(period.store, name, as_of, run_id):
        renew(period.store, run_id, now())
        require_bound(period)
        with heartbeat(period.store, run_id, now):
            yield period
