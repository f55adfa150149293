import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from creditrisk.audit import verify
from creditrisk.contracts import FINDINGS, LABELS, SCORES, features
from creditrisk.errors import UserError
from creditrisk.governance.decide import decide
from creditrisk.governance.decision import newest_decision
from creditrisk.month import add_months
from creditrisk.period import Period
from tests.small import small_period, small_policy

NOW = date(2025, 1, 1)
CHAMPION = "2024-02-initial-aaaaaaaa"
AT = "2025-01-02T00:00:00+00:00"
AXES = ("discrimination", "stability", "calibration")
LETTERS = {"g": "green", "a": "amber", "r": "red", "c": "critical", "i": "insufficient"}


class Lender:
    """A store written by hand: what the other stages leave there, month by month."""

    def __init__(self, root: Path, policy: str = "") -> None:
        self.root, self.policy = root, small_policy(policy)
        self.store = self.period(NOW).store

    def period(self, month: date, run: str = "run") -> Period:
        return small_period(self.root, month, self.policy, run)

    def put(self, key: str, content: object) -> None:
        self.store.write(key, json.dumps(content).encode())

    def crown(self, version: str = CHAMPION, since: date = date(2024, 2, 1)) -> None:
        try:
            history = json.loads(self.store.read("registry/champion.json"))["history"]
        except KeyError:
            history = []
        entry = {"version": version, "since": f"{since}", "by": "pipeline"}
        history.append(entry | {"sequence": len(history) + 1})
        self.put("registry/champion.json", {"history": history})

    def judged(self, version: str, verdict: str, width: int = 1) -> None:
        cohorts = [["2024-01-01"] * width] * 3
        body = {"verdict": verdict, "cohorts": cohorts, "as_of": f"{version[:7]}-01"}
        self.put(f"registry/versions/{version}/validation.json", body)

    def quality(self, month: date = NOW, failure: str = "", outages: tuple = ()) -> None:
        checks = [{"severity": "info", "text": "fine"}]
        checks += [{"severity": "block", "text": failure}] if failure else []
        body = {"as_of": f"{month}", "blocked": bool(failure), "checks": checks}
        self.put(f"months/{month}/quality.json", body | {"outages": outages})

    def measured(self, states: str, month: date = NOW, version: str = CHAMPION, **values) -> None:
        """Axes as `rgg` and metrics with their values; gold and quality beside them."""
        newest = add_months(month, -3)
        spans = (f"{newest:%Y-%m}..{newest:%Y-%m}", f"{month:%Y-%m}", f"{newest:%Y-%m}")
        rows = (
            [
                self.row(month, version, f"axis:{axis}", axis, span, LETTERS[state], f"{axis} text")
                for axis, span, state in zip(AXES, spans, states, strict=True)
            ]
            if version
            else []
        )
        for metric, value in values.items():
            rows.append(self.row(month, version, metric, "portfolio", "", "none", "", value))
        self.write(FINDINGS, month, rows)
        for contract in (features(self.period(month).portfolio), LABELS):
            self.write(contract, month, [])
        self.quality(month)

    def row(self, month, version, metric, axis, cohort, state, text, value=0.5) -> dict:
        place = {"metric": metric, "axis": axis, "cohort": cohort, "segment": "all"}
        return place | {
            "model_version": version, "value": value, "state": state, "text": text,
            "snapshot_date": month,
        }  # fmt: skip

    def write(self, contract, month: date, rows: list[dict]) -> None:
        some = {"string": "x", "boolean": False}
        columns = (c for c in contract.columns if c.name in contract.required)
        required = {c.name: some.get(c.type) for c in columns}
        blank = dict.fromkeys(contract.names) | required
        table = pa.Table.from_pylist([blank | row for row in rows], schema=contract.arrow)
        self.period(month).lake.write(contract, month, table, inputs={"test": "1"}, code="t")

    def scored(self, version: str, month: date = NOW) -> None:
        row = {"application_id": "A", "model_version": version, "snapshot_date": month}
        self.write(SCORES, month, [row])

    def matured(self, cohorts: int, bad: int | None = 1, loans: int = 30) -> None:
        """Loans of each cohort at the policy's mob, and early outcomes that must not count."""
        month = NOW
        for n in range(cohorts + 2):
            cohort = add_months(month, -3 - n)
            known = {"cohort": cohort, "mob": 3, "bad": bad if n < cohorts else None}
            early = {"cohort": add_months(cohort, 2), "mob": 1, "bad": 0}
            rows = [
                {"loan_id": f"{cohort}{r['mob']}{i}", "snapshot_date": add_months(month, -n), **r}
                for r in (known, early)
                for i in range(loans)
            ]
            self.write(LABELS, add_months(month, -n), rows)

    def decide(self, month: date = NOW, version: str = CHAMPION, supersede: str = "", run="run"):
        return decide(self.period(month, run), version, supersede, AT)

    def trail(self) -> list:
        return list(self.period(NOW).trail.records())


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    made = Lender(tmp_path)
    made.crown()
    return made


