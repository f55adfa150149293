"""A key of a portfolio works where it stands or is refused there; what is made inherits."""

import json
from functools import cache
from itertools import product
from typing import get_args

import pytest
from pydantic import ValidationError

from creditrisk import contracts
from creditrisk.errors import UserError
from creditrisk.model.matrix import model_features
from creditrisk.policy import YamlText
from creditrisk.portfolio import (
    ColumnSpec,
    Portfolio,
    Role,
    Type,
    parse_portfolio,
    thaw_portfolio,
)
from creditrisk.portfolio.effect import USES, without_effect
from creditrisk.portfolio.file_column import file_column
from creditrisk.portfolio.table_roles import SourceRole
from creditrisk.records.config import config_name, read_config, write_config
from creditrisk.stages.etl.cleaning import cleaners
from creditrisk.storage import open_store
from tests.builders.small_lender import PORTFOLIO, small_policy, small_portfolio

OUTCOMES = """
  ledger:
    table: loan_outcomes
    role: outcomes
    columns:
      loan: {role: loan}
      client: {role: customer}
      month: {role: snapshot, type: date}
      began: {role: start, type: date}
      lost: {role: default_date, type: date}
"""
MACRO = """
  economy:
    table: economy
    role: macro
    lag: 2
    columns:
      month: {role: snapshot, type: date}
      COLUMN
      unemployment: {type: number}
derived:"""
TABLES: dict[SourceRole, str] = {
    "applications": PORTFOLIO.replace("      home:", "      COLUMN\n      home:"),
    "events": PORTFOLIO.replace("      pages:", "      COLUMN\n      pages:"),
    "macro": PORTFOLIO.replace("derived:", MACRO.strip("\n")),
    "performance": PORTFOLIO.replace("      began:", "      COLUMN\n      began:"),
    "outcomes": PORTFOLIO.split("  ledger:")[0].rstrip()
    + OUTCOMES.replace("      lost:", "      COLUMN\n      lost:"),
}
SAMPLES = {
    "empty": 'empty: "0"',
    "name": "name: other",
    "column": "column: elsewhere",
    "part": "part: [1, 2]",
    "pattern": 'pattern: "(.*)x"',
    "text": "text: in plain words",
    "unit": "unit: EUR",
    "missing": 'missing: ["-"]',
    "strip": "strip: $",
    "thousands": "thousands: '.', decimal: ','",
    "decimal": "decimal: ','",
    "negative": "negative: brackets",
    "format": "format: dd.MM.yyyy",
    "first_year": "format: dd.MM.yy, first_year: 1950",
    "range": "range: [0, 1]",
    "categories": "categories: [own, rent]",
    "spellings": "spellings: {own: [o]}",
    "growing": "growing: true",
    "pii": "pii: true",
    "protected": "protected: true",
    "fairness": "fairness: true",
    "bands": "fairness: true, bands: [1, 2]",
    "excluded": "excluded: true",
    "monotone": "monotone: increasing",
    "known_at_application": "known_at_application: asked for in the form",
}


def lender(table: SourceRole, column: str) -> Portfolio:
    return parse_portfolio(TABLES[table].replace("COLUMN", column), "mine.yaml")


def seen(portfolio: Portfolio) -> list[object]:
    """All that the system makes of a description."""
    return [
        list(contracts.all_contracts(portfolio)),
        portfolio.features,
        portfolio.events,
        portfolio.growing,
        [file_column(one, name) for one in portfolio.sources.values() for name in one.columns],
        [
            (c.name, c.trim(), c.parse(), c.cast(), c.value(), c.decision())
            for source in portfolio.sources.values()
            for c in cleaners(source, b"key")
        ],
        [
            (name, spec.growing, spec.known_at_application, spec.pii and spec.role)
            for source in portfolio.sources.values()
            for name, spec in source.values().items()
        ],
    ]


@cache
def written(table: SourceRole) -> str:
    return json.dumps(YamlText(TABLES[table].replace("COLUMN", "new: {}"), "x").content)


