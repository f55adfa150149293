"""The audit trail's head under an authority's signature: OpenSSL's own, on loopback."""

import shutil
from datetime import UTC, date, datetime, timedelta

import pytest
from typer.testing import CliRunner

from creditrisk.cli import app
from creditrisk.errors import GateError, UserError
from creditrisk.records.audit import Trail
from creditrisk.records.timestamp import stamp, stamp_month, stamped
from creditrisk.storage import open_audit_store
from creditrisk.storage.file import FileStore
from tests.builders.small_lender import small_period
from tests.builders.timestamp_authority import certify, make_authority, signing

pytest.importorskip("rfc3161_client", reason="no rfc3161-client: make install")
pytestmark = pytest.mark.skipif(
    not shutil.which("openssl"), reason="no openssl to be the authority"
)


NOW = datetime.now(UTC).replace(microsecond=0)  # noqa: TID251 - certificates have their time


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    with signing(make_authority(tmp_path_factory.mktemp("tsa") / "one")) as found:
        yield found


@pytest.fixture
def trail(tmp_path):
    """Three records."""
    return written(Trail(FileStore(tmp_path / "audit")), "why")


def written(trail, text):
    for n in (1, 2, 3):
        trail.append("noted", "ann", f"2025-01-0{n}T00:00:00Z", {"text": f"{text} {n}"}, f"{n}")
    return trail


def test_a_head_is_signed_once_and_its_time_is_the_authority_s(trail, authority):
    assert stamp(trail, authority.url) == "stamps/0000000003.tsr"
    token = trail.store.read("stamps/0000000003.tsr")
    assert stamp(trail, authority.url) == "stamps/0000000003.tsr"
    assert trail.store.read("stamps/0000000003.tsr") == token
    trail.append("noted", "ann", "2025-01-04T00:00:00Z", {"text": "later"}, "4")
    assert stamp(trail, authority.url) == "stamps/0000000004.tsr"
    found = list(stamped(trail, authority.ca))
    assert [(one.count, one.fault) for one in found] == [(3, ""), (4, "")]
    assert found[0].at.tzinfo and found[0].at <= found[1].at


def test_a_trail_that_was_written_anew_is_not_what_was_signed(trail, authority, tmp_path):
    stamp(trail, authority.url)
    other = written(Trail(FileStore(tmp_path / "other")), "another reason")
    shutil.copytree(tmp_path / "audit/stamps", tmp_path / "other/stamps")
    [one] = stamped(other, authority.ca)
    assert "stamps/0000000003.tsr: its timestamp of 20" in one.fault
    assert "is not of 3:" in one.fault


def test_a_trail_that_lost_what_was_signed_says_so(trail, authority, tmp_path):
    stamp(trail, authority.url)
    (tmp_path / "audit/records/0000000003.json").unlink()
    [one] = stamped(Trail(trail.store), authority.ca)
    assert "record 3 is gone" in one.fault


@pytest.mark.parametrize("byte", [8, 60, 200, -300, -40, -1])
def test_a_token_with_one_byte_changed_proves_nothing(trail, authority, byte):
    key = stamp(trail, authority.url)
    data = bytearray(trail.store.read(key))
    data[byte] ^= 1
    trail.store.write(key, bytes(data))
    [one] = stamped(trail, authority.ca)
    assert one.fault.startswith(key) and "\n" not in one.fault


def test_a_damaged_token_is_named_in_a_short_line_but_where_nothing_is_signed(trail, authority):
    key = stamp(trail, authority.url)
    token = trail.store.read(key)
    algorithm = token.rindex(bytes.fromhex("06082a8648ce3d040302")) + 2  # its name is not signed
    version = token.index(bytes.fromhex("a003020102")) + 4  # of the certificate
    issuer = token.rindex(b"Root") - 2  # of the signer: what kind of text it is
    [whole] = stamped(trail, authority.ca)
    for byte in (version, issuer, *range(algorithm, algorithm + 8), *range(40, 560, 40)):
        trail.store.write(key, token[:byte] + bytes([token[byte] ^ 1]) + token[byte + 1 :])
        [one] = stamped(trail, authority.ca)
        assert len(one.fault) <= 300
        assert one == whole if algorithm <= byte < algorithm + 8 else one.fault.startswith(key)


