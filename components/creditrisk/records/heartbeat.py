"""The signs of life of a run that holds the lease, from a thread beside its work."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from creditrisk.errors import UserError
from creditrisk.records.lease import (
    BEAT,
    SILENCE,
    LostLeaseError,
    beat,
    between_tasks,
    read_lease,
)
from creditrisk.storage import Store


@contextmanager
def heartbeat(
    store: Store, run_id: str, clock: Callable[[], str], every: float = BEAT
) -> Iterator[None]:
    """Beat while what is inside runs, if the run holds the store; `clock`: the wall clock.

    A lease that is taken meanwhile interrupts what is inside, with a `LostLeaseError`.
    """
    held = read_lease(store)
    if held is None or held.run_id != run_id:
        yield
        return
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN  # a shell's background job
    if ignored and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)
    beats = _Heartbeats(lambda: beat(store, run_id, clock(), SILENCE), every)
    beats.start()
    try:
        yield
    except KeyboardInterrupt:
        if beats.lost:
            raise beats.lost from None
        raise
    finally:
        beats.stop()
    if beats.lost:
        raise beats.lost
    beat(store, run_id, clock(), between_tasks())


class _Heartbeats(threading.Thread):
    """Beats until it is stopped; a lease that is `lost` interrupts the process."""

    def __init__(self, give: Callable[[], None], every: float) -> None:
        super().__init__(name="lease", daemon=True)
        self.lost: LostLeaseError | None = None
        self._give, self._every, self._stopped = give, every, threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._every):
            try:
                self._give()
            except LostLeaseError as lost:
                self.lost = lost
                main = threading.main_thread().ident or 0
                signal.pthread_kill(main, signal.SIGINT)  # wakes it up where it waits, too
                return
            except UserError:  # the store does not answer: no other run can look at it either
                continue

    def stop(self) -> None:
        self._stopped.set()
        self.join()
