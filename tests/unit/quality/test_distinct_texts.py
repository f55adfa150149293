"""Many texts are read at once as each of them is read alone."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from creditrisk.portfolio import ColumnSpec
from creditrisk.quality.portfolio_check.cell import read
from creditrisk.quality.portfolio_check.distinct_texts import readings

SPECS = (
    ColumnSpec(type="number"),
    ColumnSpec(type="number", range=(-5, 1000), missing=("-1", "0")),
    ColumnSpec(type="number", strip="$", thousands=",", negative="brackets"),
    ColumnSpec(type="number", thousands=".", decimal=","),
    ColumnSpec(type="number", strip="0"),  # as an older release took it
    ColumnSpec(type="integer", range=(0, 99), missing=("99",)),
    ColumnSpec(type="integer"),
    ColumnSpec(type="integer", part=(1, 2)),
    ColumnSpec(strip="*", missing=("n/a", "")),
    ColumnSpec(),
    ColumnSpec(type="category", missing=("?",)),
    ColumnSpec(type="category", categories=("own", "rent"), spellings={"own": ("O",)}),
    ColumnSpec(type="category", spellings={"own": ("O",)}),
    ColumnSpec(type="date", role="start"),
)
NUMBERS = st.one_of(
    st.integers(-(10**18), 10**18).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
    st.floats().map(repr),
    st.floats(allow_nan=False, allow_infinity=False).map("{:.60f}".format),
)
TEXTS = st.text(alphabet='09.,-+eE$()*?nax \t\u00a0\n\u0663"', max_size=7)
WORDS = st.sampled_from(["", "n/a", "-1", "0", "99", "own", "O", "?", "2023-01-31", "9" * 400])


@given(st.lists(NUMBERS | TEXTS | WORDS, max_size=12), st.sampled_from(SPECS))
@settings(max_examples=400)
def test_texts_are_read_at_once_as_each_is_alone(texts, spec):
    found = list(readings(pa.array(texts, pa.string()), spec))
    assert found == [read(text, spec) for text in texts]
    assert [type(value) for value, _ in found] == [type(read(text, spec)[0]) for text in texts]
