"""A month's verdict in words, the number behind each light, and whose lights they are."""

from dataclasses import replace
from datetime import date

import pytest

from creditrisk.policy import load_policy
from creditrisk.records.approval_requests import Approval, ChallengerRequest
from creditrisk.records.champion_pointer import Tenure
from creditrisk.records.decision import AXES, Recommendation
from creditrisk.records.overrides import Override
from creditrisk.reports.dashboard.blocks import Cards, Command, Facts, MonthLink, Notice, Table
from creditrisk.reports.dashboard.pages import page
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.drivers import driver, reason
from creditrisk.reports.month_summary import Measured
from creditrisk.reports.verdict import verdict
from tests.builders import documents
from tests.builders.documents import AT
from tests.builders.evidence import validation
from tests.builders.summaries import AUGUST, healthy, summary

POLICY = load_policy()
LIMITS = POLICY.monitoring
SEPTEMBER = date(2025, 9, 1)
OLD = Tenure(version="old", since=date(2025, 2, 1), by="pipeline", reason="passed", sequence=1)
NEW = Tenure(
    version="2025-08-new", since=AUGUST, by="pipeline", reason="passed validation", sequence=2
)


def states(**changed):
    return dict.fromkeys(AXES, "green") | changed


def replaced():
    """August: the old model ranks no longer, the new one takes its place."""
    values = healthy(
        auc=Measured(0.653, 0.608, 0.697, 0.02, 1000, 197, "amber"),
        auc_decay=Measured(0.135, 0.09, 0.18, 0.0001, 1000, 197, "critical"),
        csi_share=Measured(0.5, rows=1000, state="red"),
    )
    return summary(
        decision="retrain", action="retrain", triggers=("two_of_three",), outcome="promoted",
        reasons=("2 of 3 axes are red (discrimination, stability), the rule retrains from 2",),
        states=states(discrimination="critical", stability="red"), values=values, promoted=NEW,
        challenge=validation("2025-08-new", verdict="pass", cohorts=[[date(2025, 5, 1)]] * 3),
    )  # fmt: skip


def drawn(*summaries, name="overview", **facts):
    usual = {"tenures": (OLD,), "policies": {"": POLICY}}
    return page(Reading("file:///x", summaries=summaries, **usual | facts), name)


def blocks(shown, kind):
    return [b for section in shown.sections for b in section.blocks if isinstance(b, kind)]


def facts(shown):
    """Every single fact of a page by name."""
    return {name: cells for block in blocks(shown, Facts) for name, cells in block.facts}


def test_an_amber_light_is_one_thing_to_watch_said_in_its_number():
    values = healthy(oe=Measured(0.8137, 0.71, 0.93, 0.021, 1000, 195, "amber"))
    printed = verdict(summary(states=states(calibration="amber"), values=values), POLICY)
    assert printed.headline == "healthy, one thing to watch"
    assert printed.text == (
        "195 defaults where 240 were expected."
        " Model kept, because no axis is red and no other rule applies."
    )


def test_a_month_of_green_lights_is_healthy_and_says_why_the_model_stays():
    printed = verdict(summary(), POLICY)
    assert (printed.state, printed.headline) == ("green", "healthy")
    assert printed.text == "Model kept, because all three axes are green."


def test_the_number_that_drove_a_light_is_shown_and_not_a_fixed_one():
    found = driver(replaced(), "stability", LIMITS)
    assert (found.metric, found.figure) == ("csi_share", "1 of 2 features moved")
    found = driver(replaced(), "discrimination", LIMITS)
    assert found.metric == "auc_decay"
    assert found.sentence == "the model ranks with AUC 0.653 where validation promised 0.788"


@pytest.mark.parametrize(
    ("metric", "value", "state", "p_value", "why"),
    [
        ("auc", 0.69, "amber", 0.08, "below the red limit 0.7, but not significantly (p 0.080)"),
        ("auc", 0.69, "red", 0.001, ""),
        ("score_psi", 0.3, "amber", None, "above the red limit 0.25, but not beyond chance"),
        ("oe", 1.3, "green", 0.4, "above the red limit 1.2, but not significantly (p 0.400)"),
        ("gini", 0.1, "none", None, ""),
    ],
)
def test_a_limit_that_is_crossed_without_effect_says_why(metric, value, state, p_value, why):
    assert reason(metric, Measured(value, p_value=p_value, state=state), LIMITS) == why


def test_a_feature_that_counts_little_says_so_beyond_the_red_limit():
    found = Measured(0.3, state="amber", text="CSI 0.300 of income, not a top feature")
    why = "above the red limit 0.25, and not one of the features that count most"
    assert reason("csi:income", found, LIMITS) == why


def test_critical_lights_of_a_replaced_model_never_stand_under_the_new_name():
    shown = drawn(replaced(), tenures=(OLD, NEW))
    assert shown.title == "August 2025: not healthy, model replaced"
    assert shown.sections[0].of == "old"
    (notice,) = blocks(shown, Notice)
    assert notice.text.startswith(
        "These lights judge old, which is champion no longer. 2025-08-new took"
    )
    assert facts(shown)["Model measured"] == ("old",)
    assert facts(shown)["Champion from now on"] == ("2025-08-new",)


def test_a_month_before_the_promotion_has_lights_of_the_champion_it_ended_with():
    shown = drawn(summary(), replaced(), name="month/2025-08", tenures=(OLD, NEW))
    july = drawn(summary(date(2025, 7, 1)), replaced(), name="month/2025-07", tenures=(OLD, NEW))
    assert blocks(july, Notice) == []
    assert shown.title.startswith("August 2025")


def test_who_approved_is_said_even_where_no_person_did():
    found = facts(drawn(replaced(), tenures=(OLD, NEW)))
    assert found["Approved by"] == (
        "no person: automatic, as the policy allows (passed validation)",
    )


