"""What a reviewer reads of a compiled pipeline."""

import pytest

from tests.pipelines.fan import compile_fan
from tools.compiled import compiled, read
from tools.dag import main, role, text


@pytest.fixture(scope="module")
def fan_file(tmp_path_factory):
    return compile_fan(tmp_path_factory.mktemp("fan"))


@pytest.fixture(scope="module")
def fan_text(fan_file):
    return text(read(fan_file))


@pytest.fixture(scope="module")
def monthly():
    return text(compiled()["monthly_lifecycle"])


def section(dag, head):
    """What stands under a line."""
    return dag.split(f"{head}\n", 1)[1].split("\n\n", 1)[0]


def test_conditions_are_said_as_they_were_written(fan_text):
    found = [
        line.split(": ", 1)[1] for line in fan_text.splitlines() if line.startswith("condition")
    ]
    assert found == ["if two.Output == '1'", "elif one-2.Output > pipeline.limit", "else"]


def test_tasks_stand_in_an_order_they_can_run_in(fan_text):
    heads = [line.strip().partition(":")[0] for line in fan_text.split("\n\n")[2:]]
    assert [head for head in heads if head[:3] in ("one", "two")] == [
        *("one", "two", "two-2", "one-2"),
        *("two-3", "one-3", "two-4", "two-5"),
    ]


def test_a_wait_that_no_input_explains_is_said(fan_text):
    assert "after: two, two-2" in section(fan_text, "one-2: one-2")
    assert "after" not in section(fan_text, "two: two")


def test_a_setting_nobody_thought_of_is_printed_as_compiled(fan_text):
    found = section(fan_text, "one: one")
    assert "nodeSelector: {labels: {disk: fast}}" in found
    assert "at most 1 min" in found


def test_an_image_is_called_by_its_role_wherever_it_is_pulled_from(fan_text):
    assert "one on ml" in section(fan_text, "one: one")
    assert [role(image) for image in ("creditrisk-ml", "host:5000/a/creditrisk-ml:1.2")] == [
        "ml"
    ] * 2


def test_what_every_task_has_is_said_once(monthly):
    for one in ("not cached", "CREDITRISK_LANDING", "runAsNonRoot: true", "kfp.pipeline_job_uuid"):
        assert monthly.count(one) == 1, one
    assert "creditrisk-store" in section(monthly, "every task")


def test_what_one_task_has_is_said_of_it_alone(monthly):
    assert "at most 30 min" in section(monthly, "  decide: Decide")
    assert "at most 360 min" in section(monthly, "  etl: Bronze, silver, gold")
    assert "creditrisk-alerts" in section(monthly, "close-month: Close the month")
    assert "whatever became of them" in section(monthly, "close-month: Close the month")
    assert monthly.count("creditrisk-alerts") == 1


def test_a_file_is_printed(fan_file, fan_text, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["dag", str(fan_file)])
    assert main() == 0
    assert capsys.readouterr().out == fan_text
