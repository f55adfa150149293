"""From a model's log-odds to a probability of default: monotone, JSON, one per mask state.

Every map is a line through knots in log-odds, continued beyond the outermost knots with a
slope above 0: it rises strictly, so (but for PDs beyond one in a million, which are cut off) it
ranks applications exactly as the model does. A
sigmoid (Platt) is one knot and a slope; an isotonic map has its knots at the centres of the
pooled blocks (centred isotonic regression, Oron and Flournoy 2017), since the steps of the
plain one tie applications and cost AUC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from creditrisk.contracts import ALL_SOURCES_UP
from creditrisk.metrics.scored_rows import FloatArray

LIMIT = 13.8  # log-odds of a PD of one in a million: no PD is exactly 0 or 1


@dataclass(frozen=True)
class Calibration:
    """Knots `x` (model log-odds) to `y` (calibrated log-odds), and the slope outside them."""

    method: Literal["sigmoid", "isotonic"]
    x: tuple[float, ...]
    y: tuple[float, ...]
    slope: float

    def log_odds(self, raw: FloatArray) -> FloatArray:
        """Calibrated log-odds, unbounded."""
        below = np.minimum(raw - self.x[0], 0)
        above = np.maximum(raw - self.x[-1], 0)
        return np.asarray(np.interp(raw, self.x, self.y) + self.slope * (below + above))

    def pd(self, raw: FloatArray) -> FloatArray:
        """Calibrated probability of default."""
        return np.asarray(1 / (1 + np.exp(-np.clip(self.log_odds(raw), -LIMIT, LIMIT))))


@dataclass(frozen=True)
class Calibrations:
    """A calibration for each mask state: `plain`, and each optional source down."""

    by_state: Mapping[str, Calibration]

    def pd(self, raw: FloatArray, states: NDArray[np.str_]) -> FloatArray:
        """PD per row; with several sources down at once, the highest of what each alone gives."""
        out = np.full(len(raw), np.nan)
        for state in np.unique(states):
            rows = states == state
            found = [self.by_state[one] for one in str(state).split(",") if one in self.by_state]
            found = found or [self.by_state[ALL_SOURCES_UP]]
            out[rows] = np.max([calibration.pd(raw[rows]) for calibration in found], axis=0)
        return out
