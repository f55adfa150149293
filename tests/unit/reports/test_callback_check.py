"""Whatever is sent to the dashboard's callbacks: what its pages ask is answered, no more."""

import json
import logging
from functools import reduce
from operator import getitem

import pytest

from creditrisk.reports.dashboard.app import build_app
from creditrisk.reports.dashboard.watch import Watch
from tests.builders.populated_store import populated_store

CALLBACKS = "/_dash-update-component"
VALUES = [None, 5, -1.5, True, "x", "/\u2028<script>", [], ["x"], {}, {"points": 1}, {"points": []}]
VALUES += [{"points": [5]}, {"points": [{"x": {}, "y": []}]}, [[[]]], 10**30]


@pytest.fixture(scope="module")
def watch(tmp_path_factory) -> Watch:
    """Three months of a small model."""
    store = populated_store(tmp_path_factory.mktemp("asked"), months=3, features=3).first.store
    return Watch(store.uri, 60)


@pytest.fixture(scope="module")
def served(watch):
    """The app, as Flask's own client asks it."""
    app = build_app(watch)
    client = app.server.test_client()
    client.get("/")
    return app, client


@pytest.fixture
def client(served):
    return served[1]


def prop(id, name, value=None):
    return {"id": id, "property": name, "value": value}


def question(output, outputs, inputs, state=(), changed=()):
    return {
        "output": output,
        "outputs": outputs,
        "inputs": [*inputs],
        "state": [*state],
        "changedPropIds": [*changed],
    }


HERE, ADDRESS = prop("url", "pathname", "/"), prop("url", "search", "")
PAGE = question(
    "..top.children...page.children..",
    [prop("top", "children"), prop("page", "children")],
    [prop("url", "pathname", "/stability"), ADDRESS, prop("stamp", "data", "x")],
    changed=["url.pathname"],
)
CELL = question(
    "cell.children",
    prop("cell", "children"),
    [prop("feature", "value", "feature_0"), prop("month", "value", "2023-03")],
    [ADDRESS],
    ["feature.value"],
)
CLICK = question(
    "..feature.value...month.value..",
    [prop("feature", "value"), prop("month", "value")],
    [prop("csi", "clickData", {"points": [{"x": "2023-03-01", "y": "feature_0"}]})],
)
MONTH = question("url.pathname", prop("url", "pathname"), [prop("history", "clickData", None)])
TABLE = question(
    '{"chart":["MATCH"],"part":"table"}.children',
    prop({"chart": "csi", "part": "table"}, "children"),
    [prop({"chart": "csi", "part": "asked"}, "n_clicks", 1)],
    [prop("url", "pathname", "/stability"), ADDRESS],
    ['{"chart":"csi","part":"asked"}.n_clicks'],
)
STAMP = question(
    "stamp.data", prop("stamp", "data"), [prop("tick", "n_intervals", 1)], [prop("stamp", "data")]
)
QUESTIONS = [PAGE, CELL, CLICK, MONTH, TABLE, STAMP]


def places(value, path=()):
    """Where anything stands in a question."""
    yield path
    keys = value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    for key in keys:
        yield from places(value[key], (*path, key))


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda q: q["output"])
def test_what_the_pages_ask_is_answered(client, asked):
    assert client.post(CALLBACKS, json=asked).status_code in (200, 204)


def test_every_callback_of_the_server_is_tried_here(served):
    known = {output for output, one in served[0].callback_map.items() if "callback" in one}
    assert known == {asked["output"] for asked in QUESTIONS}


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda q: q["output"])
def test_anything_anywhere_is_answered_or_refused_in_a_line(client, asked, caplog):
    for path in places(asked):
        for value in VALUES:
            spoilt = json.loads(json.dumps(asked))
            if path:
                reduce(getitem, path[:-1], spoilt)[path[-1]] = value
            caplog.clear()
            answer = client.post(CALLBACKS, json=spoilt if path else value)
            assert answer.status_code in (200, 204, 400), (path, value, answer.data)
            assert not any(record.exc_info for record in caplog.records), (path, value)
            if answer.status_code == 400:
                assert [record.levelno for record in caplog.records] == [logging.WARNING]
                assert answer.data.count(b"\n") == 1


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda q: q["output"])
def test_a_question_that_lacks_a_part_is_refused(client, asked):
    for path in places(asked):
        if path and isinstance(path[-1], str) and path[-1] not in ("value", "state", "y", "x"):
            short = json.loads(json.dumps(asked))
            del reduce(getitem, path[:-1], short)[path[-1]]
            assert client.post(CALLBACKS, json=short).status_code in (200, 400), path


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 50_000, 400),
        (b'{"output":"nothing.children","outputs":[],"inputs":[]}', 400),
        (b'{"output":"titled.data","outputs":{"id":"titled","property":"data"},"inputs":[]}', 400),
        (json.dumps(PAGE).encode("utf-16"), 400),
        (b"9" * 5_000, 400),
        (b"x" * 1_000_001, 413),
    ],
)
def test_bodies_that_are_no_question(client, body, status, caplog):
    answer = client.post(CALLBACKS, data=body, content_type="application/json")
    assert answer.status_code == status
    assert not any(record.exc_info for record in caplog.records)


def test_a_question_of_another_kind_is_refused(client):
    body = json.dumps(PAGE).encode()
    assert client.post(CALLBACKS, data=body, content_type="text/plain").status_code == 415


def test_a_figure_that_the_page_no_longer_has_changes_nothing(client):
    gone = json.loads(json.dumps(TABLE).replace("csi", "gone"))
    answer = client.post(CALLBACKS, json=gone)
    assert (answer.status_code, answer.json["response"]) == (200, {})


@pytest.mark.parametrize("path", ["dash/nothing.js", "nothing/x.js", "%ff/%ff"])
def test_a_script_that_is_not_there_is_not_found(client, path, caplog):
    assert client.get(f"/_dash-component-suites/{path}").status_code == 404
    assert not caplog.records


def test_names_of_no_page_are_not_kept(watch):
    shown = watch.shown
    assert shown.page("overview") is shown.page("overview")
    assert shown.page("month/2023-03") is shown.page("month/2023-03")
    assert shown.page("nowhere") is not shown.page("nowhere")
