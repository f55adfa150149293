"""Audit trails, and what somebody might do to one: each tampering changes the records it is given,
and says which is the first bad one.
"""

import json
from collections.abc import Callable

import numpy as np

from creditrisk.records.audit import Trail
from creditrisk.records.audit_record import GENESIS, Record

Objects = dict[str, bytes]
Tampering = Callable[[Objects, np.random.Generator], int]


def add(trail: Trail, number: int, event: str = "decided") -> Record:
    body = {"score": number / 7, "note": f"event {number}"}
    return trail.append(event, "pipeline", "2026-01-01T00:00:00Z", body, str(number))


def key(number: int) -> str:
    return f"records/{number:010d}.json"


def chain(records: list[Record]) -> Objects:
    """Renumber and rehash, as a forger who knows the format would."""
    made, previous = {}, GENESIS
    for number, old in enumerate(records, 1):
        record = Record(**{**vars(old), "sequence": number, "previous": previous})
        made[key(number)], previous = record.data(), record.sha256
    return made


def parsed(found: Objects) -> list[Record]:
    return [Record(**json.loads(found[k])) for k in sorted(found)]


def forged(record: Record) -> Record:
    return Record(**{**vars(record), "body": {"score": 0.01}, "id": f"forged {record.id}"})


def _any(found: Objects, rng: np.random.Generator) -> int:
    return int(rng.integers(1, len(found) + 1))


def flip(found: Objects, rng: np.random.Generator) -> int:
    number = _any(found, rng)
    data = bytearray(found[key(number)])
    data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
    found[key(number)] = bytes(data)
    return number


def delete(found: Objects, rng: np.random.Generator) -> int:
    number = _any(found, rng)
    del found[key(number)]
    return number


def truncate(found: Objects, rng: np.random.Generator) -> int:
    number = _any(found, rng)
    for later in range(number, len(found) + 1):
        del found[key(later)]
    return number


def swap(found: Objects, rng: np.random.Generator) -> int:
    a, b = sorted(int(n) + 1 for n in rng.choice(len(found), 2, replace=False))
    found[key(a)], found[key(b)] = found[key(b)], found[key(a)]
    return a


def overwrite(found: Objects, rng: np.random.Generator) -> int:
    a, b = (int(n) + 1 for n in rng.choice(len(found), 2, replace=False))
    found[key(a)] = found[key(b)]
    return a


def insert(found: Objects, rng: np.random.Generator) -> int:
    """A forged record pushes the later ones back; they keep their bytes."""
    number = _any(found, rng)
    record = forged(Record(**json.loads(found[key(number)])))
    for later in range(len(found), number - 1, -1):
        found[key(later + 1)] = found[key(later)]
    found[key(number)] = record.data()
    return number


def insert_rechained(found: Objects, rng: np.random.Generator) -> int:
    number = _any(found, rng)
    records = parsed(found)
    records.insert(number - 1, forged(records[number - 1]))
    found |= chain(records)
    return number


def delete_rechained(found: Objects, rng: np.random.Generator) -> int:
    number = _any(found, rng)
    records = parsed(found)
    del records[number - 1]
    found.clear()
    found |= chain(records)
    return number


def rewrite(found: Objects, rng: np.random.Generator) -> int:
    """The trail is made anew from a record on: every hash in it is right."""
    number = _any(found, rng)
    records = parsed(found)
    records[number - 1] = forged(records[number - 1])
    found |= chain(records)
    return number


def stray(found: Objects, rng: np.random.Generator) -> int:
    number = _any(found, rng)
    found[f"records/{number:010d}x.json"] = found[key(number)]
    return number + 1


def forged_tail(found: Objects, rng: np.random.Generator) -> int:
    records, end = parsed(found), len(found)
    records += [forged(records[n]) for n in range(int(rng.integers(2, 5)))]
    found |= chain(records)
    return end + 1


TAMPERINGS: list[Tampering] = [
    flip,
    delete,
    truncate,
    swap,
    overwrite,
    insert,
    insert_rechained,
    delete_rechained,
    rewrite,
    stray,
    forged_tail,
]