def test_a_second_person_who_approved_is_named_with_who_asked():
    given = Approval.model_validate(documents.approval("approved"))
    by_hand = Tenure(version="2025-08-new", since=AUGUST, by="bob", reason="read it", sequence=2)
    month = replace(replaced(), promoted=by_hand, approval=given)
    found = facts(drawn(month, tenures=(OLD, by_hand)))
    assert found["Approved by"] == ("bob (self-asserted), asked by pipeline: read it",)


def test_an_override_names_the_person_the_rule_and_the_end():
    act = {"by": "ana", "identity": "kubernetes", "reason": "an outage, not drift", "at": AT}
    given = Override(
        as_of="2025-08-01", n=1, decision="keep", recommended="watch", states={}, record="r",
        until="2025-09-01", **act,
    )  # fmt: skip
    rule = Recommendation(decision="watch", action="none", triggers=("red:stability",))
    taken = documents.decision(AUGUST, recommended=rule, triggers=("override",))
    shown = drawn(summary(override=given, taken=taken, triggers=("override",)))
    found = facts(shown)
    assert found["Decided by"] == (
        "ana (kubernetes), where the rule said watch: an outage, not drift",
    )
    assert found["Override"] == ("by ana, holds until September 2025",)
    assert "because ana decided so: an outage, not drift." in shown.lead


def test_what_waits_for_a_person_has_its_command_and_its_last_day():
    request = ChallengerRequest(
        version="2025-08-new", as_of="2025-08-01", requested_by="pipeline",
        requested_at="2025-08-02T06:00:00+00:00", evidence="1",
    )  # fmt: skip
    found = facts(drawn(summary(), requests=[request]))
    text, command = found["Approval"]
    assert text == "2025-08-new waits for someone other than pipeline, until 2025-09-01"
    assert command == Command("creditrisk registry approve 2025-08-new --reason ...")


def test_the_next_action_waits_for_the_cool_down_and_says_until_when():
    found = facts(drawn(replaced(), tenures=(OLD, NEW)))
    assert found["Automatic action"] == (
        "not before November 2025: cool-down of 3 months after the retrain in August 2025",
    )
    later = [replaced(), *(summary(date(2025, n, 1), champion="2025-08-new") for n in (9, 10))]
    found = facts(drawn(*later, tenures=(OLD, NEW)))
    assert found["Automatic action"] == ("possible in November 2025",)
    assert found["Age of the model"][0].startswith("2 of 24 months")


def test_a_red_light_says_by_when_its_cause_is_due_and_how_far_the_rule_is():
    values = healthy(csi_share=Measured(0.5, rows=1000, state="red"))
    month = summary(
        states=states(stability="red"), values=values, decision="watch",
        triggers=("red:stability",), reasons=("stability is red",),
    )  # fmt: skip
    shown = drawn(month)
    assert shown.title == "August 2025: one red light of three"
    assert shown.lead.endswith("Model kept, because one red axis does not retrain, two do.")
    assert facts(shown)["Due"] == ("find why stability is red by 2025-08-31 (30 days)",)
    assert facts(shown)["Distance to the rule"] == (
        "1 of 3 axes red (stability); the rule retrains from 2",
    )


def test_a_month_that_is_not_there_is_named_with_those_that_are():
    shown = drawn(summary(), name="month/2019-01")
    assert shown.title == "There is no such month"
    assert shown.lead == "2019-01 was not run here. The store holds months from 2025-08 to 2025-08."
    assert shown.links == [MonthLink("August 2025", "2025-08-01")]


def test_months_that_are_not_drawn_still_have_a_page():
    months = [summary(date(2025, n, 1)) for n in range(1, 9)]
    reading = Reading("file:///x", summaries=months, tenures=(OLD,)).last(3)
    assert [f"{month:%m}" for month in reading.months] == ["06", "07", "08"]
    assert page(reading, "month/2025-01").title == "January 2025: healthy"


def test_an_axis_without_evidence_is_not_called_healthy():
    blind = states(discrimination="insufficient", calibration="insufficient")
    texts = dict.fromkeys(AXES, "43 of 100 bads")
    shown = verdict(summary(states=blind, texts=texts), POLICY)
    assert shown.headline == "healthy as far as it is known"
    assert shown.sentences[0] == "43 of 100 bads."


def test_the_numbers_behind_the_lights_carry_limits_and_remarks():
    shown = drawn(replace(replaced(), outcome=""), tenures=(OLD, NEW))
    table = next(t for t in blocks(shown, Table) if t.caption == "Each with its limits")
    rows = {row[0]: row for row in table.rows}
    assert rows["AUC"][4] == "below the red limit 0.7, but not significantly (p 0.020)"
    assert rows["Share of features that moved"][1] == "50.0%"


def test_a_decision_says_what_it_does_to_those_who_do_not_know_its_word():
    assert facts(drawn(replaced()))["Decision"] == ("retrain: a challenger is trained",)
    held = replace(replaced(), decision="contain")
    [text] = facts(drawn(held))["Decision"]
    assert text.startswith("contain: its PDs are held back")
    assert text.endswith("; a challenger is trained")
    first = replace(replaced(), action="initial", champion="")
    assert facts(drawn(first))["Decision"] == ("retrain: the first model is trained",)
    assert facts(drawn(summary()))["Decision"] == ("keep: the model stays",)
    assert facts(drawn(replace(summary(), decision="failed")))["Decision"] == ("failed",)


def test_a_share_of_features_stands_beside_its_limit():
    [stability] = [
        card for card in blocks(drawn(replaced()), Cards)[0].cards if card.title == "Stability"
    ]
    assert stability.note.startswith("50.0% of them; red above 20%")
