"""Simulated models whose truth is known: the honest pass, the broken are refused.

Scores are binormal (goods N(0, 1), bads N(d, 1)), so PDs are exact by Bayes' rule.
"""

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from creditrisk.metrics.discrimination import delong
from creditrisk.policy import load_policy
from creditrisk.stages.validation.gates import window_gates
from creditrisk.stages.validation.measures import measure

POLICY = load_policy()
AUC, RATE = 0.80, 0.22


def draw(rng, rows, auc=AUC, odds=1.0):
    """Outcomes, and the PDs a model built at AUC .80 gives them."""
    built, true = (np.sqrt(2) * norm.ppf(a) for a in (AUC, auc))
    bad = (rng.random(rows) < expit(logit(RATE) + np.log(odds))).astype(int)
    score = rng.normal(size=rows) + true * bad
    return bad, expit(logit(RATE) + built * score - built**2 / 2)


def refused(rng, rows, scenarios=({}, {}, {})):
    """Names of the gates that refuse one simulated version."""
    train, reference = draw(rng, 6 * rows), draw(rng, 2 * rows)[1]
    drawn = [draw(rng, rows, **scenario) for scenario in scenarios]
    windows = [measure(f"w{i}", bad, pd, reference, POLICY) for i, (bad, pd) in enumerate(drawn)]
    pooled = delong(*(np.concatenate(part) for part in zip(*drawn, strict=True)))
    judged = window_gates(windows, delong(*train), pooled, POLICY)
    return {gate.gate for gate in judged if not gate.passed}


def share_refused(draws, rows, scenarios=({}, {}, {}), seed=3):
    rng = np.random.default_rng(seed)
    return np.mean([bool(refused(rng, rows, scenarios)) for _ in range(draws)])


def test_honest_stable_models_pass_at_110_bads_a_window():
    assert share_refused(200, 500) <= 0.03


def test_a_ranking_lost_in_the_last_window_is_refused_at_1000_bads():
    assert share_refused(20, 4500, ({}, {}, {"auc": AUC - 0.06})) >= 0.90


def test_odds_up_by_half_are_refused_at_1000_bads():
    assert share_refused(20, 4500, ({"odds": 1.5},) * 3) >= 0.90
