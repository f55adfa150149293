"""The Java finder, against homes whose `java` is a script that answers as a Java would."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from creditrisk.stages.etl import java
from tools import java as tool


@pytest.fixture
def bare_machine(tmp_path, monkeypatch):
    """A machine without any Java, an empty home and no right to install."""
    for name in ("home", "project", "system", "bin"):
        (tmp_path / name).mkdir()
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(java, "SYSTEM", tmp_path / "system")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path


def put_java(home: Path, version: str, *, vector: bool = True) -> Path:
    """A home whose Java says `version` as the real ones do, on standard error."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    refuse = "" if vector else '[ "$1" = --add-modules ] && exit 1\n'
    program.write_text(f"#!/bin/sh\n{refuse}echo 'openjdk version \"{version}\" 2026-04-21' >&2\n")
    program.chmod(0o755)
    return home


@pytest.mark.parametrize("version", ["17", "17.0.15", "21.0.12", "25.0.3"])
def test_seventeen_and_newer_start_spark(version, tmp_path):
    assert java.starts_spark(put_java(tmp_path, version))


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.22", "16.0.2"])
def test_older_ones_are_refused(version, tmp_path):
    assert not java.starts_spark(put_java(tmp_path, version))


def test_a_trimmed_runtime_without_the_vector_module_is_refused(tmp_path):
    assert not java.starts_spark(put_java(tmp_path, "17.0.15", vector=False))


def test_a_file_that_is_no_program_is_refused(tmp_path):
    home = put_java(tmp_path, "17")
    (home / "bin" / "java").chmod(0o644)
    assert not java.starts_spark(home)


def test_java_home_is_taken_first(bare_machine, monkeypatch):
    chosen = put_java(bare_machine / "chosen", "21.0.12")
    put_java(bare_machine / "project/.jdk/jdk-17", "17.0.15")
    monkeypatch.setenv("JAVA_HOME", str(chosen))
    assert java.find_java() == chosen


def test_an_old_java_home_gives_way_to_a_newer_java_elsewhere(bare_machine, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(put_java(bare_machine / "old", "11.0.22")))
    newer = put_java(bare_machine / "system/usr/lib/jvm/java-17", "17.0.15")
    assert java.find_java() == newer


@pytest.mark.parametrize("name", ["JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS"])
def test_options_for_any_java_do_not_disqualify_ours(name, tmp_path, monkeypatch):
    home = put_java(tmp_path, "17")
    program = home / "bin" / "java"
    program.write_text(program.read_text().replace("\n", f'\n[ -z "${name}" ] || exit 1\n', 1))
    monkeypatch.setenv(name, "-XnoSuchOption")
    assert java.starts_spark(home)


FOREIGN = (
    *("SPARK_HOME", "SPARK_CONF_DIR", "SPARK_MASTER", "SPARK_REMOTE", "SPARK_DIST_CLASSPATH"),
    *("PYSPARK_SUBMIT_ARGS", "PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON", "HADOOP_CONF_DIR"),
    *("HADOOP_HOME", "YARN_CONF_DIR", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH"),
)


def test_settings_of_another_spark_do_not_reach_ours():
    theirs = dict.fromkeys(FOREIGN, "/theirs")
    ours = {"PATH": "/bin", "SPARK_LOCAL_DIRS": "/big", "CREDITRISK_SPARK_MEMORY": "4g"}
    environ = theirs | ours | {"LC_ALL": "tr_TR.ISO-8859-9", "JAVA_HOME": "/old"}
    assert java.foreign(environ) == sorted(FOREIGN)
    java.prepare(environ, Path("/java"), local=True)
    assert "/theirs" not in environ.values()
    assert environ | ours == environ
    assert environ["JAVA_HOME"] == "/java"
    assert environ["PYSPARK_PYTHON"] == sys.executable
    assert environ["SPARK_LOCAL_IP"] == "127.0.0.1"
    assert Path(environ["SPARK_HOME"], "bin/spark-submit").is_file()


def test_java_reads_names_of_files_as_python_does(monkeypatch):
    environ: dict[str, str] = {}
    java.prepare(environ, Path("/java"), local=False)
    assert environ.get("LC_ALL") == ("C.UTF-8" if sys.platform == "linux" else None)
    assert "SPARK_LOCAL_IP" not in environ


def test_a_link_on_the_path_leads_to_its_home(bare_machine):
    home = put_java(bare_machine / "somewhere", "25.0.3")
    (bare_machine / "bin/java").symlink_to(home / "bin/java")
    assert java.find_java() == home


@pytest.mark.parametrize(
    "place",
    [
        "project/.jdk/jdk-17.0.15+6-jre",
        "project/.jdk/jdk-17.jdk/Contents/Home",
        "home/.sdkman/candidates/java/current",
        "system/opt/java/openjdk",
        "system/opt/homebrew/opt/openjdk@17",
    ],
)
def test_the_usual_places_are_searched(place, bare_machine):
    home = put_java(bare_machine / place, "17.0.15")
    assert java.find_java() == home


def test_nothing_is_found_on_a_bare_machine(bare_machine):
    assert java.find_java() is None


def test_a_pod_user_without_a_home_can_search(bare_machine, monkeypatch):
    monkeypatch.delenv("HOME")
    assert java.find_java() is None


def test_the_home_is_all_that_is_printed(bare_machine, capsys):
    home = put_java(bare_machine / "system/opt/java/openjdk", "17.0.15")
    assert tool.main() == 0
    assert capsys.readouterr().out == f"{home}\n"


def test_a_download_into_the_project_is_found(bare_machine, monkeypatch):
    import jdk

    def install(version, path, jre):
        # the small runtime lacks the module, the full one has it
        put_java(Path(path) / f"jdk-{version}-{jre}", "17.0.15", vector=not jre)

    monkeypatch.setattr(jdk, "install", install)
    assert tool.obtain_java() == Path.cwd() / ".jdk/jdk-17-False"


def test_root_gets_the_first_package_the_system_carries(bare_machine, monkeypatch, capfd):
    monkeypatch.setattr(tool, "_download", lambda: None)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    home = bare_machine / "system/usr/lib/jvm/java-21"
    spare = put_java(bare_machine / "spare", "21.0.12")
    manager = bare_machine / "bin/apt-get"
    manager.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        "  *openjdk-17*) exit 100 ;;\n"
        f"  *openjdk-21*) PATH=/bin:/usr/bin; mkdir -p {home.parent}; mv {spare} {home} ;;\n"
        "esac\n"
    )
    manager.chmod(0o755)
    assert tool.obtain_java() == home
    assert capfd.readouterr().out == ""


def test_one_line_says_what_to_do_when_there_is_no_way(bare_machine, monkeypatch, capsys):
    monkeypatch.setattr(tool, "_download", lambda: None)
    assert tool.main() == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "Java 17" in printed.err
    assert "JAVA_HOME" in printed.err