def test_a_decision_is_in_the_store_and_on_the_trail_with_states_numbers_and_limits(
    lender: Lender,
) -> None:
    lender.measured("rgr", applications=400.0)
    decision = lender.decide()
    assert (decision.decision, decision.action) == ("retrain", "retrain")
    assert (decision.branch, decision.replayed) == ("retrain", False)
    record = json.loads(lender.store.read("decisions/2025-01-01/0001.json"))
    assert record["triggers"] == ["two_of_three"]
    assert record["axes"]["discrimination"] == {
        "state": "red", "text": "discrimination text", "cohorts": ["2024-10-01"],
    }  # fmt: skip
    assert record["measured"] == {"applications": 400.0}
    assert record["thresholds"]["rule"]["red_axes"] == 2
    assert record["policy"] == lender.policy.sha
    assert set(record["inputs"]) == {"gold/features", "gold/labels", "monitoring/findings"}
    (entry,) = lender.trail()
    assert (entry.event, entry.id, entry.body) == ("decided", "2025-01-01/0001", record)
    assert entry.at == AT
    assert verify(lender.period(NOW).trail) == []


def test_the_page_and_the_numbers_of_a_decision_can_be_shown(lender: Lender) -> None:
    lender.measured("rga", auc=0.61)
    decision = lender.decide()
    page = decision.markdown()
    assert "# 2025-01-01: watch" in page
    assert "| discrimination | red | discrimination text |" in page
    assert decision.numbers() | {"auc": 0.61, "red_axes": 1.0} == decision.numbers()


def test_the_same_month_on_the_same_inputs_gives_the_old_record_and_acts_once(
    lender: Lender,
) -> None:
    lender.measured("rrg")
    first = lender.decide()
    lender.judged("2025-01-retrain-bbbbbbbb", "fail")
    again = lender.decide(run="another")
    assert again.record() == first.record()
    assert (again.replayed, again.action, again.effective_action) == (True, "retrain", "none")
    assert again.branch == "none"
    assert len(lender.trail()) == 1
    assert list(lender.store.keys("decisions/")) == ["decisions/2025-01-01/0001.json"]


def test_an_action_cut_off_before_its_end_is_finished_by_the_next_run(lender: Lender) -> None:
    lender.measured("rrg")
    lender.decide()
    assert lender.decide().branch == "retrain"  # cut off before training ended
    version = "2025-01-retrain-bbbbbbbb"
    lender.put(f"registry/versions/{version}/card.json", {})
    assert lender.decide().branch == "retrain"  # before validation ended
    lender.judged(version, "pass")
    assert lender.decide().branch == "retrain"  # before promotion
    lender.crown(version, NOW)
    assert lender.decide().branch == "retrain"  # before the month was scored again
    lender.scored(version)
    assert lender.decide().branch == "none"


@pytest.mark.parametrize("place", ["pending", "approvals"])
def test_a_challenger_that_waits_for_approval_or_was_rejected_leaves_nothing_to_do(
    lender: Lender, place: str
) -> None:
    lender.measured("rrg")
    lender.decide()
    lender.judged("2025-01-retrain-bbbbbbbb", "pass")
    lender.put(f"registry/{place}/2025-01-retrain-bbbbbbbb.json", {"decision": "rejected"})
    assert lender.decide().branch == "none"


