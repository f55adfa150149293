"""Which month a row is of, whatever stands in its cells."""

from datetime import date

import pytest

from creditrisk.deliveries.delivered_file import inspect
from creditrisk.portfolio import SourceSpec
from creditrisk.storage import open_store

LOAN = {"loan": {"role": "loan"}, "client": {"role": "customer"}}
PANEL = {
    "began": {"role": "start", "type": "date"},
    "mob": {"role": "month_on_book", "type": "integer"},
    "days": {"role": "days_late", "type": "integer"},
}
ECONOMY = {"month": {"role": "snapshot", "type": "date"}, "rate": {"type": "number"}}
GOOD = {"began": "2023-01-31", "mob": "2", "days": "0", "month": "2023-01-31", "rate": "5"}
SOURCES = {
    "performance": ("performance", LOAN | PANEL, {}),
    "macro": ("macro", ECONOMY, {"lag": 2}),
}


@pytest.mark.parametrize(
    ("source", "cells"),
    [
        ("performance", {"began": "9999-12-31", "mob": "1"}),  # a date that says: never
        ("performance", {"began": "9999-12-31", "mob": "9999"}),
        ("performance", {"began": "0001-01-01", "mob": "-1"}),
        ("performance", {"mob": "99999999999"}),
        ("macro", {"month": "9999-12-31"}),
        ("macro", {"month": "9999-11-01"}),
    ],
)
def test_a_row_of_a_month_that_no_calendar_has_stops_no_file(source, cells, tmp_path):
    role, columns, more = SOURCES[source]
    spec = SourceSpec.model_validate({"table": "t", "role": role, "columns": columns} | more)
    rows = [[(GOOD | given).get(name, "x") for name in columns] for given in ({}, cells)]
    text = "\n".join(",".join(row) for row in [list(columns), *rows])
    (tmp_path / "t.csv").write_text(text)
    found = inspect(open_store(str(tmp_path)), "t.csv", "t", spec)
    assert (dict(found.months), found.rows) == ({date(2023, 3, 1): 1}, 2)
