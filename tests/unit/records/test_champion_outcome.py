"""What bad means to the champion, once the policy means something else by it."""

from datetime import date

import pytest

from creditrisk.policy import load_policy
from creditrisk.records.card import Label
from creditrisk.records.champion_outcome import champion_outcome, own_outcome, redefined
from creditrisk.storage.file import FileStore
from tests.builders.documents import made_champion
from tests.builders.evidence import card

OUTCOME = load_policy().outcome.model_copy(update={"mob": 6, "early_mob": 3})
LATER = date(2025, 1, 1)


def label(mob=6, missed=1):
    return Label(mob=mob, missed_instalments=missed)


@pytest.mark.parametrize("same", [label(), label(missed=None)])
def test_the_policys_own_definition_is_built_once(same):
    assert own_outcome(same, OUTCOME) is None
    assert redefined(same, OUTCOME) == ""


@pytest.mark.parametrize(
    ("own", "mob", "missed", "early"),
    [(label(mob=3), 3, 1, 3), (label(mob=2), 2, 1, 2), (label(missed=3), 6, 3, 3)],
)
def test_another_horizon_or_another_count_is_a_definition_of_its_own(own, mob, missed, early):
    found = own_outcome(own, OUTCOME)
    assert (found.mob, found.missed_instalments, found.early_mob) == (mob, missed, early)
    assert found.reporting_lag == OUTCOME.reporting_lag
    assert f"{missed} instalments late within {mob} months to the champion" in redefined(
        own, OUTCOME
    )


def test_a_month_is_measured_for_the_champion_it_starts_with(tmp_path):
    store = FileStore(tmp_path)
    assert champion_outcome(store, LATER, OUTCOME) is None
    made_champion(store, "2024-02-initial-aaaaaaaa", date(2024, 2, 1))
    store.write(
        "registry/versions/2024-02-initial-aaaaaaaa/card.json", card(label=label(mob=3)).encode()
    )
    assert champion_outcome(store, LATER, OUTCOME).mob == 3
    assert champion_outcome(store, date(2024, 2, 1), OUTCOME) is None  # it counts from March on
