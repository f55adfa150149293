"""How much a version matters, and everything it was used for."""

from datetime import date

import pytest

from creditrisk.errors import UserError
from creditrisk.governance.dossier import uses
from creditrisk.governance.inventory import list_versions, materiality
from creditrisk.lake import Lake
from creditrisk.policy import load_policy, parse_policy
from tests.builders.gold_lender import Lender
from tests.builders.versions import judged, passed, with_version

APRIL = date(2024, 4, 1)


@pytest.mark.parametrize(
    ("features", "applications", "points", "tier"),
    [
        (20, 99, 1, 3),  # 990,000: below the first step
        (20, 100, 2, 2),
        (21, 100, 3, 1),
        (20, 1000, 3, 1),
        (21, 1000, 4, 1),
        (1, 0, 1, 3),
    ],
)
def test_the_tier_is_the_policy_s_formula(features, applications, points, tier):
    found = materiality(load_policy(), features, applications)
    assert (found.points, found.tier) == (points, tier)
    assert found.exposure == applications * 10_000


def test_another_policy_gives_another_tier():
    policy = parse_policy("materiality: {use: 2, tier_1: 2}", "stricter")
    assert materiality(policy, 1, 0).tier == 1


def test_the_list_says_the_tier_and_what_it_follows_from(tmp_path):
    period, _ = with_version(tmp_path, APRIL)
    (row,) = list_versions(period.store)
    assert (row["tier"], row["materiality"]) == (
        "3", "1 points: exposure 0, complexity 0, use 1",
    )  # fmt: skip


def test_every_use_of_a_version_is_listed(tmp_path):
    period, version = with_version(tmp_path, APRIL)
    judged(period, version)
    passed(period, version, "unrelated")
    lender = Lender(tmp_path)
    lender.set_champion(version, date(2024, 3, 1))
    lender.measured("gag", APRIL, version)
    lender.decide(APRIL, version)
    lender.scored(version, APRIL)
    found = uses(period.store, version)
    assert found["scores"] == [{"month": "2024-04-01", "rows": 1, "held_back": 0}]
    assert found["decisions"] == [
        {"as_of": "2024-04-01", "n": 1, "decision": "keep", "action": "none"}
    ]
    assert [(one["challenger"], one["verdict"]) for one in found["comparisons"]] == [
        (version, "pass")
    ]
    assert Lake(period.store).months("gold/features") == [APRIL]


def test_uses_of_what_is_not_there_are_refused(tmp_path):
    period, _ = with_version(tmp_path, APRIL)
    with pytest.raises(UserError, match="holds no model version 'other'"):
        uses(period.store, "other")
