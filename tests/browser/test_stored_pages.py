"""Stored pages full of hostile texts, in a real browser: none of it runs, none hides a page."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page as Tab

from creditrisk.governance.compliance import report as compliance
from creditrisk.quality import page as quality
from creditrisk.records.compliance import ComplianceReport
from creditrisk.records.quality import Check
from creditrisk.records.table_profile import ColumnProfile, TableProfile, Values
from creditrisk.reports.applicant.delivered_rows import DeliveredRow
from creditrisk.reports.applicant.explanation import Change, Explanation, Model, WhatIf
from creditrisk.reports.applicant.page import applicant_page
from creditrisk.reports.card_page import card_page
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.dashboard.static_page import static_page
from creditrisk.reports.evidently.page import Page
from creditrisk.stages.validation import report_page
from tests.builders import month_findings, populated_store
from tests.builders.evidence import quality_report, validation
from tests.builders.small_lender import small_policy

PAYLOADS = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(2)</script>",
    "<!--<script>",
    "</style><svg onload=alert(3)>",
    '" onmouseover="alert(4)" x="',
    "{{ 7 * 7 }}{% x %}",
    "a]]>b\u2028c",
)
HOSTILE = " ".join(PAYLOADS)
MONTH = date(2024, 9, 1)


def dashboard(root: Path) -> str:
    """Every page of half a year in one file; features, reasons and the lender are hostile."""
    with pytest.MonkeyPatch.context() as patch:
        decide = populated_store._decision
        patch.setattr(populated_store, "_decision", lambda n: (*decide(n)[:2], HOSTILE))
        for module in (month_findings, populated_store):
            patch.setattr(module, "feature", lambda n: f"{n} {PAYLOADS[n % len(PAYLOADS)]}")
        story = populated_store.populated_store(root, months=6, features=7)
    return static_page(replace(Reader(story.first.store.uri, last=6).read(), portfolio=HOSTILE))


def quality_page(_: Path) -> str:
    values = Values(2, {PAYLOADS[0]: 8, PAYLOADS[1]: 3}, 0)
    home = ColumnProfile(HOSTILE, 20, 9, None, values, judged=True)
    tables = (("bronze", "form"), ("silver", HOSTILE))
    check = Check("silver", "form", "range", HOSTILE, 9, 20, 0.45, "block", HOSTILE, (HOSTILE,))
    report = quality_report(
        MONTH,
        portfolio=HOSTILE,
        checks=(check,),
        outages=(HOSTILE,),
        inputs={"form": {"file": HOSTILE, "sha256": "f" * 64}},
        profiles=tuple(TableProfile(layer, table, 20, (home,)) for layer, table in tables),
    )
    return quality.render(report, small_policy().quality)


def compliance_page(_: Path) -> str:
    evidence = {"what": HOSTILE, "key": "months/x", "sha256": "f" * 64, "in_audit": True}
    line = {"clause": HOSTILE, "asks": HOSTILE, "evidence": [evidence]}
    content = {
        "kind": "month", "as_of": MONTH, "version": HOSTILE, "portfolio": HOSTILE,
        "policy": "abc", "code": HOSTILE, "says": HOSTILE,
        "frameworks": [{"name": HOSTILE, "note": HOSTILE, "evidenced": 1, "lines": [line]}],
        "expected_loss": [], "currency": HOSTILE, "economics": {},
        "overrides": {"overridden_months": 0, "decided_months": 1, "open": 0},
    }  # fmt: skip
    return compliance.page(ComplianceReport.model_validate(content), depth=2)


def validation_page(_: Path) -> str:
    gate = {
        "gate": HOSTILE, "window": HOSTILE, "state": "red", "value": 0.6, "limit": 0.7,
        "sample": 9, "reason": HOSTILE,
    }  # fmt: skip
    found = validation(
        "2024-09-initial", verdict="fail", champion=HOSTILE, reasons=(HOSTILE,), gates=(gate,)
    )
    return report_page.page(found)


def evidently_page(_: Path) -> str:
    """Categories and a column's name are hostile."""
    from creditrisk.reports.evidently.evidently_reports import summary

    rng = np.random.default_rng(1)
    rows = pd.DataFrame({HOSTILE: rng.normal(size=99), "home": rng.choice(PAYLOADS, 99)})
    drawn = summary(rows, rows, {HOSTILE: "number", "home": "category"}, MONTH)
    return Page.of("summary", MONTH, {"rows": HOSTILE}, drawn).html


def undrawn_page(_: Path) -> str:
    return Page("drift", MONTH, why_not=HOSTILE).html


def card(_: Path) -> str:
    """A card's Markdown holds the names and texts of the lender's columns."""
    link = "[a link](javascript:alert(9))"
    text = f"# {HOSTILE}\n\n{HOSTILE} {link}\n\n| column | why |\n| - | - |\n| {HOSTILE} | x |\n"
    return card_page("2024-09-initial", MONTH, text)


