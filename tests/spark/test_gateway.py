"""What Java prints while Spark works, and what ends it."""

import os
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from pyspark import SparkContext

from creditrisk.stages.etl.gateway import ending_on_interrupt, pass_on


def test_java_s_warning_of_its_module_is_dropped_and_the_rest_goes_on(
    capfd: pytest.CaptureFixture[str],
) -> None:
    words, written = os.pipe()
    warning = "WARNING: Using incubator modules: jdk.incubator.vector\n"
    fault = "java.lang.OutOfMemoryError: Java heap space\n"
    os.write(written, f"{warning}{fault}{warning}last".encode())
    os.close(written)
    pass_on(words)
    assert capfd.readouterr().err == f"{fault}last"


@pytest.mark.parametrize("time", ["first", "second"])
def test_an_interrupt_ends_java_but_never_the_one_that_tests_share(
    time: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = signal.getsignal(signal.SIGINT)
    assert answer is signal.default_int_handler, f"the {time} test meets another test's answer"
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as java:
        monkeypatch.setattr(SparkContext, "_gateway", SimpleNamespace(proc=java))
        monkeypatch.setattr(SparkContext, "_active_spark_context", None)
        asked = list[int]()
        signal.signal(signal.SIGINT, lambda number, _: asked.append(number))
        with ending_on_interrupt():
            signal.signal(signal.SIGINT, signal.default_int_handler)  # as Spark does
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert java.wait(10) == -signal.SIGKILL
        assert asked == [signal.SIGINT]  # whom it had before Spark
