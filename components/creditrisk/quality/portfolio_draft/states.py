"""Codes of a status column as states of a loan: by words, by days, by counts of months."""

import re
from dataclasses import dataclass

from creditrisk.portfolio.state import STATES, UNKNOWN

_WORDS = {  # of a text in lower case, the first that is found in it
    "written_off": r"writ|charge.?.?off|charged|^w/?o$|^co$|loss",
    "restructured": r"restruct|forb|modif|resched|^r$",
    "default": r"default|npl|non.?perf|bad|^d$|insolv|bankr|foreclos",
    "paid_off": r"paid|repaid|complet|clos|settle|prepa|matur|^c$|^p$",
    "current": r"curr|perform|regular|normal|ok$|active|open|good|^n$|on.?time|issued|grace",
}
_DAYS = re.compile(r"(\d{1,3})\s*(?:-|to|\+|>)|(?:>|dpd|days?)\s*(\d{1,3})|(\d{1,3})\s*(?:dpd|day)")
_MONTHS = {0: "current", 1: "30-59", 2: "60-89"}
_NO_LOAN = ("x", "-", ".", "z")  # a month in which there was nothing to pay


@dataclass(frozen=True)
class Reading:
    """States by the texts that stand for them, texts that say nothing, and what must be asked."""

    spellings: dict[str, list[str]]
    missing: list[str]
    questions: tuple[str, ...]


def states_of(texts: list[str]) -> Reading | None:
    """What the texts of a status say; None where they hardly speak of loans."""
    found: dict[str, list[str]] = {}
    missing = [text for text in texts if text.lower() in _NO_LOAN]
    for text in texts:
        if text not in missing:
            found.setdefault(_state(text), []).append(text)
    if len(found.keys() - {UNKNOWN}) < 2:
        return None
    if UNKNOWN in found and all(len(text) == 1 and text.isalpha() for text in texts):
        found = {UNKNOWN: texts}  # of letters, one that is strange makes all doubtful
    questions = []
    if unknown := found.pop(UNKNOWN, []):
        questions.append(f"which state is each of {unknown}? ({', '.join(STATES)})")
    counts = [text for text in texts if text.isdigit()]
    if len(counts) > 2:
        questions.append("is 1 one month late (30-59 days), or 1 to 29 days?")
    return Reading({s: found[s] for s in STATES if s in found}, missing, tuple(questions))


def _state(text: str) -> str:
    folded = text.strip().lower()
    if folded.lstrip("-").isdigit() and len(folded) <= 2:  # instalments or months behind
        return _MONTHS.get(max(int(folded), 0), "90+")
    if days := _DAYS.search(folded):
        return _by_days(int(next(filter(None, days.groups()))))
    for state, words in _WORDS.items():
        if re.search(words, folded):
            return state
    return UNKNOWN


def _by_days(days: int) -> str:
    if days >= 90:
        return "90+"
    if days >= 60:
        return "60-89"
    return "30-59" if days >= 30 else "1-29"
