"""The grade of a PD: 1 is best, and a grade includes its upper bound."""

from collections.abc import Sequence

import numpy as np

from creditrisk.metrics.scored_rows import FloatArray, IntArray


def grades_of(pds: FloatArray, bounds: Sequence[float]) -> IntArray:
    """Grades (rows,) by the policy's upper `bounds` (`development.grades`)."""
    return np.searchsorted(np.asarray(bounds), pds, side="left") + 1
