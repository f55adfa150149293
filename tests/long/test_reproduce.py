"""A version rebuilt from its lineage: the bytes match, or it is said where they do not."""

import json
import re
from datetime import date

import pytest
from typer.testing import CliRunner

from creditrisk import contracts
from creditrisk.cli.app import app
from creditrisk.contracts import LABELS
from creditrisk.errors import UserError
from creditrisk.model.version import load_version
from creditrisk.records.version_files import save_version
from creditrisk.stages.training.reproduce import reproduce
from creditrisk.stages.training.train import train
from tests.builders.small_lender import fill, rewrite, small_period

AS_OF = date(2024, 1, 1)


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    period = small_period(tmp_path_factory.mktemp("reproduce"), AS_OF)
    fill(period)
    return period, train(period, "initial", "")


def command(period, version, *words):
    return CliRunner().invoke(
        app, ["registry", "reproduce", version, "--store", period.store.uri, *words]
    )


def forged(period, version, name, change):
    """A version whose file was changed before it was kept: whole, but not what training makes."""
    files = dict(load_version(period.store, version).files)
    files[name] = change(files[name])
    return save_version(period.store, AS_OF, "initial", files)


def test_every_file_comes_out_the_same_even_after_its_months_were_corrected(lender):
    period, version = lender
    months = [date(2023, 2, 1), date(2023, 3, 1)]
    table = contracts.features(period.portfolio)
    rewrite(period, table, months, lambda rows: rows.assign(income=1.0))
    rewrite(period, LABELS, [date(2023, 8, 1)], lambda rows: rows.assign(bad=1))
    assert train(period, "initial", "") != version
    found = command(period, version)
    assert found.exit_code == 0
    assert f"{version}: the same bytes" in found.output
    for name in load_version(period.store, version).files:
        assert re.search(rf"^{name} +same$", found.output, re.MULTILINE), name


def test_a_version_that_training_does_not_make_is_found_out_by_file(lender):
    period, version = lender
    card = forged(period, version, "card.md", lambda data: data + b"and it is fair\n")
    text = command(period, card, "--json")
    assert text.exit_code == 3
    found = json.loads(text.output)
    assert found["same"] is False
    assert [name for name, same in found["files"].items() if not same] == ["card.md"]


def nudged(by):
    """The scorecard's intercept, a little off."""

    def change(data):
        card = json.loads(data)
        return json.dumps(card | {"intercept": card["intercept"] + by}).encode()

    return change


def test_numbers_that_another_processor_rounds_are_the_same_to_five_digits(lender):
    period, version = lender
    found = command(period, forged(period, version, "benchmark.json", nudged(1e-7)))
    assert found.exit_code == 0
    assert re.search("^benchmark.json +same to five digits$", found.output, re.MULTILINE)
    assert "the same to five digits; another processor rounds otherwise" in found.output


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("benchmark.json", nudged(1e-3)),
        ("metrics.json", lambda data: data.replace(b'"bads": ', b'"bads": 1')),
        ("model.cbm", lambda data: data + b" "),
    ],
)
def test_another_number_count_or_tree_is_another_version(lender, name, change):
    period, version = lender
    found = reproduce(period.store, forged(period, version, name, change))
    assert (found.same, found.files[name], found.rounded) == (False, False, ())


def test_other_code_is_named_and_is_no_other_data_and_nothing_is_kept(lender):
    period, version = lender
    older = forged(
        period,
        version,
        "lineage.json",
        lambda data: json.dumps(json.loads(data) | {"code": "0.0.1"}).encode(),
    )
    before = sorted(period.store.keys()), period.trail.count()
    found = reproduce(period.store, older)
    assert found.same and found.surroundings["code"] == ("0.0.1", period.code)
    assert (sorted(period.store.keys()), period.trail.count()) == before


def test_a_commit_that_is_gone_is_named(lender):
    period, version = lender
    lost = "lake/gold/labels/manifests/2023-06-01/000009.json"
    broken = forged(
        period,
        version,
        "lineage.json",
        lambda data: json.dumps(json.loads(data) | {"data_version": {lost: "0" * 64}}).encode(),
    )
    with pytest.raises(UserError, match=f"{lost}, which is named as an input, is gone"):
        reproduce(period.store, broken)
