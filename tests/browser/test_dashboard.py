"""What a risk officer sees: every page of two years, in a real browser."""

from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from creditrisk.reports.dashboard.header import RANGES
from creditrisk.reports.dashboard.pages import PAGES
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.dashboard.static_page import static_page
from creditrisk.storage.file import FileStore
from tests.builders.month_findings import START, feature
from tests.builders.populated_store import populated_store, run_month
from tests.builders.small_lender import small_period
from tools.viewer import served

NEWEST = "December 2024: healthy, a challenger waits for approval"
SEEN = {
    "overview": (NEWEST, "Three lights", "Discrimination"),
    "performance": ("Performance", "Does it still rank?", "What did validation see?"),
    "stability": ("Stability", "Have the scores moved?", "What moved, and when?"),
    "calibration": ("Calibration", "Are the PDs right?", "come true, grade by grade?"),
    "portfolio": (
        "Portfolio",
        "Do newer cohorts go bad sooner?",
        "Where did last month's loans go",
    ),
    "governance": ("Governance", "Requests nobody has decided on", "Thresholds in force"),
    "quality": ("Data quality", "Which rules found what, and when?", "Every month"),
}
DRAWN = {"overview": 1, "performance": 6, "stability": 5, "calibration": 7, "portfolio": 7,
         "governance": 0, "quality": 1}  # fmt: skip
# how many of one axis' lights stand within the frame of the figure of months
LIGHTS = """(() => {
  const { left, right } = document.querySelector("#history .nsewdrag").getBoundingClientRect();
  const lights = document.querySelector("#history .scatterlayer .trace").querySelectorAll(".point");
  const places = [...lights].map((light) => light.getBoundingClientRect().x);
  return places.filter((x) => left <= x && x < right).length;
})()"""


def click_cell(page, month: int, row: int) -> None:
    """Click into the heat map: a month of the 23 measured, a row of those shown, from 0."""
    cells = page.locator("#csi .nsewdrag")
    cells.scroll_into_view_if_needed()
    area, rows = cells.bounding_box(), page.locator("#csi .ytick").count()
    across, down = (month + 0.5) / 23, (row + 0.5) / rows
    page.mouse.click(area["x"] + across * area["width"], area["y"] + down * area["height"])


@pytest.mark.parametrize("name", list(PAGES))
def test_every_page_shows_what_it_is_named_after_and_asks_no_other_host(name, address, visit):
    page = visit(f"{address}/{name}")
    hosts = set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.reload()
    for text in SEEN[name]:
        expect(page.locator("main").get_by_text(text).first).to_be_visible()
    expect(page.locator("main .js-plotly-plot .main-svg:first-child")).to_have_count(DRAWN[name])
    assert hosts - {""} == {urlsplit(address).netloc}  # data: has no host


def test_the_lights_and_decisions_of_every_month_are_told_in_words_too(address, visit):
    page = visit(address)
    page.get_by_text("The same as a table").first.click()
    rows = page.locator("details[open] tbody tr")
    expect(rows).to_have_count(24)
    retrained = _of(page, rows, "2023-12")
    expect(retrained.locator("td")).to_have_text(
        [
            "2023-12",
            "red",
            "red",
            "red",
            "retrain",
            "promoted",
            "2023-01-initial-" + _hash(retrained),
        ]
    )
    expect(_of(page, rows, "2024-07").locator("td").nth(4)).to_have_text("blocked")


def _of(page, rows, month: str):
    """A month's row: versions in the others' may be named after it."""
    return rows.filter(has=page.locator("td:first-child", has_text=month))


def _hash(row) -> str:
    return row.locator("td").last.inner_text().rpartition("-")[2]


def test_every_month_has_an_address_that_the_picker_and_its_light_open(address, visit):
    page = visit(f"{address}/month/2024-05")
    expect(page.locator("main h1")).to_have_text("May 2024: healthy")
    page.get_by_text("Month").first.click()
    page.locator(".pick").get_by_role("link", name="December 2023").click()
    expect(page.locator("main h1")).to_have_text("December 2023: not healthy, model replaced")
    expect(page.locator(".notice.info")).to_contain_text("champion no longer")
    assert page.url == f"{address}/month/2023-12"
    page.get_by_role("link", name="Overview").click()
    page.wait_for_selector("#history .nsewdrag")
    lamp = page.locator("#history .scatterlayer .trace").first.locator(".point").nth(3)
    lamp.click(force=True)
    expect(page.locator("main h1")).to_have_text("May 2023: healthy")