def described(table: SourceRole, **keys: object) -> Portfolio:
    """A lender with one more column, as a file would describe it."""
    content = json.loads(written(table))
    for source in content["sources"].values():
        if source["role"] == table:
            source["columns"]["new"] = keys
    return Portfolio.model_validate(content)


@pytest.mark.parametrize("key", SAMPLES)
def test_a_key_is_effective_or_refused_on_every_type_role_and_table(key):
    sample = YamlText(f"{{{SAMPLES[key]}}}", "x").content
    for table, type_, role in product(
        get_args(SourceRole), get_args(Type), (None, *get_args(Role))
    ):
        column = {"type": type_} | ({"role": role} if role else {})
        try:
            portfolio = described(table, **column, **sample)
        except ValidationError:
            continue  # a role twice in its table, or of another type
        if any("new" in path for path, _ in without_effect(portfolio)):
            continue
        rest = {name: value for name, value in sample.items() if name != key}
        assert seen(portfolio) != seen(described(table, **column, **rest)), (column, table)


def test_every_key_of_a_column_says_where_it_has_an_effect():
    assert set(USES) == set(ColumnSpec.model_fields)
    assert set(SAMPLES) == set(USES) - {"role", "type"}


@pytest.mark.parametrize(
    ("table", "column", "text"),
    [
        ("events", "new: {type: category}", "only numbers of events are summed, this is category"),
        ("events", "new: {type: number, protected: true}", "protected is for columns of applic"),
        ("applications", 'new: {type: number, strip: "()"}', "strip would take the sign off a num"),
        ("applications", "new: {type: integer, strip: €-}", "and write negative: behind if it is"),
        ("applications", "new: {type: category, negative: CR}", "negative is for type number or"),
        ("applications", "new: {column: new}", "that is its own name: leave it out"),
        ("applications", "new: {column: age, type: number}", "age is protected, and this reads"),
        (
            "applications",
            "ssn: {pii: true}\n      new: {column: ssn, part: [1, 2], type: category}",
            "ssn is pii, and this reads the same: pii: true here too",
        ),
        (
            "events",
            "one: {type: number, growing: true}\n      new: {column: one, type: number}",
            "one is growing, and this reads the same: growing: true here too",
        ),
        (
            "applications",
            "one: {column: two}\n      new: {column: one}",
            "one itself reads two: name a column of the file",
        ),
        (
            "applications",
            "new: {part: [2, 1]}",
            "write the first and last character, both from the",
        ),
        (
            "applications",
            "new: {part: [0, 1]}",
            "write the first and last character, both from the",
        ),
        ("applications", "new: {part: [1, 1], pattern: (a)}", "both say what is read: leave one"),
        ("applications", "new: {pattern: a+}", "put the part that is read in brackets, once"),
        ("applications", "new: {pattern: 'a()'}", "put the part that is read in brackets, once"),
        ("applications", "new: {pattern: '(a|b)'}", "|b) is not supported; write letters"),
        ("applications", "new: {pattern: '(a+)+'}", "+ is not supported; write letters"),
        ("applications", "new: {pattern: '([z-a])'}", "bad character range"),
        ("applications", "new: {fairness: true}", "fairness is for type number or integer or"),
        ("applications", "new: {type: date, format: dd.MM}", "format 'dd.MM' has no year"),
        ("applications", "new: {type: date, format: yyyy-mm-dd}", "has no month (MM; mm is minu"),
        ("applications", "new: {type: date, format: yyyy-MM-dd h}", "no AM or PM (a); HH is 0 to"),
        ("applications", "new: {type: date, format: yyyy-MM Q}", "says the month by MM and Q"),
        ("applications", "new: {type: date, format: dd-Q-yyyy}", "says the day by dd and Q"),
        ("applications", "new: {role: due, type: number}", "has no use for role: due"),
        ("applications", "INCOME: {type: number, name: x}", "'INCOME' and 'income' are one name"),
        ("applications", "new: {type: number, name: Income}", "'Income' and 'income' are one name"),
        ("applications", "' debt ': {type: number, name: x}", "' debt ' and 'debt' are one name"),
        ("applications", "a\u0308: {name: x}\n      ä: {name: y}", "are one name but for case"),
        ("applications", "new: {role: application, type: number}", "is read as it is written"),
        ("applications", "new: {type: number, bands: [1]}", "add fairness: true"),
    ],
)
def test_what_would_say_nothing_is_refused_with_its_line(table, column, text):
    lines = TABLES[table].splitlines()
    number = next(n for n, line in enumerate(lines, 1) if "COLUMN" in line) + column.count("\n")
    with pytest.raises(UserError) as error:
        lender(table, column)
    assert f"mine.yaml: line {number}, sources." in str(error.value)
    assert text in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        ("[debt, home]", "home is of type category: a ratio is of two numbers"),
        ("[debt, debt]", "debt over itself is always 1"),
        ("[debt, age], monotone: increasing", "no model sees debt_to_income, as age is protected"),
        ("[debt, client]", "no application column is called client"),
    ],
)
def test_a_ratio_that_is_none_is_refused_with_its_line(ratio, text):
    with pytest.raises(UserError, match=r"mine.yaml: line 36, derived\.debt_to_income") as error:
        parse_portfolio(PORTFOLIO.replace("[debt, income]", ratio), "mine.yaml")
    assert text in str(error.value)


