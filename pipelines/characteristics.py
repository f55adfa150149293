"""Operating characteristics: what the policy does, over many simulated books."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from creditrisk.metrics.between_cohorts import MANY, Shocks
from creditrisk.policy import Policy
from pipelines.scenarios import PORTFOLIOS, RIGHT, SMALL, WRONG, Scenario, SimulatedPortfolio
from pipelines.simulated_book import MONTHS, Book, draw
from pipelines.simulation import Judge, Seen, axes_of, first_action, refused_by_oe, seen

KNOWN = (12, 24)  # cohorts that have matured when monitoring begins
WITHIN = (3, 6, 12)
LARGE_SD = 0.20
IN_SMALL_BOOKS = ("cohort sd 0.10", "odds x1.5, sd 0.10")


@dataclass(frozen=True)
class Cell:
    """A scenario, a book, and how many cohorts have matured when monitoring begins."""

    scenario: Scenario
    portfolio: SimulatedPortfolio
    known: int

    @property
    def judges(self) -> tuple[Judge, ...]:
        """The policy; beside it what it acts on without shocks, or what knowing them would find."""
        return ("policy", "knowing" if self.scenario.wrong else "independent")


@dataclass(frozen=True)
class Characteristic:
    """How one judge did in a cell, over many books.

    `a_month`: actions per month at risk. `within`: share that acted within so many months of the
    first cohort monitored. `refused`: share of versions that the gate on O/E refuses before it.
    """

    scenario: str
    wrong: bool
    portfolio: str
    known: int
    judge: Judge
    books: int
    a_month: float
    within: Mapping[int, float]
    refused: float


def cells(name: str = "") -> list[Cell]:
    """Every cell, or those whose scenario's name has a text in it.

    Where something is wrong, or shocks are large, a longer history is tried as well; small books
    in one scenario with nothing wrong and one with something.
    """
    found = []
    for scenario in (*RIGHT, *WRONG):
        longer = scenario.wrong or scenario.sd == LARGE_SD
        for known in KNOWN if longer else KNOWN[:1]:
            found += [Cell(scenario, portfolio, known) for portfolio in PORTFOLIOS]
        if scenario.name in IN_SMALL_BOOKS:
            found += [Cell(scenario, portfolio, KNOWN[0]) for portfolio in SMALL]
    return [cell for cell in found if name.lower() in cell.scenario.name.lower()]


def characteristics(
    policy: Policy, wanted: Sequence[Cell], books: int, seed: int
) -> Iterator[Characteristic]:
    """Each cell by each of its judges, on the same books."""
    for cell in wanted:
        drawn = [
            seen(_draw(cell, policy, np.random.default_rng([seed, number])), policy)
            for number in range(books)
        ]
        for judge in cell.judges:
            yield _characteristic(cell, drawn, policy, judge)


def _draw(cell: Cell, policy: Policy, rng: np.random.Generator) -> Book:
    return draw(cell.portfolio, cell.scenario, cell.known, policy, rng)


def _characteristic(
    cell: Cell, books: Sequence[Seen], policy: Policy, judge: Judge
) -> Characteristic:
    scenario = cell.scenario
    correlation = 0.8 if scenario.kind == "autoregressive" else 0.0
    truth = Shocks(scenario.sd**2, correlation, MANY, 0)
    outages = (scenario.outage,) if scenario.outage else ()
    acted = [first_action(axes_of(book, policy, judge, truth), policy, outages) for book in books]
    when = np.array([MONTHS + 1 if months is None else months for months in acted])
    return Characteristic(
        scenario=scenario.name,
        wrong=scenario.wrong,
        portfolio=str(cell.portfolio),
        known=cell.known,
        judge=judge,
        books=len(books),
        a_month=int((when <= MONTHS).sum()) / float(np.minimum(when, MONTHS).sum()),
        within={months: float((when <= months).mean()) for months in WITHIN},
        refused=float(np.mean([refused_by_oe(book, policy, judge, truth) for book in books])),
    )
