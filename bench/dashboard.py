"""`make bench-dashboard`: 60 months of 100 features, and how long each page takes.

The findings go through the lake as monitoring's do; pages of all months are opened in the system's
Chromium, then by many clients at once, who ask what the browser asked.
Writes `build/bench/dashboard.json`: seconds of wall time and of CPU (a page: the server's and the
browser's together; on a busy machine CPU says more than the clock), bytes.
"""

import argparse
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, Page

from bench.process_tree import cpu_seconds
from creditrisk.cli.app import console
from creditrisk.reports.dashboard.pages import PAGES, page
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.dashboard.static_page import static_page
from creditrisk.reports.month_summary import MONTHS_SHOWN
from tests.builders.populated_store import populated_store
from tools.viewer import DRAWN, browsing, served

ROOT, OUT = Path("build/bench/dashboard"), Path("build/bench/dashboard.json")
MONTHS, FEATURES = 60, 100
CLIENTS, ROUNDS = 50, 4
ALL = "?months=all"  # the range that costs most
# the page asked for, and not the one before it, with every figure drawn
THERE = f"""heading => document.querySelector("main h1")?.textContent == heading && ({DRAWN})()"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=MONTHS)
    parser.add_argument("--features", type=int, default=FEATURES)
    options = parser.parse_args()
    shutil.rmtree(ROOT, ignore_errors=True)
    store = populated_store(ROOT.absolute(), options.months, options.features).first.store.uri
    found: dict[str, Any] = {"months": options.months, "features": options.features}
    found["load_average"] = os.getloadavg()
    found |= _reading(store)
    reading = Reader(store).read()
    headings = {name: page(reading, name).title for name in PAGES}
    with served(store, every=10) as address, browsing() as browser:
        found["pages"] = _pages(address, browser, headings)
        found["clients"] = _clients(address, browser)
    OUT.write_text(json.dumps(found, indent=1))
    console.print(json.dumps(found, indent=1), highlight=False)


def _reading(store: str) -> dict[str, Any]:
    reader = Reader(store)
    first = _timed(reader.read)
    again = _timed(reader.read)
    reading = reader.read()
    drawn = {name: _timed(lambda name=name: page(reading, name)) for name in PAGES}
    newest = Reader(store, last=MONTHS_SHOWN).read()
    size = len(static_page(newest).encode())
    return {
        "rows": len(reading.findings),
        "first_read": first,
        "read_again": again,
        "drawn": drawn,
        "static": _timed(lambda: static_page(newest)) | {"bytes": size},
    }


def _pages(
    address: str, browser: Browser, headings: Mapping[str, str]
) -> dict[str, dict[str, dict[str, float]]]:
    """Opened by address, scripts from the browser's cache; then by a click within the page."""
    tab = browser.new_page(viewport={"width": 1400, "height": 1000})
    tab.set_default_timeout(300_000)
    tab.goto(f"{address}/{ALL}")
    tab.wait_for_function(DRAWN)
    found = {}
    for name in PAGES:
        opened = _timed(
            lambda name=name: _open(tab, f"{address}/{name}{ALL}", headings[name]), _all
        )
        _click(tab, "governance" if name != "governance" else "overview", headings)
        clicked = _timed(lambda name=name: _click(tab, name, headings), _all)
        found[name] = {"opened": opened, "clicked": clicked}
    tab.close()  # a browser draws the tab before others, and hardly those behind it
    return found


def _all() -> float:
    """CPU seconds so far of server and browser."""
    return cpu_seconds(os.getpid())


def _open(tab: Page, address: str, heading: str) -> None:
    tab.goto(address)
    tab.wait_for_function(THERE, arg=heading)


def _clients(address: str, browser: Browser) -> dict[str, float]:
    """Every page asked for by 50 clients at once: seconds to the answer."""
    tab, asked = browser.new_page(), []
    tab.set_default_timeout(300_000)
    tab.on("request", lambda request: asked.append(request.post_data or ""))
    for name in PAGES:
        tab.goto(f"{address}/{name}{ALL}")
        tab.wait_for_function(DRAWN)
    pages = [body for body in asked if '"page","property":"children"' in body.replace(" ", "")]

    def wait(body: str) -> float:
        start = time.perf_counter()
        url, kind = f"{address}/_dash-update-component", {"Content-Type": "application/json"}
        with urlopen(Request(url, body.encode(), kind)) as answer:  # noqa: S310 - loopback
            answer.read()
        return time.perf_counter() - start

    with ThreadPoolExecutor(CLIENTS) as pool:
        waited = sorted(pool.map(wait, [pages[n % len(pages)] for n in range(CLIENTS * ROUNDS)]))
    p95 = waited[int(0.95 * len(waited))]
    return {"clients": CLIENTS, "requests": len(waited), "p95": round(p95, 3)}


def _click(tab: Page, name: str, headings: Mapping[str, str]) -> None:
    tab.get_by_role("navigation").get_by_text(PAGES[name][0]).click()
    tab.wait_for_function(THERE, arg=headings[name])


def _timed(call: Any, cpu: Callable[[], float] = time.process_time) -> dict[str, float]:
    began, spent = time.perf_counter(), cpu()
    call()
    return {
        "seconds": round(time.perf_counter() - began, 3),
        "cpu_seconds": round(cpu() - spent, 3),
    }


if __name__ == "__main__":
    main()
