"""WCAG 2.2 AA by axe: no serious finding on any page, wide or on a phone, light or dark."""

from collections.abc import Callable
from datetime import date
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Page

from creditrisk.governance.compliance import report as compliance
from creditrisk.quality.page import stored_page
from creditrisk.reports.applicant.delivered_rows import DeliveredRow
from creditrisk.reports.applicant.explanation import (
    Change,
    Explanation,
    LaterScore,
    Model,
    WhatIf,
)
from creditrisk.reports.applicant.page import applicant_page
from creditrisk.reports.card_page import card_page
from creditrisk.reports.dashboard.pages import PAGES
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.dashboard.static_page import static_page
from creditrisk.reports.evidently.page import Page as EvidentlyPage
from creditrisk.stages.validation import report_page
from tests.builders.evidence import gate, validation, window
from tests.builders.month_findings import START
from tests.needs import need
from tools.viewer import DRAWN

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
GRAVE = ("serious", "critical")
MONTH = date(2024, 9, 1)


@pytest.fixture
def tab(new_page: Callable[..., Page]) -> Page:
    """A page that axe may be run in: the policies of ours forbid it."""
    need("axe")
    return new_page(bypass_csp=True)


def grave(tab: Page) -> list[str]:
    """What axe finds wrong, wide and on a phone, in light and in dark."""
    from axe_playwright_python.sync_playwright import Axe

    found = []
    for width, scheme in product((1400, 390), ("light", "dark")):
        tab.set_viewport_size({"width": width, "height": 1000})
        tab.emulate_media(color_scheme=scheme)
        tab.wait_for_timeout(300)  # figures follow the width
        answer = Axe().run(tab, options=RULES).response
        found += [
            f"{width} {scheme}: {violation['id']}: {node['html'][:160]}"
            for violation in answer["violations"]
            for node in violation["nodes"]
            if violation["impact"] in GRAVE
        ]
    return found


@pytest.mark.parametrize("name", [*PAGES, "month/2023-12"])
def test_a_page_of_the_dashboard_has_no_serious_finding(name, address, tab):
    tab.goto(f"{address}/{name}")
    tab.wait_for_selector("main h1")
    tab.wait_for_function(DRAWN)
    assert grave(tab) == []


def whole(populated) -> str:
    return static_page(Reader(populated.first.store.uri, last=24).read(), "months/2024-12-01")


def quality(populated) -> str:
    return stored_page(populated.first.store, START)


def evidence(populated) -> str:
    period = populated.month(3)
    return compliance.page(compliance.of_month(period), depth=2)


def validated(_) -> str:
    floor = gate("auc_floor", "red", window="2024-03", value=0.66, reason="AUC 0.66, the floor")
    found = validation(
        "2024-09-initial-1", verdict="fail", reasons=("AUC 0.66",), gates=(floor,),
        windows=[window(date(2024, n, 1)) for n in (3, 4, 5)],
        limits={"auc_floor": 0.7},
    )  # fmt: skip
    return report_page.page(found)


def card(_) -> str:
    text = "# Model card\n\nUse: ranking.\n\n| part | AUC |\n|---|---|\n| train | 0.88 |\n"
    return card_page("2024-09-initial-1", MONTH, text)


def undrawn(_) -> str:
    return EvidentlyPage("drift", MONTH, why_not="no champion yet").html


def applicant(_) -> str:
    row = DeliveredRow(
        source="form", role="applications", month=MONTH, file="form.csv.gz", sha256="ab" * 32,
        row=7, values={"income": "1,5", "debt": None}, hidden={"name": "personal"},
    )  # fmt: skip
    change = Change(column="debt", before=None, after=5000.0)
    return applicant_page(
        Explanation(
            application="A-1", month=MONTH, pd=0.34, grade=7, verdict="decline", cutoff=0.3,
            reasons=("outstanding debt: high", "housing: rent"), held_back="",
            sources_down=("visits",),
            model=Model(version="v1", kind="retrain", trained=MONTH, sha256="cd" * 32),
            policy="ef" * 32, scores="lake/scores.json", features="lake/features.json",
            later_scores=(LaterScore(version="v2", pd=0.2, grade=5),), delivered=(row,),
            notes=("the month was delivered again",),
            what_if=WhatIf(changes=(change,), pd=0.4, grade=7, verdict="decline"),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    "made",
    [whole, quality, evidence, validated, card, undrawn, applicant],
    ids=lambda made: made.__name__,
)
def test_a_stored_page_has_no_serious_finding(
    made: Callable[[object], str], populated, tab, tmp_path: Path
):
    path = tmp_path / "page.html"
    path.write_text(made(populated), encoding="utf-8")
    tab.goto(path.as_uri())
    tab.wait_for_timeout(500)  # figures of the first screen
    assert grave(tab) == []


def test_a_month_prints_on_one_page(populated, tab, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(whole(populated), encoding="utf-8")
    tab.goto(path.as_uri())
    printed = tab.pdf(format="A4", prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") == 1
