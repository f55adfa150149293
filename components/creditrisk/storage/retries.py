"""Retries of requests to a server that is away for a while."""

import logging
from typing import Any, Self

import urllib3

from creditrisk.storage.s3_faults import tls_fault

logger = logging.getLogger("creditrisk.storage")
logging.getLogger("urllib3.connectionpool").setLevel(
    logging.ERROR
)  # `AnnouncedRetries` logs it, once


class AnnouncedRetries(urllib3.Retry):
    """Retries that log once which server they wait for."""

    def increment(self, *args: Any, **named: Any) -> Self:  # noqa: ANN401 - passed on as they come
        if tls_fault(named.get("error")):
            raise named["error"]
        tried = super().increment(*args, **named)
        if len(tried.history) == 2:  # the first retry is at once: nobody waits
            pool = named.get("_pool")
            where = f"{pool.host}:{pool.port}" if pool else "the store"
            logger.warning("%s does not answer; trying again for half a minute", where)
        return tried
