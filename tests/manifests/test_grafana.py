"""The Grafana page: asked of what `/metrics` tells, and put where Grafana's sidecar finds it."""

import json
import re
from itertools import combinations

import pytest
from prometheus_client.parser import text_string_to_metric_families

from creditrisk.reports.dashboard.metrics import exposition
from creditrisk.reports.dashboard.reader import Reader
from tests.builders.alert_months import MARCH, closed_month
from tests.builders.populated_store import PROMOTED, populated_store
from tests.builders.small_lender import small_period
from tools.helm import MANIFESTS
from tools.manifest_objects import load, named

PAGE = json.loads((MANIFESTS / "chart/grafana/creditrisk.json").read_text("utf-8"))
PANELS = PAGE["panels"]
QUERIES = [(panel["title"], query) for panel in PANELS for query in panel["targets"]]
SELECTED = re.compile(r"(creditrisk_\w+)\{([^}]*)\}")
LABEL = re.compile(r'(\w+)="([^"]*)"')


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """What `/metrics` says of the month of a promotion, and of one that a trigger decided."""
    story = populated_store(tmp_path_factory.mktemp("story"), months=PROMOTED + 1)
    period = small_period(tmp_path_factory.mktemp("watch"), MARCH)
    closed_month(period, decision="watch", triggers=["insufficient_evidence"])
    return [one for uri in (story.first.store.uri, period.store.uri) for one in reported(uri)]


def reported(uri):
    text = exposition(Reader(uri).read()).decode()
    return [one for family in text_string_to_metric_families(text) for one in family.samples]


def selector(query):
    """The metric a query asks for, and the labels it wants; the job is Prometheus' own."""
    [(metric, labels)] = SELECTED.findall(query["expr"])
    wanted = dict(LABEL.findall(labels))
    assert wanted.pop("job") == "$portfolio"
    return metric, wanted


@pytest.mark.parametrize(("title", "query"), QUERIES, ids=lambda value: str(value)[:40])
def test_every_panel_draws_what_there_is(samples, title, query):
    metric, wanted = selector(query)
    found = [one for one in samples if one.name == metric and wanted.items() <= one.labels.items()]
    assert found, f"{title}: {query['expr']}"
    for label in re.findall(r"\{\{(\w+)\}\}", query["legendFormat"]):
        assert all(label in one.labels for one in found), f"{title}: no label {label}"


def lost(page, read, place=""):
    """Where something of a page is not, or is another, in what was read; defaults may be added."""
    if isinstance(page, list):
        page, read = dict(enumerate(page)), dict(enumerate(read))
    if isinstance(page, dict):
        below = ((page[key], read.get(key), f"{place}/{key}") for key in page)
        return [one for inner in below for one in lost(*inner)]
    return [] if page == read else [place]


def test_grafana_s_own_types_read_the_page_and_lose_nothing_of_it():
    read = pytest.importorskip(
        "grafana_foundation_sdk.models.dashboard", reason="no grafana-foundation-sdk: make install"
    ).Dashboard.from_json
    from grafana_foundation_sdk.cog import encoder, plugins

    plugins.register_default_plugins()
    written = json.loads(json.dumps(read(PAGE), cls=encoder.JSONEncoder))
    assert lost(PAGE, written) == []
    misspelt = PAGE | {"panels": [PANELS[0] | {"titel": "?"}]}
    written = json.loads(json.dumps(read(misspelt), cls=encoder.JSONEncoder))
    assert lost(misspelt, written) == ["/panels/0/titel"]


def test_every_state_has_a_colour(samples):
    for panel in PANELS:
        if panel["options"].get("textMode") == "name":
            metric, wanted = selector(panel["targets"][0])
            states = {
                one.labels[metric]
                for one in samples
                if one.name == metric and wanted.items() <= one.labels.items()
            }
            assert states == {o["matcher"]["options"] for o in panel["fieldConfig"]["overrides"]}


def test_panels_say_what_they_show_and_lie_beside_one_another():
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)
    assert all(panel["title"] and panel["description"].endswith(".") for panel in PANELS)
    places = [panel["gridPos"] for panel in PANELS]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)


def test_the_chart_gives_no_page_unless_asked(rendered):
    assert "grafana" not in rendered()


def test_the_page_has_the_sidecar_s_label_and_a_name_of_its_own(rendered):
    words = ["--set=monitoring.grafana.enabled=true", "--set=name=creditrisk-sme"]
    [found] = [
        one for one in load(rendered(*words)) if named(one) == "ConfigMap creditrisk-sme-grafana"
    ]
    assert found["metadata"]["labels"]["grafana_dashboard"] == "1"
    [(name, text)] = found["data"].items()
    page = json.loads(text)
    assert (name, page["uid"]) == ("creditrisk-sme.json", "creditrisk-sme-model")
    assert page["panels"] == PANELS


def test_another_sidecar_s_label_takes_its_place_beside(rendered):
    words = ["--set=monitoring.grafana.enabled=true", "--set=monitoring.grafana.labels.board=risk"]
    [found] = [
        one for one in load(rendered(*words)) if named(one) == "ConfigMap creditrisk-grafana"
    ]
    assert found["metadata"]["labels"]["board"] == "risk"
