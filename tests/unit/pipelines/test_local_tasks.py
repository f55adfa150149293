"""Tasks on a laptop import what is installed, nothing of their folder, and leave no file."""

import tempfile

import pytest
from kfp import dsl

from creditrisk.storage import open_store
from pipelines.local.kfp import run_locally


@dsl.component(install_kfp_package=False)
def one() -> int:
    import glob

    return len(glob.__all__)


@dsl.pipeline
def pipeline():
    one()


@pytest.mark.parametrize("name", ["glob", "kfp"])
def test_a_file_among_deliveries_is_never_run(name, tmp_path, monkeypatch):
    (tmp_path / f"{name}.py").write_text("raise SystemExit('a module of the folder was run')")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", f"{temporary}")
    monkeypatch.setattr(tempfile, "tempdir", f"{temporary}")
    monkeypatch.chdir(tmp_path)
    done = run_locally(lambda **_: pipeline, open_store(f"{tmp_path}/store"), {})
    assert done.failure is None, done.log
    assert not list(temporary.iterdir())
