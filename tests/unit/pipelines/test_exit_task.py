"""The exit task where there is no month to close: one line, no traceback."""

import pytest

from creditrisk.stages.closing.component import close_month
from creditrisk.stages.decision.component import resolve_period
from tests.builders.documents import record


class Page:
    """An artifact that nothing is written to."""


def test_a_run_that_was_refused_is_closed_in_one_line(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("CREDITRISK_STORE", str(tmp_path))
    refused = record("resolve_period", "failed", as_of="x", run_id="r", error="it is held")
    (tmp_path / "runs/r").mkdir(parents=True)
    (tmp_path / "runs/r/resolve_period.json").write_bytes(refused.encode())
    with pytest.raises(SystemExit) as ended:
        close_month.python_func("r", month_report=Page())
    assert ended.value.code == 2
    printed = capfd.readouterr().err
    assert printed == "close_month: run r failed before its month was known: it is held\n"


def test_a_store_that_cannot_be_is_one_line(monkeypatch, capfd):
    monkeypatch.setenv("CREDITRISK_STORE", "ftp://nowhere")
    with pytest.raises(SystemExit):
        resolve_period.python_func("2024-01-01", "", "", "r", False)
    assert capfd.readouterr().err.startswith("resolve_period: ")
