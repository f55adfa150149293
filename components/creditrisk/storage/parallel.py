"""Many requests to a store at once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
_AT_ONCE = 16  # requests: a store answers many as fast as one
_BATCH = 1024  # results in memory


def in_parallel(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """`work` on every item, many at once, in the items' order."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(work, items))


def in_batches(work: Callable[[T], R], items: Sequence[T], batch: int = _BATCH) -> Iterator[R]:
    """The same, a batch at a time.

    Between two batches no thread is left. Who stops asking half-way leaves a generator to be
    closed at any moment, by any thread: one that waited for threads then waited for ever.
    """
    for start in range(0, len(items), batch):
        yield from in_parallel(work, items[start : start + batch])
