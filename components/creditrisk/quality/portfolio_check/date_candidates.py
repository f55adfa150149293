"""Formats that a text may be a date of, from how it is written: digits, names, what is between."""

import re
from collections.abc import Iterable, Iterator

from creditrisk.portfolio.date_format import ISO, MONTHS

PLAIN = ("yyyy-MM-dd", ISO)
_PARTS = re.compile(r"\d+|[^\W\d_]+|[\W_]", re.ASCII)
# a time: what is between its parts, a fraction, AM or PM; and what says how far it is from UTC
_CLOCK = re.compile(
    r"(?:(?<!\d)\d{1,2}:\d\d(?P<s>:\d\d)?|(?<=\d\s)\d{1,2}\.\d\d(?P<sp>\.\d\d)?)(?!\d)"
    r"(?:(?P<mark>[.,:])\d{1,9})?(?P<half>\s?[AaPp]\.?[Mm]\.?(?![A-Za-z]))?"
)
_PACKED_CLOCK = re.compile(r"(?<=\d)T(?:\d{6}|\d{4})(?!\d)")
_OFFSET = re.compile(
    r"(?<=\d)(?P<blank>\s?)(?:[Zz]|[+-]\d{2}:\d{2}|(?:(?<=:\d\d)|(?<=:\d\d\s))[+-]\d{2,4})$"
)
_ORDERS = ("dMy", "Mdy", "yMd", "My", "yM", "yD", "Qy", "yQ")
_DIGITS: dict[int, dict[str, str]] = {  # by how many stand together: the parts they may be
    1: {"d": "d", "M": "M", "Q": "Q"},
    2: {"d": "dd", "M": "MM", "y": "yy"},
    3: {"D": "DDD"},
    4: {"y": "yyyy", "yM": "yyMM"},
    6: {"dMy": "ddMMyy", "Mdy": "MMddyy", "yMd": "yyMMdd", "yM": "yyyyMM", "My": "MMyyyy"},
    7: {"yD": "yyyyDDD"},
    8: {"dMy": "ddMMyyyy", "Mdy": "MMddyyyy", "yMd": "yyyyMMdd"},
    12: {"yMd": "yyyyMMddHHmm"},
    14: {"yMd": "yyyyMMddHHmmss"},
}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# words that say nothing of the date themselves; those of half years, weeks, fiscal years do
_SILENT = {"T", "M", "Q", "de", "del", "of", "Z"}
_TIME, _AWAY = "\x00", "\x01"  # where they stand in a text
_UNUSUAL = re.compile("[dM]'Q'|yy[^y]?MMM")  # what nobody means by 1Q22, 13-Jan-22
_ONE_DIGIT = re.compile("(?<![dM])[dM](?![dM])")
_SAMPLES = 3  # texts that are written differently
Begun = tuple[str, str]  # the format of a text's first parts, and which parts of a date they are


def candidates(texts: Iterable[str]) -> tuple[str, ...]:
    """Formats to try on dates that are written as these texts, the plainest first."""
    shapes = {re.sub(r"\d", "9", text): text for text in texts if re.search(r"\d", text)}
    found = [format_ for text in [*shapes.values()][:_SAMPLES] for format_ in _formats(text)]
    found += [_short(format_) for format_ in found]
    return tuple(dict.fromkeys((*PLAIN, *sorted(found, key=_order))))


def certain(format_: str) -> bool:
    """Whether hardly any number is written so: 10-20 and 2201 may be no dates."""
    return bool(re.search("yyyy|MMM", format_)) or {*"dMy"} <= {*format_}


def _formats(text: str) -> Iterator[str]:
    clock, packed = _CLOCK.search(text), _PACKED_CLOCK.search(text)
    offset = _OFFSET.search(text)
    time = _time_format(clock) if clock else ""
    if packed:
        time = "'T'HHmmss" if len(packed[0]) > len("T0000") else "'T'HHmm"
    if offset:
        text = text[: offset.start()] + _AWAY
    if found := clock or packed:
        text = text.replace(found[0], _TIME)
    begun: list[Begun] = [("", "")]
    alone = len(re.findall(r"\d+", text)) == 1
    for part in _PARTS.findall(text):
        begun = [longer for one in begun for longer in _longer(one, part, alone)]
    for format_, parts in begun:
        if parts in _ORDERS and not _UNUSUAL.search(format_):
            away = (offset["blank"] + "X") if offset else ""
            whole = format_.replace(_TIME, time).replace(_AWAY, away)
            yield _short(whole) if _ONE_DIGIT.search(format_) else whole


def _time_format(clock: re.Match[str]) -> str:
    mark = "." if clock["sp"] or "." in clock[0].split(clock["mark"] or "\0")[0] else ":"
    hour, half = (
        ("hh", " a" if clock["half"][0].isspace() else "a") if clock["half"] else ("HH", "")
    )
    second = f"{mark}ss" if clock["s"] or clock["sp"] else ""
    return f"{hour}{mark}mm{second}{clock['mark'] + 'S' if clock['mark'] else ''}{half}"


def _longer(one: Begun, part: str, alone: bool) -> Iterator[Begun]:
    format_, parts = one
    if part.isascii() and part.isdigit():
        options = _DIGITS.get(len(part), {})
        if format_.endswith("'Q'"):
            options = {more: letters for more, letters in options.items() if more == "Q"}
        for more, letters in options.items():
            several = len(more) > 1
            if alone >= several and any(order.startswith(parts + more) for order in _ORDERS):
                yield format_ + letters, parts + more
    elif part.isascii() and part.isalpha():
        yield from _words(one, part)
    elif part not in ("'", '"'):  # quotes: of a format, they hold its text
        yield format_ + part, parts


def _words(one: Begun, word: str) -> Iterator[Begun]:
    (format_, parts), name = one, word.capitalize()
    for letters, names in (("MMMM", MONTHS), ("MMM", tuple(month[:3] for month in MONTHS))):
        if name in names and any(order.startswith(f"{parts}M") for order in _ORDERS):
            yield format_ + letters, f"{parts}M"
    if name in _DAYS:
        yield f"{format_}EEE", parts
    elif word in _SILENT:
        yield f"{format_}'{word}'", parts
    elif _TIME in format_ and re.fullmatch("[A-Z]{3,5}", word):
        yield f"{format_}z", parts


def _short(format_: str) -> str:
    """The same for days, months and hours of one digit or two."""
    short = {"dd": "d", "MM": "M", "HH": "H", "hh": "h"}
    return re.sub(r"(?<![A-Za-z])(dd|MM|HH|hh)(?![A-Za-z])", lambda found: short[found[0]], format_)


def _order(format_: str) -> int:
    """Day, month, year; month, day, year; year first."""
    parts = "".join(dict.fromkeys(re.findall("[dMyQD]", re.sub("'[^']*'", "", format_))))
    return _ORDERS.index(parts) if parts in _ORDERS else len(_ORDERS)
