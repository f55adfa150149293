"""A name and its text: in a terminal the text stays in its column, in a log on its line."""

from io import StringIO

import pytest
from rich.cells import cell_len

from creditrisk.cli import headed_table
from creditrisk.cli.app import _Terminal

ID = "2025-08-retrain-" + "0b5c9486f370d35fdd17ee19ea10fcae" * 3
TEXTS = {
    "sentence": "calibration is amber: " + "195 defaults where 239.8 were expected " * 3,
    "one word": ID,
    "wide letters": "融資申請" * 30,
    "from right to left": "دخل سنوي מינוס " * 12,
    "emoji": "🏦🏽‍💼" * 40,
    "brackets": "[bold]x[/bold] [link=http://a]y " * 6,
    "composed": "e\u0301\u0323" * 120,
}


@pytest.fixture
def printed(monkeypatch):
    """What a terminal of 80 columns gets, or a log."""

    def of(lines, terminal):
        file = StringIO()
        console = _Terminal(None, file=file)
        console._force_terminal, console._width = terminal, 80 if terminal else 150
        monkeypatch.setattr(headed_table, "console", console)
        headed_table.print_named(lines)
        return file.getvalue()

    return of


@pytest.mark.parametrize("name", TEXTS)
def test_no_line_is_wider_than_the_terminal_and_none_stands_below_the_names(name, printed):
    shown = printed([("why", TEXTS[name]), ("axes", "green")], terminal=True)
    first, *rest, last = shown.splitlines()
    assert first.startswith("why   ") and last.startswith("axes  green")
    assert rest and all(line.startswith("      ") for line in rest)
    assert max(map(cell_len, shown.splitlines())) <= 80


def test_all_of_a_long_id_is_there(printed):
    shown = printed([("version", ID)], terminal=True)
    assert "".join(shown.split()) == f"version{ID}"


@pytest.mark.parametrize("name", TEXTS)
def test_a_log_has_one_line_of_each(name, printed):
    shown = printed([("why", TEXTS[name]), ("axes", "green")], terminal=False)
    assert len(shown.splitlines()) == 2
