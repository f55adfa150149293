"""The table of months in a terminal."""

import pytest

from creditrisk.reports.month_summary import brief


@pytest.mark.parametrize(
    ("version", "shown"),
    [
        ("2025-02-initial-4c4db2106f532aa57c07eab740fdaae9", "2025-02-initial-4c4db210"),
        ("2025-02-initial-4c4db210", "2025-02-initial-4c4db210"),
        ("", ""),
    ],
)
def test_a_champion_is_shown_with_eight_digits_however_long_its_id(version: str, shown: str):
    assert brief(version) == shown
