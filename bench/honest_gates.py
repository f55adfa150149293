"""How often the gates of validation refuse simulated models whose truth is known.

Scores are binormal (goods N(0, 1), bads N(d, 1)), so PDs are exact by Bayes' rule.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from creditrisk.metrics.discrimination import delong
from creditrisk.metrics.scored_rows import FloatArray, IntArray
from creditrisk.policy import Policy
from creditrisk.stages.validation.gates import window_gates
from creditrisk.stages.validation.measures import measure

WINDOWS = 3


@dataclass(frozen=True)
class Truth:
    """Rows a window, share of bads, the AUC a model was built at and the one it now has."""

    rows: int
    rate: float
    built: float
    now: float
    odds: float = 1.0  # of default, against what the model expects

    def draw(self, rng: np.random.Generator, rows: int) -> tuple[IntArray, FloatArray]:
        """Outcomes, and the PDs the model gives them."""
        built, now = (np.sqrt(2) * norm.ppf(area) for area in (self.built, self.now))
        bad = (rng.random(rows) < expit(logit(self.rate) + np.log(self.odds))).astype(np.int64)
        score = rng.normal(size=rows) + now * bad
        return bad, expit(logit(self.rate) + built * score - built**2 / 2)


def stable(rows: int, rate: float, auc: float) -> Truth:
    """Nothing has changed since it was built."""
    return Truth(rows, rate, auc, auc)


def refused(truth: Truth, draws: int, policy: Policy, seed: int) -> dict[str, object]:
    """Share of draws in which a gate is red, and how often each was; the windows follow `truth`."""
    rng, built = np.random.default_rng(seed), replace(truth, now=truth.built, odds=1.0)
    by_gate: dict[str, int] = {}
    count = 0
    for _ in range(draws):
        train, reference = built.draw(rng, 6 * truth.rows), built.draw(rng, 2 * truth.rows)[1]
        drawn = [truth.draw(rng, truth.rows) for _ in range(WINDOWS)]
        measured = [
            measure(f"w{n}", bad, pd, reference, policy) for n, (bad, pd) in enumerate(drawn)
        ]
        bads, pds = zip(*drawn, strict=True)
        pooled = delong(np.concatenate(bads), np.concatenate(pds))
        judged = window_gates(measured, delong(*train), pooled, policy)
        red = {gate.gate for gate in judged if not gate.passed}
        count += bool(red)
        by_gate = {name: by_gate.get(name, 0) + (name in red) for name in {*by_gate, *red}}
    return {"refused": count / draws, "draws": draws, "by_gate": dict(sorted(by_gate.items()))}
