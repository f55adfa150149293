"""Does a store keep its promises: tried on an object that is made and removed."""

from contextlib import suppress
from functools import partial
from uuid import uuid4

from creditrisk.check_result import CheckResult
from creditrisk.errors import UserError
from creditrisk.storage import ConflictError, Store


def probe(store: Store) -> CheckResult:
    """Write, read, replace and remove an object, and be refused where a promise says so."""
    key = f"doctor/{uuid4().hex}"
    store.create(key, b"1")
    first = store.tag(key)
    store.swap(key, b"2", first)
    won = 0
    for act in (partial(store.create, key, b"3"), partial(store.swap, key, b"4", first)):
        with suppress(ConflictError):
            act()
            won += 1
    content = store.read(key)
    try:
        store.delete(key)
    except UserError:
        return CheckResult(
            "store", "warn", f"{store.uri} keeps {key}", "this account may not delete"
        )
    if won or content != b"2":
        move = "use MinIO or another S3 server that honours If-Match and If-None-Match on PUT"
        return CheckResult("store", "fail", f"{store.uri}: two writers at once both win", move)
    return CheckResult("store", "ok", f"{store.uri}: written, read, swapped, removed")
