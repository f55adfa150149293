"""A task that is killed leaves no record of itself; the run must say so all the same."""

from kfp import dsl

from creditrisk.storage import open_store
from pipelines.local.kfp import run_locally


@dsl.component(base_image="python:3.11")
def killed() -> None:
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)


def build(**_):
    @dsl.pipeline(name="killed")
    def pipeline():
        killed()

    return pipeline


def test_a_task_that_is_killed_is_a_failed_run_and_the_log_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = run_locally(build, open_store(str(tmp_path / "store")), {})
    assert run.failure is not None
    assert (run.failure.status, run.failure.exit_code) == ("failed", 1)
    assert "a task left no record" in run.failure.error
    assert "Inner task failed: 'killed'" in run.failure.error
    log = tmp_path / "build/kfp" / run.run_id / "log.txt"
    assert str(log.relative_to(tmp_path)) in run.failure.error
    assert log.read_text("utf-8") == run.log
