"""What happens to a simulated portfolio, month by month; and the scenarios of the demonstration."""

from dataclasses import dataclass, replace
from math import prod

from creditrisk.errors import UserError
from creditrisk.synthetic.marginals import Knots


@dataclass(frozen=True)
class Driver:
    """A column that moves the log-odds of turning bad: `weight * (value - centre) / scale`."""

    column: str
    centre: float
    scale: float
    weight: float


@dataclass(frozen=True)
class Channel:
    """Where applicants come from: how they look, what makes them bad, what their clicks tell.

    `quality` is in standard deviations of credit quality (0: the reference mix); `columns` replaces
    the reference quantiles; `occupations` and `behaviours` are `(value, share)` pairs for the
    share of applicants who do not follow the reference mix. `events_of_bad` and `events_of_good`
    place what they click between a reference customer who turns bad (1) and one who does not (-1).
    """

    drivers: tuple[Driver, ...]
    quality: float = 0.0
    bad_odds: float = 1.0
    columns: tuple[tuple[str, Knots], ...] = ()
    occupations: tuple[tuple[str, float], ...] = ()
    behaviours: tuple[tuple[str, float], ...] = ()
    events_of_bad: float = 1.0
    events_of_good: float = -1.0


REGULAR = Channel(
    drivers=(
        Driver("Outstanding_Debt", 1434.0, 1157.0, 0.36),
        Driver("Interest_Rate", 14.6, 8.8, 0.38),
        Driver("Delay_from_due_date", 21.1, 15.0, 0.30),
        Driver("Num_Credit_Inquiries", 6.6, 4.0, 0.26),
        Driver("Num_Credit_Card", 5.5, 2.1, 0.20),
        Driver("Credit_History_Age", 224.0, 100.0, -0.14),
        Driver("Changed_Credit_Limit", 10.4, 6.8, -0.20),
        Driver("Annual_Income", 50462.0, 38348.0, -0.20),
    )
)

# Applicants who all look average to a model of the regular channel, and on average are, so that
# 15% of them are priced well enough. What tells their good from their bad it has never seen, or
# has learnt the other way round.
PILOT = Channel(
    drivers=(
        Driver("Credit_Utilization_Ratio", 43.0, 3.0, 3.2),
        Driver("Changed_Credit_Limit", 14.0, 8.0, 2.4),
        Driver("Num_Credit_Inquiries", 3.5, 2.4, -1.2),
    ),
    quality=0.5,
    bad_odds=0.7,
    columns=(
        ("Credit_Utilization_Ratio", (36.0, 38.0, 41.0, 43.0, 45.0, 48.0, 50.0)),
        ("Changed_Credit_Limit", (-5.0, 1.0, 8.0, 14.0, 20.0, 27.0, 34.0)),
        ("Outstanding_Debt", (900.0, 1000.0, 1200.0, 1400.0, 1600.0, 1800.0, 2000.0)),
        ("Interest_Rate", (11, 12, 13, 14, 16, 17, 18)),
        ("Delay_from_due_date", (14, 16, 18, 21, 24, 26, 28)),
    ),
    occupations=(("Musician", 0.3), ("Writer", 0.3), ("Journalist", 0.3)),
    behaviours=(("Low_spent_Large_value_payments", 0.7),),
    events_of_bad=-0.3,
    events_of_good=-0.3,
)


@dataclass(frozen=True)
class Shift:
    """A change from month `start` (1 is the first) to month `end`, or for good.

    `applications`, `odds` (of turning bad) and `signal` (1 keeps the rank order, 0 loses it, the
    bad rate stays) multiply; `quality` (standard deviations of credit quality) adds up; of
    `pilot_share` and `events` the shift that started last counts. They speak of the month of
    application, except `events`: False delivers no events file in that month (a source outage).
    """

    start: int
    end: int | None = None
    applications: float = 1.0
    odds: float = 1.0
    signal: float = 1.0
    quality: float = 0.0
    pilot_share: float | None = None
    events: bool | None = None

    def __post_init__(self) -> None:
        if self.start < 1 or (self.end is not None and self.end < self.start):
            raise UserError(f"shift from month {self.start} to {self.end}: give 1 <= start <= end")
        if min(self.applications, self.odds, self.signal) < 0 or self.odds == 0:
            raise UserError(f"shift from month {self.start}: multipliers must be positive")
        if self.pilot_share is not None and not 0 <= self.pilot_share <= 1:
            raise UserError(f"shift from month {self.start}: pilot_share must lie in 0..1")

    def holds(self, month: int) -> bool:
        return self.start <= month and (self.end is None or month <= self.end)


@dataclass(frozen=True)
class Conditions:
    """All shifts of one month taken together."""

    applications: int
    odds: float
    signal: float
    quality: float
    pilot_share: float
    events: bool


@dataclass(frozen=True)
class Scenario:
    """A lender's portfolio. `bad_rate`: share of the regular channel with a missed instalment
    within six months, before shifts; `history_months` and `future_months`: how long before and
    after an application its customer leaves events.
    """

    applications_per_month: int = 500
    bad_rate: float = 0.288
    regular: Channel = REGULAR
    pilot: Channel = PILOT
    shifts: tuple[Shift, ...] = ()
    history_months: int = 6
    future_months: int = 2

    def __post_init__(self) -> None:
        if self.applications_per_month < 1:
            raise UserError("applications_per_month must be at least 1")
        if not 0 < self.bad_rate < 1:
            raise UserError(f"bad_rate {self.bad_rate} must lie between 0 and 1")
        if min(self.history_months, self.future_months) < 0:
            raise UserError("history_months and future_months must not be negative")

    def at(self, month: int) -> Conditions:
        """The conditions of month `month` (1 is the first)."""
        held = sorted((s for s in self.shifts if s.holds(month)), key=lambda s: s.start)
        applications = self.applications_per_month * prod(s.applications for s in held)
        shares = [s.pilot_share for s in held if s.pilot_share is not None]
        return Conditions(
            applications=max(1, round(applications)),
            odds=prod(s.odds for s in held),
            signal=prod(s.signal for s in held),
            quality=sum(s.quality for s in held),
            pilot_share=shares[-1] if shares else 0.0,
            events=[True, *(s.events for s in held if s.events is not None)][-1],
        )


def demo_scenario() -> Scenario:
    """1,000 applications a month; a pilot channel of 15% from month 7, of 60% from month 17.

    A model trained on months 1-6 (validated on 7 and 8) ranks and prices 15% pilots well enough;
    at 60% its features move at once, and discrimination fails when outcomes mature. One trained on
    months 1-12 has seen enough pilots to rank both mixes. Outcome: missed within three months.
    """
    return Scenario(
        applications_per_month=1_000,
        shifts=(Shift(7, pilot_share=0.15), Shift(17, pilot_share=0.60)),
    )


def refused_scenario() -> Scenario:
    """The demo, but from month 17 on customers of both channels also turn bad as never before.

    The challenger's newest out-of-time window then contradicts the two before it.
    """
    demo = demo_scenario()
    return replace(demo, shifts=(*demo.shifts, Shift(17, odds=2.5, signal=0.5)))
