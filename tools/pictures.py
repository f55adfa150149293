"""`make pictures`: every page of a real store as `docs/pictures/<page>.png`.

The store is the demo's unless `--store` names another; figures and words come from it alone.
"""

import argparse
from pathlib import Path

from creditrisk.cli.app import console
from creditrisk.errors import UserError
from creditrisk.reports.dashboard.pages import MONTH, PAGES
from creditrisk.reports.dashboard.reader import Reader
from creditrisk.reports.dashboard.reading import Reading
from tools.viewer import DRAWN, browsing, served

OUT = Path("docs/pictures")
WIDTH, HEIGHT = 1400, 1000  # of the window; a picture is as long as its page
LONGEST = 2400  # pixels; what is below is tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="build/demo/promoted/store")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    reading = Reader(options.store).read()
    if not reading.summaries:
        raise UserError(f"{options.store} holds no month; run make demo first")
    options.out.mkdir(parents=True, exist_ok=True)
    with served(options.store) as address, browsing() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_default_timeout(300_000)
        places = {name: name for name in PAGES} | {"month": _month_page(reading)}
        for name, place in places.items():
            page.goto(f"{address}/{place}")
            page.wait_for_selector("main h1")
            page.wait_for_function(DRAWN)
            page.wait_for_timeout(800)  # fonts and transitions
            height = min(LONGEST, page.evaluate("document.body.scrollHeight"))
            path = options.out / f"{name}.png"
            page.screenshot(
                path=path, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height}
            )
            console.print(f"{path}: {path.stat().st_size / 1e3:.0f} kB", highlight=False)


def _month_page(reading: Reading) -> str:
    """The page of the newest month whose model was replaced; else of the newest."""
    replaced = [summary for summary in reading.summaries if summary.successor]
    return f"{MONTH}{(replaced or reading.summaries)[-1].as_of:%Y-%m}"


if __name__ == "__main__":
    main()
