"""A lake as a task sees it: months that were named to it stay as they were named."""

from collections.abc import Mapping
from datetime import date

from creditrisk.errors import GateError
from creditrisk.lake import Commit, Lake
from creditrisk.storage import Store
from creditrisk.storage.parallel import in_parallel


class PinnedLake(Lake):
    """A view of a lake in which some months of some tables are exactly the commits named.

    `pins` maps a commit's manifest to its digest; of every other month the newest commit is
    shown. `alone`: a table that is pinned shows no other month. A pinned commit that is gone,
    or is another by its digest, is a `GateError`.
    """

    def __init__(self, store: Store, pins: Mapping[str, str], *, alone: bool = False) -> None:
        super().__init__(store)
        self._alone = alone
        self._pinned: dict[str, dict[date, str]] = {}
        for commit in in_parallel(lambda pin: self._named(*pin), pins.items()):
            months = self._pinned.setdefault(commit.table, {})
            months[date.fromisoformat(commit.month)] = commit.key

    def commit(self, table: str, month: date) -> Commit | None:
        pinned = self._pinned.get(table, {})
        if month in pinned:
            return self.manifest(pinned[month])
        return None if self._alone and pinned else super().commit(table, month)

    def _newest(self, table: str) -> dict[date, str]:
        pinned = self._pinned.get(table, {})
        others = {} if self._alone and pinned else super()._newest(table)
        return dict(sorted((others | pinned).items()))

    def _named(self, key: str, digest: str) -> Commit:
        try:
            found = self.manifest(key)
        except KeyError:
            raise GateError(
                f"{key}, which is named as an input, is gone from {self.store.uri}; restore it"
            ) from None
        if found.digest != digest:
            raise GateError(f"{key} is not the commit that is named as an input; restore it")
        return found
