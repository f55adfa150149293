"""From trimmed text to a type, as SQL; null where the text is not of it. Nothing here raises.

SQL text, because a column built call by call costs a round trip to the JVM for each.
"""

import re

from creditrisk.deliveries.text_part import LONGEST
from creditrisk.portfolio import ColumnSpec
from creditrisk.portfolio.column import SPACE
from creditrisk.portfolio.pattern import java_and_python
from creditrisk.portfolio.typography import OTHERS, PLAIN, plain
from creditrisk.stages.etl.date_casts import date_of
from creditrisk.stages.etl.sql_text import literal, literals, matches, whole

_LARGEST = "1.7976931348623157E308D"
_EXACT = "9007199254740991D"  # the next as a double stands for the one behind it, too
# Patterns of a whole text, in what Java's and Python's have in common. No run of
# characters gives back what it took (`++`), so that each takes time in proportion to the text; a
# group does (no `)*+`: Python before 3.11.5 matches it wrongly). Nine digits overflow nothing.
_YEARS, _MONTHS = "[Yy](?:ea)?(?:rs?)?", "[Mm](?:on(?:th)?s?|os?|ths?)?"
DURATION = rf"P?(?:(\d{{1,9}})\s*+{_YEARS}\.?)?\s*+(?:and|,)?\s*+(?:(\d{{1,9}})\s*+{_MONTHS}\.?)?"
# blanks before the mark are looked at once: from where they begin
BETWEEN_MEMBERS = r"(?:(?<!\s)\s++)?[,|]\s*+(?:and\s++)?"
_CREDIT, _DEBIT = ("CR", "Cr", "cr", "cR"), ("DR", "Dr", "dr", "dR")
SIGNS: dict[str, dict[str, tuple[str, ...]]] = {
    "CR": {"-": _CREDIT, "+": _DEBIT},
    "DR": {"-": _DEBIT, "+": _CREDIT},
}


def bare(text: str, strip: str = "", in_plain: bool = False) -> str:
    """A text without blanks and these characters at both ends; what is left in plain characters.

    Spark looks each end up in the list of what is taken off, byte by byte: of texts of ASCII,
    which nearly all are and which are plain, in a short one.
    """
    ends = SPACE + strip
    short = literal("".join(one for one in ends if one.isascii()))
    other = f"btrim({text}, {literal(ends)})"
    other = _plainly(other) if in_plain else other
    return f"IF({_is_ascii(text)}, btrim({text}, {short}), {other})"


def grouped(spec: ColumnSpec) -> str:
    """The pattern of a number with marks between its thousands.

    1,5 is no way to write 15: groups must be whole (two digits, but the last, in India).
    """
    mark, point = re.escape(plain(spec.thousands)), re.escape(plain(spec.decimal))
    return rf"[+-]?\d{{1,3}}(?:{mark}\d{{2,3}}(?={mark}))*{mark}\d{{3}}(?:{point}\d*+)?"


def part_of(text: str, spec: ColumnSpec) -> str:
    """Of a trimmed text the part that is read; null where it has no such part.

    Numbers, dates and durations in plain characters.
    """
    if spec.part:
        first, last = spec.part
        part, most = f"substring({text}, {first}, {last - first + 1})", max(abs(first), abs(last))
        found = f"IF(length({text}) >= {most}, {part}, NULL)"
    else:
        shape = literal(whole(java_and_python(spec.pattern)))
        found = _short(text, f"regexp_extract({text}, {shape}, 1)")
    found = f"IF({_is_ascii(found)}, {found}, {_plainly(found)})" if spec.in_plain else found
    return f"nullif(btrim({found}, {literal(SPACE)}), '')"


def parsed(text: str, spec: ColumnSpec) -> str:
    """The text as its type, numbers as a double: dates by format, durations in months."""
    match spec.type:
        case "number" | "integer":
            return _short(text, f"try_cast({_plain(text, spec)} AS DOUBLE)")
        case "date":
            return _short(text, date_of(text, spec))
        case "category" if spec.categories or spec.spellings:
            return _category(text, spec)
        case "duration":
            return _short(text, _months(text))
        case "list":
            return _joined(f"split({text}, {literal(BETWEEN_MEMBERS)})")
        case _:
            return text


