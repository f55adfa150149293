"""What a finding weighs: one answer for the month's report and for `portfolio check`."""

from dataclasses import dataclass

from creditrisk.policy import Quality, Severity
from creditrisk.portfolio import SourceSpec
from creditrisk.stages.etl.cleaning import OUTCOME_DATES
from creditrisk.stages.etl.quality.severity import severity

_FEWEST = 5  # dates of default or closing lost in a month: one bad one of two is chance
SET_ASIDE = "set aside"  # all rows of a source's month that did not make it to silver


@dataclass(frozen=True)
class Weight:
    """Of a month's rows, or values: how many were struck, how many may be, and what follows."""

    share: float
    limit: float
    severity: Severity

    @property
    def blocks(self) -> bool:
        return self.severity == "block"


def weight(
    rule: str, column: str, count: int, of: int, spec: SourceSpec, limits: Quality
) -> Weight:
    """Of a rule that struck `count` times; `column` by its silver name, '' is the row as a whole.

    `of`: rows of the month; of a date of default or closing, its values, as most loans have none;
    fewer lost than five are chance.
    """
    share = count / of if of else 0.0
    limit = limits.max_nulled_share if column else limits.max_quarantined_share
    beyond = count > limit * of and (column not in OUTCOME_DATES or count >= _FEWEST)
    return Weight(share, limit, severity(limits.rules, rule, spec, column) if beyond else "info")