def test_a_lender_whose_columns_are_all_hidden_from_models_is_refused():
    text = TABLES["outcomes"].replace("COLUMN", "new: {type: number, protected: true}")
    bare = text.split("  visits:")[0] + text[text.index("  ledger:") :]
    kept = "\n".join(
        line
        for line in bare.splitlines()
        if not line.strip().startswith(("income:", "debt:", "home:"))
    )
    with pytest.raises(UserError, match="no column becomes a feature of a model"):
        parse_portfolio(kept.replace("new: {type: number, protected: true}", ""), "mine.yaml")
    assert parse_portfolio(bare.replace("new: {type: number, protected: true}", ""), "mine.yaml")


def test_a_ratio_of_a_protected_column_is_protected_and_no_model_sees_it():
    portfolio = parse_portfolio(PORTFOLIO.replace("[debt, income]", "[debt, age]"), "x")
    ratio = next(f for f in portfolio.features if f.name == "debt_to_income")
    assert (ratio.protected, ratio.fairness) == (True, True)
    assert "debt_to_income" not in {feature.name for feature in model_features(portfolio)}


def test_what_is_made_of_a_growing_or_compared_column_is_so_too():
    text = PORTFOLIO.replace(" debt: {", " debt: {growing: true, ").replace(
        " income: {", " income: {fairness: true, "
    )
    portfolio = parse_portfolio(text.replace("noise: {", "noise: {growing: true, "), "x")
    assert portfolio.growing == {"debt", "debt_to_income", "visits_evidence"}
    assert next(f for f in portfolio.features if f.name == "debt_to_income").fairness


def test_a_frozen_portfolio_is_read_whatever_another_release_took(tmp_path):
    frozen = small_portfolio().model_dump_json().replace('"unit":""', '"unit":"m"')
    assert thaw_portfolio(frozen, "frozen").sources["form"].columns["home"].unit == "m"
    with pytest.raises(UserError, match="unit is for type number"):
        parse_portfolio(frozen, "mine.yaml")


def test_what_would_not_be_read_back_as_it_is_is_not_kept(tmp_path):
    store, portfolio = open_store(tmp_path.as_uri()), small_portfolio()
    good = config_name(small_policy().sha, portfolio.sha)
    write_config(store, good, small_policy(), portfolio)
    assert read_config(store, good) == (small_policy(), portfolio)
    income = portfolio.sources["form"].columns["income"]
    endless = income.model_copy(update={"range": (0.0, float("inf"))})
    portfolio.sources["form"].columns["income"] = endless
    with pytest.raises(UserError):
        write_config(store, "bad", small_policy(), portfolio)