def typed(parsed_: str, text: str, spec: ColumnSpec) -> str:
    """What was parsed, unless only a programmer would call it a number."""
    if spec.type not in ("number", "integer"):
        return parsed_
    text = _signed(text, spec)
    # 12d, 0x1p3, NaN and a number beside control characters are doubles to Java
    # (two looks for an x: `lower` would load ICU's tables, 2 s in a process)
    marks = " AND ".join(f"NOT contains({text}, '{letter}')" for letter in "xX")
    last = (*"0123456789", plain(spec.decimal))
    begins = f"left({text}, 1) IN {literals(('+', '-', *last))}"
    written = f"{begins} AND right({text}, 1) IN {literals(last)} AND {marks}"
    finite = f"{parsed_} BETWEEN -{_LARGEST} AND {_LARGEST}"
    if spec.type == "number":
        return f"IF({finite} AND {written}, {parsed_}, NULL)"
    whole = f"{parsed_} BETWEEN -{_EXACT} AND {_EXACT} AND {parsed_} = floor({parsed_})"
    return f"IF({whole} AND {written}, CAST({parsed_} AS BIGINT), NULL)"


def known_members(joined: str, categories: tuple[str, ...]) -> str:
    """A joined list, each member that is no category replaced by 'unknown'."""
    known = literals(("", *categories))
    return _joined(f"transform({_members(joined)}, m -> IF(m IN {known}, m, 'unknown'))")


def strange_member(joined: str, categories: tuple[str, ...]) -> str:
    """Whether a joined list has a member that is no category."""
    return f"exists({_members(joined)}, m -> m NOT IN {literals(('', *categories))})"


def _is_ascii(text: str) -> str:
    return f"octet_length({text}) = length({text})"


def _plainly(text: str) -> str:
    return f"translate({text}, {literal(OTHERS)}, {literal(PLAIN)})"


def _plain(text: str, spec: ColumnSpec) -> str:
    """A number as a machine writes it: no mark between thousands, a point before decimals."""
    text = _signed(_bare(text, spec), spec)
    if spec.thousands:
        whole = f"replace({text}, {literal(plain(spec.thousands))}, '')"
        text = f"IF({matches(text, grouped(spec))}, {whole}, {text})"
    if spec.decimal != ".":
        point = literal(plain(spec.decimal))
        text = f"IF(contains({text}, '.'), NULL, replace({text}, {point}, '.'))"
    return text


def _bare(text: str, spec: ColumnSpec) -> str:
    """A number without the declared characters behind its sign: -$5 is -5."""
    if not spec.strip:
        return text
    first = f"left({text}, 1)"
    without = f"concat({first}, btrim(substring({text}, 2), {literal(SPACE + spec.strip)}))"
    return f"IF({first} IN ('+', '-'), {without}, {text})"


def _signed(text: str, spec: ColumnSpec) -> str:
    """A number with its sign in front, however that is written."""

    def put(sign: str, inner: str) -> str:
        return f"concat('{sign}', btrim({inner}, {literal(SPACE + spec.strip)}))"

    match spec.negative:
        case None:
            return text
        case "brackets":
            inner = put("-", f"substring({text}, 2, length({text}) - 2)")
            return f"IF(left({text}, 1) = '(' AND right({text}, 1) = ')', {inner}, {text})"
        case "behind":
            inner = put("-", f"left({text}, length({text}) - 1)")
            return f"IF(right({text}, 1) = '-', {inner}, {text})"
        case _:
            signs = SIGNS[spec.negative].items()
            whens = (
                f"WHEN right({text}, 2) IN {literals(marks)}"
                f" THEN {put(sign, f'left({text}, length({text}) - 2)')}"
                for sign, marks in signs
            )
            return f"CASE {' '.join(whens)} ELSE {text} END"


def _category(text: str, spec: ColumnSpec) -> str:
    """A category as it is declared."""
    spelt: dict[str, list[str]] = {}
    for written, value in spec.spelt.items():
        spelt.setdefault(value, []).append(written)
    folded = f"lower({text})" if spec.folds else text
    whens = (
        f"WHEN {folded} IN {literals(found)} THEN {literal(value)}"
        for value, found in spelt.items()
    )
    # most are written as declared: they pass with one look
    declared = f"WHEN {text} IN {literals(tuple(spelt))} THEN {text}"
    return f"CASE {declared} {' '.join(whens)} ELSE {text} END"


def _months(text: str) -> str:
    pattern = literal(whole(DURATION))
    years, months = (
        f"coalesce(try_cast(regexp_extract({text}, {pattern}, {part}) AS BIGINT), 0)"
        for part in (1, 2)
    )
    fits = f"{text} RLIKE {pattern} AND {text} RLIKE '[0-9]'"
    return f"IF({fits}, {years} * 12 + {months}, NULL)"


def _short(text: str, value: str) -> str:
    return f"IF(length({text}) <= {LONGEST}, {value}, NULL)"


def _members(joined: str) -> str:
    return f"split({joined}, {literal(chr(92) + '|')})"


def _joined(members: str) -> str:
    present = f"filter({members}, m -> m <> '')"
    return f"array_join(sort_array(array_distinct({present})), '|')"
