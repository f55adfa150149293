"""A reader who looks at a store again and again while others write there."""

import threading
from dataclasses import dataclass, field
from time import sleep

from creditrisk import contracts
from creditrisk.lake import Lake
from creditrisk.lake.housekeeping import manifest_keys
from creditrisk.records.commits import Commit
from creditrisk.storage import Store
from tests.builders.deliveries import month
from tests.builders.small_lender import small_portfolio

FEATURES = "gold/features"


def tables() -> list[str]:
    """What the ETL commits of every month: the champion's own labels where it has another bad."""
    found = contracts.all_contracts(small_portfolio())
    own = contracts.CHAMPION_LABELS.table
    return [c.table for c in found if c.layer in ("bronze", "silver", "gold") and c.table != own]


@dataclass
class Reader:
    """Looks at a store again and again; what it must never see is in `faults`."""

    store: Store
    polls: int = 0
    commits: int = 0
    faults: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Reader":
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self.look()

    def _look(self) -> None:
        while not self._stop.is_set():
            try:
                self.look()
            except Exception as error:  # a reader that fails is as bad as one that sees half
                self.faults.append(f"{type(error).__name__}: {error}")
            sleep(0.005)

    def look(self) -> None:
        """A visible commit has all its files; a visible month of features has every table."""
        lake, self.polls = Lake(self.store), self.polls + 1
        keys = manifest_keys(self.store)
        for key in sorted(set(keys) - self._seen):
            commit = lake.manifest(key)
            if damage := lake.damage(commit):
                self.faults.append(damage)
            if commit.table == FEATURES:
                self._complete(lake, commit)
        self._seen |= set(keys)
        self.commits = len(keys)

    def _complete(self, lake: Lake, features: Commit) -> None:
        day = month(0).fromisoformat(features.month)
        for table in tables():
            if lake.commit(table, day) is None:
                self.faults.append(f"{features.month} has features and no {table}")
