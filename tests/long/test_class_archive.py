"""Java's classes kept between runs: found by what they were made from, harmless in any state."""

import os
import subprocess
from pathlib import Path

import pytest

from creditrisk.stages.etl.class_archive import FOLDER, ClassArchive
from creditrisk.stages.etl.java import find_java
from tests.needs import need


@pytest.fixture
def java(tmp_path: Path) -> Path:
    home = tmp_path / "java"
    home.mkdir()
    (home / "release").write_text('JAVA_VERSION="17.0.15"')
    return home


@pytest.fixture
def jar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path / "classes"))
    path = tmp_path / "spark.jar"
    path.write_bytes(b"classes")
    return path


def whole(archive: ClassArchive) -> Path:
    """A file as a session leaves it."""
    archive.folder.mkdir(exist_ok=True)
    path = archive.folder / f"{archive.name}-7.jsa"
    path.write_bytes(b"classes")
    return path


def test_a_first_session_makes_it_and_later_ones_use_it(java, jar):
    archive = ClassArchive.of(java, [jar])
    assert "-XX:ArchiveClassesAtExit=" in archive.options()
    path = whole(archive)
    assert f'"-XX:SharedArchiveFile={path}"' in archive.options()
    assert "-XX:+VerifySharedSpaces" in archive.options()


def test_another_build_of_java_has_its_own(java, jar):
    whole(ClassArchive.of(java, [jar]))
    (java / "release").write_text('JAVA_VERSION="17.0.16"')
    assert ClassArchive.of(java, [jar]).find() is None


@pytest.mark.parametrize("change", ["size", "time", "more"])
def test_other_jars_have_their_own(java, jar, change):
    whole(ClassArchive.of(java, [jar]))
    jars = [jar]
    if change == "size":
        jar.write_bytes(b"other classes")
        os.utime(jar, (0, 0))
    elif change == "time":
        os.utime(jar, (0, 0))
    else:
        jars.append(jar.with_name("s3.jar"))
        jars[1].touch()
    assert ClassArchive.of(java, jars).find() is None


def test_a_file_cut_short_is_not_used(java, jar):
    archive = ClassArchive.of(java, [jar])
    whole(archive).write_bytes(b"cla")
    assert archive.find() is None


def test_a_cache_that_cannot_be_written_to_is_done_without(java, jar, tmp_path, monkeypatch):
    (tmp_path / "classes").touch()  # no folder, whoever asks
    assert ClassArchive.of(java, [jar]).options() == ""


def test_what_java_leaves_as_it_ends_is_kept_whole(java, jar):
    archive = ClassArchive.of(java, [jar])
    _, _, place = archive.options().rpartition("=")
    command = f"cat >/dev/null; printf classes > '{place.strip(chr(34))}'"
    with subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE) as process:
        archive._keep(process)
    found = archive.find()
    assert found is not None
    assert found.read_bytes() == b"classes"
    assert list(archive.folder.iterdir()) == [found]


def test_java_that_was_killed_leaves_nothing(java, jar):
    archive = ClassArchive.of(java, [jar])
    _, _, place = archive.options().rpartition("=")
    command = f"printf cla > '{place.strip(chr(34))}'; exit 137"
    with subprocess.Popen(["/bin/sh", "-c", command], stdin=subprocess.PIPE) as process:
        archive._keep(process)
    assert list(archive.folder.iterdir()) == []


def test_one_session_makes_it_while_others_start(java, jar):
    archive = ClassArchive.of(java, [jar])
    archive.folder.mkdir()
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as other:
        mark = archive.folder / f"{archive.name}.{other.pid}"
        mark.touch()
        assert archive.options() == ""
        assert mark.exists()
    assert "-XX:ArchiveClassesAtExit=" in archive.options()  # the other has ended without it
    assert not mark.exists()


def test_java_that_wrote_nothing_leaves_nothing(java, jar):
    archive = ClassArchive.of(java, [jar])
    archive.options()
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as process:
        archive._keep(process)
    assert list(archive.folder.iterdir()) == []


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, bytes]:
    """A Java, a jar of Spark's, and the classes it loads from it as Java keeps them."""
    need("Java")
    home = find_java()
    assert home is not None
    import pyspark

    jar = next(Path(pyspark.__file__).parent.glob("jars/scala-library-*.jar"))
    folder = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER, str(folder))
        archive = ClassArchive.of(home, [jar])
        assert run(home, jar, archive).returncode == 0
        made = next(folder.iterdir())
    return home, jar, made.read_bytes()


def run(java: Path, jar: Path, archive: ClassArchive) -> subprocess.CompletedProcess[str]:
    """Start Java as a session does, on a program of the jar that says who it is."""
    options = [option.strip('"') for option in archive.options().split()]
    command = [f"{java}/bin/java", *options, "-cp", f"{jar}", "scala.util.Properties"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("damage", ["none", "header", "middle", "noise", "empty", "cut"])
def test_java_starts_without_a_word_whatever_became_of_the_file(
    kept, damage, tmp_path, monkeypatch
):
    java, jar, data = kept
    half = len(data) // 2
    flipped = bytes(byte ^ 255 for byte in data[half : half + 64])
    found = {
        "none": data,
        "header": data[:100] + b"\xff" * 40 + data[140:],
        "middle": data[:half] + flipped + data[half + 64 :],
        "noise": os.urandom(100_000),
        "empty": b"",
        "cut": data[:half],
    }[damage]
    monkeypatch.setenv(FOLDER, str(tmp_path))
    archive = ClassArchive.of(java, [jar])
    size = len(data) if damage == "cut" else len(found)
    (tmp_path / f"{archive.name}-{size}.jsa").write_bytes(found)
    printed = run(java, jar, archive)
    assert printed.returncode == 0
    assert (printed.stdout + printed.stderr).count("\n") == 1
    assert printed.stderr.startswith("Scala library version")  # where it writes its own line