def test_a_range_shows_the_newest_months_alone_and_stays_when_the_page_changes(address, visit):
    page = visit(f"{address}/performance?months=12")
    page.get_by_text("The same as a table").first.click()
    expect(page.locator("details[open] tbody tr")).to_have_count(11)  # one was blocked
    page.get_by_role("link", name="Calibration").click()
    expect(page.locator("main h1")).to_have_text("Calibration")
    assert page.url == f"{address}/calibration?months=12"


def test_a_click_on_the_heat_map_shows_the_reference_beside_the_month(address, visit):
    page = visit(f"{address}/stability")
    page.wait_for_selector("#csi .nsewdrag")
    click_cell(page, 9, 1)  # the tenth month measured, the row below the score
    found = page.locator("#cell p")
    expect(found).to_contain_text(f"{feature(0)}, 2023-11, beside the reference")
    expect(page.locator("#distribution .trace.bars")).to_have_count(2)
    expect(page.locator("#distribution .legendtext")).to_have_text(["reference", "2023-11"])
    expect(page.locator("#cell tbody tr")).to_have_count(9)  # eight bins, and what is missing
    page.get_by_role("combobox", name="Feature").fill(feature(1))
    page.keyboard.press("Enter")
    expect(found).to_contain_text(f"{feature(1)}, 2023-11, beside the reference")
    page.get_by_role("combobox", name="Feature").fill("rent")
    page.keyboard.press("Enter")
    expect(found).to_have_text("rent was not compared in 2023-11.")


def test_a_month_that_lands_appears_without_a_reload(again, visit):
    with served(again.first.store.uri) as address:
        page = visit(address)
        expect(page.locator(".status")).to_have_text("newest month December 2024")
        page.evaluate("window.kept = true")
        run_month(again, 24)
        expect(page.locator("main h1")).to_have_text("January 2025: healthy")
        assert page.evaluate("window.kept")


def test_the_tab_key_reaches_every_page_and_enter_opens_it(address, visit):
    page = visit(address)
    reached = []
    choices = ["Application", "Find", "Month", *RANGES]
    named = "({ activeElement: e }) => (e.labels?.[0] ?? e.firstChild).textContent"
    named = f"({named})(document)"
    for _ in range(1 + len(choices) + len(PAGES)):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(named))
    assert reached == ["Skip to content", *choices, *(title for title, _ in PAGES.values())]
    page.keyboard.press("Enter")
    expect(page.locator("main h1")).to_have_text("Data quality")


