"""A column of given files, made of its texts alone."""

from collections import Counter

import numpy as np
import pyarrow as pa

from creditrisk.portfolio import ColumnSpec
from creditrisk.quality.portfolio_check.column import Column


def column_of(name: str, spec: ColumnSpec, texts: list[str]) -> Column:
    rows = Counter(texts)
    distinct, counts = [*rows], np.array([*rows.values()])
    codes = np.array([distinct.index(text) for text in texts], dtype=np.int32)
    return Column(name, spec, pa.array(distinct), codes, counts)