def test_a_refit_that_was_promoted_counts_for_the_version_it_refits(lender: Lender) -> None:
    lender.measured("rrg")
    lender.decide()
    lender.judged("2025-01-retrain-bbbbbbbb", "pass")
    refit = "2025-01-refit-cccccccc"
    lender.put(f"registry/versions/{refit}/card.json", {"parent": "2025-01-retrain-bbbbbbbb"})
    lender.crown(refit, NOW)
    lender.scored(refit)
    assert lender.decide().branch == "none"


def test_other_inputs_are_refused_by_name_unless_a_reason_is_given(lender: Lender) -> None:
    lender.measured("rrg")
    lender.decide()
    lender.judged("2025-01-retrain-bbbbbbbb", "fail")
    lender.measured("ggg")
    with pytest.raises(UserError) as error:
        lender.decide()
    assert "is decided (retrain, decisions/2025-01-01/0001.json)" in str(error.value)
    assert "monitoring/findings" in str(error.value)
    assert "--supersede" in str(error.value)
    with pytest.raises(UserError):
        lender.decide(supersede="   ")
    decision = lender.decide(supersede="the servicer corrected December")
    assert (decision.n, decision.supersedes, decision.decision) == (2, 1, "keep")
    assert decision.reason == "the servicer corrected December"
    assert [entry.id for entry in lender.trail()] == ["2025-01-01/0001", "2025-01-01/0002"]
    assert lender.decide().record() == decision.record()


def test_a_superseding_action_is_carried_out_though_the_superseded_one_was(lender: Lender) -> None:
    lender.measured("rrg")
    lender.decide()
    lender.judged("2025-01-retrain-bbbbbbbb", "fail")
    lender.measured("rrr")
    assert lender.decide(supersede="corrected").branch == "retrain"
    assert lender.decide().branch == "retrain"
    lender.judged("2025-01-retrain-cccccccc", "fail")
    assert lender.decide().branch == "none"


def test_another_policy_is_refused_by_name(lender: Lender) -> None:
    lender.measured("rrg")
    lender.decide()
    lender.policy = small_policy("rule: {red_axes: 3}")
    with pytest.raises(UserError, match="on other policy; it stays decided"):
        lender.decide()


def test_two_runs_that_decide_at_once_leave_one_record(lender: Lender) -> None:
    lender.measured("rrg")
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda n: lender.decide(run=f"run{n}"), range(4)))
    assert len({json.dumps(decision.record(), sort_keys=True) for decision in found}) == 1
    assert sum(not decision.replayed for decision in found) == 1
    assert len(lender.trail()) == 1


def test_a_crash_between_record_and_trail_is_made_good(lender: Lender, monkeypatch) -> None:
    lender.measured("rrg")
    with monkeypatch.context() as patch:
        patch.setattr("creditrisk.audit.Trail.append", _die)
        with pytest.raises(RuntimeError):
            lender.decide()
    assert lender.trail() == []
    again = lender.decide()
    assert (again.replayed, again.branch) == (True, "retrain")
    assert lender.trail()[0].body == again.record()


def _die(*args: object, **more: object) -> None:
    raise RuntimeError


def test_an_altered_record_is_refused(lender: Lender) -> None:
    lender.measured("rrg")
    lender.decide()
    key = "decisions/2025-01-01/0001.json"
    record = json.loads(lender.store.read(key))
    lender.put(key, record | {"action": "none", "decision": "keep"})
    with pytest.raises(UserError, match="not the decision on the audit trail"):
        lender.decide()
    lender.put(key, {"as_of": "2025-01-01"})
    with pytest.raises(UserError, match="is not a decision record"):
        lender.decide()


def test_a_blocked_month_is_recorded_and_decided_once_it_is_delivered_again(
    lender: Lender,
) -> None:
    lender.quality(failure="form: 90 of 100 rows set aside")
    blocked = lender.decide()
    assert (blocked.decision, blocked.branch, blocked.axes) == ("blocked", "none", {})
    assert blocked.reasons == ("form: 90 of 100 rows set aside",)
    assert lender.decide().replayed
    lender.measured("ggg")
    decision = lender.decide()
    assert (decision.decision, decision.n, decision.supersedes) == ("keep", 2, 1)
    assert decision.reason == "quality had blocked the month"