def test_every_figure_has_a_name_and_a_table_and_headings_do_not_skip_a_level(address, visit):
    page = visit(f"{address}/calibration")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    figures = page.locator(".plotted[role=img]")
    expect(figures).to_have_count(DRAWN["calibration"])
    for summary in page.locator("details summary").all():
        summary.focus()
        page.keyboard.press("Enter")
    expect(page.locator("details[open] table tbody tr:first-child")).to_have_count(figures.count())
    assert all(figure.get_attribute("aria-label") for figure in figures.all())
    levels = page.eval_on_selector_all(
        "main h1, main h2, main h3", "all => all.map(h => +h.tagName[1])"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", list(PAGES))
def test_neither_a_narrow_window_nor_a_phone_needs_sideways_scrolling(name, address, visit):
    page = visit(f"{address}/{name}")
    for width in (700, 390):
        page.set_viewport_size({"width": width, "height": 900})
        # figures follow the window a moment later
        fits = "width => document.documentElement.scrollWidth <= width"
        page.wait_for_function(fits, arg=width, timeout=30_000)


def test_a_store_of_one_month_shows_its_volumes(tmp_path, visit):
    with served(populated_store(tmp_path, months=1, features=1).first.store.uri) as address:
        page = visit(f"{address}/portfolio")
        bar = page.locator("#volumes .trace.bars .point")
        expect(bar).to_have_count(1)
        assert bar.bounding_box()["width"] > 100


def test_an_empty_store_says_what_to_do_and_fills_by_itself(tmp_path, visit):
    with served(small_period(tmp_path, START).store.uri) as address:
        page = visit(address)
        expect(page.locator("main h1")).to_have_text("No month yet")
        expect(page.locator("main")).to_contain_text("creditrisk run --data")


def test_a_store_that_is_not_there_is_named_and_found_once_it_is(tmp_path, again, visit):
    moved = tmp_path / "moved"
    with served(f"{moved}") as address:
        page = visit(address)
        expect(page.locator("main h1")).to_have_text("The store cannot be read")
        expect(page.locator("[role=alert]")).to_contain_text(f"there is no store at file://{moved}")
        Path(again.first.store.uri.removeprefix("file://")).rename(moved)
        expect(page.locator("main h1")).to_have_text(NEWEST)


def test_a_damaged_month_is_named_and_the_others_are_shown(again, visit):
    files = Path(again.first.store.uri[7:]).glob("lake/monitoring/findings/data/*/*2024-05-01/*")
    next(files).write_bytes(b"gone")
    with served(again.first.store.uri) as address:
        page = visit(f"{address}/performance")
        expect(page.locator("[role=alert]")).to_contain_text("committed_month=2024-05-01")
        expect(page.locator("[role=alert]")).to_contain_text("was altered")
        expect(page.get_by_role("heading", name="Does it still rank?")).to_be_visible()


def test_nothing_is_ever_written_to_the_store(populated, visit, monkeypatch):
    def refuse(*_: object) -> None:
        raise AssertionError("the dashboard wrote to the store")

    for call in ("write", "create", "swap", "delete"):
        monkeypatch.setattr(FileStore, call, refuse)
    with served(populated.first.store.uri) as address:
        for name in PAGES:
            visit(f"{address}/{name}").wait_for_selector("main .section-title")


def test_the_one_file_holds_every_page_and_asks_the_network_for_nothing(
    populated, tmp_path, visit, browser
):
    path = tmp_path / "page.html"
    path.write_text(
        static_page(Reader(populated.first.store.uri, last=24).read()), encoding="utf-8"
    )
    page = visit(path.as_uri())
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    for name in PAGES:
        expect(page.locator(f"article#{name}").get_by_text(SEEN[name][0]).first).to_be_visible()
    click_cell(page, 9, 1)
    expect(page.locator("#distribution-text")).to_contain_text(f"{feature(0)}, 2023-11, beside")
    expect(page.locator("#distribution .trace.bars")).to_have_count(2)
    before = page.locator("#bins tbody").text_content()
    page.select_option("#month", "2024-02-01")
    expect(page.locator("#bins tbody tr")).to_have_count(9)
    assert page.locator("#bins tbody").text_content() != before
    expect(page.locator("#distribution-text")).to_contain_text(f"{feature(0)}, 2024-02, beside")
    months = page.get_by_role("group", name="How many months the figures show")
    page.locator("#history .nsewdrag").first.wait_for()
    drawn = page.evaluate(LIGHTS)
    assert drawn > 12
    months.get_by_role("button", name="12").click()
    assert becomes(page, 11)  # one of the twelve months is not measured
    months.get_by_role("button", name="24").click()
    assert becomes(page, drawn)
    page.locator(".pick summary").click()
    page.locator(".pick").get_by_role("link", name="December 2023").click()
    month = page.locator("article#month-2023-12")
    expect(month.locator("h2")).to_have_text("December 2023: not healthy, model replaced")
    month.get_by_role("link", name="November 2023").click()
    expect(month).to_be_hidden()
    expect(page.locator("article#month-2023-11")).to_be_visible()
    assert asked == [path.as_uri()]


def becomes(page, lights: int) -> bool:
    """Whether so many lights are in the frame, within five seconds."""
    for _ in range(100):
        if page.evaluate(LIGHTS) == lights:
            return True
        page.wait_for_timeout(50)
    return False


def test_what_is_typed_to_find_an_application_is_in_no_address(address, new_page):
    page = new_page()  # `visit` takes no complaint, and Chromium complains of a 404
    page.goto(address)
    page.get_by_role("search").get_by_label("Application").fill("Ada Lovelace")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("h1")).to_have_text("No such application")
    expect(page.locator(".notice")).to_contain_text("is called 'Ada Lovelace'")
    assert page.url == f"{address}/applications/"
    page.get_by_role("link", name="Overview").click()
    expect(page.locator("main h1")).to_contain_text(":")
