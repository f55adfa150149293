"""One application explained: what was stored, and where it came from."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from creditrisk.cli.app import app
from creditrisk.contracts import SCORES, features
from creditrisk.errors import GateError, UserError
from creditrisk.number_text import pd_text, percent
from creditrisk.records import layout
from creditrisk.records.containment import EVERYTHING, Containment
from creditrisk.records.publication import Publication, ScoreCheck, keep_publication
from creditrisk.records.quality import save_report
from creditrisk.reports.applicant.delivered_rows import DeliveredRow
from creditrisk.reports.applicant.explanation import explain
from creditrisk.reports.applicant.page import applicant_page
from creditrisk.reports.applicant.score_of_record import portfolio_of
from creditrisk.reports.applicant.text import reasons_title, verdict_text
from creditrisk.reports.dashboard.app import build_app
from creditrisk.reports.dashboard.watch import Watch
from creditrisk.stages.scoring.score import score
from tests.builders.acts import closed
from tests.builders.evidence import quality_report
from tests.builders.scored_applicant import (
    AS_OF,
    DELIVERED,
    FIRST,
    KEY,
    PERSON,
    deliver,
    hashed,
    scored,
)
from tests.builders.small_lender import fill, small_period
from tests.builders.versions import variant

HOSTILE = "[/b]<script>alert(1)</script>\x1b[2J\n\u202e"


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """A scored month. Tests that write take their own."""
    return scored(tmp_path_factory.mktemp("scored"))


def rows_of(period):
    return {row["application_id"]: row for row in period.lake.read(SCORES, [AS_OF]).to_pylist()}


def refused(period, application, as_of=None):
    with pytest.raises(UserError) as error:
        explain(period.store, application, as_of)
    text = str(error.value)
    assert "\n" not in text and "\x1b" not in text
    return text


def test_the_explanation_is_the_stored_row(month):
    period, version = month
    for application, row in list(rows_of(period).items())[:20]:
        found = explain(period.store, application)
        assert found.pd == row["pd"] and found.grade == row["grade"]
        stored = [row[f"reason_{n}"] for n in (1, 2, 3, 4)]
        assert list(found.reasons) == [reason for reason in stored if reason is not None]
        assert found.model.version == version


def test_reasons_are_read_and_never_computed(month, monkeypatch):
    period, _ = month
    monkeypatch.setattr("catboost.CatBoost.load_model", lambda *_, **__: pytest.fail("loaded"))
    assert explain(period.store, FIRST).reasons


def test_the_verdict_is_that_of_the_cut_off_in_force_then(month):
    period, _ = month
    cutoff = period.policy.scoring.cutoff
    found = [explain(period.store, application) for application in list(rows_of(period))[:40]]
    assert {one.verdict for one in found} == {"accept", "decline"}
    assert all((one.verdict == "accept") == (one.pd <= cutoff) for one in found)
    declined = next(one for one in found if one.verdict == "decline")
    assert reasons_title(declined).startswith("principal reasons for the adverse action")
    assert verdict_text(declined) == f"decline: the PD is above {percent(cutoff)}"


def test_the_delivered_rows_are_named_by_file_and_row(month):
    period, _ = month
    form, newest, oldest = explain(period.store, FIRST).delivered
    assert (form.source, form.file, form.row, form.sha256) == (
        "form", f"form/{AS_OF}.csv", 2, "ab" * 32,
    )  # fmt: skip
    assert [(row.source, row.month) for row in (newest, oldest)] == [
        ("visits", AS_OF),
        ("visits", date(2023, 12, 1)),
    ]


def test_personal_and_protected_columns_and_free_texts_are_never_shown(month):
    period, _ = month
    found = explain(period.store, FIRST)
    form: DeliveredRow = found.delivered[0]
    assert form.values == {"income": "1,5", "debt": " 20 ", "home": "rent"}
    assert form.hidden == {"name": "personal", "remark": "no feature", "age": "protected"}
    assert "Ada" not in found.model_dump_json() and PERSON not in found.model_dump_json()


def test_rows_of_a_customer_who_is_hashed_are_found_under_the_key_only(tmp_path, monkeypatch):
    portfolio = DELIVERED.replace(
        "client: {role: customer}", "client: {role: customer, pii: true}", 1
    )
    period, _ = scored(tmp_path, portfolio)
    assert "form: client is personal" in explain(period.store, FIRST).notes[0]
    monkeypatch.setenv("CREDITRISK_PII_KEY", KEY)
    note = "form: no delivered row names this application as silver does"
    assert explain(period.store, FIRST).notes == (note,)
    monkeypatch.setattr(
        "creditrisk.reports.applicant.delivered_rows._wanted", lambda *_: hashed("C01200000")
    )
    assert [row.row for row in explain(period.store, FIRST).delivered if row.source == "form"] == [
        2
    ]


def test_a_row_without_a_pd_says_why(tmp_path):
    period, _ = scored(tmp_path, down=True)
    found = explain(period.store, FIRST)
    assert (found.pd, found.grade, found.verdict, found.reasons) == (None, None, "none", ())
    assert found.held_back == "not validated without visits"
    assert found.sources_down == ("visits",)


def test_a_second_score_is_named_and_the_first_stays_of_record(tmp_path):
    period, version = scored(tmp_path)
    before = explain(period.store, FIRST)
    score(period, variant(period, version, "promoted"), rescored=True)
    found = explain(period.store, FIRST)
    assert (found.pd, found.model, found.scores) == (before.pd, before.model, before.scores)
    (later,) = found.later_scores
    assert later.version != version and later.pd == before.pd


def test_features_delivered_again_are_said_to_be_superseded(tmp_path):
    period, _ = scored(tmp_path)
    before = explain(period.store, FIRST)
    deliver(period, DELIVERED.replace("text: housing", "text: home"))
    found = explain(period.store, FIRST)
    assert found.features == before.features and found.delivered == before.delivered
    assert "was delivered again" in found.notes[0] and "000003.json" in found.notes[0]


def test_a_version_that_was_altered_since_is_said_not_to_be_the_one_that_scored(tmp_path):
    period, version = scored(tmp_path)
    before = explain(period.store, FIRST)
    key = layout.version(version, layout.SUMS)
    period.store.write(key, period.store.read(key) + b" ")
    found = explain(period.store, FIRST)
    assert (found.pd, found.reasons, found.model) == (before.pd, before.reasons, before.model)
    assert found.notes[0].startswith(f"{version} is not the version that scored: its sums had")


def test_hostile_reasons_reach_the_terminal_as_text(tmp_path):
    period, _ = scored(tmp_path)
    commit = period.lake.need(SCORES.table, AS_OF)
    rows = period.lake.read_commits(SCORES, [commit]).to_pandas().assign(reason_1=HOSTILE)
    table = pa.Table.from_pandas(rows, schema=SCORES.arrow, preserve_index=False)
    period.lake.write(SCORES, AS_OF, table, inputs=commit.inputs, code="test")
    for words in (("explain", FIRST), ("lineage", FIRST), ("explain", FIRST, "--json")):
        done = CliRunner().invoke(app, [*words, "--store", period.store.uri])
        assert done.exit_code == 0, done.exception
        assert [c for c in done.output if not c.isprintable() and c != "\n"] == []
        assert "[/b]<script>" in done.output


def test_a_reason_that_is_only_a_column_s_name_is_said_to_be_no_reason_for_a_notice(tmp_path):
    period, _ = scored(tmp_path, DELIVERED.replace(", text: outstanding debt", ""))
    assert explain(period.store, FIRST).notes == ()
    commit = period.lake.need(SCORES.table, AS_OF)
    rows = period.lake.read_commits(SCORES, [commit]).to_pandas().assign(reason_1="debt: high")
    table = pa.Table.from_pandas(rows, schema=SCORES.arrow, preserve_index=False)
    period.lake.write(SCORES, AS_OF, table, inputs=commit.inputs, code="test")
    (note,) = explain(period.store, FIRST).notes
    assert note.startswith("no reason for a notice: debt is only the name of a column; say in")


@pytest.mark.parametrize(("champion", "noted"), [("", True), ("its own", True), ("v9", False)])
def test_a_score_of_a_month_that_contained_its_version_says_so(tmp_path, champion, noted):
    period, version = scored(tmp_path)
    held = Containment(
        decision=f"{AS_OF}/0001",
        segments=(EVERYTHING,),
        champion=version if champion == "its own" else champion,
    )
    period.store.write(layout.containment(held.decision), held.encode())
    notes = explain(period.store, FIRST).notes
    assert [note.partition(" came")[0] for note in notes] == [f"decision {AS_OF}/0001"] * noted


def test_an_unknown_application_is_one_line(month):
    period, _ = month
    assert "no application of" in refused(period, "C-404")
    assert "is called 'C-404'" in refused(period, "C-404", AS_OF)
    assert "holds no applications of 2031-01" in refused(period, FIRST, date(2031, 1, 1))


@pytest.mark.parametrize("application", ["", " ", HOSTILE, "../../etc/passwd", "x" * 5000])
def test_a_hostile_id_is_looked_for_and_obeyed_by_nothing(month, application):
    period, _ = month
    assert "no application of" in refused(period, application)
    done = CliRunner().invoke(app, ["explain", application, "--store", period.store.uri])
    assert isinstance(done.exception, UserError) and done.output == ""


def test_an_application_of_a_month_without_a_champion_was_not_scored(tmp_path):
    period = small_period(tmp_path, date(2023, 2, 1))
    fill(period)
    deliver(small_period(tmp_path, AS_OF))
    text = refused(period, "C00100003_2023-02-01")
    assert text.startswith("'C00100003_2023-02-01' of 2023-02 was not scored: the month had no")


def test_a_blocked_month_says_what_blocked_it(tmp_path):
    period = small_period(tmp_path, AS_OF)
    save_report(period.store, quality_report(AS_OF, "form: income empty in 58 of 1000 rows"))
    closed(period)
    why = "2024-01 was blocked and nothing of it is scored: form: income empty in 58 of 1000 rows"
    assert refused(period, FIRST, AS_OF) == why
    assert refused(period, FIRST) == why  # its id names the month


def test_scores_that_were_refused_publication_say_why(tmp_path):
    period = small_period(tmp_path, AS_OF)
    check = ScoreCheck("mass_point", "block", 0.9, 0.5, "360 of 400 PDs are 50%, limit 50%")
    keep_publication(
        period.store,
        AS_OF,
        Publication(model_version="v", rescored=False, rows=400, held_back=0, held_because={},
                    checks=(check,)),
    )  # fmt: skip
    assert "360 of 400 PDs are 50%" in refused(period, FIRST, AS_OF)
    fill(period)
    assert "360 of 400 PDs are 50%" in refused(period, FIRST)


def test_the_command_prints_words_or_data(month):
    period, version = month
    words = ["explain", FIRST, "--store", period.store.uri, "--month", "2024-1"]
    shown = CliRunner().invoke(app, words).output
    row = rows_of(period)[FIRST]
    assert f"PD {pd_text(row['pd'])}, grade {row['grade']} (1 is best)" in shown
    assert f"1. {row['reason_1']}" in shown and version in shown
    assert f"form/{AS_OF}.csv row 2" in shown and PERSON not in shown
    data = json.loads(CliRunner().invoke(app, [*words, "--json"]).output)
    assert data == explain(period.store, FIRST).model_dump(mode="json")


def test_the_page_says_the_same_and_runs_nothing(month, tmp_path):
    period, version = month
    file = tmp_path / "new" / "page.html"
    words = ["explain", FIRST, "--store", period.store.uri, "--html", f"{file}"]
    assert CliRunner().invoke(app, [*words, "--what-if", "income=0"]).exit_code == 0
    page, row = file.read_text("utf-8"), rows_of(period)[FIRST]
    for text in (FIRST, version, row["reason_1"], pd_text(row["pd"]), f"form/{AS_OF}.csv"):
        assert text in page
    assert "name (personal), remark (no feature), age (protected)" in page
    assert "debt_to_income" in page and PERSON not in page
    assert "<script" not in page and "script-src &#39;none&#39;" in page


def test_hostile_texts_are_shown_on_the_page_and_obeyed_by_nothing(month):
    period, _ = month
    found = explain(period.store, FIRST)
    row = found.delivered[0].replace(values={HOSTILE: HOSTILE}, file=HOSTILE, hidden={HOSTILE: "x"})
    hostile = found.replace(
        application=HOSTILE, reasons=(HOSTILE,), notes=(HOSTILE,), held_back=HOSTILE,
        delivered=(row,), sources_down=(HOSTILE,),
    )  # fmt: skip
    page = applicant_page(hostile)
    assert "<script" not in page and page.count("&lt;script&gt;") > 6


def test_the_dashboard_shows_an_application_without_its_delivered_rows(month):
    period, _ = month
    client = build_app(Watch(period.store.uri, 1.0)).server.test_client()
    shown = client.get(f"/applications/2024-01/{FIRST}")
    assert shown.status_code == 200 and shown.content_type.startswith("text/html")
    assert rows_of(period)[FIRST]["reason_1"] in shown.text
    assert "form/" not in shown.text and "creditrisk explain" in shown.text
    for path in (f"/applications/2024-13/{FIRST}", "/applications/2024-01/%3Cscript%3E",
                 f"/applications/2019-01/{FIRST}"):  # fmt: skip
        absent = client.get(path)
        assert absent.status_code == 404 and "<script" not in absent.text


def test_an_application_is_found_by_its_number_and_no_address_holds_what_was_typed(month):
    period, _ = month
    client = build_app(Watch(period.store.uri, 1.0)).server.test_client()
    found = client.post("/applications/", data={"application": f"  {FIRST} "})
    assert (found.status_code, found.location) == (303, f"/applications/2024-01/{quote(FIRST)}")
    shown = client.get(found.location)
    assert FIRST in shown.text and 'href="/month/2024-01"' in shown.text
    for typed in (HOSTILE, PERSON, "../../registry/champion.json", ""):
        absent = client.post("/applications/", data={"application": typed})
        assert absent.status_code == 404 and "no application of" in absent.text
        assert "<script" not in absent.text and "Location" not in absent.headers
    assert client.post("/applications/", data={"application": "9" * 2_000_000}).status_code == 413


def test_a_description_that_was_altered_explains_nobody(tmp_path):
    period, _ = scored(tmp_path)
    gold = period.lake.need(features(period.portfolio).table, AS_OF)
    key = layout.portfolio(period.portfolio.sha)
    built = replace(gold, inputs=gold.inputs | {"portfolio": period.portfolio.sha})
    assert portfolio_of(period.store, built) == period.portfolio
    path = Path(period.store.uri.removeprefix("file://")) / key
    path.write_text(path.read_text().replace(period.portfolio.name, "another lender"))
    with pytest.raises(GateError, match=f"{key} is not what its name says"):
        portfolio_of(period.store, built)
