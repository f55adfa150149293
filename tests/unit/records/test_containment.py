"""Critical stability stops publishing until a named person lifts it."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from creditrisk.calendar_month import add_months
from creditrisk.contracts import SCORES
from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.containment import Containment, contained_in, containments, in_force, lift
from creditrisk.records.identity import Identity, Statement
from creditrisk.records.layout import VERSIONS
from creditrisk.records.quality import save_report
from creditrisk.stages.decision.decide import decide
from creditrisk.stages.monitoring.monitor import monitor
from creditrisk.stages.scoring.score import score
from creditrisk.storage.file import FileStore
from tests.builders.documents import made_champion
from tests.builders.evidence import quality_report
from tests.builders.gold_lender import AT, CHAMPION, FINDINGS, NOW, Lender, with_champion
from tests.builders.small_lender import Scenario, fill, small_period, small_policy
from tests.builders.trained_version import UNSEEN, install

NEXT, LATER = add_months(NOW, 1), add_months(NOW, 2)
ANN = Statement(Identity("ann", "self-asserted"), "the new channel is understood", AT)


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    return with_champion(tmp_path)


def held(lender: Lender, month: date) -> list[tuple[str, ...]]:
    return [found.segments for found in contained_in(lender.store, month)]


def test_critical_stability_contains_from_its_decision_on(lender: Lender) -> None:
    lender.measured("gci")
    decision = lender.decide()
    assert (decision.decision, decision.action, decision.contained) == ("contain", "none", ("all",))
    assert held(lender, add_months(NOW, -1)) == []
    assert held(lender, NOW) == held(lender, LATER) == [("all",)]
    assert lender.trail()[0].body["contained"] == ["all"]


def test_only_the_segment_that_moved_critically_is_contained(lender: Lender) -> None:
    lender.measured("gci")
    rows = lender.period(NOW).lake.read(FINDINGS, [NOW]).to_pylist()
    for segment, letter in (("all", "critical"), ("sources_down=none", "critical"),
                            ("sources_down=visits", "green")):  # fmt: skip
        row = lender.row(NOW, CHAMPION, "score_psi", "stability", "2025-01", letter, "")
        rows.append(row | {"segment": segment})
    lender.write(FINDINGS, NOW, rows)
    lender.decide()
    assert held(lender, NOW) == [("sources_down=none",)]


def test_a_person_lifts_it_from_the_month_after_on(lender: Lender) -> None:
    lender.measured("gci")
    lender.decide()
    lift(lender.period(NEXT), ANN)
    assert (held(lender, NEXT), held(lender, LATER)) == ([("all",)], [])
    record = lender.trail()[-1]
    assert (record.event, record.actor, record.body["until"]) == ("lifted", "ann", f"{NEXT}")
    assert record.body["reason"] == "the new channel is understood"
    with pytest.raises(UserError, match="nothing is contained"):
        lift(lender.period(NEXT), ANN)


def test_lifting_needs_a_reason(lender: Lender) -> None:
    lender.measured("gci")
    lender.decide()
    with pytest.raises(UserError, match="needs a reason"):
        lift(lender.period(NEXT), Statement(ANN.who, "  ", AT))
    assert held(lender, NEXT) == [("all",)]


def test_a_decision_that_supersedes_it_takes_it_back(lender: Lender) -> None:
    lender.measured("gci")
    lender.decide()
    lender.measured("ggg")
    lender.decide(supersede="the file was corrected")
    assert held(lender, NOW) == held(lender, NEXT) == []


def test_deciding_again_contains_once_and_completes_what_a_crash_left(
    lender: Lender, monkeypatch
) -> None:
    lender.measured("gci")
    with monkeypatch.context() as patch:
        patch.setattr("creditrisk.stages.decision.decide.contain", _die)
        with pytest.raises(RuntimeError):
            lender.decide()
    assert containments(lender.store) == []
    assert lender.decide().replayed
    lender.decide()
    assert len(containments(lender.store)) == 1


def _die(*_: object) -> None:
    raise RuntimeError


def published(period: Period) -> pd.DataFrame:
    return period.lake.read(SCORES, [period.as_of]).to_pandas()


def scored_month(root: Path, month: date, version: str) -> Period:
    """A month in one process, as the pipeline runs it; nobody knows whether its PDs are right."""
    period = small_period(root, month, small_policy("monitoring: {min_bads: 20000}"))
    save_report(period.store, quality_report(month))
    score(period, version)
    monitor(period, version)
    decide(period, version, at=AT)
    return period


def test_a_life_in_which_the_book_changes_is_held_back_until_somebody_lifts_it(
    tmp_path: Path,
) -> None:
    january, february, march = (date(2024, month, 1) for month in (1, 2, 3))
    last = small_period(tmp_path, march)
    fill(last, {UNSEEN + 3: Scenario(shift=-4)})
    version = install(last)
    tenure = {"version": version, "since": "2023-12-01", "by": "pipeline", "sequence": 1}
    last.store.write("registry/champion.json", json.dumps({"history": [tenure]}).encode())
    first = scored_month(tmp_path, january, version)
    assert published(first).pd.notna().all()  # its drift is known once it has been scored
    assert [found.segments for found in containments(last.store)] == [("all",)]
    second = scored_month(tmp_path, february, version)
    rows = published(second)
    assert rows.held_back.all() and rows.pd.isna().all() and rows.reason_1.isna().all()
    kept = json.loads(last.store.read(f"months/{february}/publication.json"))["publications"][0]
    because = "every application, contained since 2024-01 (decision 2024-01-01/0001)"
    assert kept["held_because"] == {because: 400}
    lift(second, ANN)
    assert published(scored_month(tmp_path, march, version)).pd.notna().all()
    assert published(second).held_back.all()  # what was held back stays so


def test_a_new_champion_does_not_publish_for_what_is_contained(tmp_path: Path) -> None:
    period = small_period(tmp_path, date(2024, 1, 1))
    fill(period)
    version = install(period)
    opened = {"decision": "2024-01-01/0001", "segments": ["all"], "at": AT}
    for key in ("containment", "decisions"):
        period.store.write(f"{key}/2024-01-01/0001.json", json.dumps(opened).encode())
    score(period, version, rescored=True)
    assert published(period).held_back.all()
    assert list(period.store.keys(f"{VERSIONS}{version}/"))


def test_what_is_bound_to_a_champion_is_in_force_while_it_is_champion(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    made_champion(store, "old", date(2025, 1, 1))
    for decision, champion in (("2025-01-01/0001", "old"), ("2025-02-01/0001", "")):
        held = Containment(decision=decision, segments=("all",), champion=champion)
        store.write(layout.containment(decision), held.encode())
        store.write(layout.decision(decision), b"{}")
    assert [one.champion for one in in_force(store)] == ["old", ""]
    made_champion(store, "new", date(2025, 2, 1))
    assert [one.champion for one in in_force(store)] == [""]


def test_people_are_shown_eight_digits_of_the_version_it_holds_back():
    version = "2025-02-initial-" + "0badcafe" * 4
    held = Containment(decision="2025-08-01/0001", segments=("all",), champion=version)
    assert held.shown == (
        "every application scored by 2025-02-initial-0badcafe, contained since 2025-08"
        " (decision 2025-08-01/0001)"
    )
    assert version in str(held)  # as publications store it
