"""A process that reads text and draws no frame does without pandas."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_pandas() -> Iterator[None]:
    """Keep Arrow from importing pandas, a fifth of a second, as it does for its first array.

    Arrow works as where pandas is not installed, and looks for it again where it makes a frame.
    """
    hidden = _Hidden()
    if "pandas" not in sys.modules:
        sys.meta_path.insert(0, hidden)
    try:
        yield
    finally:
        if hidden in sys.meta_path:
            sys.meta_path.remove(hidden)


class _Hidden:
    """Says that there is no pandas."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)
