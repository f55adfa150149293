"""The JVM that Spark runs in, and what of its words reaches a person."""

import logging
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway

# Spark starts Java with its vector module, and Java warns of that whatever its options
_NOISE = b"WARNING: Using incubator modules"


def launch(settings: Mapping[str, str]) -> None:
    """Start Java for the session that is built next; what it prints goes on to our stderr."""
    conf = SparkConf(loadDefaults=False).setAll([*settings.items()])
    reads, writes = os.pipe()
    threading.Thread(target=pass_on, args=(reads,), name="java", daemon=True).start()
    try:
        gateway = launch_gateway(conf, {"stderr": writes})  # type: ignore[no-untyped-call]  # theirs has no annotations
    finally:
        os.close(writes)
    SparkContext._ensure_initialized(gateway=gateway, conf=conf)


@contextmanager
def ending_on_interrupt() -> Iterator[None]:
    """Start Spark inside, and let Ctrl-C end Java at once from then on.

    Spark's own answer is to cancel its jobs, and threads that wait for it would keep the process
    for long. After Java comes the handler that SIGINT had before Spark took it.
    """
    handler = signal.getsignal(signal.SIGINT)
    has_spark = SparkContext._active_spark_context is not None
    yield
    if has_spark or threading.current_thread() is not threading.main_thread():
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        end_java()
        if callable(handler):
            handler(number, frame)
        raise KeyboardInterrupt(number)

    signal.signal(signal.SIGINT, interrupted)


def end_java() -> None:
    """Kill Java, where this process has one; who waits for Spark gets an error at once."""
    if java := getattr(SparkContext._gateway, "proc", None):
        logging.getLogger().addFilter(_no_word_of_a_dead_java)
        java.kill()


def _no_word_of_a_dead_java(record: logging.LogRecord) -> bool:
    """Not what Spark's client logs, at the root, of each thread that waited for Java."""
    return record.msg != "Exception while sending command."


def pass_on(stream: int) -> None:
    """Copy what Java prints into a pipe to our stderr, but for the warning nobody can act on."""
    with open(stream, "rb") as lines:
        for line in lines:
            if not line.startswith(_NOISE):
                os.write(2, line)
