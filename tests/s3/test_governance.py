"""On a real server: promoters that race, trails that are tampered with, keys that may not."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import numpy as np
import pytest

from creditrisk.errors import GateError
from creditrisk.period import Period
from creditrisk.records.audit import Trail, event_key
from creditrisk.records.audit_record import canonical
from creditrisk.records.champion_pointer import champion_history, current_champion
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.trail_check import verify
from creditrisk.stages.promotion.promote import approve, promote
from creditrisk.storage import open_store
from tests.builders.small_lender import small_policy, small_portfolio
from tests.builders.tampering import TAMPERINGS, Tampering, add, chain, forged, parsed
from tests.builders.trained_version import trained
from tests.builders.versions import AT, judged, passed

APRIL, LENGTH, RACERS = date(2024, 4, 1), 8, 20
SEEDS, AT_ONCE = 46, 8  # 46 of each of eleven tamperings: 506
NEXT_DAY = "2024-04-03T08:00:00+00:00"


@pytest.fixture
def stores(environment, monkeypatch) -> str:
    """The URI of a store of this test's own; its trail lies in the locked bucket."""
    prefix = uuid4().hex
    monkeypatch.setenv("CREDITRISK_AUDIT_STORE", f"s3://audit/{prefix}")
    return f"s3://lake/{prefix}"


def period_of(uri: str, policy: str = "") -> Period:
    return Period(APRIL, small_policy(policy), small_portfolio(), open_store(uri), "run")


def with_version(uri: str, policy: str = "") -> tuple[Period, str]:
    """A store that holds one version that passed validation."""
    period, (version, objects) = period_of(uri, policy), trained()
    for key, data in objects.items():
        period.store.write(key, data)
    judged(period, version)
    return period, version


def test_twenty_racing_promoters_leave_one_whole_history(stores):
    period, version = with_version(stores)
    versions = [passed(period, version, str(number)) for number in range(RACERS)]

    def race(one: str) -> str:
        return promote(period_of(stores), one, f"racer {one[-8:]}", at=AT)

    with ThreadPoolExecutor(RACERS) as pool:
        assert set(pool.map(race, versions)) == {"promoted"}
    history = champion_history(period.store)
    assert sorted(tenure.version for tenure in history) == sorted(versions)
    assert [tenure.sequence for tenure in history] == list(range(1, RACERS + 1))
    assert all(tenure.by == f"racer {tenure.version[-8:]}" for tenure in history)
    promoted = [r for r in period.trail.records() if r.event == "promoted"]
    assert sorted(record.body["version"] for record in promoted) == sorted(versions)
    assert verify(period.trail) == []


def test_the_key_that_asked_for_an_approval_cannot_give_it(stores):
    period, version = with_version(stores, "promotion: {mode: four_eyes}")
    assert promote(period, version, "pipeline", at=AT) == "pending"
    with pytest.raises(GateError, match="the key that asked for it"):
        approve(period, version, by("creditrisk"))
    assert current_champion(period.store) is None
    approve(period, version, by("validator"))
    assert current_champion(period.store) == version


def by(key: str) -> Statement:
    return Statement(Identity(key, "store credential"), "report read", NEXT_DAY)


def copied(trail: Trail) -> Trail:
    """The same objects below a prefix of their own."""
    copy = Trail(open_store(f"s3://audit/{uuid4().hex}"))
    for key in [*trail.store.keys()]:
        copy.store.write(key, trail.store.read(key))
    return copy


def found(trail: Trail, tamper: Tampering, seeds: range) -> list[str]:
    """What was said of each tampering and its first bad record; the trail is whole again."""
    whole = dict(trail.read("records/"))
    wrong = []
    for seed in seeds:
        now = dict(whole)
        first = tamper(now, np.random.default_rng(seed))
        put(trail, whole, now)
        text = verify(trail)
        put(trail, now, whole)
        if len(text) != 1 or not text[0].startswith(f"record {first} "):
            wrong.append(f"{tamper.__name__} {seed}: {text}, not record {first}")
    left = verify(trail)  # whole again, and the server has seen every change
    return wrong + [fault for fault in left if "created once, see its versions" not in fault]


def put(trail: Trail, was: dict[str, bytes], now: dict[str, bytes]) -> None:
    for key in was.keys() - now.keys():
        trail.store.delete(key)
    for key, data in now.items():
        if was.get(key) != data:
            trail.store.write(key, data)


def test_each_of_506_random_tamperings_in_a_locked_bucket_is_found_by_its_first_bad_record(
    environment,
):
    trail = Trail(open_store(f"s3://audit/{uuid4().hex}"))
    for number in range(1, LENGTH + 1):
        add(trail, number)

    def work(tamper: Tampering) -> list[str]:
        return found(copied(trail), tamper, range(SEEDS))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = [line for lines in pool.map(work, TAMPERINGS) for line in lines]
    assert wrong == []
    assert SEEDS * len(TAMPERINGS) == 506


def test_eight_appenders_at_once_lose_nothing(environment):
    uri = f"s3://audit/{uuid4().hex}"

    def work(worker: int) -> None:
        for number in range(5):
            add(Trail(open_store(uri)), worker * 100 + number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(work, range(AT_ONCE)))
    trail = Trail(open_store(uri))
    assert verify(trail) == []
    ids = {str(worker * 100 + number) for worker in range(AT_ONCE) for number in range(5)}
    assert {record.id for record in trail.records()} == ids
    assert trail.anchor() == (len(ids), trail.head().sha256)


def rewritten_from(trail: Trail, number: int) -> None:
    """Records and anchors from a number on, written again in due form: every hash fits."""
    records = list(trail.records())
    records[number - 1] = forged(records[number - 1])
    for key, data in list(chain(records).items())[number - 1 :]:
        (record,) = parsed({key: data})
        trail.store.write(key, data)
        anchor = canonical({"count": record.sequence, "sha256": record.sha256})
        trail.store.write(key.replace("records/", "anchors/"), anchor)


def test_a_trail_rewritten_with_its_anchors_by_who_may_append_is_found_by_its_versions(environment):
    """40 whole-chain rewrites, five from each record on: no hash is wrong, no anchor misfits."""
    first = Trail(open_store(f"s3://audit/{uuid4().hex}"))
    for number in range(1, LENGTH + 1):
        add(first, number)

    def work(case: int) -> str:
        number = case % LENGTH + 1
        trail = copied(first)
        rewritten_from(trail, number)
        return verify(trail)[0]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(work, range(40)))
    for case, text in enumerate(found):
        assert text.startswith(f"records/{case % LENGTH + 1:010d}.json was written again at 20")


def test_who_may_create_objects_cannot_stop_the_trail(environment):
    trail = Trail(open_store(f"s3://audit/{uuid4().hex}"))
    for number in range(1, LENGTH + 1):
        add(trail, number)
    stray = f"anchors/{LENGTH + 1:010d}.json"
    trail.store.create(stray, canonical({"count": LENGTH + 1, "sha256": "0" * 64}))
    trail.store.create(event_key("approved", "v1"), b'{"sequence":4}')
    approved = trail.append("approved", "ann", "2026-01-02T00:00:00Z", {}, "v1")
    assert approved.sequence == LENGTH + 1
    assert trail.append("approved", "ann", "", {}, "v1") == approved
    assert add(trail, 99).sequence == LENGTH + 2
    assert verify(trail) == [
        f"{stray} anchors no record: whoever may create objects there put it there"
    ]
