"""What a list says of documents that cannot be read: after all the others, exit code 3."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from creditrisk.errors import GateError
from creditrisk.records.damage import Damage


@contextmanager
def named_damage() -> Iterator[Damage]:
    """A `GateError` at the end that names what could not be read inside."""
    damage = Damage()
    yield damage
    refuse_damage(damage.sentences)


def refuse_damage(sentences: Sequence[str]) -> None:
    """`GateError` with what is said of damaged documents, if anything is."""
    if sentences:
        raise GateError("; ".join(sentences))
