"""CatBoost as the ml image has it, without its code for graphics cards, gives the same bytes."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

CUT = Path(__file__).parents[2] / "images/without_cuda.py"
TRAINS = """
import hashlib
import catboost
import numpy as np
from creditrisk.stages.training.fit import model_bytes
rng = np.random.default_rng(1)
rows = rng.normal(size=(2000, 8))
bad = (rows[:, 0] + rng.normal(size=2000) > 1).astype(int)
settings = {"loss_function": "Logloss", "bootstrap_type": "Bernoulli", "random_seed": 3}
model = catboost.CatBoost(settings | {"iterations": 40, "thread_count": 2, "silent": True})
model.fit(rows, bad)
shares = model.get_feature_importance(catboost.Pool(rows, bad), type="ShapValues")
made = model_bytes(model), model.predict(rows).tobytes(), shares.tobytes()
print(*(hashlib.sha256(one).hexdigest() for one in made))
try:
    catboost.CatBoost().load_model("/nowhere")
except catboost.CatBoostError as error:  # C++'s own, which crosses the frames behind the cut
    print("nowhere" in str(error), catboost.__file__)
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Path:
    """The wheel's library, whole."""
    spec = find_spec("catboost")
    assert spec and spec.origin
    package = tmp_path_factory.mktemp("packages") / "catboost"
    shutil.copytree(Path(spec.origin).parent, package)
    return package / "_catboost.so"


def trained(packages: Path | None) -> list[str]:
    paths = [*filter(None, (packages and str(packages), os.environ.get("PYTHONPATH")))]
    done = subprocess.run(
        [sys.executable, "-c", TRAINS],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths), "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def cut(path: Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, CUT, path], capture_output=True, text=True, check=False)


def test_models_pds_and_shares_are_the_same_bytes_without_cuda(library):
    whole = library.stat().st_size
    done = cut(library)
    assert done.returncode == 0, done.stderr
    assert whole - library.stat().st_size > 200e6, done.stdout
    [made, message], [made_by_all, _] = trained(library.parents[1]), trained(None)
    assert made == made_by_all
    assert message == f"True {library.parent / '__init__.py'}"
    less = library.read_bytes()
    assert cut(library).returncode == 0
    assert library.read_bytes() == less  # what has none stays as it is


def test_what_is_no_library_is_refused_and_stays(tmp_path):
    file = tmp_path / "libnone.so"
    file.write_bytes(b"#!/bin/sh\n" * 100)
    assert cut(file).stderr == f"{file}: no ELF of 64 bits, little-endian; it stays as it is\n"
    assert file.read_bytes() == b"#!/bin/sh\n" * 100
