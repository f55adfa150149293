"""From counts to findings: what informs, warns and blocks, and that every rule has a say."""

from dataclasses import replace
from datetime import date

import pytest

from creditrisk.deliveries.delivered_file import DeliveredFile
from creditrisk.deliveries.landing import Delivery
from creditrisk.errors import GateError, UserError
from creditrisk.policy import QualityRules, load_policy, parse_policy
from creditrisk.portfolio import SourceSpec
from creditrisk.records.quality import load_report, save_report
from creditrisk.records.table_profile import Apart, ColumnProfile, TableProfile
from creditrisk.stages.etl import cleaning, quarantine, silver
from creditrisk.stages.etl.quality.comparison import lying_apart
from creditrisk.stages.etl.quality.severity import policy_key, severity
from creditrisk.stages.etl.quality.tally import Tally, judged
from creditrisk.storage import open_store
from tests.builders.evidence import quality_report
from tests.builders.small_lender import small_portfolio

MONTH = date(2024, 9, 1)
PORTFOLIO = small_portfolio()
LIMITS = load_policy().quality
ROWS = 200


def findings(*tallies, source="form", limits=LIMITS, before=None, spec=None):
    spec = spec or PORTFOLIO.sources[source]
    counted = [Tally(source, "", silver.ROWS, ROWS), *tallies]
    delivery = Delivery(source, spec, None, {}, (), open_store("unused"))
    found = judged(MONTH, counted, before or {}, limits, {source: delivery})
    return {(check.rule, check.column): check for check in found}


def with_rule(**rules):
    updated = LIMITS.rules.model_copy(update=rules)
    return LIMITS.model_copy(update={"rules": updated})


def test_every_rule_of_cleaning_is_in_the_policy():
    keys = set(QualityRules.model_fields)
    value_rules = {
        cleaning.EMPTY, cleaning.MISSING, cleaning.UNREADABLE, cleaning.OUT_OF_RANGE,
        cleaning.UNKNOWN, cleaning.UNKNOWN_MEMBER, cleaning.STRIPPED, cleaning.MOVED,
        cleaning.RESPELT,
        *cleaning.LOST,
    }  # fmt: skip
    row_rules = {
        quarantine.DOES_NOT_FIT,
        quarantine.OTHER_MONTH,
        quarantine.CONFLICT,
        quarantine.COPY,
        "no loan_id",
    }
    assert {policy_key(rule) for rule in value_rules | row_rules} <= keys


def test_an_unknown_rule_and_an_unknown_effect_are_refused_by_name():
    with pytest.raises(UserError, match=r"mine: quality\.rules\.outlier: unknown key.*outliers"):
        parse_policy("quality: {rules: {outlier: block}}", "mine")
    with pytest.raises(UserError, match=r"quality\.rules\.shift: Input should be 'info', 'warn'"):
        parse_policy("quality: {rules: {shift: never}}", "mine")


def test_what_is_found_too_late_cannot_block():
    with pytest.raises(UserError, match=r"quality\.rules\.anomalies: Input should be 'info'"):
        parse_policy("quality: {rules: {anomalies: block}}", "mine")


def test_a_policy_file_changes_one_rule_and_leaves_the_others():
    rules = parse_policy("quality: {rules: {shift: block}}", "mine").quality.rules
    assert rules == LIMITS.rules.model_copy(update={"shift": "block"})


@pytest.mark.parametrize(
    ("rule", "count", "effect"),
    [
        (cleaning.UNREADABLE, 100, "info"),  # the limit itself is allowed
        (cleaning.UNREADABLE, 101, "block"),
        (cleaning.OUT_OF_RANGE, 101, "block"),
        (cleaning.UNKNOWN, 101, "block"),
        (cleaning.EMPTY, 101, "warn"),
        (cleaning.MISSING, 101, "warn"),
        (cleaning.STRIPPED, 200, "info"),
    ],
)
def test_beyond_its_limit_a_value_rule_does_what_the_policy_says(rule, count, effect):
    found = findings(Tally("form", "income", rule, count, ("99x",)))[rule, "income"]
    assert (found.severity, found.count, found.rows, found.samples) == (
        effect,
        count,
        200,
        ("99x",),
    )
    assert f"form: income {rule} in {count} of 200 rows" in found.text


def test_block_only_warns_where_nobody_depends_on_the_column():
    lost = Tally("visits", "pages", cleaning.UNREADABLE, 200)
    assert findings(lost, source="visits")[cleaning.UNREADABLE, "pages"].severity == "warn"
    form = PORTFOLIO.sources["form"]
    unused = form.columns | {"income": form.columns["income"].model_copy(update={"excluded": True})}
    spec = form.model_copy(update={"columns": unused})
    lost = Tally("form", "income", cleaning.UNREADABLE, 200)
    assert findings(lost, spec=spec)[cleaning.UNREADABLE, "income"].severity == "warn"


