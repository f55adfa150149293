"""A store read from Python: what a notebook gets, and what it is told."""

import os
import subprocess
import sys
from datetime import date

import pyarrow as pa
import pytest

import creditrisk
from creditrisk.contracts import FINDINGS, SCORES, Contract
from creditrisk.contracts.contract import PARTITION, Column
from creditrisk.errors import UserError
from creditrisk.lake import Lake
from creditrisk.storage.file import FileStore
from tests.builders.old_store import CHAMPION, NEWEST, objects, unpacked

NOTES = Contract(
    "gold", "notes", "one row per note", ("note",),
    (Column("note", "string"), Column("points", "long"), Column(PARTITION, "date")),
)  # fmt: skip


@pytest.fixture(scope="module")
def populated(tmp_path_factory) -> FileStore:
    return unpacked(tmp_path_factory.mktemp("stored"))


@pytest.fixture(scope="module")
def view(populated):
    return creditrisk.open(populated.root)


@pytest.fixture
def noted(tmp_path):
    """Two months of notes, the first one corrected."""
    store = FileStore(tmp_path)
    note(store, date(2024, 1, 1), 1)
    note(store, date(2024, 2, 1), 2)
    note(store, date(2024, 1, 1), 3)
    return creditrisk.open(tmp_path)


def note(store, month: date, points: int, contract: Contract = NOTES) -> None:
    values = {"note": "a", "points": points, PARTITION: month}
    rows = pa.Table.from_pylist([values], schema=contract.arrow)
    Lake(store).write(contract, month, rows, inputs={"points": f"{points}"}, code="test")


def test_importing_the_package_imports_nothing_else():
    code = "import sys; import creditrisk; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = set(found.stdout.split())
    assert {name for name in names if name.startswith("creditrisk")} == {"creditrisk"}
    assert names & {"pyarrow", "pandas", "pydantic", "yaml", "minio"} == set()


def test_looking_imports_neither_pandas_nor_pipelines_nor_learners(populated):
    code = "import sys, creditrisk; creditrisk.open(sys.argv[1]).scores(); print(*sys.modules)"
    words = [sys.executable, "-c", code, populated.uri]
    found = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    assert (
        set(found) & {"pandas", "kfp", "pipelines", "catboost", "sklearn", "minio", "typer"}
        == set()
    )


@pytest.mark.parametrize("spelled", ["2023-10-01", "2023-10", date(2023, 10, 1)])
def test_a_month_is_spelled_as_on_the_command_line(view, spelled):
    scores = view.scores(spelled)
    assert scores.schema == SCORES.arrow
    assert set(scores[PARTITION].to_pylist()) == {date(2023, 10, 1)}


def test_a_month_of_one_digit_is_taken(view):
    assert view.findings("2023-9").equals(view.findings(date(2023, 9, 1)))


def test_without_a_month_every_month_is_read(view):
    assert view.scores().num_rows == sum(view.scores(month).num_rows for month in view.months())


def test_every_table_of_the_lake_is_read_by_its_name(view):
    rows = {name: view.table(name).num_rows for name in view.tables()}
    assert rows["gold/features"] == view.features().num_rows == 2400
    assert rows["gold/labels"] == view.labels().num_rows == 4200
    assert rows["bronze/form"] == 2400


def test_a_month_without_a_file_still_has_its_columns(view):
    assert view.table("silver/quarantine", "2023-12").column_names[:2] == ["source", "reason"]


def test_arrow_becomes_a_data_frame(view):
    frame = view.findings(NEWEST).to_pandas()
    assert list(frame.columns) == list(FINDINGS.names)
    assert frame.snapshot_date.unique() == [NEWEST]


def test_the_decision_that_counts_is_shown_and_the_others_on_request(view):
    shown = view.decisions("2023-11").to_pylist()
    assert [row["n"] for row in shown] == [2]
    assert shown[0]["supersedes"] == 1
    assert shown[0]["measured"]
    every = view.decisions("2023-11", superseded=True)
    assert every["n"].to_pylist() == [1, 2]
    assert view.decisions().num_rows == len(view.months()) == 4


def test_the_champion_is_one_row(view):
    found = view.champion().to_pylist()
    assert [(row["version"], row["since"]) for row in found] == [(CHAMPION, date(2023, 9, 1))]


