"""What the name of a column says: the words lenders use, and what they use them for."""

import re
from functools import cache
from importlib import resources

import yaml

_RUN_TOGETHER = re.compile("(?<=[a-z]{4})(date|status|amount|number|code)$")
PERSONAL = (
    *("name", "address", "e-mail address", "phone number", "national or tax number"),
    *("bank account", "date of birth"),
)
_TOGETHER = re.compile(
    r"\b(as of|paid in full|paid out|charged? off|chg off|write offs?|written off|pay off"
    r"|re scheduled|national id|tax id|e mail|(?:first|last|full) name)\b"
)


def words(name: str) -> frozenset[str]:
    """The words of a column's name, in lower case: `WriteOffDate` is {writeoff, date}."""
    return frozenset(words_in_order(name))


def words_in_order(name: str) -> list[str]:
    """The same, as they stand there."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    text = " ".join(re.findall(r"[^\W\d_]+", parted.lower()))
    joined = _TOGETHER.sub(lambda found: found[0].replace(" ", ""), text)
    joined = joined.replace("chgoff", "chargeoff")
    return " ".join(map(_parted, joined.split())).split()


def _parted(word: str) -> str:
    """`approvaldate` is approval and date; a word that means something as a whole stays one."""
    known = any(word in found for found in _vocabulary().values())
    return word if known else _RUN_TOGETHER.sub(r" \1", word)


def meaning(*names: str) -> frozenset[str]:
    """The words that mean one of these things."""
    return frozenset[str]().union(*(_vocabulary()[name] for name in names))


@cache
def _vocabulary() -> dict[str, frozenset[str]]:
    place = resources.files("creditrisk.quality.portfolio_draft").joinpath("words.yaml")
    return {name: frozenset(found) for name, found in yaml.safe_load(place.read_text()).items()}
