"""The picture in the docs is that of the pipeline, and says nothing that it does not do."""

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from creditrisk.errors import UserError
from tests.pipelines.fan import compile_fan
from tools.architecture import PIPELINE, TOUCHES, Touch, draw
from tools.compiled import compiled, read
from tools.layout import BOX, Layout
from tools.picture import RIGHT

PICTURE = Path(__file__).parents[2] / "docs/architecture.svg"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def pipelines():
    return compiled()


@pytest.fixture(scope="module")
def monthly(pipelines):
    return pipelines[PIPELINE]


@pytest.fixture(scope="module")
def fanned(tmp_path_factory):
    return read(compile_fan(tmp_path_factory.mktemp("fan")))


def layout_of(pipeline):
    layout = Layout()
    layout.place(pipeline.children)
    return layout


def segments(layout):
    return [pair for arrow in layout.arrows for pair in pairwise(arrow)]


def runs_through(segment, box):
    (x0, y0), (x1, y1) = segment
    across = max(x0, x1) > box.x and min(x0, x1) < RIGHT
    return across and max(y0, y1) > box.y and min(y0, y1) < box.y + BOX


def test_the_picture_is_the_one_in_docs(monthly):
    assert PICTURE.read_text("utf-8") == draw(monthly), "run `make docs` and look at it"


def test_a_table_that_misses_a_task_is_refused(monthly):
    fewer = {name: touch for name, touch in TOUCHES.items() if name != "decide"}
    with pytest.raises(UserError, match=r"lacks \['decide'\]"):
        draw(monthly, fewer)


def test_a_table_that_names_what_does_not_run_is_refused(monthly):
    with pytest.raises(UserError, match=r"names \['prune'\], which monthly-lifecycle does not run"):
        draw(monthly, TOUCHES | {"prune": Touch("registry", "registry")})


def test_a_layer_that_does_not_exist_is_refused(monthly):
    with pytest.raises(UserError, match="platinum"):
        draw(monthly, TOUCHES | {"score": Touch("platinum", "scores")})


def test_a_branch_is_a_frame_with_its_condition_in_words(monthly):
    labels = [frame.label for frame in sorted(layout_of(monthly).frames, key=lambda f: f.depth)]
    assert labels == ["unless decide says none", "if validate says pass"]


def test_branches_that_differ_are_drawn_apart(fanned):
    labels = sorted(frame.label for frame in layout_of(fanned).frames)
    assert labels == ["elif one-2.Output > pipeline.limit", "else", "if two says 1"]


@pytest.mark.parametrize("name", ["monthly_lifecycle", "training", "backfill", "fan"])
def test_every_component_stands_there_and_no_arrow_runs_through_one(pipelines, fanned, name):
    pipeline = {**pipelines, "fan": fanned}[name]
    layout = layout_of(pipeline)
    drawn = {box.task.component for box in layout.boxes}
    assert drawn == {task.component for task in pipeline.tasks()}
    crossed = [
        (segment, box.task.name)
        for segment in segments(layout)
        for box in layout.boxes
        if runs_through(segment, box)
    ]
    assert crossed == []


def test_it_is_one_small_file_that_says_what_it_shows():
    image = Xml.fromstring(PICTURE.read_text("utf-8"))  # noqa: S314 - our own file
    assert PICTURE.stat().st_size < 60_000
    titles = [element.text for element in image.iter(f"{SVG}title")]
    assert titles[0] == "monthly-lifecycle: its tasks, and what they read and write"
    assert "train: reads gold; reads and writes registry; writes audit" in titles
    assert image.find(f"{SVG}desc") is not None
    assert not re.search(r"href|url\(", PICTURE.read_text("utf-8"))
