"""Which applications get no score because something is contained."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from creditrisk.model.mask_states import segment_of
from creditrisk.records.containment import EVERYTHING, Containment


def covered(held: Iterable[Containment], states: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Rows, by their mask states, that get no score."""
    segments = {segment for each in held for segment in each.segments}
    if EVERYTHING in segments:
        return np.ones(len(states), dtype=bool)
    return np.isin(states, [state for state in np.unique(states) if segment_of(state) in segments])