def test_a_superseded_version_is_read_on_request_under_its_number(noted):
    assert noted.table("gold/notes", "2024-01")["points"].to_pylist() == [3]
    assert "commit_version" not in noted.table("gold/notes").column_names
    every = noted.table("gold/notes", superseded=True)
    read = zip(every["points"].to_pylist(), every["commit_version"].to_pylist(), strict=True)
    assert list(read) == [(1, 1), (3, 2), (2, 1)]


def test_a_column_that_came_later_is_null_before(noted, tmp_path):
    wider = Contract(**vars(NOTES) | {"columns": (*NOTES.columns, Column("late", "double"))})
    rows = pa.table({"note": ["b"], "points": [4], PARTITION: [date(2024, 3, 1)], "late": [0.5]})
    Lake(FileStore(tmp_path)).write(wider, date(2024, 3, 1), rows, inputs={}, code="test")
    assert noted.table("gold/notes")["late"].to_pylist() == [None, None, 0.5]


def test_a_column_that_changed_its_type_is_refused_with_the_way_to_read_it(noted, tmp_path):
    columns = (Column("note", "string"), Column("points", "string"), Column(PARTITION, "date"))
    other = Contract(**vars(NOTES) | {"columns": columns})
    note(FileStore(tmp_path), date(2024, 3, 1), "many", other)
    with pytest.raises(UserError, match=r"gold/notes: a column changed its type .* one by one"):
        noted.table("gold/notes")
    assert noted.table("gold/notes", "2024-03")["points"].to_pylist() == ["many"]


def test_an_altered_file_is_refused(noted, tmp_path):
    commit = Lake(FileStore(tmp_path)).need("gold/notes", date(2024, 2, 1))
    (tmp_path / commit.files[0].key).write_bytes(b"PAR1")
    with pytest.raises(UserError, match="was altered"):
        creditrisk.open(tmp_path).table("gold/notes")


@pytest.mark.parametrize(
    ("ask", "reported"),
    [
        (lambda v: v.scores("2023-13"), "'2023-13' is not a month"),
        (lambda v: v.scores("2024-09-02"), "not the first of a month"),
        (lambda v: v.scores(date(2024, 9, 2)), "not the first of a month"),
        (lambda v: v.scores("2031-01"), "has no month 2031-01-01 .* 2023-09 to 2023-12"),
        (lambda v: v.decisions("2031-01"), "2031-01-01 was not decided .* 2023-09 to 2023-12"),
        (lambda v: v.table("gold/none"), "holds no table 'gold/none'; it has bronze/form"),
        (lambda v: v.table("../../etc/passwd"), "holds no table '../../etc/passwd'"),
        (lambda v: v.table(None), "holds no table 'None'"),
        (lambda v: v.scores(202309), "month '202309' is not a month; write it as 2024-09"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(view, ask, reported):
    with pytest.raises(UserError, match=reported) as refused:
        ask(view)
    assert "\n" not in str(refused.value)


def test_a_place_that_holds_no_store_is_refused(tmp_path):
    with pytest.raises(UserError, match="is no store"):
        creditrisk.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_an_empty_store_has_no_months_and_says_so(tmp_path):
    empty = creditrisk.open(tmp_path)
    assert (empty.months(), empty.tables(), empty.champion().num_rows) == ([], [], 0)
    with pytest.raises(UserError, match="it has none yet"):
        empty.scores()


def test_reading_changes_nothing(populated, view):
    before = objects(populated)
    for name in view.tables():
        view.table(name, superseded=True)
    view.decisions(superseded=True)
    assert objects(populated) == before


@pytest.mark.parametrize(("said", "threads"), [({}, {1}), ({"OPENBLAS_NUM_THREADS": "2"}, {2})])
def test_matrices_are_worked_on_by_one_thread_unless_somebody_says_otherwise(said, threads):
    asked = (
        "import creditrisk, numpy, scipy.linalg, threadpoolctl\n"
        "print({one['num_threads'] for one in threadpoolctl.threadpool_info()})"
    )
    bare = {name: text for name, text in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, env=bare | said, check=True
    )
    assert done.stdout.strip() == str(threads)
