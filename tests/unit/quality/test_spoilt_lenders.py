"""Deliveries spoilt as other lenders' systems spoil theirs: each is named, and no sound one is."""

import re

import pytest

from creditrisk.policy import load_policy
from creditrisk.portfolio import parse_portfolio
from creditrisk.quality.portfolio_check.survey import survey
from creditrisk.storage import open_store
from tests.builders.quiet_lender import what
from tests.builders.spoilt_lenders import SPOILT, UNSEEN, deliver


@pytest.mark.parametrize("name", [name for name in SPOILT if name not in UNSEEN])
def test_a_spoilt_delivery_is_named_and_a_sound_one_is_not(tmp_path, name):
    spoilt = SPOILT[name]
    deliver(tmp_path, spoilt.files())
    portfolio = parse_portfolio(spoilt.text, "mine.yaml")
    found = what(survey(open_store(f"{tmp_path}"), portfolio, load_policy().quality))
    if spoilt.shows is None:
        assert found == ""
    else:
        assert re.search(spoilt.shows, found), found
