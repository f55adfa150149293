"""Many requests to a store at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
_AT_ONCE = 16  # requests: a store answers many as fast as one


def in_parallel(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """`work` on every item, many at once, in the items' order."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(work, items))
