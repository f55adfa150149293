"""A browser of the system, a populated store, and the dashboard over it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.builders.populated_store import PopulatedStore, populated_store
from tests.builders.small_lender import small_period
from tests.needs import need
from tools.viewer import browsing, served

if "CREDITRISK_BROWSER_STORE" not in os.environ:
    collect_ignore = ["test_named_store.py"]
expect.set_options(timeout=60_000)  # a busy machine is slow, not wrong


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    need("Chromium")
    with browsing() as started:
        yield started


@pytest.fixture(scope="session")
def populated(tmp_path_factory) -> PopulatedStore:
    """Two years of a model's life; not to be changed."""
    return populated_store(tmp_path_factory.mktemp("populated"))


@pytest.fixture
def again(populated, tmp_path) -> PopulatedStore:
    """The same two years, to be changed at will."""
    source = Path(populated.first.store.uri.removeprefix("file://"))
    for folder in (source, source.with_name("store-audit")):
        shutil.copytree(folder, tmp_path / folder.name)
    return PopulatedStore(small_period(tmp_path, populated.first.as_of), populated.features)


@pytest.fixture(scope="session")
def address(populated) -> Iterator[str]:
    with served(populated.first.store.uri) as where:
        yield where


@pytest.fixture
def new_page(browser) -> Iterator[Callable[..., Page]]:
    """Open a page as patient as `expect`; it is closed at the test's end."""
    contexts: list[BrowserContext] = []

    def opened(**options: Any) -> Page:
        contexts.append(browser.new_context(viewport={"width": 1400, "height": 1000}, **options))
        contexts[-1].set_default_timeout(120_000)
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def visit(new_page) -> Iterator[Callable[[str], Page]]:
    """Open an address; whatever a page complains of fails the test at its end."""
    complaints: list[str] = []
    page = new_page()
    page.on("console", lambda text: text.type == "error" and complaints.append(text.text))
    page.on("pageerror", lambda error: complaints.append(f"{error}"))

    def go(url: str) -> Page:
        page.goto(url)
        page.wait_for_selector("main h1")
        return page

    yield go
    assert complaints == []
