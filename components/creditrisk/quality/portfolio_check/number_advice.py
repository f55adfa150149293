"""How numbers are written: keys with which texts are read as what they mean, sign and all.

Nothing is taken off that changes a value: no sign, no comparison (`<5`, `10+`), no word for
thousands or millions, no two currencies as if they were one.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import product

from pydantic import ValidationError

from creditrisk.policy.yaml_text import quoted
from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.currencies import CURRENCIES
from creditrisk.portfolio.meaning import unmeant
from creditrisk.quality.portfolio_check.cell import Value, typed

Texts = Sequence[tuple[str, int]]  # distinct ones, and the rows of each

MOST = 0.9  # of the rows: less is chance
_NEARLY_ALL = 0.99  # of the rows: what stands around the others is dirt, they stay unread
_MARKS: tuple[dict[str, str], ...] = (
    {},
    {"thousands": "", "decimal": "."},
    {"thousands": ","},
    {"decimal": ","},
    {"thousands": ".", "decimal": ","},
)
_BETWEEN = {*" '`\"\u066c"}  # thousands, in plain characters: a blank; in Switzerland; in Arabic
_ARABIC = "\u066b"  # before decimals
_SIGN = re.compile(r"^\(|\)$|(?<![.,])\s*-$|\s*[CcDd][Rr]$")
_AROUND = re.compile(r"(?P<front>[^\d.,+-]*)(?P<number>.*\d\.?)(?P<behind>\D*)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+")
PARTS_OF_ONE = {"%", "\u2030"}
_COMPARED = {*"<>~\u2264\u2265\u2248\u00b1+[]{}"}
MANY_TIMES = frozenset(
    (
        *("k", "t", "m", "b", "mn", "mm", "bn", "tn", "tr", "mio", "mrd", "tsd", "l", "cr"),
        *("thousand", "thousands", "million", "millions", "billion", "billions", "hundred"),
        *("lakh", "lakhs", "lac", "lacs", "crore", "crores", "mille", "mill", "tausend"),
    )
)


def number_keys(texts: Texts, spec: ColumnSpec, plain: Texts = ()) -> dict[str, str] | None:
    """Keys with which nearly all of the texts are numbers of the column's type; None: there are
    none. `plain`: texts of the column that are numbers without, and stay so.
    """
    strips = [{}, *_strips(texts, spec, bool(plain))]
    best: tuple[float, dict[str, str]] = (0.0, {})
    for marks, sign, strip in product(_marks(texts), _signs(texts), strips):
        keys = _changed(spec, marks | sign | strip)
        share = _read(texts, spec, keys)
        if share > best[0] and (not plain or _read(plain, spec, keys) == 1):
            best = share, keys
    return best[1] if best[0] >= MOST else None


def number_change(texts: Texts, spec: ColumnSpec, keys: dict[str, str], plain: Texts = ()) -> str:
    """What to write in the portfolio file, and what nobody can tell."""
    change = ", ".join(f"{key}: {quoted(value)}" for key, value in keys.items())
    if keys.get("negative") in ("CR", "DR"):
        other = "DR" if keys["negative"] == "CR" else "CR"
        return f"{change} (or {other}: which of them is less?)"
    mark = keys.get("thousands")
    if mark == "," and "decimal" not in keys:
        others = {key: value for key, value in keys.items() if key != "thousands"}
        others["decimal"] = mark
        if _read([*texts, *plain], spec, others) == 1:
            return f'{change} (or decimal: ",": each has three digits behind one comma)'
    return change


def nearly_numbers(texts: Texts, spec: ColumnSpec) -> bool:
    """Whether what stands around the texts is all that keeps them from being numbers."""
    cores = [(found["number"], n) for text, n in texts if (found := _AROUND.fullmatch(text))]
    if any(_WORD.search(_around(text)[0]) for text, _ in texts) or len(cores) < len(texts):
        return False
    return any(_read(cores, spec, keys) >= MOST for keys in _marks(texts))


def share_read(
    texts: Texts, spec: ColumnSpec, good: Callable[[Value], bool] | None = None
) -> float:
    """Of the rows, how many a description reads as a good value."""
    total = sum(count for _, count in texts)
    read = ((typed(text.strip(SPACE + spec.strip), spec), count) for text, count in texts)
    rows = sum(count for value, count in read if value is not None and (not good or good(value)))
    return rows / total if total else 0.0


def _changed(spec: ColumnSpec, keys: dict[str, str]) -> dict[str, str]:
    """The keys that the column does not have yet; other marks take the place of its own."""
    marked = {"thousands": "", "decimal": "."} if {"thousands", "decimal"} & {*keys} else {}
    written = marked | keys
    return {key: value for key, value in written.items() if value != getattr(spec, key)}


def _read(texts: Texts, spec: ColumnSpec, keys: dict[str, str]) -> float:
    """Of the rows, how many are read once these keys are there; none where they would change
    what is meant.
    """
    own = {key: getattr(spec, key) for key in ("type", "strip", "thousands", "decimal", "negative")}
    try:
        trial = ColumnSpec.model_validate(own | keys)
    except ValidationError:
        return 0.0
    return 0.0 if any(unmeant(trial)) else share_read(texts, trial)


def _marks(texts: Texts) -> list[dict[str, str]]:
    """Marks between thousands and before decimals; blanks and quotes as far as they are seen."""
    seen = {one for text, _ in texts for one in text.strip(SPACE)}
    blanks = sorted(c for c in seen if c in _BETWEEN)
    points = ({}, {"decimal": ","}, *([{"decimal": _ARABIC}] if _ARABIC in seen else []))
    more = [{"thousands": mark, **rest} for mark in blanks for rest in points]
    return [*_MARKS, *more, *points[2:]]


def _signs(texts: Texts) -> list[dict[str, str]]:
    """Ways to write a number below zero that are seen among the texts; first, none."""
    bare = [text.strip(SPACE) for text, _ in texts]
    ends = {text[-2:].upper() for text in bare}
    no_cents = any(re.search(r"[.,]\s*-+$", text) for text in bare)  # 5.- is five
    seen = {
        "brackets": any(text[:1] == "(" for text in bare),
        "behind": any(text[-1:] == "-" for text in bare) and not no_cents,
        "CR": "CR" in ends,
        "DR": "DR" in ends,
    }
    return [{}, *({"negative": how} for how, is_seen in seen.items() if is_seen)]


def _strips(texts: Texts, spec: ColumnSpec, bare: bool) -> Iterator[dict[str, str]]:
    """What stands around all numbers and may be taken off; at most one way."""
    pairs = _pairs(texts)
    words = {affix for pair in pairs for affix in pair} - {""}
    found = {word for affix in words for word in _WORD.findall(affix)}
    marks = {one for affix in words for one in affix if not one.isalnum() and one not in SPACE}
    codes = found & CURRENCIES
    money = codes | {one for one in marks if unicodedata.category(one) == "Sc"}
    behind = any(text.rstrip(SPACE)[-1:] == "-" for text, _ in texts)
    if {"+"} == marks & _COMPARED and (behind or spec.negative == "behind"):
        marks.discard("+")  # the sign behind, of both kinds
        more = "+"
    else:
        more = ""
    if marks & _COMPARED or len(money) > 1 or {w.lower() for w in found} & MANY_TIMES:
        return
    others = found - codes
    unit = "".join([*(() if money else others), *(marks & PARTS_OF_ONE)])
    everywhere = not bare and len(pairs) == 1
    if (unit or others) and not everywhere:
        return
    taken = dict.fromkeys(f"{spec.strip}{''.join(sorted(marks))}{''.join(sorted(found))}{more}")
    yield {"strip": "".join(taken)} | ({"unit": unit} if unit else {})


def _pairs(texts: Texts) -> list[tuple[str, str]]:
    """What stands before and behind nearly all of the numbers, the most frequent first."""
    rows: Counter[tuple[str, str]] = Counter()
    for text, count in texts:
        rows[_around(text)] += count
    found: list[tuple[str, str]] = []
    for pair, _ in rows.most_common():
        found.append(pair)
        if sum(rows[one] for one in found) >= _NEARLY_ALL * rows.total():
            break
    return found


def _around(text: str) -> tuple[str, str]:
    """What stands before and behind a number, its sign left out."""
    found = _AROUND.fullmatch(_SIGN.sub("", text.strip(SPACE)))
    return (found["front"].strip(SPACE), found["behind"].strip(SPACE)) if found else ("", "")
