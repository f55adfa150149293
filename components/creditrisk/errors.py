"""Errors meant for the person at the keyboard."""


class UserError(Exception):
    """Bad input: one line that names what is wrong, where, and the next move. Exit code 2."""

    exit_code = 2


class GateError(UserError):
    """A policy gate said no: the month is blocked or an approval is missing. Exit code 3."""

    exit_code = 3
