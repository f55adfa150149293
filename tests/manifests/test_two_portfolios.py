"""Two releases of the chart beside one another: no object, and no bucket, is both's."""

from itertools import combinations

import pytest

from creditrisk.errors import UserError
from tools.manifest_objects import containers, faults, load, named, pod_specs, referred

CARDS = ("--set=name=creditrisk-cards", "--set=secrets.generate=true")
LOANS = ("--set=secrets.generate=true",)
SETTINGS = {
    "one namespace": (LOANS, CARDS),
    "a bucket server of both": tuple(
        (*release, "--set=minio.enabled=false", "--set=store.endpoint=https://s3.example.com")
        for release in (LOANS, CARDS)
    ),
    "two profiles": tuple(
        (*release, f"--set=namespace={space}", "--set=kfp.multiUser=true")
        for release, space in ((LOANS, "risk-loans"), (CARDS, "risk-cards"))
    ),
}


@pytest.fixture(scope="module", params=SETTINGS)
def releases(request, rendered):
    return [load(rendered(*options)) for options in SETTINGS[request.param]]


def place(one):
    return (one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])


def test_no_two_objects_have_one_name_cluster_scoped_ones_included(releases):
    for objects in releases:
        assert faults(objects) == []
        assert len({place(one) for one in objects}) == len(objects)
    loans, cards = ({place(one) for one in objects} for objects in releases)
    assert loans & cards == set()
    assert len(cards) > 30


def test_every_name_of_the_second_is_its_own(releases):
    for one in releases[1]:
        assert one["metadata"]["name"].startswith("creditrisk-cards"), named(one)


def test_what_pods_refer_to_is_of_their_own_release(releases):
    for objects in releases:
        made = {(one["kind"], one["metadata"]["name"]) for one in objects}
        for name, _, spec in pod_specs(objects):
            assert referred(spec) <= made, name


def test_no_selector_of_one_selects_pods_of_the_other(releases):
    for one, other in (releases, releases[::-1]):
        labels = [found for _, found, _ in pod_specs(other)]
        for selector in _selectors(one):
            wanted = selector.get("matchLabels", {})
            allowed = selector.get("matchExpressions", [])
            for found in labels:
                assert not (
                    wanted.items() <= found.items()
                    and all(found.get(e["key"]) in e["values"] for e in allowed)
                ), selector


def test_the_two_keep_their_data_in_buckets_of_their_own(releases):
    settings = [
        next(one["data"] for one in objects if named(one).endswith("-env")) for objects in releases
    ]
    names = ("CREDITRISK_STORE", "CREDITRISK_AUDIT_STORE", "CREDITRISK_LANDING")
    buckets = [{text[name] for name in names} for text in settings]
    assert all(len(found) == 3 for found in buckets)
    assert not set.intersection(*buckets)
    assert [text["CREDITRISK_NAME"] for text in settings] == ["creditrisk", "creditrisk-cards"]


def test_users_and_policies_on_a_server_of_both_differ(releases):
    accesskeys = [
        {one["data"]["accesskey"] for one in objects if "accesskey" in one.get("data", {})}
        for objects in releases
    ]
    assert not set.intersection(*accesskeys)
    arguments = [
        [*containers(spec)[0]["args"]]
        for objects in releases
        for name, _, spec in pod_specs(objects)
        if "bootstrap" in name
    ]
    assert ["--name=creditrisk-cards" in given for given in arguments] == [False, True]


@pytest.mark.parametrize("name", ["cards", "creditrisk-audit", "creditrisk-people", "creditrisk_x"])
def test_a_name_that_would_meet_another_s_is_refused(rendered, name):
    with pytest.raises(UserError, match="name"):
        rendered(f"--set=name={name}")


def test_a_namespace_where_no_run_can_be_is_refused(rendered):
    with pytest.raises(UserError, match="runs every pipeline in its own namespace"):
        rendered("--set=namespace=risk")


def test_names_of_jobs_and_of_executors_fit_into_kubernetes(rendered):
    longest = "creditrisk-" + "x" * 13
    objects = load(rendered(f"--set=name={longest}"))
    assert faults(objects) == []
    assert max(len(one["metadata"]["name"]) for one in objects) <= 63
    with pytest.raises(UserError, match="name"):
        rendered(f"--set=name={longest}x")


def _selectors(objects):
    for one in objects:
        for value in _values(one.get("spec", {})):
            selects = isinstance(value, dict) and {"matchLabels", "matchExpressions"} & set(value)
            if selects and "kubernetes.io/metadata.name" not in str(value):
                yield value
        if one["kind"] == "Service":
            yield {"matchLabels": one["spec"]["selector"]}


def _values(body):
    children = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    for child in children:
        yield child
        yield from _values(child)


def test_a_third_meets_neither(rendered):
    names = ("creditrisk", "creditrisk-cards", "creditrisk-cards-eu")
    found = [{place(one) for one in load(rendered(f"--set=name={name}"))} for name in names]
    assert not any(one & other for one, other in combinations(found, 2))
