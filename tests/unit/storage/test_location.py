"""What a text that names a place means."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditrisk.errors import UserError
from creditrisk.records.roles import Places
from creditrisk.storage import open_audit_store, open_store
from creditrisk.storage.location import Bucket, local_path, locate
from tests.builders.nasty_names import NASTY


@pytest.mark.parametrize("name", NASTY)
def test_a_text_without_a_scheme_is_a_path_whatever_is_in_it(name):
    assert locate(f"stores/{name}") == Path("stores", name)
    assert locate(f"/stores/{name}") == Path("/stores", name)


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1))
def test_the_url_of_a_folder_is_that_folder(name):
    folder = Path("/stores", name, "of a lender")
    assert locate(folder.as_uri()) == folder


@pytest.mark.parametrize(
    "url", ["file:///a/my%20store", "file:/a/my%20store", "FILE://localhost/a/my store"]
)
def test_the_forms_of_a_file_url_are_one_folder(url):
    assert locate(url) == Path("/a/my store")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("s3://lake", Bucket("lake", "")),
        ("s3://lake/", Bucket("lake", "")),
        ("S3://lake.of.ours/a/b/", Bucket("lake.of.ours", "a/b")),
        ("s3://lake/50%20 [ü]", Bucket("lake", "50%20 [ü]")),
    ],
)
def test_a_bucket_and_its_prefix_are_taken_as_they_are(text, place):
    assert locate(text) == place


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ftp://host/dir", "scheme 'ftp' is unknown; use a path, file:///dir or s3://bucket"),
        ("s3a://lake/p", "scheme 's3a' is unknown"),
        ("file://store", "names host 'store', not a folder of this machine"),
        ("file://data/store", "names host 'data'"),
        ("file:store", "names no folder from the root on"),
        ("file://", "names no folder from the root on"),
        ("file:///a#1", "no URL of a place holds '#'"),
        ("file:///a?x", r"no URL of a place holds '\?'"),
        ("file:///a/100%", "a % in a URL begins two hexadecimal digits; write %25"),
        ("file:///a/%00", "not UTF-8"),
        ("file:///a/%ff", "not UTF-8; rename it"),
        ("s3://lake/pre#fix", "no URL of a place holds '#'"),
        ("s3://lake/pre?fix", r"no URL of a place holds '\?'"),
        (" s3://lake", "no URL of a place holds ' '"),
        ("s3://lake\n", r"no URL of a place holds '\\n'"),
        ("s3://", "names no bucket; write s3://bucket"),
        ("s3:///x", "names no bucket"),
        ("s3:/lake/x", "names no bucket"),
        ("s3://b/x", "'b' is no name of a bucket"),
        ("s3://My_Bucket/x", "'My_Bucket' is no name of a bucket"),
        ("s3://192.168.1.1/x", "'192.168.1.1' is no name of a bucket"),
        ("s3://lake.2024/x", "no part after a '.' that begins with a digit"),
        ("s3://lake/a//b", "a prefix has no '//'"),
        ("s3://lake/../b", "a prefix has no"),
        ("store\udcff", "not UTF-8; rename it"),
        (" ", "is blank, and names no place"),
    ],
)
def test_what_would_be_dropped_or_misread_is_refused_in_one_line(text, found):
    with pytest.raises(UserError, match=found) as refused:
        locate(text)
    assert "\n" not in str(refused.value)


def test_a_key_in_a_url_is_not_repeated():
    with pytest.raises(UserError) as refused:
        locate("s3://access:secret@lake/p")
    assert "secret" not in str(refused.value)


def test_a_home_is_what_a_shell_would_make_of_it(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ana")
    assert locate("~/store") == Path("/home/ana/store")
    assert locate("~") == Path("/home/ana")
    for text in ("./~/store", "a~b", "/a/~/b", "~nobody-of-this-name/x"):
        assert locate(text) == Path(text)
    assert locate("file:///~/store") == Path("/~/store")


def test_without_a_home_a_folder_of_that_name_is_not_made(monkeypatch):
    monkeypatch.setattr(os.path, "expanduser", lambda text: text)
    with pytest.raises(UserError, match="this account has no home; write the path in full"):
        locate("~/store")


def test_a_file_of_this_machine_is_not_looked_for_in_a_bucket():
    assert local_path("mine [1].yaml") == Path("mine [1].yaml")
    assert local_path("file:///mine%20.yaml") == Path("/mine .yaml")
    with pytest.raises(UserError, match="is in a bucket; name a file of this machine"):
        local_path("s3://lake/mine.yaml")


def test_two_names_are_two_stores(tmp_path):
    texts = [f"{tmp_path}/store", f"{tmp_path}/store#1", f"{tmp_path}/store#2", f"{tmp_path}/s?x"]
    assert len({open_store(text).uri for text in texts}) == len(texts)


def test_a_parent_folder_is_the_one_the_system_finds_even_behind_a_link(tmp_path, monkeypatch):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "a/b")
    monkeypatch.chdir(tmp_path / "a")
    open_store("../store").write("x", b"1")
    open_store(f"{tmp_path}/link/../other").write("x", b"2")
    assert (tmp_path / "store/x").read_bytes() == b"1"
    assert (tmp_path / "a/other/x").read_bytes() == b"2"
    assert open_store("../store").uri == (tmp_path / "store").as_uri()


@pytest.mark.parametrize("setting", ["CREDITRISK_STORE", "CREDITRISK_AUDIT_STORE"])
def test_a_setting_is_read_as_an_option_is(setting, tmp_path, monkeypatch):
    monkeypatch.setenv(setting, f"{tmp_path}/store #1 [a]?")
    opened = open_store() if setting == "CREDITRISK_STORE" else open_audit_store(open_store("s"))
    assert opened.uri == (tmp_path / "store #1 [a]?").as_uri()


def test_roles_are_made_for_a_bucket_that_its_clients_can_name():
    environ = dict.fromkeys(("CREDITRISK_STORE", "CREDITRISK_LANDING"), "s3://lake/p")
    with pytest.raises(UserError, match="no URL of a place holds '#'"):
        Places.of(environ | {"CREDITRISK_AUDIT_STORE": "s3://audit#1"})
