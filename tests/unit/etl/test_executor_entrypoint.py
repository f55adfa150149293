"""The images' entry point, with a `java` that only repeats what it was told."""

import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "images/entrypoint.sh"
POD = {
    "SPARK_CONF_DIR": "/opt/spark/conf",
    "SPARK_HOME": "/opt/spark",
    "SPARK_EXECUTOR_MEMORY": "2g",
    "SPARK_DRIVER_URL": "spark://CoarseGrainedScheduler@10.244.1.7:7078",
    "SPARK_EXECUTOR_ID": "3",
    "SPARK_EXECUTOR_CORES": "1",
    "SPARK_APPLICATION_ID": "spark-1",
    "SPARK_EXECUTOR_POD_IP": "10.244.1.9",
    "SPARK_RESOURCE_PROFILE_ID": "0",
    "SPARK_EXECUTOR_POD_NAME": "creditrisk-etl-1-exec-3",
}


@pytest.fixture
def java_home(tmp_path):
    java = tmp_path / "bin/java"
    java.parent.mkdir()
    java.write_text('#!/bin/sh\nfor word in "$@"; do echo "$word"; done\n')
    java.chmod(0o755)
    return tmp_path


def words(java_home, *command, **variables):
    environment = POD | {"JAVA_HOME": str(java_home), "PATH": "/usr/bin:/bin"} | variables
    return subprocess.run(
        [SCRIPT, *command], env=environment, capture_output=True, text=True, check=False
    )


def test_an_executor_is_given_every_option_in_order_and_unbroken(java_home):
    options = {f"SPARK_JAVA_OPT_{n}": f"-Doption{n}=two words" for n in range(12)}
    found = words(java_home, "executor", **options).stdout.splitlines()
    assert found[:12] == [f"-Doption{n}=two words" for n in range(12)]
    assert found[12:14] == ["-Xms2g", "-Xmx2g"]


def test_an_executor_knows_its_driver_and_itself(java_home):
    found = words(java_home, "executor").stdout.splitlines()
    place = found.index("org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend")
    text = dict(zip(found[place + 1 :: 2], found[place + 2 :: 2], strict=True))
    assert text == {
        "--driver-url": POD["SPARK_DRIVER_URL"],
        "--executor-id": "3",
        "--cores": "1",
        "--app-id": "spark-1",
        "--hostname": "10.244.1.9",
        "--resourceProfileId": "0",
        "--podName": "creditrisk-etl-1-exec-3",
    }


def test_jars_of_a_store_come_before_spark_s_own(java_home):
    text = words(java_home, "executor", SPARK_CLASSPATH="/jars/a.jar:/jars/b.jar").stdout
    assert "/opt/spark/conf:/jars/a.jar:/jars/b.jar:/opt/spark/jars/*" in text.splitlines()
    text = words(java_home, "executor").stdout
    assert "/opt/spark/conf:/opt/spark/jars/*" in text.splitlines()


def test_an_executor_without_a_driver_ends_at_once(java_home):
    environment = {name: value for name, value in POD.items() if name != "SPARK_DRIVER_URL"}
    environment |= {"JAVA_HOME": str(java_home), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [SCRIPT, "executor"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "SPARK_DRIVER_URL" in done.stderr


@pytest.mark.parametrize("command", [("true",), ("sh", "-c", "exit 0")])
def test_anything_else_is_a_command_of_its_own(java_home, command):
    done = words(java_home, *command)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_exit_code_is_the_command_s(java_home):
    assert words(java_home, "sh", "-c", "exit 3").returncode == 3
