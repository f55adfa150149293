"""Files that people write are read as they are written, or refused in one line and in no time."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditrisk.errors import UserError
from creditrisk.policy import parse_policy
from creditrisk.policy.yaml_text import YamlText, quoted
from creditrisk.portfolio import parse_portfolio
from tests.builders.small_lender import PORTFOLIO


def layers(shape: str) -> str:
    """Thirty layers, each of which holds the one before twice."""
    lines = ["a0: &a0 {k: v}"]
    lines += [f"a{n}: &a{n} " + shape.replace("LAST", f"*a{n - 1}") for n in range(1, 30)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "outcome: {mob: 12}\nrule: {}\noutcome: {mob: 6}",
            "line 3: outcome is there twice (line 1)",
        ),
        ("outcome:\n  mob: 12\n  mob: 6", "line 3: mob is there twice (line 2)"),
        ("a: [{b: 1,\n b: 2}]", "line 2: b is there twice (line 1)"),
        ('1: a\n"1": b', "line 2: 1 is there twice (line 1)"),
        ("a: &a {x: 1}\nb: {<<: *a, x: 2}", "line 2: x is there twice (line 1)"),
        ("a: &a {x: 1}\nb: {<<: *a, <<: *a}", "line 1: x is there twice (line 1)"),
        ("a: " + "[" * 900, "line 1: nested deeper than 20 levels"),
        ("a: " + "- " * 900, "is not YAML"),
        (layers("[LAST, LAST]"), "more than 100,000 values"),
        (layers("{<<: [LAST, LAST]}"), "more than 100,000 values"),
        ("&a\nb: *a", "line 2: *a stands within itself"),
        ("a: !!python/object/apply:os.system [ls]", "line 1: the tag"),
        ("a:\n  b: " + "9" * 5000, "line 2: a number of 5000 digits"),
        ('a: "\\ud800"', "is not YAML: while parsing a quoted scalar"),
        ("a: \ud800", "is not YAML"),
        ("a: \0", "is not YAML"),
        ("? [a]\n: b", "line 1: a key is a list or a mapping"),
        ("a: {<<: b}", "line 1: << takes in mappings only"),
    ],
)
@pytest.mark.parametrize("parse", [parse_policy, parse_portfolio])
def test_what_yaml_would_drop_run_or_unfold_is_refused_with_its_line(parse, text, found):
    began = process_time()
    with pytest.raises(UserError) as error:
        parse(text, "mine.yaml")
    assert process_time() - began < 2
    assert f"{error.value}".startswith("mine.yaml")
    assert found in str(error.value)
    assert "\n" not in str(error.value)


def test_only_plain_numbers_truth_and_null_are_more_than_text():
    text = "[12:30, 010, 0x1F, 1_000, 2023-01-31, =, 7, -0.5, 2.5e-3, .5, yes, off, ~]"
    assert YamlText(text, "x").content == [
        *("12:30", "010", "0x1F", "1_000", "2023-01-31", "="),
        *(7, -0.5, 0.0025, 0.5, True, False, None),
    ]


def test_keys_are_text_as_it_is_written():
    assert YamlText("{yes: a, 1: b, 2023-01-31: c, 010: d, ~: e}", "x").content == {
        "yes": "a",
        "1": "b",
        "2023-01-31": "c",
        "010": "d",
        "~": "e",
    }


def test_an_alias_and_a_merge_are_read_where_nothing_is_said_twice():
    text = "a: &a {x: 1}\nb: *a\nc: {<<: *a, y: 2}"
    assert YamlText(text, "x").content == {"a": {"x": 1}, "b": {"x": 1}, "c": {"x": 1, "y": 2}}


def test_the_line_of_a_part_of_a_list_is_its_own():
    written = YamlText("a:\n  - 1\n  - b: 2\n", "x")
    assert [written.line(path) for path in (["a"], ["a", 1, "b"], ["a", "0"], ["c"])] == [
        1,
        3,
        2,
        1,
    ]


@pytest.mark.parametrize("number", [".inf", "-.inf", ".nan", "1e400", "yes", "1:30", "0x1F"])
def test_what_is_no_finite_number_as_it_is_written_is_refused_with_its_line(number):
    with pytest.raises(UserError, match=r"mine.yaml: scoring.cutoff: .* \(line 2\)$"):
        parse_policy(f"scoring:\n  cutoff: {number}", "mine.yaml")
    for old, new in (
        ("range: [0, 1000000], text: yearly", f"range: [0, {number}], text: yearly"),
        ("text: yearly", f"fairness: true, bands: [1, {number}], text: yearly"),
    ):
        with pytest.raises(UserError, match=r"mine.yaml: line 11, sources.form.columns.income"):
            parse_portfolio(PORTFOLIO.replace(old, new), "mine.yaml")


def test_a_number_with_a_leading_zero_is_that_number():
    portfolio = parse_portfolio(PORTFOLIO.replace("range: [18, 100]", "range: [018, 100]"), "x")
    assert portfolio.sources["form"].columns["age"].range == (18, 100)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_written_quoted_is_read_back_as_it_was(text):
    line = f"a: {quoted(text)}"
    assert line.isprintable()
    assert YamlText(line, "x").content == {"a": text}
