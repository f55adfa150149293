"""Characters of typesetters, spreadsheets and other scripts, and the plain ones they stand for.

Of numbers, dates and durations: a minus sign (U+2212), thin and no-break blanks between
thousands, full-width and Arabic digits mean what `-`, a blank and `0` to `9` do. The ETL and the
check read them so, in delivered texts as in what a description names.
"""

from unicodedata import normalize

HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"  # hyphens, dashes and minus signs
# of Unicode's category Zs
BLANKS = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"
BLANKS += "\u205f\u3000"
# of no width, or they say which way a line runs: spreadsheets and pages leave them behind (a soft
# hyphen is none of them: it may be a minus)
UNSEEN = "\u061c\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066"
UNSEEN += "\u2067\u2068\u2069\ufeff"
_QUOTES = "\u00b4\u02bc\u2018\u2019\u2032"
# the digit 0 of scripts that write numbers in tens: Arabic, Persian, of India, Thai, Lao, Burmese,
# Khmer, full width
_ZEROS = "\u0660\u06f0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0e50\u0ed0\u1040"
_ZEROS += "\u17e0\uff10"
_PAIRS = {
    **dict.fromkeys(HYPHENS, "-"),
    **dict.fromkeys(BLANKS, " "),
    **dict.fromkeys(_QUOTES, "'"),
    **{chr(ord(zero) + digit): f"{digit}" for zero in _ZEROS for digit in range(10)},
    **dict(zip("\uff0b\uff0c\uff0e\uff08\uff09\uff0f\uff1a", "+,.()/:", strict=True)),
}
OTHERS, PLAIN = "".join([*_PAIRS, *UNSEEN]), "".join(_PAIRS.values())
_TABLE = str.maketrans(_PAIRS | dict.fromkeys(UNSEEN, ""))


def plain(text: str) -> str:
    """A text in plain characters; what is not seen is left out."""
    return text if text.isascii() else text.translate(_TABLE)


def compositions(text: str) -> tuple[str, str]:
    """A text with each accent in its letter, and as a character of its own: a Mac writes so."""
    return normalize("NFC", text), normalize("NFD", text)
