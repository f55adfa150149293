from difflib import unified_diff
from pathlib import Path

import pytest
import yaml

from pipelines.compilation import PIPELINES, check, compile_all
from tools.dag import goldens

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    out = tmp_path_factory.mktemp("pipelines")
    compile_all(out)
    return out


def difference(name, reviewed, found):
    lines = [text.splitlines() for text in (reviewed, found)]
    return [*unified_diff(*lines, f"reviewed/{name}", f"compiled/{name}", n=2, lineterm="")]


def test_what_is_compiled_is_what_was_reviewed():
    reviewed = {path.name: path.read_text("utf-8") for path in GOLDEN.iterdir()}
    found = goldens()
    assert set(found) == set(reviewed), "a golden for each pipeline: `make golden`, or delete one"
    lines = [
        line for name in sorted(found) for line in difference(name, reviewed[name], found[name])
    ]
    assert not lines, "\n".join(("read what differs; `make golden` accepts it", *lines))


@pytest.mark.parametrize("name", PIPELINES)
def test_compiling_twice_gives_the_same_bytes(compiled, name, tmp_path):
    compile_all(tmp_path)
    again = (tmp_path / f"{name}.yaml").read_bytes()
    assert again == (compiled / f"{name}.yaml").read_bytes()


def test_the_schedule_placeholder_is_only_in_what_the_cluster_gets(compiled):
    placeholder = "pipeline_job_schedule_time_utc"
    assert placeholder in (compiled / "monthly_lifecycle.yaml").read_text("utf-8")
    assert placeholder not in (compiled / "local/monthly_lifecycle.yaml").read_text("utf-8")


@pytest.mark.parametrize("name", PIPELINES)
def test_a_person_who_starts_a_run_reads_what_each_parameter_is(compiled, name):
    root = yaml.safe_load((compiled / f"{name}.yaml").read_text("utf-8").split("---")[0])["root"]
    parameters = root["inputDefinitions"]["parameters"]
    assert parameters
    assert all(one["description"].endswith(".") for one in parameters.values())
    assert all(one["defaultValue"] for one in parameters.values() if one.get("isOptional"))


def levels(spec, dag, names=()):
    """The names of groups above each task, as Kubeflow's page opens them."""
    for task in dag["tasks"].values():
        component = spec["components"][task["componentRef"]["name"]]
        if "dag" in component:
            yield from levels(spec, component["dag"], (*names, task["taskInfo"]["name"]))
        else:
            yield (*names, task["taskInfo"]["name"])


@pytest.mark.parametrize("name", PIPELINES)
def test_every_task_is_found_within_three_levels_that_people_named(compiled, name):
    spec = yaml.safe_load((compiled / f"{name}.yaml").read_text("utf-8").split("---")[0])
    found = list(levels(spec, spec["root"]["dag"]))
    groups = {group for *above, _ in found for group in above}
    assert groups <= {"month", "challenge", "passed"}
    assert max(len(above) for *above, _ in found) <= 3
    assert not [names for names in found if "condition" in names[-1]]


def test_artifacts_say_what_they_are_and_a_version_is_a_model(compiled):
    text = (compiled / "monthly_lifecycle.yaml").read_text("utf-8").split("---")[0]
    given = {
        (component, artifact): kind["artifactType"]["schemaTitle"]
        for component, body in yaml.safe_load(text)["components"].items()
        if "executorLabel" in body
        for artifact, kind in body.get("outputDefinitions", {}).get("artifacts", {}).items()
    }
    assert given["comp-train", "model_version"] == "system.Model"
    assert given["comp-refit", "model_version"] == "system.Model"
    metrics = {artifact for (_, artifact), kind in given.items() if kind == "system.Metrics"}
    assert metrics == {
        "month_metrics", "decision_metrics", "training_metrics", "validation_metrics",
    }  # fmt: skip
    assert not {artifact for _, artifact in given} & {"numbers", "curves", "page", "report", "card"}


def executor(documents):
    return documents[0]["deploymentSpec"]["executors"]["exec-decide"]["container"]


def config(documents):
    return documents[1]["platforms"]["kubernetes"]["deploymentSpec"]["executors"]["exec-decide"]


def kubernetes(documents):
    return documents[1]["platforms"]["kubernetes"]


def sub_dag(documents):
    components = documents[0]["components"]
    return next(c for name, c in components.items() if name.startswith("comp-condition"))


def undeclare(documents):
    parameters = sub_dag(documents)["inputDefinitions"]["parameters"]
    used = {
        source.get("componentInputParameter")
        for body in sub_dag(documents)["dag"]["tasks"].values()
        for source in body["inputs"]["parameters"].values()
    }
    parameters.pop(next(name for name in sorted(filter(None, used)) if name in parameters))


def cache(documents):
    dag = documents[0]["components"]["comp-exit-handler-1"]["dag"]
    dag["tasks"]["decide"]["cachingOptions"] = {"enableCache": True}


def undeclare_artifact(documents):
    sub_dag(documents)["inputDefinitions"]["artifacts"] = {}


def task(documents, name):
    return documents[0]["components"]["comp-exit-handler-1"]["dag"]["tasks"][name]


def exit_task(documents):
    return documents[0]["root"]["dag"]["tasks"]["close-month"]


@pytest.mark.parametrize(
    ("break_it", "found"),
    [
        (lambda d: d[0].update(surprise=1), "not a pipeline spec"),
        (lambda d: d[1].update(surprise=1), "not a pipeline spec"),
        (lambda d: executor(d).update(image="creditrisk-ml:latest"), "pin a tag or a digest"),
        (lambda d: executor(d).update(image="creditrisk-ml"), "pin a tag or a digest"),
        (lambda d: executor(d).update(image="host:5000/creditrisk-ml"), "pin a tag or a digest"),
        (lambda d: executor(d).pop("resources"), "no CPU or memory limit"),
        (lambda d: executor(d)["resources"].pop("resourceMemoryLimit"), "no CPU or memory limit"),
        (lambda d: executor(d)["command"].append("pip install x"), "installs packages at run time"),
        (lambda d: executor(d)["command"].append("out.uri = 's3://x'"), "sets an artifact's URI"),
        (lambda d: config(d).pop("securityContext"), "may run as root"),
        (undeclare, "does not declare"),
        (undeclare_artifact, "does not declare"),
        (cache, "may be served from the cache"),
        (lambda d: task(d, "etl").pop("retryPolicy"), "etl is not retried"),
        (lambda d: exit_task(d).pop("retryPolicy"), "close-month is not retried"),
        (lambda d: config(d).pop("activeDeadlineSeconds"), "exec-decide may run for ever"),
        (lambda d: config(d).pop("emptyDirMounts"), "exec-decide may fill the disk of its node"),
        (lambda d: config(d)["emptyDirMounts"][0].pop("sizeLimit"), "may fill the disk"),
        (lambda d: kubernetes(d).pop("pipelineConfig"), "the run may go on for ever"),
    ],
)
def test_a_broken_pipeline_is_found_before_it_leaves(compiled, tmp_path, break_it, found):
    text = (compiled / "monthly_lifecycle.yaml").read_text("utf-8")
    documents = list(yaml.load_all(text, yaml.CSafeLoader))  # ten times as fast as safe_load_all
    break_it(documents)
    broken = tmp_path / "broken.yaml"
    broken.write_text(yaml.dump_all(documents, Dumper=yaml.CSafeDumper), "utf-8")
    assert any(found in fault for fault in check(broken))
