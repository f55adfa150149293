"""A run that a person or the machine stops: what that left is said in one line, the store free."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from creditrisk.errors import UserError
from creditrisk.records.lease import release
from creditrisk.records.run import killed
from creditrisk.signals import ENDING, exit_code, stopped_by
from creditrisk.storage import Store


class StoppedError(UserError):
    """A run was stopped by a signal; a shell's exit code for it."""

    def __init__(self, text: str, number: int) -> None:
        super().__init__(text)
        self.exit_code = exit_code(number)


@contextmanager
def freed_on_interrupt(store: Store, run_id: str) -> Iterator[None]:
    """Ctrl-C and SIGTERM inside give the run's lease back and are a `StoppedError`."""
    try:
        yield
    except KeyboardInterrupt as stop:
        for number in ENDING:  # a second one would keep the lease
            signal.signal(number, signal.SIG_IGN)
        number = stopped_by(stop)
        task = ", ".join(record.task for record in killed(store, run_id))
        release(store, run_id)
        raise StoppedError(
            f"stopped by {number.name}{' in ' + task if task else ''}: run {run_id} and all its"
            f" processes are ended, {store.uri} is free, what was committed stays; run the month"
            " again",
            number,
        ) from None
