"""A lender's only file: what `init` takes its status for, and what `portfolio check` asks."""

from pathlib import Path

import yaml
from typer.testing import CliRunner, Result

from creditrisk.cli import app
from tests.builders.one_file import one_file, write


def drafted(landing: Path) -> tuple[Path, dict[str, dict[str, dict[str, object]]]]:
    path = landing.parent / "portfolio.yaml"
    done = CliRunner().invoke(app, ["init", str(landing), "--portfolio", str(path)])
    assert done.exit_code == 0, done.output or done.exception
    return path, yaml.safe_load(path.read_text("utf-8"))["sources"]


def checked(landing: Path, path: Path) -> Result:
    words = ["portfolio", "check", "--data", str(landing), "--portfolio", str(path)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "400"})


def test_the_day_a_loan_ended_dates_the_default_of_its_status(tmp_path):
    landing = write(tmp_path / "landing", one_file())
    path, sources = drafted(landing)
    outcomes = sources["loans"]
    assert outcomes["columns"]["ClosedDate"]["role"] == "closed_date"
    assert "within" not in outcomes
    assert outcomes["columns"]["LoanStatus"]["spellings"] == {
        "current": ["Current"],
        "written_off": ["Chargedoff"],
        "paid_off": ["Completed"],
    }
    done = checked(landing, path)
    assert done.exit_code == 0, done.output
    assert "usable; 0 to look at" in done.output


def test_a_status_of_the_extracts_day_is_not_one_of_the_first_months(tmp_path):
    landing = write(tmp_path / "landing", one_file().drop(columns="ClosedDate"))
    path, sources = drafted(landing)
    assert sources["loans"]["within"] == 12
    assert "which column says when a loan came to it" in path.read_text("utf-8")
    done = checked(landing, path)
    assert "is it the status of the extract's day?" in done.output
    assert "role: closed_date" in done.output


def test_a_flag_of_the_first_months_is_not_asked_about(tmp_path):
    rows = one_file()
    days = [f"{day[:10]}" for day in rows.LoanOriginationDate]
    rows["LoanStatus"] = ["Chargedoff" if int(day[-2:]) % 9 == 0 else "Current" for day in days]
    landing = write(tmp_path / "landing", rows.drop(columns="ClosedDate"))
    path, _ = drafted(landing)
    assert "extract's day" not in checked(landing, path).output
