"""What lies beside the trees: the same content gives the bytes it always gave."""

import json

import pytest

from creditrisk.errors import UserError
from creditrisk.model.calibration_map import Calibration
from creditrisk.model.event_score import EventEncoder
from creditrisk.model.scorecard import Points
from creditrisk.records import model_parts
from creditrisk.records.model_parts import BenchmarkCard, CalibrationMaps, Encoders
from tests.builders.old_store import CHAMPION, REFUSED, unpacked
from tests.builders.trained_version import trained

KINDS = {
    model_parts.ENCODERS: Encoders,
    model_parts.CALIBRATION: CalibrationMaps,
    model_parts.BENCHMARK: BenchmarkCard,
}
WRITTEN = [
    (
        Encoders(evidence={"visits": EventEncoder((1.5,), (-0.25,))}),
        (
            b'{\n "evidence": {\n  "visits": {\n   "means": [\n    1.5\n   ],\n'
            b'   "weights": [\n    -0.25\n   ]\n  }\n }\n}'
        ),
    ),
    (
        CalibrationMaps(by_state={"plain": Calibration("sigmoid", (0.5,), (-1.0,), 2.0)}),
        (
            b'{\n "plain": {\n  "method": "sigmoid",\n  "slope": 2.0,\n  "x": [\n   0.5\n  ],\n'
            b'  "y": [\n   -1.0\n  ]\n }\n}'
        ),
    ),
    (
        BenchmarkCard(intercept=-1.0, features={"x": Points((0.0,), (1.0, 2.0, 0.5), None, 0.1)}),
        (
            b'{\n "features": {\n  "x": {\n   "edges": [\n    0.0\n   ],\n   "levels": null,\n'
            b'   "points": [\n    1.0,\n    2.0,\n    0.5\n   ],\n   "slope": 0.1\n  }\n },\n'
            b' "intercept": -1.0\n}'
        ),
    ),
]


@pytest.mark.parametrize(("document", "stored"), WRITTEN, ids=KINDS)
def test_a_document_is_the_same_to_the_byte(document, stored):
    assert document.encode() == stored
    assert type(document).parse(stored, "it") == document


@pytest.mark.parametrize("name", KINDS)
def test_what_training_wrote_is_read_and_written_back_to_the_byte(name):
    version, objects = trained()
    data = next(data for key, data in objects.items() if key.endswith(f"{version}/{name}"))
    assert KINDS[name].parse(data, name).encode() == data


@pytest.mark.parametrize("version", [CHAMPION, REFUSED])
def test_what_release_0_1_0_wrote_is_read(tmp_path, version):
    store = unpacked(tmp_path)
    for name, kind in KINDS.items():
        data = store.read(f"registry/versions/{version}/{name}")
        found = json.loads(kind.parse(data, name).encode())
        for card in found.get("features", {}).values():
            assert card.pop("slope") == 0.0  # it knew none
        assert found == json.loads(data)


@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_one_is_refused_by_name(name):
    with pytest.raises(UserError, match=f"{name} is not readable"):
        KINDS[name].parse(b'{"plain": 1, "evidence": 1}', name)
