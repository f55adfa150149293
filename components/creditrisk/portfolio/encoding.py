"""Which encodings a file may be in: those of text that Python decodes piece by piece."""

import codecs
from difflib import get_close_matches
from encodings.aliases import aliases
from typing import Annotated

from pydantic import AfterValidator

# of program text or host names; no table is written so
_NO_TABLES = ("unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined")


def _known(name: str) -> str:
    if not _is_of_tables(name):
        known = [one for one in {*aliases, *aliases.values()} if _is_of_tables(one)]
        near = get_close_matches(name.lower(), known, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"'{name}' is no encoding of text that Python reads{hint}")
    return name


def _is_of_tables(name: str) -> bool:
    try:
        found = codecs.lookup(name)
        is_text = "a".encode(name).decode(name) == "a"
    except (LookupError, ValueError):
        return False
    return (
        is_text
        and found.incrementaldecoder is not None
        and found.name.replace("-", "_") not in _NO_TABLES
    )


Encoding = Annotated[str, AfterValidator(_known)]