def test_a_bad_delivery_after_the_decision_changes_nothing_and_acts_on_nothing(
    lender: Lender,
) -> None:
    lender.measured("rrg")
    first = lender.decide()
    lender.quality(failure="form: 90 of 100 rows set aside")
    again = lender.decide()
    assert again.record() == first.record()
    assert (again.replayed, again.branch) == (True, "none")


def test_without_a_champion_the_month_waits_and_then_trains_the_first(tmp_path: Path) -> None:
    lender = Lender(tmp_path)
    lender.measured("", version="", applications=400.0)
    lender.matured(8)
    waiting = lender.decide(version="")
    assert (waiting.decision, waiting.branch) == ("wait", "none")
    assert "needs 9 matured cohorts, there are 8" in waiting.reasons[0]
    lender.matured(9)
    first = lender.decide(version="", supersede="labels arrived")
    assert (first.decision, first.action, first.branch) == ("retrain", "initial", "retrain")


def test_where_bads_are_rare_the_first_model_waits_for_wider_windows(tmp_path: Path) -> None:
    lender = Lender(tmp_path)
    lender.measured("", version="")
    lender.matured(9, loans=15)  # two cohorts make a window: nine cohorts are not twelve
    waiting = lender.decide(version="")
    assert (waiting.decision, waiting.action) == ("wait", "none")
    assert "holds 15 bads, development.oot_min_bads asks for 30" in waiting.reasons[0]
    lender.matured(12, loans=15)
    first = lender.decide(version="", supersede="labels arrived")
    assert (first.decision, first.action) == ("retrain", "initial")


def test_cohorts_whose_outcomes_are_not_known_do_not_count(tmp_path: Path) -> None:
    lender = Lender(tmp_path)
    lender.measured("", version="")
    lender.matured(9, bad=None)
    assert "there are 0" in lender.decide(version="").reasons[0]


@pytest.mark.parametrize("version", ["", "2024-05-retrain-cccccccc"])
def test_a_version_other_than_the_months_champion_is_refused(lender: Lender, version: str) -> None:
    lender.measured("ggg")
    with pytest.raises(UserError, match=f"starts with champion {CHAMPION}"):
        lender.decide(version=version)


def test_missing_evidence_is_named(lender: Lender) -> None:
    with pytest.raises(UserError, match=r"no months/2025-01-01/quality\.json"):
        lender.decide()
    lender.quality()
    with pytest.raises(UserError, match="monitoring/findings has no month 2025-01-01"):
        lender.decide()
    lender.measured("ggg", version="2024-05-retrain-cccccccc")
    with pytest.raises(UserError, match=f"has no axis of {CHAMPION}"):
        lender.decide()


