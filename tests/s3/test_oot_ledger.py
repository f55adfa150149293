"""On a real server: a try on a laptop spends the lender's window, in the bucket that is locked."""

from datetime import date
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.errors import UserError
from creditrisk.period import Period
from creditrisk.records.trail_check import verify
from creditrisk.stages.training.train import train
from creditrisk.stages.validation.validate import validate
from creditrisk.storage import open_store
from tests.builders.small_lender import POLICY, PORTFOLIO, fill, small_policy, small_portfolio
from tests.builders.versions import AT

AS_OF = date(2023, 12, 1)


@pytest.fixture
def period(environment, monkeypatch) -> Period:
    """A month of a lender whose store and trail are buckets."""
    prefix = uuid4().hex
    monkeypatch.setenv("CREDITRISK_AUDIT_STORE", f"s3://audit/{prefix}")
    store = open_store(f"s3://lake/{prefix}")
    made = Period(AS_OF, small_policy(), small_portfolio(), store, "run")
    fill(made)
    return made


def test_a_try_is_on_the_lenders_trail_and_the_pipeline_waits_for_a_new_window(period, tmp_path):
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "mine.yaml").write_text(PORTFOLIO)
    before = set(period.store.keys())
    done = CliRunner().invoke(
        app,
        ["challenge", "--as-of", f"{AS_OF}", "--out", str(tmp_path / "trial"),
         "--store", period.store.uri, "--policy", str(tmp_path / "policy.yaml"),
         "--portfolio", str(tmp_path / "mine.yaml")],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert set(period.store.keys()) == before
    (reading,) = period.trail.records()
    assert (reading.event, reading.body["as_of"]) == ("oot_read", f"{AS_OF}")
    assert reading.actor.endswith("(store credential)")

    version = train(period, "initial", "", at=AT)
    assert validate(period, version, "", at=AT) == "insufficient"
    with pytest.raises(UserError, match=f"trained {version} is record 2 .* with another code"):
        trained = period.trail.find("trained", version)
        period.trail.append("trained", "x", AT, trained.body | {"code": "another"}, version)
    assert verify(period.trail) == []
