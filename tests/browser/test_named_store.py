"""Every page of the store `CREDITRISK_BROWSER_STORE` names; not collected where it names none."""

import os
from collections.abc import Iterator

import pytest

from creditrisk.reports.dashboard.pages import PAGES
from tools import viewer
from tools.viewer import served


@pytest.fixture(scope="module")
def named() -> Iterator[str]:
    with served(os.environ["CREDITRISK_BROWSER_STORE"]) as where:
        yield where


@pytest.mark.parametrize("name", list(PAGES))
def test_every_page_of_a_store_somebody_names_is_drawn_without_a_complaint(name, named, visit):
    page = visit(f"{named}/{name}")
    page.wait_for_function(viewer.DRAWN)
    assert page.locator("[role=alert]").count() == 0
    words = set(page.locator("main").inner_text().lower().split())
    assert not words & {"nan", "nat", "none:", "inf", "undefined"}
    assert page.evaluate("document.documentElement.scrollWidth") <= 1400
