"""Six lenders whose files were written for no system of ours: `init` describes what it sees."""

import pytest
import yaml
from typer.testing import CliRunner

from creditrisk.cli import app
from tests.builders import six_lenders
from tests.builders.described_lenders import SIX_EDITS, described

SIX_ROLES = {
    "sme_panel": {"Arrears": "overdue", "Instalment": "due", "Disbursement Date": "start"},
    "card_statements": {"days_past_due": "days_late", "statement_date": "snapshot"},
    "pay_later": {"*": "snapshot", "instalment_due": "due", "overdue_amount": "overdue"},
    "leases": {"Leasingrate": "due", "Rückstand": "overdue", "Vertragsbeginn": "start"},
    "weekly": {"amount_due": "due", "payment_date": "snapshot", "arrears": "overdue"},
    "one_extract": {"default_date": "default_date", "funded_on": "start"},
}


@pytest.mark.parametrize("name", SIX_EDITS)
def test_lenders_unlike_one_another_are_usable_with_nothing_to_ask(tmp_path, name):
    six_lenders.LENDERS[name](tmp_path / "landing", 26)
    text = described(tmp_path / "landing", SIX_EDITS[name])
    found = {
        column: keys.get("role")
        for source in yaml.safe_load(text)["sources"].values()
        for column, keys in source["columns"].items()
    }
    assert SIX_ROLES[name].items() <= found.items()
    words = ["--data", f"{tmp_path}/landing", "--portfolio", f"{tmp_path}/portfolio.yaml"]
    checked = CliRunner().invoke(app, ["portfolio", "check", *words])
    assert checked.exit_code == 0, checked.output
    assert "usable; 0 to look at" in checked.output
