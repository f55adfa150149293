"""Spark's S3 jars, fetched by its own Ivy from a repository that is a folder."""

import hashlib

import pytest

from creditrisk.errors import UserError
from creditrisk.stages.etl import jars
from tools import jars as tool

ONE = "org.example:one:1.0"
CONTENT = b"a jar"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository that holds one jar, which is all that is wanted; returns where it lies."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    settings = tmp_path / "ivysettings.xml"
    settings.write_text(
        '<ivysettings><settings defaultResolver="folder"/><resolvers>'
        f'<ibiblio name="folder" m2compatible="true" root="{(tmp_path / "maven").as_uri()}"/>'
        "</resolvers></ivysettings>"
    )
    monkeypatch.setenv("CREDITRISK_IVY_SETTINGS", str(settings))
    monkeypatch.setattr(jars, "JARS", {ONE: hashlib.sha256(CONTENT).hexdigest()})
    jar = tmp_path / "maven/org/example/one/1.0/one-1.0.jar"
    jar.parent.mkdir(parents=True)
    jar.write_bytes(CONTENT)
    return jar


def test_a_missing_jar_is_named_with_the_command_that_fetches_it(repository):
    with pytest.raises(UserError, match=r"one-1\.0\.jar .* `make jars`"):
        jars.find_jars()


def test_what_was_fetched_is_found_in_the_cache_and_not_fetched_again(repository, tmp_path, capsys):
    assert tool.main() == 0
    assert capsys.readouterr().out == f"{tmp_path / 'cache/creditrisk/jars'}\n"
    repository.unlink()
    assert tool.main() == 0
    assert [jar.read_bytes() for jar in jars.find_jars()] == [CONTENT]


def test_a_folder_given_by_the_environment_is_honoured(repository, tmp_path, monkeypatch):
    monkeypatch.setenv("CREDITRISK_SPARK_JARS", str(tmp_path / "baked"))
    tool.obtain_jars()
    assert jars.find_jars() == [tmp_path / "baked/one-1.0.jar"]


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"another jar", "has sha256"), (b"a j", "has sha256"), (b"", "cannot be fetched")],
)
def test_an_altered_or_truncated_jar_is_refused_and_nothing_stays(content, why, repository, capsys):
    repository.write_bytes(content)
    assert tool.main() == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert why in printed.err.splitlines()[-1]
    assert list(jars.folder().iterdir()) == []


def test_a_repository_without_the_jar_is_one_line(repository, capsys):
    repository.unlink()
    assert tool.main() == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert f"{ONE} cannot be fetched" in last
    assert "CREDITRISK_IVY_SETTINGS says where" in last


def test_the_pinned_jars_fit_the_hadoop_inside_spark():
    """hadoop-aws works with the Hadoop it was built with and no other."""
    from pathlib import Path

    import pyspark

    [client] = Path(pyspark.__file__).parent.glob("jars/hadoop-client-api-*.jar")
    hadoop = client.stem.rpartition("-")[2]
    assert f"org.apache.hadoop:hadoop-aws:{hadoop}" in jars.JARS
    assert all(len(sha256) == 64 for sha256 in jars.JARS.values())
