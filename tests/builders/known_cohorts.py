"""Cohorts whose outcomes are known, by their levels; loans whose PDs are exact or off."""

from datetime import date

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from creditrisk.calendar_month import add_months
from creditrisk.records.measured_window import KnownCohort

START = date(2023, 1, 1)
CALM = [0.01, -0.01, 0.02, -0.02, 0.0] * 3


def loans(rng, rows, auc=0.80, rate=0.05, odds=1.0, true_auc=None):
    """Outcomes and PDs: exact where neither `odds` nor `true_auc` says otherwise."""
    built, true = (np.sqrt(2) * norm.ppf(a) for a in (auc, true_auc or auc))
    bad = (rng.random(rows) < expit(logit(rate) + np.log(odds))).astype(int)
    score = rng.normal(size=rows) + true * bad
    # a weaker score keeps the spread of PDs that the stronger one had
    spread = np.where(bad == 1, score - true, score)
    score = score if true_auc is None else spread + true * bad
    return bad, expit(logit(rate) + built * score - built**2 / 2)


def cohort(number, level, part="window", variance=0.002):
    return KnownCohort(
        cohort=add_months(START, number), part=part, level=level, level_variance=variance
    )


def history(levels, part="window"):
    return [cohort(n, level, part) for n, level in enumerate(levels)]
