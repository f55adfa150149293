"""The part of the policy that says how far cohorts may differ with nothing wrong."""

from typing import Literal

from creditrisk.policy.key import Count, PolicySection, Share, either, higher, lower


class Shocks(PolicySection):
    """Cohorts share shocks, and levels are estimates: what every test of O/E and AUC carries.

    Their variance is estimated from the matured cohorts that are known and shrunk to the prior.
    """

    stance: Literal["through_the_cycle", "point_in_time"] = higher(
        "of the PDs: the shock of a cohort is chance around their level; or point_in_time: PDs"
        " are to foresee it, and only their level is an estimate"
    )
    level_sd: Share = lower("prior: sd of a cohort's log odds around the PDs' level")
    auc_sd: Share = lower("prior: sd of a cohort's AUC around the one its PDs promise")
    prior_cohorts: Count = either("matured cohorts the prior of level_sd is worth")
    auc_prior_cohorts: Count = either(
        "the same of auc_sd; more, as chance in a cohort's AUC hides its shock"
    )
