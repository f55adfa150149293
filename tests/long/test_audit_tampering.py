"""Whatever is done to a trail is found, and the first bad record named."""

from pathlib import Path

import numpy as np
import pytest

from creditrisk.records.audit import Trail
from creditrisk.records.trail_check import verify
from creditrisk.storage.file import FileStore
from tests.builders.audit_trails import LENGTH, objects, put, trail_of
from tests.builders.tampering import TAMPERINGS, Tampering, flip, key, rewrite, swap


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_each_of_sixty_random_tamperings_is_found_and_the_first_bad_record_named(
    tmp_path: Path, tamper: Tampering
) -> None:
    trail = trail_of(tmp_path)
    whole = objects(tmp_path, "records/")
    for seed in range(60):
        now = dict(whole)
        first = tamper(now, np.random.default_rng(seed))
        put(tmp_path, whole, now)
        faults = verify(trail)
        put(tmp_path, now, whole)
        assert len(faults) == 1
        assert faults[0].startswith(f"record {first} "), (seed, faults)
    assert verify(trail) == []


def test_of_many_bad_records_the_first_is_named(tmp_path: Path) -> None:
    trail = trail_of(tmp_path)
    whole = objects(tmp_path, "records/")
    for seed in range(40):
        now, rng = dict(whole), np.random.default_rng(seed)
        first = min(tamper(now, rng) for tamper in (rewrite, swap, flip, flip))
        put(tmp_path, whole, now)
        faults = verify(trail)
        put(tmp_path, now, whole)
        assert faults[0].startswith(f"record {first} "), (seed, faults)


def test_a_whole_trail_verifies_and_an_empty_one_too(tmp_path: Path) -> None:
    assert verify(Trail(FileStore(tmp_path / "none"))) == []
    trail = trail_of(tmp_path)
    assert verify(trail) == []
    assert trail.anchor() == (LENGTH, trail.head().sha256)
    assert [record.sequence for record in trail.records()] == list(range(1, LENGTH + 1))


def test_a_trail_cut_together_with_its_anchors_is_found_by_a_report_that_knew_its_head(
    tmp_path: Path,
) -> None:
    trail = trail_of(tmp_path)
    reported = dict([trail.anchor()])
    for number in range(LENGTH - 4, LENGTH + 1):
        (tmp_path / key(number)).unlink()
        (tmp_path / f"anchors/{number:010d}.json").unlink()
    assert verify(trail) == []
    assert verify(trail, reported)[0].startswith(f"record {LENGTH - 4} is missing")


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", b'{"count":3,"sha256":"x"}'])
def test_a_damaged_anchor_is_named(tmp_path: Path, data: bytes) -> None:
    trail = trail_of(tmp_path, 4)
    (tmp_path / "anchors/0000000004.json").write_bytes(data)
    assert "anchors/0000000004.json" in verify(trail)[0]


def test_an_anchor_that_is_gone_is_named(tmp_path: Path) -> None:
    trail = trail_of(tmp_path)
    for number in range(1, LENGTH):
        (tmp_path / f"anchors/{number:010d}.json").unlink()
    assert verify(trail) == ["anchors/0000000001.json is gone; restore it from a backup"]


def test_anchors_removed_altogether_do_not_pass(tmp_path: Path) -> None:
    trail = trail_of(tmp_path, 4)
    for file in (tmp_path / "anchors").iterdir():
        file.unlink()
    assert verify(trail) == ["record 1 was added past the anchor"]
