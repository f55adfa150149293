"""Scenarios with a plot, for the demonstration and for tests of the whole life cycle.

Published facts: none; the numbers are chosen for the plot. Measured with boosted trees on the
delivered columns and the outcome "missed within three months", seeds 2, 3, 5 and 6: a model of
months 1-6 has AUC .75-.82 on months 9-11 and .61-.65 on month 17, where bads are 1.05 to 1.16 times
those expected and the score PSI against month 11 is .07-.10, although a dozen features have moved.
Chance still plays: a challenger may be refused for windows that differ, and pass a month later.
"""

from dataclasses import replace

from creditrisk.synthetic.scenario import Scenario, Shift


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