def test_an_axis_that_was_not_measured_is_insufficient(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    lender.measured("ggg")
    rows = [lender.row(NOW, CHAMPION, "axis:stability", "stability", "", "green", "fine")]
    lender.write(FINDINGS, NOW, rows)
    decision = lender.decide()
    assert decision.axes["calibration"]["state"] == "insufficient"
    assert decision.axes["stability"]["cohorts"] == []
    rows[0]["state"] = "purple"
    monkeypatch.setattr("creditrisk.lake.check_table", lambda *_: None)  # it refuses purple
    lender.write(FINDINGS, NOW, rows)
    with pytest.raises(UserError, match="axis:stability has state 'purple'"):
        lender.decide(supersede="again")


def test_an_outage_is_reported_as_one(lender: Lender) -> None:
    lender.measured("ggg", **{"source_outage:calls": 0.4})
    lender.quality(outages=("visits",))
    decision = lender.decide()
    assert decision.triggers == ("outage:calls", "outage:visits")
    assert decision.decision == "watch"


def test_history_is_read_from_the_months_before_and_no_later(lender: Lender) -> None:
    months = [add_months(NOW, -n) for n in (2, 1, 0)]
    for month, states in zip(months, ("rgg", "agg", "rgg"), strict=True):
        lender.measured(states, month)
    earliest = lender.decide(months[0])
    middle = lender.decide(months[1])
    assert (earliest.triggers, middle.triggers) == (
        ("red:discrimination",),
        ("recovery:discrimination",),
    )
    assert lender.decide(months[2]).triggers == ("persistence",)
    lender.measured("agg", months[1], applications=1.0)
    again = lender.decide(months[1], supersede="a look back")
    assert again.triggers == ("recovery:discrimination",)


def test_the_superseding_record_is_what_later_months_look_back_on(lender: Lender) -> None:
    before = add_months(NOW, -1)
    lender.measured("rgg", before)
    lender.decide(before)
    lender.measured("ggg", before)
    lender.decide(before, supersede="corrected")
    lender.measured("rgg")
    assert lender.decide().triggers == ("red:discrimination",)


@pytest.mark.parametrize(
    ("verdict", "width", "expected"),
    [
        ("fail", 1, ("cool_down", "two_of_three")),
        ("fail", 3, ("spent_windows", "two_of_three")),
        ("insufficient", 1, ("cool_down", "two_of_three")),
        ("", 1, ("two_of_three", "persistence")),
    ],
)
def test_what_became_of_the_last_action_holds_back_the_next(
    lender: Lender, verdict: str, width: int, expected: tuple
) -> None:
    before = add_months(NOW, -1)
    lender.measured("rrg", before)
    lender.decide(before)
    if verdict:
        lender.judged("2024-12-retrain-bbbbbbbb", verdict, width)
    lender.measured("rrg")
    assert lender.decide().triggers[:2] == expected


def test_a_rejected_challenger_spends_its_windows_like_a_refused_one(lender: Lender) -> None:
    before = add_months(NOW, -1)
    lender.measured("rrg", before)
    lender.decide(before)
    lender.judged("2024-12-retrain-bbbbbbbb", "pass", width=2)
    lender.put("registry/approvals/2024-12-retrain-bbbbbbbb.json", {"decision": "rejected"})
    lender.measured("rrr")
    assert lender.decide().triggers[0] == "spent_windows"


def test_an_old_champion_is_retrained_and_a_rollback_does_not_make_it_young(
    lender: Lender,
) -> None:
    lender.policy = small_policy("rule: {max_model_age: 11}")
    lender.crown("2024-06-retrain-bbbbbbbb", date(2024, 6, 1))
    lender.crown(CHAMPION, date(2024, 7, 1))
    lender.measured("ggg")
    decision = lender.decide()
    assert decision.triggers == ("model_age",)
    assert "promoted 11 months ago, the limit is 11" in decision.reasons[0]


def test_business_rules_are_judged_on_this_month_and_those_before(tmp_path: Path) -> None:
    rules = '["applications < 0.5 * median_2m(applications)", "mean_pd > 0.5"]'
    lender = Lender(tmp_path, f"rule: {{business: {rules}}}")
    lender.crown()
    for months, count in ((2, 400.0), (1, 420.0), (0, 100.0)):
        lender.measured("ggg", add_months(NOW, -months), applications=count, mean_pd=None)
    decision = lender.decide()
    assert decision.triggers == ("business:applications < 0.5 * median_2m(applications)",)
    assert "applications = 100, median_2m(applications) = 410" in decision.reasons[0]
    assert "mean_pd > 0.5 cannot be judged: mean_pd = no value" in decision.reasons


def test_a_business_rule_on_an_unknown_metric_is_refused_and_nothing_is_decided(
    tmp_path: Path,
) -> None:
    lender = Lender(tmp_path, 'rule: {business: ["bad_rate > 0.5"]}')
    lender.crown()
    lender.measured("ggg", bad_rate_mob3=0.2)
    with pytest.raises(UserError, match=r"no metric 'bad_rate' .* did you mean bad_rate_mob3"):
        lender.decide()
    assert newest_decision(lender.store, NOW) is None


def test_of_a_metric_in_several_cohorts_the_newest_counts(tmp_path: Path) -> None:
    lender = Lender(tmp_path, 'rule: {business: ["bad_rate_mob3 > 0.5"]}')
    lender.crown()
    lender.measured("ggg")
    table = lender.period(NOW).lake.read(FINDINGS, [NOW]).to_pylist()
    for cohort, value in (("2024-09..2024-09", 0.9), ("2024-10..2024-10", 0.1)):
        row = lender.row(NOW, CHAMPION, "bad_rate_mob3", "portfolio", cohort, "none", "", value)
        table.append(row)
    segment = row | {"segment": "home=rent", "value": 0.9}
    lender.write(FINDINGS, NOW, [*table, segment])
    assert lender.decide().decision == "keep"
