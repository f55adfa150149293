import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditrisk.errors import UserError
from creditrisk.stages.decision.business_rules import check, evaluate, months_needed

MONTH = {"applications": 180.0, "bad_rate_mob3": 0.27, "mean_pd": 0.12, "csi:income": 0.3}
PAST = [{"applications": float(n)} for n in (400, 410, 390, 420, 380, 400, 9999)]
MONTHS = [MONTH, *PAST]


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ("bad_rate_mob3 > 0.25", True),
        ("bad_rate_mob3 > 0.27", False),
        ("bad_rate_mob3 >= 0.27", True),
        ("bad_rate_mob3 < .3", True),
        ("applications == 180", True),
        ("applications != 180", False),
        ("applications <= 1.8e2", True),
        ("applications < 0.5 * median_6m(applications)", True),
        ("applications < 0.4 * median_6m(applications)", False),
        ("min_6m(applications) == 380 and max_6m(applications) == 420", True),
        ("mean_6m(applications) == 400", True),
        ("max_7m(applications) == 9999", True),
        ("csi:income >= 0.25", True),
        ("csi:income >= 0.25 and not mean_pd <= 0.10", True),
        ("not not mean_pd > 0.1", True),
        ("not mean_pd > 0.1 or applications > 1", True),
        ("mean_pd > 1 or mean_pd > 0.1 and applications > 1000", False),
        ("(mean_pd > 1 or mean_pd > 0.1) and applications > 100", True),
        ("bad_rate_mob3 / mean_pd > 2", True),
        ("bad_rate_mob3 - mean_pd - 0.1 > 0.06", False),
        ("applications / 2 / 3 == 30", True),
        ("2 + 3 * 4 == 14", True),
        ("(2 + 3) * 4 == 20", True),
        ("-applications < -(100 + 79)", True),
        ("1 - -1 == 2", True),
        ("  applications<200  ", True),
    ],
)
def test_a_rule_holds_or_not(rule: str, holds: bool) -> None:
    assert evaluate(rule, MONTHS).holds is holds


@pytest.mark.parametrize("name", ["csi:class", "csi:2nd_income", "lambda", "True", "csi:âge"])
def test_a_metric_may_have_any_name(name: str) -> None:
    assert evaluate(f"max_2m({name}) > {name}", [{name: 1.0}, {name: 2.0}]).holds is True


def test_a_verdict_shows_the_numbers_it_rests_on() -> None:
    verdict = evaluate("applications < 0.5 * median_6m(applications)", MONTHS)
    assert verdict.numbers == "applications = 180, median_6m(applications) = 400"


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("", "ends too early"),
        ("applications", "a rule compares"),
        ("applications + 1", "a rule compares"),
        ("applications > ", "ends too early"),
        ("applications 3", "did not expect '3'"),
        ("1 < applications < 3", "two comparisons in a row"),
        ("applications > 1 and 3", "character 22: 'and' joins comparisons, not numbers"),
        ("not applications", "'not' joins comparisons, not numbers"),
        ("(applications > 1) * 2 > 1", "'*' takes numbers"),
        ("(applications > 1", "character 1: '(' is never closed"),
        ("applications > 1)", "did not expect ')'"),
        ("applications = 3", "character 14: cannot read '='; use == to compare"),
        ("applications => 3", "cannot read '=>'; use == to compare, or >=, <="),
        ("applications > 3 && mean_pd > 1", "cannot read '&&'; use 'and'"),
        ("applications > 0,25", "character 17: cannot read ',25'; write 0.25 for 0,25"),
        ("applications > 25%", "cannot read '%'; write 0.25 for 25%"),
        ("applications > 1.5.2", "cannot read '1.5.2'"),
        ("applications > 0x10", "cannot read '0x10'"),
        ("applications > 1_000", "cannot read '1_000'"),
        ("applications > 1j", "cannot read '1j'"),
        ("applications > 'a'", "cannot read"),
        ("applications.real > 1", "cannot read '.real'"),
        ("(applications := 3) > 1", "cannot read ':='"),
        ("applications > +3", "did not expect '+'"),
        ("applications is 3", "character 14: did not expect 'is'"),
        ("(applications 3) > 1", "character 15: did not expect '3'"),
        ("applications > ()", "did not expect ')'"),
        ("3(applications) > 1", "did not expect '('"),
        ("(median_6m)(applications) > 1", "did not expect '('"),
        ("and > 1", "did not expect 'and'"),
        ("mode_6m(applications) > 1", "cannot read 'mode_6m('; a function is mean_6m, median_6m,"),
        ("median_0m(applications) > 1", "cannot read 'median_0m('"),
        ("median_6m(3) > 1", "of one metric"),
        ("median_6m(applications + 1) > 1", "of one metric"),
        ("median_6m() > 1", "of one metric"),
        ("applications ** 2 > 1", "cannot read '**'"),
        ("__import__('os').system('true')", "cannot read"),
        ("().__class__.__bases__[0] > 1", "cannot read"),
        ("open(applications) > 1", "cannot read 'open('"),
        ("applications > 1; 2 > 1", "cannot read"),
        ("applications if 1 > 0", "did not expect 'if'"),
        ("lambda: 1 > 0", "cannot read"),
        ("(" * 30 + "1 > 0" + ")" * 30, "nested deeper"),
        ("-" * 300 + "1 > 0", "nested deeper"),
        ("1 > 0 and " * 60 + "1 > 0", "longer than"),
    ],
)
def test_what_is_not_a_rule_is_refused_with_the_place(rule: str, text: str) -> None:
    with pytest.raises(UserError) as error:
        check(rule)
    assert text in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_metric_is_refused_with_those_there_are() -> None:
    with pytest.raises(UserError) as error:
        evaluate("bad_rate_mob4 > 0.25", MONTHS)
    text = str(error.value)
    assert "no metric 'bad_rate_mob4' is published; did you mean bad_rate_mob3?" in text
    assert "applications, bad_rate_mob3, mean_pd, csi:..." in text
    with pytest.raises(UserError, match="none this month"):
        evaluate("a > 1", [{}])


