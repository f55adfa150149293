"""Errors meant for the person at the keyboard, and what their terminal may be shown."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

_MOVES = {
    errno.ENOSPC: "free some space there",
    errno.EDQUOT: "the quota is used up: free some space there",
    errno.EROFS: "name a place that can be written",
    errno.EACCES: "let this account have it, or name another place",
    errno.EPERM: "let this account have it, or name another place",
    errno.ENAMETOOLONG: "name a place with a shorter path",
}

# embeddings, overrides and isolates: text after them may be read from right to left
_TURNING = {mark: f"\\u{mark:04x}" for mark in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}

# Hebrew, Arabic and their neighbours, from the first letter to the last before one of ours
_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_LEFT = "A-Za-z\u00c0-\u024f\u0370-\u052f"
_FROM_RIGHT = re.compile(f"[{_RIGHT}](?:[^{_LEFT}{_RIGHT}]*[{_RIGHT}])*[)\\]}}]*")
_FROM_LEFT = re.compile(f"[{_LEFT}]")


class UserError(Exception):
    """Bad input: one line that names what is wrong, where, and the next move. Exit code 2.

    It may quote a file or a person: control characters of theirs are written out.
    """

    exit_code = 2

    def __init__(self, text: str) -> None:
        super().__init__(printable(text))


class GateError(UserError):
    """A gate refused: the month is blocked, an approval is missing. Exit code 3.

    So does evidence: what a store holds is not as it was written there, or is gone.
    """

    exit_code = 3


class AbsentError(KeyError):
    """A store holds no such object. Who does not expect that lets it pass: it is gone."""

    def __init__(self, key: str, uri: str = "") -> None:
        super().__init__(key)
        self.uri = uri

    def refusal(self) -> GateError:
        """The same for whoever needs the object."""
        return GateError(f"{self.uri}/{self.args[0]} is gone; restore it from a backup")


def brief_words(said: object, most: int = 160) -> str:
    """What a library said, or a damaged document holds: one line of at most so many letters."""
    text = " ".join(f"{said}".split())
    return text if len(text) <= most else f"{text[: most - 3]}..."


def printable(text: str) -> str:
    """A text on one line, with whatever would move a cursor or hide a character written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def straight(text: str) -> str:
    """A text with the marks written out that would turn what stands beside it around."""
    return text.translate(_TURNING)


def isolated(text: str) -> str:
    """The same for a page: words read from right to left are isolated in a sentence.

    A number behind them stays behind them: `job=..., 185 loans`.
    """
    plain = straight(text)
    if plain.isascii() or not _FROM_LEFT.search(plain):
        return plain
    return _FROM_RIGHT.sub(lambda words: f"\u2068{words[0]}\u2069", plain)


@contextmanager
def system_refusals() -> Iterator[None]:
    """What the machine refuses inside is a `UserError`: a full disk, a file that is not ours.

    So is an object of a store that is gone.
    """
    try:
        yield
    except AbsentError as error:
        raise error.refusal() from None
    except OSError as error:
        if error.errno is None:  # not the machine: a reader's word about what it read
            raise
        raise refused_by_system(str(error.filename or "this machine"), error) from None


def refused_by_system(where: str, error: OSError) -> UserError:
    """What the machine answered to a call, and the next move where one is known."""
    text = os.strerror(error.errno) if error.errno else " ".join(str(error).split())
    move = _MOVES.get(error.errno or 0)
    return UserError(f"{where}: {text}; {move}" if move else f"{where}: {text}")
