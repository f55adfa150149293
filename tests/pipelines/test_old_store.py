"""A store that release 0.1.0 wrote, run one month further by this one; and lost, and restored."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from creditrisk import contracts
from creditrisk.lake import Lake
from creditrisk.records.audit import Trail
from creditrisk.records.champion_pointer import current_champion
from creditrisk.records.decision import newest_decision
from creditrisk.records.format import read_format
from creditrisk.records.resolved import closed_period
from creditrisk.records.run import run_records
from creditrisk.records.store_check import check_store, heads
from creditrisk.records.trail_check import verify
from creditrisk.storage import open_audit_store
from pipelines.local.in_process import run_month
from tests.builders.old_store import CHAMPION, NEWEST, NEXT, RECORDS, objects, unpacked


def test_its_next_month_is_run_and_again_from_a_copy_when_all_is_lost(tmp_path, monkeypatch):
    store = unpacked(tmp_path)
    monkeypatch.setenv("CREDITRISK_STORE", store.uri)
    before, config = objects(store), closed_period(store, NEWEST).config

    run = run_month(str(tmp_path / "landing"), config, NEXT)

    assert [(one.task, one.status, one.error) for one in run_records(store, run)] == [
        (task, "ok", "") for task in ("resolve_period", "etl", "score", "monitor", "decide")
    ]
    assert json.loads(store.read(f"months/{NEXT}/run.json"))["status"] == "ok"
    assert (newest_decision(store, NEXT).decision, current_champion(store)) == ("keep", CHAMPION)
    scores = Lake(store).read(contracts.SCORES, [NEXT]).to_pandas()
    assert (len(scores), set(scores.model_version)) == (200, {CHAMPION})
    assert scores.pd.between(0, 1).all()
    trail = Trail(open_audit_store(store))
    head, decided = trail.head(), newest_decision(store, NEXT)
    heads_after = {head.sequence: head.sha256}  # as an alert told it
    digest = Lake(store).need(contracts.SCORES.table, NEXT).digest
    assert trail.count() > RECORDS
    assert verify(trail, heads(store)) == []
    assert read_format(store).format == 1
    after = objects(store)
    assert [k for k in before if after[k] != before[k]] == [f"{store.uri}/lease.json"]
    assert check_store(store).faults == ()

    _lose_all_and_restore(tmp_path, before)
    assert check_store(store).faults == ()  # a copy of one moment is whole
    (fault,) = check_store(store, heads_after).faults
    assert fault.startswith(f"record {RECORDS + 1} is missing")
    run_month(str(tmp_path / "landing"), config, NEXT)
    assert newest_decision(store, NEXT).key == decided.key
    assert Lake(store).need(contracts.SCORES.table, NEXT).digest == digest
    assert check_store(store).faults == ()


def _lose_all_and_restore(root: Path, copy: Mapping[str, bytes]) -> None:
    """The disk is lost; what it held a day before is copied back."""
    for name in ("store", "store-audit"):
        shutil.rmtree(root / name)
    for uri, data in copy.items():
        place = Path(uri.removeprefix("file://"))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
