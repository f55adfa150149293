"""`make pictures`: every page of a real store as `docs/pictures/<page>.png`.

The store is the demo's unless `--store` names another; figures and words come from it alone.
"""

import argparse
from pathlib import Path

from creditrisk.cli.app import console
from creditrisk.errors import UserError
from creditrisk.reports.dashboard.pages import PAGES
from creditrisk.reports.dashboard.reader import Reader
from tools.viewer import DRAWN, browsing, served

OUT = Path("docs/pictures")
WIDTH, HEIGHT = 1400, 1000  # of the window; a picture is as long as its page
LONGEST = 2400  # pixels; what is below is tables


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="build/demo/promoted/store")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    if not Reader(options.store).read().summaries:
        raise UserError(f"{options.store} holds no month; run make demo first")
    options.out.mkdir(parents=True, exist_ok=True)
    with served(options.store) as address, browsing() as browser:
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_default_timeout(300_000)
        for name in PAGES:
            page.goto(f"{address}/{name}")
            page.wait_for_selector("main h1")
            page.wait_for_function(DRAWN)
            page.wait_for_timeout(800)  # fonts and transitions
            height = min(LONGEST, page.evaluate("document.body.scrollHeight"))
            path = options.out / f"{name}.png"
            page.screenshot(
                path=path, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height}
            )
            console.print(f"{path}: {path.stat().st_size / 1e3:.0f} kB", highlight=False)


if __name__ == "__main__":
    main()
