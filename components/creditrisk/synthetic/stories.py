"""Scenarios with a plot, for the demonstration and for tests of the whole life cycle.

Published facts: none; the numbers are chosen for the plot. Measured with boosted trees on the
delivered columns and the outcome "missed within three months", seeds 1-8: a model of months 1-6
has AUC .72-.82 and O/E .88-1.16 on months 9-16, .55-.63 and 1.32-1.88 on 17-20, with score PSI
.32-.48 against month 11; one of months 1-12 has AUC .84-.91 and O/E .92-1.12 on 15-20. Chance
still plays: with seed 7 the second model loses .053 from month 15 to 17 and .014 to month 18.
"""

from dataclasses import replace

from creditrisk.synthetic.scenario import Scenario, Shift


def demo_scenario() -> Scenario:
    """1,000 applications a month; a pilot channel of 15 % from month 7, of 60 % from month 17.

    A model trained on months 1-6 (validated on 7 and 8) ranks and prices 15 % pilots well enough;
    at 60 % its scores move, then discrimination and calibration fail. One trained on months 1-12
    has seen enough pilots to rank and price both mixes. Outcome: missed within three months.
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
