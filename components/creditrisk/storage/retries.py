"""Retries of requests to a server that is away for a while."""

import logging
import time
from typing import Any, ClassVar, Self

import urllib3
from urllib3.exceptions import MaxRetryError

from creditrisk.storage.connection import PATIENCE
from creditrisk.storage.s3_faults import tls_fault

logger = logging.getLogger("creditrisk.storage")
logging.getLogger("urllib3.connectionpool").setLevel(
    logging.ERROR
)  # `AnnouncedRetries` logs it, once


class AnnouncedRetries(urllib3.Retry):
    """Retries within `connection.PATIENCE` that log once which server they wait for.

    A server is waited for once: `given_up` then, it is asked once by each request until it answers.
    """

    given_up: ClassVar[bool] = False
    since = 0.0  # of the first failure, by the monotonic clock

    def increment(self, *args: Any, **named: Any) -> Self:  # noqa: ANN401 - passed on as they come
        if tls_fault(named.get("error")):
            raise named["error"]
        since = self.since or time.monotonic()
        over = AnnouncedRetries.given_up or time.monotonic() - since > PATIENCE
        try:
            tried = super(AnnouncedRetries, self.new(total=0) if over else self).increment(
                *args, **named
            )
        except MaxRetryError:
            AnnouncedRetries.given_up = True
            raise
        tried.since = since
        if len(tried.history) == 2:  # the first retry is at once: nobody waits
            pool = named.get("_pool")
            where = f"{pool.host}:{pool.port}" if pool else "the store"
            logger.warning("%s does not answer; trying again for %.0f s", where, PATIENCE)
        return tried
