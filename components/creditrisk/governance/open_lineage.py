"""A month's run as OpenLineage events, sent by OpenLineage's own client.

It reads its settings from the environment. Without `OPENLINEAGE_URL` nothing is imported.
"""

import logging
import os

from creditrisk.errors import printable
from creditrisk.period import Period
from creditrisk.records.month import MonthRun

URL = "OPENLINEAGE_URL"


def send_events(period: Period, run: MonthRun) -> str:
    """Send a month's run to a lineage server; why it was not sent, else an empty text."""
    if not os.environ.get(URL):
        return ""
    retries = logging.getLogger("urllib3.connectionpool")  # of each attempt: one line says it all
    level = retries.level
    retries.setLevel(logging.ERROR)
    try:
        from openlineage.client import OpenLineageClient  # noqa: PLC0415 - only where it is asked for

        from creditrisk.governance.lineage_events import lineage_events  # noqa: PLC0415 - likewise

        client = OpenLineageClient()
        for event in lineage_events(period, run):
            client.emit(event)
    except Exception as error:  # whatever a client or a server raises: it fails no month
        return printable(" ".join(f"{type(error).__name__}: {error}".split())[:300])
    finally:
        retries.setLevel(level)
    return ""
