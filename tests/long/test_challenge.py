"""A challenger from a working copy: the store is read, the challenger lies beside it."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.errors import UserError
from creditrisk.model.version import load_version
from creditrisk.records.trail_check import verify
from creditrisk.records.version_files import list_versions
from creditrisk.stages.promotion.promote import promote
from creditrisk.stages.training.train import train
from creditrisk.stages.training.workbench import with_ratios
from creditrisk.stages.validation.validate import validate
from creditrisk.storage import open_store
from tests.builders.small_lender import POLICY, PORTFOLIO, fill, small_period, small_portfolio

AS_OF = date(2024, 1, 1)
AT = "2024-01-02T08:00:00+00:00"
RATIO = "  pages_a_visit: {ratio: [income, debt], text: income relative to debt}\n"


def state(folder: Path) -> dict[str, str]:
    """Every file below a folder, by content."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    """A lender with a champion, and a portfolio that has one ratio more."""
    root = tmp_path_factory.mktemp("challenge")
    period = small_period(root, AS_OF)
    fill(period)
    version = train(period, "initial", "", at=AT)
    assert validate(period, version, "", at=AT) == "pass"
    promote(period, version, "pipeline", at=AT)
    (root / "policy.yaml").write_text(POLICY)
    (root / "mine.yaml").write_text(PORTFOLIO + RATIO)
    return root, version


def challenged(root, out, *words):
    done = CliRunner().invoke(
        app,
        ["challenge", "--as-of", "2024-01-01", "--out", str(out),
         "--store", (root / "store").as_uri(),
         "--policy", str(root / "policy.yaml"), "--portfolio", str(root / "mine.yaml"), *words],
    )  # fmt: skip
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_new_ratio_is_tried_against_the_champion_and_the_lender_is_untouched(lender, tmp_path):
    root, champion = lender
    before = state(root / "store")
    text = challenged(root, tmp_path / "trial")
    assert state(root / "store") == before
    (path,) = (tmp_path / "trial").glob("registry/versions/*/validation.json")
    found = json.loads(path.read_text())
    assert found["champion"] == champion
    assert found["comparison"]["rows"] == sum(window["rows"] for window in found["windows"])
    version = load_version(open_store(str(tmp_path / "trial")), found["version"])
    assert "pages_a_visit" in version.feature_names
    assert version.card.parent == champion
    assert f"{found['version']}: {found['verdict']}" in text and f"against {champion}" in text
    assert f"{found['comparison']['pooled']['difference']:+.3f}" in text
    assert list_versions(open_store((root / "store").as_uri())) == [champion]


def test_each_try_is_on_the_lenders_trail_and_spends_its_windows(lender, tmp_path):
    root, champion = lender
    trail = small_period(root, AS_OF).trail
    before = [record for record in trail.records() if record.event == "oot_read"]
    text = challenged(root, tmp_path / "trial")
    *earlier, last = [record for record in trail.records() if record.event == "oot_read"]
    assert earlier == before
    assert last.body["champion"] == champion and last.actor.endswith("(self-asserted)")
    assert f"the newest window is spent: it was read {len(before) + 1} times" in text
    assert verify(trail) == []
    period = small_period(root, AS_OF)
    made = train(period, "retrain", champion, at=AT)
    assert validate(period, made, champion, at=AT) == "insufficient"


def test_the_store_itself_is_no_place_to_try_in(lender):
    root, _ = lender
    with pytest.raises(UserError, match="is the store itself"):
        challenged(root, root / "store")


def test_a_ratio_is_computed_as_gold_computes_it():
    portfolio = small_portfolio()
    rows = pa.table({"debt": [6.0, 1.0, None, 2.0], "income": [3.0, 0.0, 1.0, None]})
    assert with_ratios(rows, portfolio)["debt_to_income"].to_pylist() == [2.0, None, None, None]
    kept = rows.append_column("debt_to_income", pa.array([9.0] * 4))
    assert with_ratios(kept, portfolio)["debt_to_income"].to_pylist() == [9.0] * 4
