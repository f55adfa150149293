"""Documents that cannot be read, where the rest of a store is shown all the same.

What shows things takes a `Damage`, which names each of them; what decides or acts takes `STRICT`.
"""

from collections.abc import Callable
from typing import TypeVar

from creditrisk.errors import AbsentError, UserError
from creditrisk.storage import AwayError

T = TypeVar("T")
D = TypeVar("D")
BROKEN = (KeyError, TypeError, ValueError, UserError)  # what reading altered objects may raise


class Strict:
    """Lets every fault pass."""

    def read(self, key: str, read: Callable[[], T], otherwise: D) -> T | D:  # noqa: ARG002 - for `Damage`
        """What is found under a key, which may be a folder's."""
        return read()


class Damage(Strict):
    """Keeps what cannot be read, by key, each in a sentence; `otherwise` stands in its place.

    A server that does not answer is no damage: `AwayError` passes.
    """

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def read(self, key: str, read: Callable[[], T], otherwise: D) -> T | D:
        try:
            return read()
        except AwayError:
            raise
        except BROKEN as error:
            self.name(key, error)
            return otherwise

    def name(self, key: str, error: Exception) -> None:
        """Keep a fault of a key."""
        error = error.refusal() if isinstance(error, AbsentError) else error
        why = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        self.found[key] = why if key in why else f"{key} cannot be read: {why}"

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is said of all of it."""
        return tuple(self.found.values())


STRICT = Strict()
