"""XXH64 of many numbers at once (Yann Collet, xxHash fast digest algorithm 0.1.1)."""

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


def hashes(values: Bits | NDArray[np.uint32], seeds: Bits) -> Bits:
    """Of each value (values,) the hash of its eight bytes, or four, little-endian.

    `seeds`: of each, or (1,) of all.
    """
    start = seeds + _P5 + np.uint64(values.itemsize)
    wide = values.astype(np.uint64)
    if values.itemsize == 4:
        mixed = _rotated(start ^ (wide * _P1), 23) * _P2 + _P3
    else:
        mixed = start ^ (_rotated(wide * _P2, 31) * _P1)
        mixed = _rotated(mixed, 27) * _P1 + _P4
    mixed = (mixed ^ (mixed >> np.uint64(33))) * _P2
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _P3
    return mixed ^ (mixed >> np.uint64(32))


def _rotated(values: Bits, by: int) -> Bits:
    return (values << np.uint64(by)) | (values >> np.uint64(64 - by))
