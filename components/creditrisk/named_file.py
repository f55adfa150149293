"""A file that a person wrote and names on the command line."""

from pathlib import Path

from creditrisk.errors import UserError


def file_text(path: Path, what: str) -> str:
    """Its text; a `UserError` names `what` it is where there is no such file, or no UTF-8 in it.

    Nothing but a file is opened: a pipe that nobody writes would be waited for, and a device
    read for ever.
    """
    try:
        if path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "a pipe, a socket or a device"
            raise UserError(f"{what} {path} cannot be read: it is {kind}; name a file")
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{what} {path} is not UTF-8 ({error.reason})") from None
    except OSError as error:
        raise UserError(f"{what} {path} cannot be read: {error.strerror}") from None
