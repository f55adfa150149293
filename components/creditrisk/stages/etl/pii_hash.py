"""Personal columns leave bronze as keyed hashes."""

import hashlib

from creditrisk.errors import UserError
from creditrisk.portfolio import SourceSpec
from creditrisk.portfolio.pii_key import PII_KEY, read_pii_key

_BLOCK = 64  # bytes of a SHA-256 block


def keyed_hash(text: str, key: bytes | None) -> str:
    """HMAC-SHA256 (RFC 2104) in hex; null without a key.

    Built from Spark's own sha2, so that rows need not pass through Python.
    """
    if key is None:
        return "CAST(NULL AS STRING)"
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner, outer = (f"X'{bytes(byte ^ pad for byte in block).hex()}'" for pad in (0x36, 0x5C))
    message = f"sha2(concat({inner}, CAST(CAST({text} AS STRING) AS BINARY)), 256)"
    return f"sha2(concat({outer}, unhex({message})), 256)"


def needed_key(source: str, spec: SourceSpec) -> bytes | None:
    """The key PII is hashed with; needed where PII identifies rows."""
    key = read_pii_key()
    named = [name for name, column_ in spec.columns.items() if column_.pii and column_.role]
    if named and not key:
        raise UserError(f"sources.{source}.columns.{named[0]} is PII and a key: set {PII_KEY}")
    return key
