"""XXH64 of many values of 64 bits at once (Yann Collet, xxHash fast digest algorithm 0.1.1)."""

import numpy as np
from numpy.typing import NDArray

_P1, _P2, _P3, _P4, _P5 = (
    np.uint64(prime)
    for prime in (
        0x9E3779B185EBCA87,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0x85EBCA77C2B2AE63,
        0x27D4EB2F165667C5,
    )
)
Bits = NDArray[np.uint64]


def hashes(values: Bits, seed: int) -> Bits:
    """The hash of each value (values,), taken as eight bytes, little-endian."""
    start = np.uint64((seed + int(_P5) + 8) % 2**64)
    mixed = start ^ (_rotated(values * _P2, 31) * _P1)
    mixed = _rotated(mixed, 27) * _P1 + _P4
    mixed = (mixed ^ (mixed >> np.uint64(33))) * _P2
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _P3
    return mixed ^ (mixed >> np.uint64(32))


def _rotated(values: Bits, by: int) -> Bits:
    return (values << np.uint64(by)) | (values >> np.uint64(64 - by))
