"""What blocks a publication, and what only warns."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from creditrisk.errors import GateError
from creditrisk.records.containment import Containment
from creditrisk.stages.scoring.publication import (
    ScoredMonth,
    check_publication,
    record_publication,
    refuse_blocked,
)
from tests.builders.small_lender import small_period, small_policy

SCORING = small_policy().scoring
NONE_BEFORE = np.empty(0)


def rows(pds, ids=None, held_back=None):
    ids = ids if ids is not None else [f"A{i}" for i in range(len(pds))]
    held_back = held_back if held_back is not None else [False] * len(pds)
    frame = {"application_id": ids, "pd": np.array(pds, dtype=float), "held_back": held_back}
    return pd.DataFrame(frame | {"source_masked": "", "customer_id": range(len(pds))})


def states(scored, applications=None, previous=NONE_BEFORE, scoring=SCORING):
    applications = scored["application_id"] if applications is None else pd.Series(applications)
    return {c.name: c.state for c in check_publication(scored, applications, previous, scoring)}


def test_good_scores_pass_every_check():
    found = states(rows(np.linspace(0.01, 0.4, 50)), previous=np.linspace(0.01, 0.41, 60))
    assert set(found.values()) == {"ok"}


def test_an_application_without_a_row_blocks():
    assert states(rows([0.1, 0.2]), ["A0", "A1", "A2"])["complete"] == "block"


def test_an_application_with_two_rows_blocks():
    assert states(rows([0.1, 0.2], ["A0", "A0"]), ["A0"])["unique"] == "block"


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -0.01, 1.01])
def test_a_pd_that_is_no_probability_blocks(wrong):
    assert states(rows([0.1, wrong]))["probabilities"] == "block"


def test_a_row_held_back_needs_no_pd():
    assert states(rows([0.1, np.nan], held_back=[False, True]))["probabilities"] == "ok"


def test_a_month_held_back_whole_has_nothing_to_check():
    found = states(rows([np.nan] * 3, held_back=[True] * 3), previous=np.array([0.1]))
    assert found["mass_point"] == found["mean_jump"] == found["distribution_jump"] == "none"
    assert "block" not in found.values()


@pytest.mark.parametrize(
    ("same", "of", "state"),
    [(100, 100, "block"), (70, 100, "block"), (50, 100, "ok"), (2, 2, "ok"), (1, 1, "ok")],
)
def test_one_pd_for_most_applications_blocks_once_there_are_enough_to_tell(same, of, state):
    pds = [0.2] * same + [0.01 + i / 1000 for i in range(of - same)]
    assert states(rows(pds))["mass_point"] == state


def test_an_applicant_who_applied_often_is_no_mass_point():
    scored = rows([0.2] * 70 + [0.01 + i / 1000 for i in range(30)])
    scored.loc[:69, "customer_id"] = -1
    assert states(scored)["mass_point"] == "ok"


def test_a_population_that_shifts_warns_and_is_published():
    found = states(rows(np.linspace(0.3, 0.9, 200)), previous=np.linspace(0.01, 0.3, 200))
    assert found["mean_jump"] == found["distribution_jump"] == "warn"
    assert "block" not in found.values()


def test_no_month_before_is_said_so():
    assert states(rows([0.1, 0.2]))["mean_jump"] == "none"


def test_what_blocks_is_named_and_kept(tmp_path):
    period = small_period(tmp_path, date(2024, 1, 1))
    scored = rows([0.1, np.nan])
    checks = check_publication(scored, scored["application_id"], NONE_BEFORE, SCORING)
    record_publication(period, ScoredMonth("v1", False, scored, ()), checks)
    with pytest.raises(GateError, match="1 of 2 PDs are not a number from 0 to 1: "):
        refuse_blocked(period, "v1", checks)
    kept = json.loads(period.store.read("months/2024-01-01/publication.json"))
    assert kept["publications"][0]["blocked"] is True


def test_every_version_keeps_its_own_checks(tmp_path):
    period = small_period(tmp_path, date(2024, 1, 1))
    scored = rows([0.1, 0.2])
    checks = check_publication(scored, scored["application_id"], NONE_BEFORE, SCORING)
    for version in ("v1", "v2", "v1"):
        published = ScoredMonth(version, version == "v2", scored, ())
        record_publication(period, published, checks)
    kept = json.loads(period.store.read("months/2024-01-01/publication.json"))
    assert sorted(entry["model_version"] for entry in kept["publications"]) == ["v1", "v2"]


def test_what_held_rows_back_is_told_with_their_number():
    scored = rows([0.1, np.nan, np.nan, np.nan], held_back=[False, True, True, True])
    scored["source_masked"] = ["", "", "visits", "visits"]
    some = Containment(decision="2024-01-01/0001", segments=("sources_down=none",))
    assert ScoredMonth("v1", False, scored, (some,)).held_because() == {
        "sources_down=none, contained since 2024-01 (decision 2024-01-01/0001)": 1,
        "not validated without visits": 2,
    }
