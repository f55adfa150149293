"""The page an officer opens: what it says first, and that it stands alone."""

import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from creditrisk.policy import load_policy
from creditrisk.quality.page import place, render
from creditrisk.records.quality import (
    Anomalies,
    Check,
    DeliveredFile,
    Odd,
    QualityReport,
    save_report,
)
from creditrisk.records.table_profile import (
    ColumnChange,
    ColumnProfile,
    Numbers,
    TableProfile,
    Values,
)
from creditrisk.reports.write_report import report
from tests.builders.small_lender import small_period

LIMITS = load_policy().quality


def numbers(shift=0.0, spread=10.0):
    middle = 100 + shift
    quarter = spread / 2
    return Numbers(
        200, 0, middle - 30, middle - 20, middle - quarter, middle, middle + quarter,
        middle + 20, middle + 30, mean=middle, sd=12.0, beyond=0,
    )  # fmt: skip


def check(severity, text="form: income unreadable in 90 of 200 rows", samples=("9a",)):
    return Check("silver", "form", "unreadable", "income", 90, 200, 0.45, severity, text, samples)


THEN = ColumnChange(200, 0, numbers(-4), shift=0.33, outliers=3, outlier_rise=0.015)
INCOME = ColumnProfile("income", 200, 20, numbers(), None, THEN, judged=True)
HOME = ColumnProfile(
    "home", 200, 0, None, Values(2, {"own": 120, "rent": 80}, 0), ColumnChange(200, 0)
)
PROFILES = (
    TableProfile("bronze", "form", 210, (ColumnProfile("client", 210, 0),)),
    TableProfile("silver", "form", 200, (ColumnProfile("customer_id", 200, 0), INCOME, HOME)),
    TableProfile("gold", "features", 200, (replace(INCOME, judged=False),)),
)
REPORT = QualityReport(
    as_of=date(2024, 9, 1),
    portfolio="small-lender",
    policy="abc" * 20,
    checks=(check("warn"), check("info", "form: debt stripped in 3 of 200 rows")),
    outages=("visits",),
    inputs={"form": DeliveredFile(file="application_form.csv.gz", sha256="f" * 64)},
    profiles=PROFILES,
    compared_with=date(2024, 8, 1),
)
ODD = Anomalies(
    as_of=date(2024, 9, 1), gold="d", applications=200, examined=200, seed=1, trees=100,
    limit=0.65, above=1, severity="info", text="1 of 200 applications",
    oddest=(Odd(application_id="C1_2024-09-01", score=0.7, columns=("income high",)),),
)  # fmt: skip


class Tags(HTMLParser):
    """Tags are closed in the order they were opened; void ones are not."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in ("link", "meta", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(page):
    tags = Tags()
    tags.feed(page)
    assert tags.open == []
    return tags, " ".join(" ".join(tags.text).split())


def test_what_blocks_stands_first_and_is_announced():
    report = REPORT.replace(checks=(*REPORT.checks, check("block", "form: 90 rows set aside")))
    tags, text = read(render(report, LIMITS))
    assert "September 2024: blocked" in text
    assert text.index("form: 90 rows set aside") < text.index("Findings")
    assert any(attrs.get("role") == "alert" for _, attrs in tags.seen)


def test_a_month_that_passed_says_so_with_its_outages_and_counts():
    tags, text = read(render(REPORT, LIMITS))
    assert "September 2024: passed" in text
    assert "compared with 2024-08" in text
    assert "source down: visits" in text
    assert "rows delivered 210 not in silver 10" in text
    assert "0 block, 1 warn 1 within their limits" in text
    assert "application_form.csv.gz" in text
    assert not any(attrs.get("role") == "alert" for _, attrs in tags.seen)


def test_the_oddest_column_is_told_once_with_what_moved():
    _, text = read(render(REPORT, LIMITS))
    odd = text[text.index("Oddest columns") : text.index("Least complete")]
    assert "income silver/form mean 100, 96 then 66%" in odd.replace("  ", " ")
    assert "gold/features" not in odd


def test_incomplete_columns_are_ranked():
    _, text = read(render(REPORT, LIMITS))
    least = text[text.index("Least complete") : text.index("Odd applications")]
    assert "income silver/form 90.0% 20 200" in least


def test_odd_applications_are_listed_once_monitoring_has_looked():
    assert "Not looked for yet" in render(REPORT, LIMITS)
    _, text = read(render(REPORT, LIMITS, ODD))
    assert "C1_2024-09-01 0.700 income high" in text


def test_it_stands_alone_runs_no_script_and_loads_nothing():
    page = render(REPORT, LIMITS, ODD)
    tags, _ = read(page)
    assert not {"script", "img", "iframe"} & {tag for tag, _ in tags.seen}
    (icon,) = (attrs for tag, attrs in tags.seen if tag == "link")
    assert icon["href"].startswith("data:")
    assert not re.search(r"(?:src=|url|@import|https?:)", page)


def test_it_can_be_read_without_eyes_and_walked_without_a_mouse():
    tags, _ = read(render(REPORT, LIMITS, ODD))
    assert ("html", {"lang": "en"}) in tags.seen
    assert all("scope" in attrs for tag, attrs in tags.seen if tag == "th")
    scrolling = [attrs for _, attrs in tags.seen if attrs.get("class") == "scroll"]
    assert scrolling
    assert all(a["tabindex"] == "0" and a["aria-label"] for a in scrolling)
    assert all(a.get("aria-hidden") == "true" for tag, a in tags.seen if tag == "svg")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "a & b"])
def test_whatever_was_delivered_is_shown_and_not_obeyed(text):
    page = render(REPORT.replace(checks=(check("warn", text, (text,)),)), LIMITS)
    assert text not in page
    assert text in read(page)[1]


def test_a_first_month_and_an_empty_one_have_a_page():
    bare = REPORT.replace(compared_with=None, profiles=(), checks=(), inputs={})
    _, text = read(render(bare, LIMITS))
    assert "Nothing blocks, nothing warns" in text
    assert "The first month: nothing to compare with" in text


def test_a_distribution_keeps_to_its_strip():
    drawn = place(INCOME)
    assert 0 <= drawn["low"] <= drawn["now"][0] <= drawn["now"][1] <= 118
    assert drawn["then"][1] < drawn["now"][1]
    assert place(ColumnProfile("flat", 200, 0, replace(numbers(), p1=5.0, p99=5.0))) is None


def test_the_page_of_the_month_links_to_it(tmp_path):
    period = small_period(tmp_path, REPORT.as_of)
    run = {"run_id": "local-1", "status": "ok", "tasks": []}
    period.store.write(f"months/{REPORT.as_of}/run.json", json.dumps(run).encode())
    save_report(period.store, REPORT)
    period.store.write(f"months/{REPORT.as_of}/quality.html", b"<p>drawn</p>")
    page = report(period)
    assert '<a href="quality.html">report</a>' in page
    row = next(row for row in re.findall("<tr.*?</tr>", page, re.DOTALL) if "quality.html" in row)
    assert " ".join(re.sub("<[^>]*>", " ", row).split()) == "2024-09 warn 0 1 1 report JSON"