def test_rows_set_aside_are_counted_by_reason_and_judged_together():
    aside = [Tally("form", "", "no customer_id", 6), Tally("form", "", quarantine.CONFLICT, 6)]
    found = findings(*aside, Tally("form", "", quarantine.COPY, 50))
    assert found["set aside", ""].count == 12, "a copy is not lost"
    assert found["set aside", ""].severity == "block"
    assert found["no customer_id", ""].severity == "info"
    strict = findings(*aside[:1], Tally("form", "", quarantine.COPY, 50), limits=with_rule(
        equal_duplicate="warn"
    ))  # fmt: skip
    assert strict[quarantine.COPY, ""].severity == "warn"
    assert strict["set aside", ""].severity == "info"


@pytest.mark.parametrize(("before", "rule"), [(2000, "too few rows"), (19, "too many rows")])
def test_far_fewer_or_more_applications_do_what_the_policy_says(before, rule):
    assert findings(before={"form": before})[rule, ""].severity == "block"
    mild = findings(before={"form": before}, limits=with_rule(**{rule.replace(" ", "_"): "warn"}))
    assert mild[rule, ""].severity == "warn"


def test_rows_that_lack_any_key_come_under_one_rule():
    form = PORTFOLIO.sources["form"]
    rules = LIMITS.rules.model_copy(update={"no_key": "block"})
    assert severity(rules, "no customer_id", form) == "block"
    assert severity(rules, "no snapshot_date", form) == "block"


def stored(tmp_path, checks=()):
    report = quality_report(MONTH, checks=tuple(checks))
    store = open_store(str(tmp_path))
    save_report(store, report)
    return store, report


def test_a_report_reads_back_as_it_was_and_names_what_blocks(tmp_path):
    checks = findings(Tally("form", "income", cleaning.UNREADABLE, 150)).values()
    store, report = stored(tmp_path, checks)
    assert load_report(store, MONTH) == report
    with pytest.raises(GateError, match=r"2024-09-01 is blocked: form: income unreadable in 150"):
        report.gate()


def test_a_report_in_another_form_counts_as_none_and_is_made_again(tmp_path):
    store, _ = stored(tmp_path)
    store.write(f"months/{MONTH}/quality.json", b'{"as_of": "2024-09-01", "checks": []}')
    assert load_report(store, MONTH) is None


def test_dates_of_default_are_judged_among_those_that_are_there():
    """Few loans default: of all rows their lost dates would always be few."""
    columns = {
        "loan": {"role": "loan"},
        "client": {"role": "customer"},
        "told": {"role": "snapshot", "type": "date"},
        "began": {"role": "start", "type": "date"},
        "failed": {"role": "default_date", "type": "date"},
    }
    spec = SourceSpec.model_validate({"table": "t", "role": "outcomes", "columns": columns})
    key = ("unreadable", "default_date")

    def judged_as(lost: int, given: int) -> str:
        tallies = [Tally("ended", "default_date", cleaning.UNREADABLE, lost)]
        tallies += [Tally("ended", "default_date", cleaning.GIVEN, given)] if given else []
        return findings(*tallies, source="ended", spec=spec)[key].severity

    assert judged_as(20, 0) == "block"
    assert judged_as(20, 30) == "info"
    assert judged_as(3, 0) == "info"  # a slip, no system


def test_a_file_without_the_line_end_of_the_others_is_named():
    def delivered(source, cut):
        file = DeliveredFile(f"{source}.csv", "", (), {MONTH: ROWS}, ROWS, 0, 0, {}, cut)
        return Delivery(source, PORTFOLIO.sources[source], file, {}, (), open_store("unused"))

    def warned(cut, other):
        files = {"form": delivered("form", cut), "ledger": delivered("ledger", other)}
        return [c.text for c in judged(MONTH, [], {}, LIMITS, files) if c.rule == "no line end"]

    assert warned(cut=False, other=False) == warned(cut=True, other=True) == []
    assert warned(cut=True, other=False) == [
        "form: form.csv ends without a line end, as no other file does: its last row may be cut"
    ]


def test_amounts_apart_from_all_others_are_a_warning():
    lying = Apart(3, 100.0, 2.5e6)
    column = ColumnProfile("income", 200, 0, apart=lying)
    table = TableProfile("silver", "form", 200, (column, replace(column, name="customer_id")))
    (check,) = lying_apart(table, PORTFOLIO.sources["form"])
    assert (check.rule, check.severity, check.count) == ("apart", "warn", 3)
    assert check.text == "form: 3 of 200 income are about 100 times all others (2.5e+06)"
