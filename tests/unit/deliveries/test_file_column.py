"""One column of a file under several names: read as often, asked for once, by its own name."""

from datetime import date

import pytest

from creditrisk.deliveries.delivered_file import inspect
from creditrisk.deliveries.reader import delivered_rows
from creditrisk.errors import UserError
from creditrisk.portfolio import SourceSpec
from creditrisk.quality.portfolio_check.table import read_table
from creditrisk.storage.file import FileStore

SPEC = SourceSpec.model_validate(
    {
        "table": "form",
        "role": "applications",
        "columns": {
            "number": {"role": "application"},
            "who": {"column": "number", "role": "customer", "part": [1, 2]},
            "month": {
                "column": "stamp",
                "role": "snapshot",
                "type": "date",
                "pattern": r"[A-Z]+ (\d{4}-\d\d-\d\d).*",
            },
            "code": {},
        },
    }
)
ROWS = "number,code,stamp\nA17,1,AT 2023-01-31 10:00\nA18,2,AT 2023-02-01 11:00\nB19,3,2023-02-01\n"


@pytest.fixture
def store(tmp_path):
    (tmp_path / "form.csv").write_text(ROWS)
    return FileStore(tmp_path)


def test_a_month_is_read_of_the_part_that_says_it(store):
    found = inspect(store, "form.csv", "form", SPEC)
    assert found.months == {date(2023, 1, 1): 1, date(2023, 2, 1): 1}
    assert found.rows == 3


def test_several_names_read_one_column(store):
    with delivered_rows(store, "form.csv", "form", SPEC) as file:
        assert [file.place(name) for name in SPEC.columns] == [0, 0, 2, 1]
    table = read_table(store, "form", SPEC, ["form.csv"])
    assert [value for value, _ in table.columns["who"].readings] == ["A1", "A1", "B1"]
    assert [value for value, _ in table.columns["number"].readings] == ["A17", "A18", "B19"]


def test_a_column_that_is_missing_goes_by_its_name_in_the_file(store, tmp_path):
    (tmp_path / "form.csv").write_text(ROWS.replace("stamp", "Stamp"))
    with pytest.raises(UserError, match='lacks column stamp; if "Stamp" is stamp'):
        inspect(store, "form.csv", "form", SPEC)
