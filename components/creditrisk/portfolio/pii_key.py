"""The key by which names and numbers of persons leave bronze as hashes: its environment variable.

Who holds the lake can hash a name under every key that is short enough to be tried, so a short key
hides nothing. Nothing that is made from the key alone is stored: there is nothing to try one on.
"""

import os

from creditrisk.errors import UserError

PII_KEY = "CREDITRISK_PII_KEY"
MIN_LENGTH = 32  # characters: 128 bits as `openssl rand -hex 16` prints them
_MIN_DISTINCT = 8  # of 16 that a random one has at most; it has fewer in one of ten million
_MAKE = 'make one with "openssl rand -hex 32"'


def read_pii_key() -> bytes | None:
    """The key; None where none is set. One that can be guessed is a `UserError`."""
    key = os.environ.get(PII_KEY, "")
    if not key:
        return None
    if key != key.strip() or not key.isprintable():  # bytes that are no text, too
        raise UserError(
            f"{PII_KEY} begins or ends with blanks, or has characters that cannot be printed, as"
            " where a file's line end came with it: under it every name has another hash"
        )
    if len(key) < MIN_LENGTH:
        raise UserError(
            f"{PII_KEY} has {len(key)} characters and can be guessed; it needs {MIN_LENGTH}:"
            f" {_MAKE}"
        )
    if len(set(key)) < _MIN_DISTINCT:
        raise UserError(f"{PII_KEY} repeats {len(set(key))} characters and can be guessed: {_MAKE}")
    return key.encode()
