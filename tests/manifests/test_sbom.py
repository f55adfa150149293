"""What an image is said to hold, and the words of a release; without Docker."""

import json
import re
import subprocess
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from tools import sbom
from tools.helm import MANIFESTS, binary

ENVIRONMENT = {
    "bomFormat": "CycloneDX",
    "components": [
        {
            "name": "numpy",
            "version": "2.4.6",
            "purl": "pkg:pypi/numpy@2.4.6",
            "licenses": [{"license": {"id": "BSD-3-Clause"}}],
        },
        {"name": "catboost", "version": "1.2", "purl": "pkg:pypi/catboost@1.2"},
        {"name": "nobody", "version": "1", "purl": "pkg:pypi/nobody@1"},
    ],
}


@pytest.fixture
def image(monkeypatch, tmp_path):
    """An image as Docker describes it."""

    def inside(_, *words):
        return {
            "python3": json.dumps(ENVIRONMENT),
            "dpkg-query": "tini 0.19.0-1 amd64\n",
            "find": "/opt/spark/jars/spark-core_2.13-4.3.0.jar\n/opt/x/odd.jar\n",
        }[words[0]]

    monkeypatch.setattr(sbom, "_inside", inside)
    monkeypatch.setattr(sbom, "_tool", lambda: None)
    monkeypatch.setattr(sbom, "PLACE", tmp_path)
    return "registry.example/creditrisk-ml:abc"


def test_a_bill_holds_python_debian_and_java_by_name_and_version(image):
    found = sbom.bill(image)
    purls = {one["purl"] for one in found["components"]}
    assert "pkg:deb/debian/tini@0.19.0-1?arch=amd64" in purls
    assert any(p.startswith("pkg:generic/spark-core_2.13@4.3.0?") for p in purls)
    assert found["metadata"]["component"]["version"] == "abc"
    assert len({one.get("bom-ref", one["purl"]) for one in found["components"]}) == 5


def test_every_package_has_a_licence_or_is_named(image, tmp_path, capsys):
    built = tmp_path / "images.json"
    built.write_text(json.dumps({"ml": image}))
    assert sbom.main(str(built)) == 1
    assert "no licence is known of ml: nobody\n" in capsys.readouterr().out
    assert (tmp_path / "ml-licences.tsv").read_text().splitlines() == [
        "numpy\t2.4.6\tBSD-3-Clause",
        "catboost\t1.2\tApache-2.0",
        "nobody\t1\tNOT DECLARED",
    ]


@pytest.mark.parametrize("target", ["spark", "ml", "dashboard", "ops"])
def test_every_package_that_an_image_locks_has_a_licence(target):
    lock = (MANIFESTS.parent / f"requirements/{target}.txt").read_text("utf-8")
    for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE):
        try:
            told = metadata(name)
        except PackageNotFoundError:
            continue  # of another Python or system
        declared = [one for one in told.get_all("Classifier", []) if one.startswith("License ::")]
        # cyclonedx-py takes the older field where it holds identifiers, and no sentence
        older = " ".join(told.get_all("License", []))
        identifiers = re.fullmatch(r"[\w.+-]+( (AND|OR) [\w.+-]+)*", older)
        expression = told.get_all(
            "License-Expression"
        )  # the backport knows no [] of what is absent
        assert expression or declared or identifiers or name in sbom.LICENCES, name


def test_without_images_it_says_what_makes_them(tmp_path, capsys):
    assert sbom.main(str(tmp_path / "none.json")) == 2
    assert "make images writes it" in capsys.readouterr().err


EXAMPLES = [None, MANIFESTS / "trial.yaml", *sorted((MANIFESTS / "examples").glob("*.yaml"))]


@pytest.mark.parametrize("values", EXAMPLES, ids=lambda path: path.stem if path else "defaults")
def test_the_chart_passes_helm_s_strictest_reading(rendered, values):
    command = [str(binary()), "lint", "--strict", "--kube-version=1.30.0", MANIFESTS / "chart"]
    options = [f"--values={values}"] if values else []
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
