"""Errors meant for the person at the keyboard, and what their terminal may be shown."""


class UserError(Exception):
    """Bad input: one line that names what is wrong, where, and the next move. Exit code 2.

    It may quote a file or a person: control characters of theirs are written out.
    """

    exit_code = 2

    def __init__(self, text: str) -> None:
        super().__init__(printable(text))


class GateError(UserError):
    """A policy gate said no: the month is blocked or an approval is missing. Exit code 3."""

    exit_code = 3


def printable(text: str) -> str:
    """A text on one line, with whatever would move a cursor or hide a character written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
