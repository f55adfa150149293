"""What people ask for most answers at once: nothing heavy is loaded, few requests are made."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest

from creditrisk import contracts
from creditrisk.calendar_month import add_months
from creditrisk.governance.compliance.report import report_month
from creditrisk.period import Period
from creditrisk.records import commits
from creditrisk.records.format import open_store
from creditrisk.records.month import read_month_run
from creditrisk.records.store_check import require_bound
from creditrisk.reports.status import status, status_lines
from creditrisk.stages.closing.close import _on_record
from creditrisk.stages.decision.resolve import resolve
from creditrisk.storage import ObjectVersion
from creditrisk.storage.file import FileStore
from tests.builders import old_store
from tests.builders.deliveries import Delivery
from tests.builders.populated_store import PopulatedStore, populated_store, run_month
from tests.builders.small_lender import PORTFOLIO

PRINTER = {"annotated_doc", "attr", "markdown_it", "mdurl", "pygments", "rich", "shellingham",
           "typer"}  # fmt: skip
DOCUMENTS = {"annotated_types", "cython_runtime", "pydantic", "pydantic_core",
             "typing_extensions", "typing_inspection", "yaml"}  # fmt: skip
OURS = {"creditrisk", "sitecustomize", "__main__"}
LOADED = """
import sys
from creditrisk.cli import main
sys.argv = ["creditrisk", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
names = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print("loaded", *sorted(name for name in names if not name.startswith("_")))
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return old_store.unpacked(tmp_path_factory.mktemp("old")).uri


def loaded(*words: str) -> tuple[str, set[str]]:
    """What a command prints, and the packages that it has imported by its end."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    printed, _, names = done.stdout.rpartition("loaded ")
    return printed, set(names.split())


def test_help_loads_what_prints_it_and_nothing_that_reads_a_store() -> None:
    printed, names = loaded("--help")
    assert "Usage" in printed
    assert names <= PRINTER | OURS


def test_status_and_the_list_of_versions_load_what_reads_documents(store: str) -> None:
    for words in (("status",), ("registry", "list")):
        printed, names = loaded(*words, "--store", store)
        assert old_store.CHAMPION in printed
        assert names <= PRINTER | DOCUMENTS | OURS, words


def test_a_check_of_delivered_files_loads_no_pandas(tmp_path: Path) -> None:
    Delivery(2).write(tmp_path / "landing")
    portfolio = tmp_path / "portfolio.yaml"
    portfolio.write_text(PORTFOLIO)
    _, names = loaded(
        *("portfolio", "check", "--data", f"{tmp_path / 'landing'}", "--portfolio", f"{portfolio}")
    )
    assert {"numpy", "pyarrow"} < names
    assert names.isdisjoint(("catboost", "pandas", "pyspark", "scipy", "sklearn"))


def test_tables_are_called_alike_in_documents_and_in_their_contracts() -> None:
    assert contracts.FINDINGS.table == commits.FINDINGS
    assert f"{contracts.LABELS.layer}/features" == commits.FEATURES


class Counting(FileStore):
    """Counts what a server that keeps versions is asked; no listing here has a thousand keys."""

    requests: ClassVar[Counter[str]] = Counter()

    def read(self, key: str) -> bytes:
        self.requests[f"read {key}"] += 1
        return super().read(key)

    def keys(self, prefix: str = "") -> Iterator[str]:
        self.requests[f"keys {prefix}"] += 1
        return super().keys(prefix)

    def tag(self, key: str) -> str | None:
        self.requests[f"tag {key}"] += 1
        return super().tag(key)

    def versions(self, prefix: str) -> list[ObjectVersion] | None:
        self.requests[f"versions {prefix}"] += 1
        return [ObjectVersion(key, self.at(key), deleted=False) for key in super().keys(prefix)]

    def at(self, key: str) -> datetime:
        return datetime.fromtimestamp((self.root / key).stat().st_mtime, UTC)


@pytest.fixture(scope="module")
def ten_years(tmp_path_factory: pytest.TempPathFactory) -> Period:
    """The last of 120 months, closed; a request for approval waits."""
    months = 120
    populated = populated_store(tmp_path_factory.mktemp("years"), months)
    return ended(populated, months - 1)


def ended(populated: PopulatedStore, n: int) -> Period:
    """The record of a month's end and its report, where the server keeps versions."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("creditrisk.storage.file.FileStore", Counting)
        last = populated.month(n)
        period = replace(last, store=open_store(last.store.uri), run_id=f"local-{n}")
        _on_record(period, read_month_run(period.store, period.as_of))
        report_month(period)
    return last


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What stores that are opened from now on are asked."""
    monkeypatch.setattr("creditrisk.storage.file.FileStore", Counting)
    Counting.requests.clear()
    return Counting.requests


def test_ten_years_of_months_cost_the_status_at_most_thirty_requests(
    ten_years: Period, requests: Counter[str]
) -> None:
    lines = status_lines(status(open_store(ten_years.store.uri)))
    assert lines["audit"].endswith("verified")
    assert lines["month"] == "2032-12, run ok"
    assert "none pending" not in lines["approvals"]
    assert requests.total() <= 30


def test_what_a_month_is_held_against_is_asked_for_once(
    ten_years: Period, requests: Counter[str]
) -> None:
    store, after = open_store(ten_years.store.uri), add_months(ten_years.as_of, 1)
    period = replace(ten_years, store=store, as_of=after)
    require_bound(period, add_months(after, -12))
    assert requests.total() > 20
    assert {what: number for what, number in requests.items() if number > 1} == {}


def test_a_month_starts_with_as_many_requests_after_ten_years_as_after_one(
    ten_years: Period,
    tmp_path: Path,
    requests: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """688 and 101 while every month that the rule looks back on was read, 24 before any check."""
    one_year = ended(populated_store(tmp_path, 13), 12)
    asked = []
    for last in (one_year, ten_years):
        monkeypatch.setenv("CREDITRISK_STORE", last.store.uri)
        requests.clear()
        resolve(f"{add_months(last.as_of, 1)}", "", last.config, "next", lease=False)
        asked.append(requests.total())
    assert asked[0] == asked[1] <= 40


def test_the_end_of_a_month_reads_what_is_new_since_the_last(
    tmp_path: Path, requests: Counter[str]
) -> None:
    populated = populated_store(tmp_path, 40)
    ended(populated, 39)
    first = requests.total()
    run_month(populated, 40)
    requests.clear()
    period = ended(populated, 40)
    read = {what for what in requests if what.startswith("read decisions/")}
    assert requests.total() < first
    assert {what.split("/")[1] for what in read} <= {"2026-04-01", "2026-05-01"}, read
    assert "held" in period.trail.head().body
