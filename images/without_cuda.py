"""Take the code for graphics cards out of a library: `python3 without_cuda.py LIBRARY`.

CatBoost's wheel comes with CUDA's kernels only (section .nv_fatbin, 0.22 GB), and no task of ours
runs on a graphics card. The section's whole pages leave the file; in memory zeros are in their
place, so that nothing gets another address. Layout: System V ABI, chapter 4, ELF-64.
"""

import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

PAGE = 4096
LOADED, TABLE = 1, 6  # kinds of segments: what is mapped; the table itself, which no library needs
NOT_IN_FILE = 8  # a kind of section
KERNELS = ".nv_fatbin"


class Segment(NamedTuple):
    """A range of the file and its place in memory; bytes."""

    kind: int
    flags: int
    offset: int
    address: int
    physical: int
    in_file: int
    in_memory: int
    align: int


class Section(NamedTuple):
    """A named part of the file; bytes."""

    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entry: int


SEGMENT, SECTION = struct.Struct("<2I6Q"), struct.Struct("<2I4Q2I2Q")


@dataclass(frozen=True)
class Cut:
    """Whole pages that leave the file: from `start` to `end`, bytes."""

    start: int
    end: int

    def moved(self, offset: int) -> int:
        """Where a byte of the file is afterwards."""
        return offset - (self.end - self.start) if offset >= self.end else offset

    def around(self, one: Segment) -> Iterator[Segment]:
        """The segment, or what is before and behind the cut; the one before ends with zeros."""
        if one.kind == LOADED and one.offset <= self.start < self.end <= one.offset + one.in_file:
            before, until = self.start - one.offset, self.end - one.offset
            yield one._replace(in_file=before, in_memory=until)
            yield one._replace(
                offset=self.start,
                address=one.address + until,
                physical=one.physical + until,
                in_file=one.in_file - until,
                in_memory=one.in_memory - until,
            )
        elif one.kind != TABLE:  # its row is the second half's
            yield one._replace(offset=self.moved(one.offset))


def without_kernels(library: bytes) -> bytes:
    """The library without its kernels; as it is where it has none. ValueError: no ELF-64."""
    if library[:6] != b"\x7fELF\x02\x01":
        raise ValueError("no ELF of 64 bits, little-endian")
    segments_at, sections_at = struct.unpack_from("<2Q", library, 32)
    segments, _, sections, names = struct.unpack_from("<4H", library, 56)
    table = [
        Section(*SECTION.unpack_from(library, sections_at + number * SECTION.size))
        for number in range(sections)
    ]
    called = {_name(library, table[names].offset + one.name): one for one in table}
    kernels = called.get(KERNELS)
    if kernels is None or kernels.kind == NOT_IN_FILE:
        return library
    last = kernels.offset + kernels.size
    cut = Cut(-(-kernels.offset // PAGE) * PAGE, last // PAGE * PAGE)
    kept = [
        part
        for number in range(segments)
        for part in cut.around(
            Segment(*SEGMENT.unpack_from(library, segments_at + number * SEGMENT.size))
        )
    ]
    if len(kept) != segments:
        raise ValueError("its table of segments has no room for one more")
    out = bytearray(library[: cut.start] + library[cut.end :])
    struct.pack_into("<Q", out, 40, cut.moved(sections_at))
    for number, row in enumerate(kept):
        SEGMENT.pack_into(out, segments_at + number * SEGMENT.size, *row)
    for number, one in enumerate(table):
        kind = NOT_IN_FILE if one is kernels else one.kind
        told = one._replace(kind=kind, offset=cut.moved(one.offset))
        SECTION.pack_into(out, cut.moved(sections_at) + number * SECTION.size, *told)
    return bytes(out)


def _name(library: bytes, at: int) -> str:
    return library[at : library.index(b"\0", at)].decode("ascii", "replace")


if __name__ == "__main__":
    path = Path(sys.argv[1])
    whole = path.read_bytes()
    try:
        less = without_kernels(whole)
    except ValueError as error:
        sys.exit(f"{path}: {error}; it stays as it is")
    path.write_bytes(less)
    print(f"{path.name}: {len(whole) / 1e6:.0f} MB, without CUDA {len(less) / 1e6:.0f} MB")