def test_an_unknown_metric_inside_a_window_is_refused_too() -> None:
    with pytest.raises(UserError, match="no metric 'loans'"):
        evaluate("applications < median_6m(loans)", MONTHS)


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_a_metric_without_a_value_decides_nothing(value: float | None) -> None:
    months = [{"bad_rate_mob3": value, "mean_pd": 0.1}]
    verdict = evaluate("bad_rate_mob3 > 0.25", months)
    assert verdict.holds is None
    assert verdict.numbers == "bad_rate_mob3 = no value"
    assert evaluate("not bad_rate_mob3 > 0.25", months).holds is None
    assert evaluate("bad_rate_mob3 > 0.25 or mean_pd > 0.05", months).holds is True
    assert evaluate("bad_rate_mob3 > 0.25 or mean_pd > 0.5", months).holds is None
    assert evaluate("bad_rate_mob3 > 0.25 and mean_pd > 0.5", months).holds is False
    assert evaluate("bad_rate_mob3 + 1 > 0.25", months).holds is None


def test_a_metric_known_from_earlier_months_but_not_published_now_has_no_value() -> None:
    assert evaluate("mean_pd > 0.1", [{}, {"mean_pd": 0.2}]).holds is None


def test_division_by_zero_decides_nothing() -> None:
    assert evaluate("applications / (mean_pd - mean_pd) > 1", MONTHS).holds is None


def test_a_window_needs_half_of_its_months_and_never_sees_this_one() -> None:
    now = {"applications": 1.0}
    past = [{"applications": 10.0}, {}, {"applications": 30.0}, {"applications": None}]
    assert evaluate("median_6m(applications) > 0", [now, *past]).holds is None
    assert evaluate("median_4m(applications) == 20", [now, *past]).holds is True
    assert evaluate("min_1m(applications) == 10", [now, *past]).holds is True


def test_the_longest_window_says_how_many_months_to_read() -> None:
    assert months_needed([]) == 0
    assert months_needed(["a > 1", "mean_3m(a) > max_12m(b)"]) == 12


NUMBERS = st.floats(-100, 100).map(lambda value: round(value, 3))
EXPRESSIONS = st.recursive(
    NUMBERS.map(lambda value: f"({value})" if value < 0 else f"{value}") | st.just("x"),
    lambda part: st.tuples(part, st.sampled_from("+-*"), part).map(
        lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
    ),
    max_leaves=6,
)


@given(EXPRESSIONS, NUMBERS, NUMBERS, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
def test_arithmetic_is_what_everyone_expects(
    expression: str, x: float, limit: float, sign: str
) -> None:
    rule = f"{expression} {sign} {limit}"
    expected = eval(rule, {"x": x})  # noqa: S307 - the test's own strings, against our parser
    assert evaluate(rule, [{"x": x}]).holds is bool(expected)


def parsed_or_refused(text: str) -> None:
    try:
        check(text)
    except UserError as error:
        assert str(error).startswith("business rule")


@given(st.text(max_size=40))
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    parsed_or_refused(text)


WORDS = [
    "a",
    "c:b",
    "1",
    ".5",
    "(",
    ")",
    "-",
    "*",
    "not",
    "and",
    ">",
    "=",
    ",",
    "max_2m",
    "if",
    "x",
]


@given(st.lists(st.sampled_from(WORDS)), st.sampled_from(["", " "]))
def test_no_shuffle_of_words_breaks_the_parser(words: list[str], between: str) -> None:
    parsed_or_refused(between.join(words))
