"""The table of months in terminals of every width: nothing is cut."""

import io

import pytest
from rich.console import Console

from creditrisk.cli.headed_table import headed_table
from creditrisk.cli.tables import WIDE, month_table
from creditrisk.records.version_files import brief
from creditrisk.reports.month_summary import months
from tests.builders.populated_store import populated_store


@pytest.fixture(scope="module")
def summaries(tmp_path_factory):
    """Seventeen months: a drift that ends in a retraining, a refusal."""
    return months(populated_store(tmp_path_factory.mktemp("stored"), 17).first.store)


@pytest.mark.parametrize("width", [80, 120, WIDE])
def test_no_cell_is_cut_whatever_the_terminal(summaries, width: int) -> None:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(month_table(summaries, "What happened", width))
    text = console.export_text()
    rows = text.splitlines()
    assert "…" not in text
    assert max(map(len, rows)) <= width
    for summary in summaries:
        row = next(line for line in rows if line.startswith(f" {summary.as_of:%Y-%m}"))
        assert summary.decision in row


def test_what_a_narrow_table_has_no_column_for_stands_below(summaries) -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(month_table(summaries, "", 80))
    text = console.export_text()
    assert "AUC: discrimination, PSI: stability, O/E: calibration" in text
    assert "AUC on the challenger's windows: 0." in text


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


@pytest.mark.parametrize("width", [20, 40, 80])
def test_what_a_terminal_has_no_room_for_goes_on_in_the_next_line(width):
    id = "2025-08-retrain-8c2c7fd5f4caaa3a1a87b63da52b295b"
    table = headed_table("version", "rows", right=("rows",))
    table.add_row(id, "1,000")
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(table)
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= width
    assert id in "".join(line[: width - 8].strip() for line in lines[3:])
