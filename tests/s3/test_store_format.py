"""`format.json` on a real server."""

from concurrent.futures import ThreadPoolExecutor

from creditrisk.records.format import begin, open_store, read_format
from creditrisk.records.layout import FORMAT
from creditrisk.storage.s3 import S3Store
from tests.builders.versions import AT


def test_runs_that_begin_at_the_same_time_say_the_format_once(store):
    with ThreadPoolExecutor(8) as pool:
        begun = [pool.submit(begin, store, f"{AT} {n}") for n in range(24)]
    assert [one.exception() for one in begun] == [None] * 24
    assert read_format(store).format == 1
    assert list(store.keys()) == [FORMAT]


def test_a_process_asks_a_store_once(store, monkeypatch):
    begin(store, AT)
    asked, read = [], S3Store.read
    monkeypatch.setattr(S3Store, "read", lambda self, key: asked.append(key) or read(self, key))
    for _ in range(3):
        begin(open_store(store.uri), AT)
    assert asked == [FORMAT]
