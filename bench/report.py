"""`make bench`: every budget with its figure, beside the last release's, in docs/benchmarks.md.

Groups named as arguments are measured again; the others keep the figure, commit and machine they
had. The exit code is 1 where a figure in CPU seconds is more than a fifth above the last release's
on the same machine. `--release VERSION` makes the present figures those of a release.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench import commands, etl_figures, large_month, speed, whole_runs
from bench.figure import KEPT, Figure, Figures, Measured, measured_here, read, write
from creditrisk.cli.app import console, progress

PAGE = Path("docs/benchmarks.md")
WORK = Path("build/bench")
BEGIN, END = "<!-- written by make bench -->", "<!-- end of what make bench wrote -->"
GROUPS: Mapping[str, Callable[[Path], Sequence[Figure]]] = {
    "commands": commands.figures,
    "statistics": speed.figures,
    "demo": whole_runs.demo,
    "months": etl_figures.months,
    "sizes": etl_figures.sizes,
    "reader": etl_figures.reader,
    "large-month": large_month.figures,
    "check": whole_runs.check,
    "ci": whole_runs.ci,
}


def measured_again(figures: Figures, groups: Sequence[str], work: Path) -> Figures:
    """With some groups measured now; a line for each figure."""
    found = dict(figures.now)
    for group in groups:
        for figure in GROUPS[group](work):
            found[figure.name] = measured_here(figure)
            progress.print(f"{figure.name}: {text(found[figure.name])}", highlight=False)
    return replace(figures, now=found)


def table(figures: Figures) -> str:
    """The figures as a table of Markdown, by group as they were measured first."""
    lines = [
        f"| | budget | figure | {figures.release} | measured |",
        "|---|---|---|---|---|",
    ]
    for name in {**figures.now, **figures.released}:
        one, before = figures.now.get(name), figures.released.get(name)
        known = one or before
        assert known is not None  # noqa: S101 - the name is of one of them
        budget = "" if known.budget is None else f"{known.budget:g} {known.unit}".strip()
        cells = [name, budget, _beside(one), _beside(before), _where(one) if one else ""]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _beside(one: Measured | None) -> str:
    return f"{text(one)}{' (over)' if one.over else ''}" if one else ""


def _where(one: Measured) -> str:
    return f"{one.day}, {one.commit}, {one.machine}, load {one.load:g}"


def on_page(page: str, table: str) -> str:
    """The page with another table between its two marks."""
    head, _, rest = page.partition(BEGIN)
    _, mark, tail = rest.partition(END)
    if not mark:
        raise SystemExit(f"{PAGE} lacks '{BEGIN}' and '{END}', between which the table is written")
    return f"{head}{BEGIN}\n{table}\n{END}{tail}"


def text(one: Measured) -> str:
    """A value with its unit, as many digits as tell something."""
    digits = 0 if one.value >= 100 else 1 if one.value >= 10 else 2
    return f"{one.value:,.{digits}f} {one.unit}".strip()


def main() -> None:
    """Measure, keep, write the page; fail on a regression."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}")
    parser.add_argument("--release", default="", metavar="VERSION")
    given = parser.parse_args()
    if unknown := [name for name in given.groups if name not in GROUPS]:
        parser.error(f"there is no {unknown[0]}: {', '.join(GROUPS)}")
    WORK.mkdir(parents=True, exist_ok=True)
    figures = read(KEPT)
    if given.release:
        figures = replace(figures, released=figures.now, release=given.release)
    else:
        figures = measured_again(figures, given.groups or list(GROUPS), WORK.absolute())
    write(figures, KEPT)
    PAGE.write_text(on_page(PAGE.read_text("utf-8"), table(figures)), "utf-8")
    for name in (slower := figures.slower()):
        was = text(figures.released[name])
        console.print(f"{name}: {text(figures.now[name])}, {was} in {figures.release}")
    sys.exit(1 if slower else 0)


if __name__ == "__main__":
    main()
