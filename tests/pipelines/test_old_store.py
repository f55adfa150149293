"""A store that release 0.1.0 wrote, run one month further by this one."""

import json

from creditrisk import contracts
from creditrisk.governance.compliance.report import heads
from creditrisk.lake import Lake
from creditrisk.records.audit import Trail, verify
from creditrisk.records.champion import current_champion
from creditrisk.records.decision import newest_decision
from creditrisk.records.format import read_format
from creditrisk.records.resolved import closed_period
from creditrisk.records.run import run_records
from creditrisk.storage import open_audit_store
from pipelines.local.in_process import run_month
from tests.builders.old_store import CHAMPION, NEWEST, NEXT, RECORDS, objects, unpacked


def test_its_next_month_is_run_and_what_was_there_stays_as_it_was(tmp_path, monkeypatch):
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
    assert trail.count() > RECORDS
    assert verify(trail, heads(store)) == []
    assert read_format(store).format == 1
    after = objects(store)
    assert [k for k in before if after[k] != before[k]] == [f"{store.uri}/lease.json"]
