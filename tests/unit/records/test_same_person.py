"""Who may be one person under two names: a second person is one whom a reader can tell apart."""

# ruff: noqa: RUF001 - ambiguous letters are what this file is about
import unicodedata

import pytest

from creditrisk.records.same_person import same_account, same_person


@pytest.mark.parametrize(
    "other",
    [
        "VALIDATOR",
        " validator ",
        "vаlidator",  # a Cyrillic letter
        "νalidatοr",  # two Greek ones
        "ѵаӏіԁатοг",  # none is Latin
        "vaIidator",
        "va1idator",
        "validat0r",
        "vаlidator\N{ZERO WIDTH JOINER}",
        "v\N{COMBINING DOT BELOW}alidator",
        "𝓿𝓪𝓵𝓲𝓭𝓪𝓽𝓸𝓻",
        "ｖａｌｉｄａｔｏｒ",
        "\u202erotadilav",  # drawn from right to left
        "validator\0",
        "valid\tator",
    ],
)
def test_a_name_that_looks_like_one_s_own_is_no_second_person(other):
    assert same_person("validator", other) and same_person(other, "validator")


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("name", ["zoë@bank.example", "Иван Йовкоў", "김민수", "ﬁnance"])
def test_a_name_composed_differently_is_the_same(form, name):
    assert same_person(unicodedata.normalize(form, name), name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann", "bob"),
        ("ann@bank.example", "ann.b@bank.example"),
        ("user2", "user3"),
        ("Иван", "Пётр"),
        ("Иван", "anna"),
        ("김민수", "이민수"),
        ("system:serviceaccount:risk:ann", "system:serviceaccount:risk:eve"),
        ("AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"),
    ],
)
def test_two_names_that_read_differently_are_two_people(one, other):
    assert not same_person(one, other)


@pytest.mark.parametrize(
    "other",
    ["vera", "VERA@bank.example", "vera+2@bank.example", "BANK\\vera", "https://bank.example#vera"],
)
def test_accounts_of_one_name_in_two_places_are_one_person_where_somebody_approves(other):
    assert same_account("system:serviceaccount:people:vera", other)
    assert same_account(other, "vеra@other.example")  # a Cyrillic letter, too


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@bank.example", "bob@bank.example"),
        ("system:serviceaccount:people:approver", "system:serviceaccount:people:owner"),
        ("@bank.example", "@other.example"),
        ("vvera", "era"),
    ],
)
def test_accounts_of_two_names_are_two_people(one, other):
    assert not same_account(one, other)
