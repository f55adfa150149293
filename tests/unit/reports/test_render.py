"""The one way to make HTML: what a template is given, and what it does with it."""

import json
import re
from datetime import date
from html import unescape
from pathlib import Path

import jinja2
import pytest

import creditrisk.stages.validation
from creditrisk.errors import isolated
from creditrisk.number_text import figure, measure
from creditrisk.reports.card_page import card_page
from creditrisk.reports.dashboard.blocks import Lines, Section, Table
from creditrisk.reports.dashboard.blocks import Page as DashboardPage
from creditrisk.reports.dashboard.components import page_body, straightened
from creditrisk.reports.evidently.page import Page
from creditrisk.reports.gate_title import gate_title
from creditrisk.reports.render import in_script, render, security

GATE = re.compile(r'gate="(\w+)"')


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("job=\u0639\u0645\u0631, 185 loans", "job=\u2068\u0639\u0645\u0631\u2069, 185 loans"),
        ("of \u05d3\u05d5 3 (\u05d7) 12%", "of \u2068\u05d3\u05d5 3 (\u05d7)\u2069 12%"),
        ("\u05d3\u05d5\u05d7-12", "\u05d3\u05d5\u05d7-12"),  # a name alone is copied as it is
        ("x\u202e\u05d3", "x\\u202e\u2068\u05d3\u2069"),
        ("na\u00efve 12%", "na\u00efve 12%"),
    ],
)
def test_a_number_behind_words_from_right_to_left_stays_behind_them(text, shown):
    assert isolated(text) == shown


def test_a_name_that_a_template_uses_and_nobody_gave_is_an_error():
    with pytest.raises(jinja2.UndefinedError, match="report"):
        render("compliance.html", month=date(2024, 3, 1), root="")


def test_what_a_page_is_given_is_shown_and_not_obeyed_and_the_stylesheet_is_in_it():
    html = Page("drift", date(2024, 3, 1), why_not="ValueError: <b>bold</b>").html
    assert "not drawn: ValueError: &lt;b&gt;bold&lt;/b&gt;" in html
    assert "--accent: #2159a8" in html
    assert "://" not in html


def test_no_text_turns_what_stands_beside_it_around():
    """A mark of Unicode would let a reason show `exe.jpg` where `gpj.exe` is written."""
    turned = "\u202egpj.exe\u2066 \u05d0\u05d1"
    blocks = [Lines([turned, turned]), Table(turned, (turned,), [(turned,)])]
    shown = DashboardPage("x", turned, turned, [Section(turned, blocks)], links=(turned,))
    pages = (
        Page("drift", date(2024, 3, 1), why_not=turned).html,
        card_page("v", date(2024, 3, 1), f"# {turned}\n\n| a |\n|---|\n| {turned} |\n"),
        "".join(f"{part}" for part in straightened(page_body(shown))),
    )
    for html in pages:
        assert not {"\u202e", "\u2066"} & {*html}
        assert r"\u202egpj.exe" in html.replace("\\\\", "\\")
        assert "\u05d0\u05d1" in html  # a word of such a script is not touched


def test_every_gate_of_a_validation_is_named_in_words():
    folder = Path(creditrisk.stages.validation.__file__).parent
    made = {name for path in folder.glob("*.py") for name in GATE.findall(path.read_text())}
    assert {"oe", "champion", "fairness"} <= made
    assert [name for name in made if gate_title(name) == name.replace("_", " ")] == []


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (0.0, "0"), (0.83367, "0.8337"), (1234.5, "1,234"), (2.03e-24, "2.03e-24")],
)
def test_a_figure_has_four_digits_or_thousands_in_groups(value, shown):
    assert figure(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (0.857, "0.857"),
        (0.0004983, "< 0.001"),
        (0.63, "0.630"),
        (3, "3"),
        (0.0, "0.000"),
    ],
)
def test_a_measure_has_three_decimals_whatever_it_is(value, shown):
    assert measure(value) == shown


def test_a_card_is_a_page_that_shows_what_a_lender_wrote_and_obeys_none_of_it():
    text = "# Model card\n\n| group | AUC |\n|---|---|\n| <img src=x onerror=alert(1)> | 0.8 |\n"
    html = card_page("2024-03-initial-1", date(2024, 3, 1), f"{text}\n[x](javascript:alert(1))")
    assert "<h1>Model card</h1>" in html
    assert "<td>&lt;img src=x onerror=alert(1)&gt;</td>" in html
    assert '<th class="n">AUC</th>' in html and '<td class="n">0.8</td>' in html
    assert 'href="javascript' not in html
    assert '<a href="../../../months/2024-03-01/report.html">Report of the month</a>' in html


def test_json_in_a_script_block_keeps_its_value_and_holds_nothing_html_reads():
    value = {"</script>": "<!--<script> & \u2028\u2029 ü"}
    held = in_script(json.dumps(value, ensure_ascii=False))
    assert json.loads(held) == value
    assert not set(held) & set("<>&\u2028\u2029")


def test_a_page_without_scripts_may_run_none_and_one_with_them_only_those():
    assert "script-src 'none';" in unescape(security((), "'none'"))
    rules = unescape(security(("one()", "two()"), "'none'"))
    assert rules.count("'sha256-") == 2
    assert "default-src 'none'" in rules
    assert "unsafe" not in rules