def explanation(_: Path) -> str:
    """What one applicant's page shows of the delivered files and the portfolio."""
    row = DeliveredRow(
        source=HOSTILE, role="applications", month=MONTH, file=HOSTILE, sha256="f" * 64, row=1,
        values={HOSTILE: HOSTILE}, hidden={HOSTILE: "personal"},
    )  # fmt: skip
    changes = (Change(column=HOSTILE, before=HOSTILE, after=HOSTILE),)
    found = Explanation(
        application=HOSTILE, month=MONTH, pd=0.1, grade=2, verdict="decline", cutoff=0.05,
        reasons=(HOSTILE,), held_back="", sources_down=(HOSTILE,),
        model=Model(version=HOSTILE, kind="initial", trained=MONTH, sha256="f" * 64),
        policy="f" * 64, scores=HOSTILE, features=HOSTILE, later_scores=(), delivered=(row,),
        notes=(HOSTILE,), what_if=WhatIf(changes=changes, pd=0.1, grade=2, verdict="decline"),
    )  # fmt: skip
    return applicant_page(found)


# what stands last on each, once it is drawn
PAGES = {
    dashboard: "article#quality",
    quality_page: "h2:has-text('Gold')",
    compliance_page: "h2:has-text('Overrides')",
    validation_page: "h2:has-text('Gates')",
    evidently_page: ".main-svg >> nth=1",
    undrawn_page: ".notice",
    card: "table",
    explanation: "h2 >> nth=-1",
}


@pytest.fixture
def opened(new_page: Callable[[], Tab], tmp_path: Path) -> Iterator[Callable[[str], object]]:
    """Open a page; a box it shows, or anything on its console, fails the test at its end."""
    complaints: list[str] = []
    tab = new_page()
    tab.on("dialog", lambda box: (complaints.append(f"box {box.message}"), box.dismiss()))
    tab.on("console", lambda line: complaints.append(line.text))
    tab.on("pageerror", lambda error: complaints.append(f"{error}"))

    def go(html: str) -> object:
        path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8", newline="")
        tab.goto(path.as_uri())
        return tab

    yield go
    assert complaints == []


@pytest.mark.parametrize("made", PAGES, ids=lambda made: made.__name__)
def test_nothing_of_a_text_runs_and_the_page_is_whole(made, opened, tmp_path):
    tab = opened(made(tmp_path))
    tab.locator(PAGES[made]).wait_for(state="attached")
    tab.wait_for_timeout(1000)  # for what would run late
    assert tab.locator("img[src=x], svg[onload], [onmouseover]").count() == 0
    assert PAYLOADS[0] in tab.locator("body").inner_text()
    rules = tab.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content")
    assert rules.startswith("default-src 'none'")
    scripts = next(rule for rule in rules.split("; ") if rule.startswith("script-src"))
    assert "unsafe" not in scripts


def test_a_script_that_the_page_did_not_bring_is_refused(new_page, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(
        undrawn_page(tmp_path).replace("</body>", "<script>window.ran=1</script></body>")
    )
    tab = new_page()
    refused = []
    tab.on("console", lambda line: refused.append(line.text))
    tab.goto(path.as_uri())
    assert tab.evaluate("window.ran") is None
    assert "Content Security Policy" in refused[0]


BEYOND = """() => [...document.querySelectorAll("body *")].filter((one) => {
  const right = one.getBoundingClientRect().right;
  const box = one.parentElement.closest("div:has(> table), .scroll, [role=img]");
  return right > innerWidth + 1 && !(box?.getBoundingClientRect().right <= innerWidth);
}).map((one) => one.outerHTML.slice(0, 120))"""
LETTERS = " ".join(
    (
        "x" * 200,
        "\u05d3\u05d5\u05d7 \u05e1\u05d9\u05db\u05d5\u05df (\u05d7\u05d5\u05d3\u05e9\u05d9) 12%",
        "\u062a\u0642\u0631\u064a\u0631: 3 / 2025",
        "\U0001f3e6\U0001f3fd\u200d\U0001f4bc",
        "e\u0301\u0323o\u0308\u0332",
        "line one\nline two\r\nthree",
        "[bold]x[/bold]",
    )
)


@pytest.mark.parametrize("made", PAGES, ids=lambda made: made.__name__)
def test_no_text_of_the_world_leads_beyond_the_edge_of_a_phone(
    made, new_page, tmp_path, monkeypatch
):
    module = sys.modules[__name__]
    monkeypatch.setattr(module, "HOSTILE", LETTERS)
    monkeypatch.setattr(module, "PAYLOADS", (LETTERS, *LETTERS.split(" ")))
    path = tmp_path / "page.html"
    path.write_text(made(tmp_path), encoding="utf-8", newline="")
    tab = new_page()
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(path.as_uri())
    tab.locator(PAGES[made]).wait_for(state="attached")
    tab.wait_for_timeout(500)
    assert tab.evaluate(BEYOND) == []
    widths = tab.evaluate("[...document.querySelectorAll('table')].map((t) => t.offsetWidth)")
    assert max(widths, default=0) < 2500  # a table scrolls in its box, and not for ever