def test_an_authority_that_nobody_trusts_proves_nothing(trail, authority, tmp_path):
    with signing(make_authority(tmp_path / "stranger")) as stranger:
        stamp(trail, stranger.url)
    [one] = stamped(trail, authority.ca)
    assert one.fault


def test_an_authority_that_does_not_answer_is_one_line_and_no_token(trail, authority, monkeypatch):
    monkeypatch.setattr(authority, "refuses", True)
    with pytest.raises(UserError, match="answers 503"):
        stamp(trail, authority.url)
    with pytest.raises(UserError, match="does not answer"):
        stamp(trail, "http://127.0.0.1:9")
    assert list(trail.store.keys("stamps/")) == []


def test_a_month_asks_only_where_an_authority_is_named(trail, authority, monkeypatch):
    monkeypatch.delenv("CREDITRISK_TIMESTAMP_URL", raising=False)
    assert stamp_month(trail) == "" and list(trail.store.keys("stamps/")) == []
    monkeypatch.setenv("CREDITRISK_TIMESTAMP_URL", authority.url)
    assert stamp_month(trail) == "" and list(trail.store.keys("stamps/")) != []
    monkeypatch.setenv("CREDITRISK_TIMESTAMP_URL", "http://127.0.0.1:9")
    trail.append("noted", "ann", "2025-01-04T00:00:00Z", {"text": "later"}, "4")
    assert "does not answer" in stamp_month(trail)


@pytest.mark.parametrize(
    ("days", "why"), [((-20, -10), "had expired"), ((10, 20), "was not valid yet")]
)
def test_a_certificate_outside_its_time_proves_nothing(trail, tmp_path, monkeypatch, days, why):
    with signing(make_authority(tmp_path / "late")) as late:
        certify(late, *(NOW + timedelta(days=day) for day in days))
        with pytest.raises(UserError, match=f"by a certificate that {why}: it is valid from 20"):
            stamp(trail, late.url)
        assert list(trail.store.keys("stamps/")) == []
        with monkeypatch.context() as patch:  # as a token of another tool, put there by hand
            patch.setattr("creditrisk.records.timestamp._signer", lambda _: None)
            stamp(trail, late.url)
    [one] = stamped(trail, late.ca)
    assert one.fault.startswith("stamps/0000000003.tsr: signed on 20") and why in one.fault


def test_a_certificate_that_expired_since_is_said_in_one_line(tmp_path, monkeypatch):
    period = small_period(tmp_path, date(2025, 1, 1))
    trail = written(Trail(open_audit_store(period.store)), "why")
    verify = ["audit", "verify", "--store", period.store.uri, "--timestamp-ca"]
    with signing(make_authority(tmp_path / "brief")) as brief:
        certify(brief, NOW - timedelta(days=1), NOW + timedelta(days=3))
        stamp(trail, brief.url)
    kept = CliRunner().invoke(app, [*verify, f"{brief.ca}"]).stdout
    assert "expired" not in kept
    monkeypatch.setattr("creditrisk.records.run._clock", lambda: NOW + timedelta(days=400))
    found = CliRunner().invoke(app, [*verify, f"{brief.ca}"])
    assert found.exit_code == 0
    assert found.stdout.startswith(kept)
    assert " ".join(found.stdout.removeprefix(kept).split()) == (
        f"its authority's certificate has expired since, on {NOW + timedelta(days=3):%Y-%m-%d}:"
        " stamp again (creditrisk audit stamp); the head holds all before it"
    )


def test_the_commands_stamp_and_verify(authority, tmp_path):
    period = small_period(tmp_path, date(2025, 1, 1))
    kept = open_audit_store(period.store)
    written(Trail(kept), "why")
    run, place = CliRunner(), ["--store", period.store.uri]
    done = run.invoke(app, ["audit", "stamp", "--url", authority.url, *place])
    assert done.stdout.strip() == f"{kept.uri}/stamps/0000000003.tsr", done.exception
    verify = ["audit", "verify", "--timestamp-ca", f"{authority.ca}", *place]
    assert "1 timestamps; record 3 was there 20" in run.invoke(app, verify).stdout
    kept.write("stamps/0000000003.tsr", b"not a token")
    found = run.invoke(app, verify)
    assert isinstance(found.exception, GateError) and "stamps/0000000003" in str(found.exception)
    verify[3] = f"{tmp_path}/store"
    assert isinstance(run.invoke(app, verify).exception, UserError)
