"""What Java prints while Spark works: a person sees what concerns one."""

import os

import pytest

from creditrisk.stages.etl.gateway import pass_on


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
