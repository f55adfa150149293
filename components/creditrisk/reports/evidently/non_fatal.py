"""A month does not fail because nobody could draw it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from creditrisk.period import Period


@contextmanager
def non_fatal(period: Period) -> Iterator[None]:
    """Whatever goes wrong inside is told in `months/<as_of>/evidently/failed.txt`, not raised."""
    key = f"months/{period.as_of}/evidently/failed.txt"
    try:
        yield
    except Exception as error:  # a library that does not load, a disk that is full
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
        period.store.write(key, said.encode())
        sys.stderr.write(f"evidently: no pages, the month goes on without: {said}\n")
    else:
        period.store.delete(key)
