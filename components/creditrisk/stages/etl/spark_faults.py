"""What Spark says when a server or this machine fails it, as one line."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark.errors import PySparkException

from creditrisk.errors import UserError
from creditrisk.stages.etl.gateway import end_java
from creditrisk.storage import AwayError, Store
from creditrisk.storage.connection import Connection
from creditrisk.storage.location import in_bucket

_AWAY = re.compile(r"java\.net\.|NoHttpResponse|SdkClientException|AWSClientIOException")
_REFUSED = re.compile(r"S3Exception|fs\.s3a\.|AccessDeniedException|javax\.net\.ssl\.|certpath")
_MACHINE = {
    r"No space left on device|Disk quota exceeded": "free some space, or set SPARK_LOCAL_DIRS",
    r"Read-only file system|Permission denied": "let this account write there",
    r"OutOfMemoryError|GC overhead": "set CREDITRISK_SPARK_MEMORY, 4g for instance",
    r"Too many open files": "raise the limit: ulimit -n",
    r"Input/output error|Stale file handle": "look after that disk",
}
_LONG = 300
_PROBE = "doctor/spark"  # a key that is asked for, and is not there
_LOOK = 5.0  # seconds between two looks at a server while Spark works


@contextmanager
def answering(*stores: Store) -> Iterator[None]:
    """A server or disk that fails while Spark works is one line (`UserError`), not Java's trace."""
    buckets = [store for store in stores if in_bucket(store.uri)]
    watch = _Watch(buckets)
    if buckets:
        watch.start()
    try:
        yield
    except (PySparkException, Py4JError, ConnectionError) as error:
        if found := watch.fault or _answer(error, buckets):
            kind = AwayError if watch.fault else UserError
            raise kind(f"{found}; nothing of it is committed: run it again") from None
        raise
    finally:
        watch.over.set()


class _Watch(threading.Thread):
    """Asks the server while Spark works: once our own client has given it up, Java ends.

    Spark's client would wait as long again in each of ten steps that undo a job.
    """

    def __init__(self, buckets: Sequence[Store]) -> None:
        super().__init__(name="spark-watch", daemon=True)
        self.over, self.fault, self._buckets = threading.Event(), "", buckets

    def run(self) -> None:
        while not self.over.wait(_LOOK):
            try:
                for store in self._buckets:
                    store.tag(_PROBE)
            except AwayError as error:
                if not self.over.is_set():
                    self.fault = str(error)
                    end_java()
                return
            except UserError:  # refused: Spark hears it, too
                continue


def cause(error: BaseException) -> str:
    """The last cause that a Java trace names, else the error's own first line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    caused = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    return (caused or lines or [type(error).__name__])[-1 if caused else 0][:_LONG]


def _answer(error: BaseException, buckets: Sequence[Store]) -> str:
    text = str(error)
    if isinstance(error, Py4JNetworkError | ConnectionError):
        return "Java ended while Spark worked; its last words are above"
    for pattern, move in _MACHINE.items():
        if found := re.search(rf"[^\n]*({pattern})[^\n]*", text):
            return f"Spark cannot go on: {found[0].strip()[:_LONG]}; {move}"
    if not buckets:
        return ""
    uris = ", ".join(store.uri for store in buckets)
    if _REFUSED.search(text):
        for store in buckets:
            store.tag(_PROBE)  # a server that refuses our client, too, says it better
        return f"{uris}: {cause(error)}"
    if _AWAY.search(text):
        return f"{uris}: {Connection.from_environment().host} went away while Spark worked"
    return ""
