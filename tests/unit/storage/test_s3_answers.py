"""What an S3 server may answer, and how it is reached: one line each, from one configuration."""

import pytest

from creditrisk.errors import UserError
from creditrisk.storage import open_store, s3
from creditrisk.storage.connection import Connection
from tests.builders.certificates import write_certificate
from tests.builders.s3_answers import answering, at, refusal

KEYS, TOKEN = "check AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"
CODES = [
    (403, "AccessDenied", KEYS),
    (403, "InvalidAccessKeyId", KEYS),
    (403, "SignatureDoesNotMatch", KEYS),
    (403, "AllAccessDisabled", KEYS),
    (403, "ExpiredToken", TOKEN),
    (400, "InvalidTokenId", TOKEN),
    (403, "RequestTimeTooSkewed", "set the clock of this machine"),
    (301, "PermanentRedirect", "set AWS_REGION to eu-west-1"),
    (400, "AuthorizationHeaderMalformed", "set AWS_REGION to eu-west-1"),
    (405, "MethodNotAllowed", "in its words"),
    (507, "XMinioStorageFull", "make room there"),
    (400, "QuotaExceeded", "make room there"),
    (403, "XMinioAdminBucketQuotaExceeded", "make room there"),
    (501, "NotImplemented", "honours If-Match"),
    (429, "TooManyRequests", "run it again later"),
    (503, "SlowDown", "run it again later"),
    (400, "KMS.DisabledException", "in its words"),
    (404, "NoSuchBucket", "bucket 'lake' does not exist; create it first"),
    (418, "SomethingNew", "in its words"),
]


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """Do not wait for a server that will not come back."""
    monkeypatch.setattr(s3, "_ATTEMPTS", 1)


@pytest.fixture
def server(monkeypatch):
    with answering() as answers:
        at(monkeypatch, answers.url)
        yield answers


def opened(store):
    with store.open("a") as file:
        file.read()


@pytest.mark.parametrize(("status", "code", "text"), CODES)
def test_every_call_tells_the_server_s_code_and_the_next_move(status, code, text, server):
    store = open_store("s3://lake/p")
    server.status, server.code = status, code
    server.headers = {"x-amz-bucket-region": "eu-west-1"} if "REGION" in text else {}
    for call in (
        lambda: store.read("a"),
        lambda: store.write("a", b"1"),
        lambda: store.create("a", b"1"),
        lambda: store.swap("a", b"1", "tag"),
        lambda: store.delete("a"),
        lambda: list(store.keys()),
    ):
        line = refusal(call)
        assert text in line
        assert code in line or code == "NoSuchBucket"
        assert line.startswith("s3://lake/p: ")


@pytest.mark.parametrize(("status", "code", "text"), CODES)
def test_a_bucket_that_is_only_asked_for_its_head_is_heard_in_words_too(status, code, text, server):
    server.status, server.code, server.bucket_is_there = status, code, False
    server.headers = {"x-amz-bucket-region": "eu-west-1"} if "REGION" in text else {}
    assert text in refusal(lambda: open_store("s3://lake/p"))


def test_a_file_that_may_not_be_read_is_told_as_an_object_is(server):
    store = open_store("s3://lake/p")
    server.status, server.code = 403, "ExpiredToken"
    assert TOKEN in refusal(lambda: opened(store))


@pytest.mark.parametrize("status", [200, 400, 404, 411, 500, 502])
def test_a_server_that_is_no_s3_server_is_named(status, server):
    server.status, server.page = status, b"<html><body>a gate\n</body>"
    store = open_store("s3://lake/p")
    assert "does not answer as S3 does" in refusal(lambda: list(store.keys()))


def test_the_token_of_temporary_keys_goes_with_every_request(server, monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "temporary")
    store = open_store("s3://lake/p")
    for call in (lambda: store.read("a"), lambda: store.write("a", b"")):
        call()
    server.status = 200
    store.create("a", b"1")
    for method, path, headers in server.asked:
        sent = headers.get("x-amz-security-token") == "temporary"
        assert sent or "X-Amz-Security-Token=temporary" in path, method


@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("more", ["\r\nX-Other: 1", " two", "\u00e9", "\x1b[31m"])
def test_a_key_that_no_header_can_hold_is_named_and_not_shown(name, more, server, monkeypatch):
    monkeypatch.setenv(name, f"PLANTED{more}KEY")
    with pytest.raises(UserError, match=f"^{name} holds a blank, a line end or a letter") as error:
        open_store("s3://bucket/p")
    assert "PLANTED" not in str(error.value)


def test_no_key_is_in_what_a_connection_says_of_itself(monkeypatch):
    at(monkeypatch, "http://minio:9000", AWS_SESSION_TOKEN="temporary")  # noqa: S106 - none
    given = repr(Connection.from_environment())
    assert "temporary" not in given
    assert "secret" not in given.replace("secret_key", "")


@pytest.mark.parametrize(
    ("given", "endpoint"),
    [
        ("http://minio:9000/", "http://minio:9000"),
        (" https://minio \n", "https://minio"),
        ("HTTP://[::1]:9000//", "http://[::1]:9000"),
    ],
)
def test_an_endpoint_may_end_in_slashes_and_blanks(given, endpoint, monkeypatch):
    at(monkeypatch, given)
    assert Connection.from_environment().endpoint == endpoint


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("minio:9000", "'minio:9000' is no URL; write http://host:port"),
        ("http://", "is no URL"),
        ("http://minio:port", "is no URL"),
        ("http://minio 9000", "is no URL"),
        ("ftp://minio", "is no URL"),
        ("http://gate/minio/s3", "names more than a server; write http://gate: "),
        ("http://minio:9000/?x=1", "names more than a server; write http://minio:9000: "),
        ("http://user:pass@minio:9000", "names more than a server; write http://minio:9000: "),
    ],
)
def test_an_endpoint_that_is_not_one_server_is_refused(given, text, monkeypatch):
    at(monkeypatch, given)
    line = refusal(Connection.from_environment)
    assert text in line
    assert "pass" not in line


@pytest.mark.parametrize(
    ("settings", "region"),
    [
        ({}, "us-east-1"),
        ({"AWS_REGION": ""}, "us-east-1"),
        ({"AWS_REGION": " eu-west-1 "}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
    ],
)
def test_the_region_is_read_as_every_s3_tool_reads_it(settings, region, monkeypatch):
    at(monkeypatch, "http://minio:9000", **settings)
    assert Connection.from_environment().region == region


def test_a_region_that_is_none_is_refused(monkeypatch):
    at(monkeypatch, "http://minio:9000", AWS_REGION="us_east")
    assert "AWS_REGION 'us_east' is no region" in refusal(Connection.from_environment)


@pytest.fixture
def secured(tmp_path, monkeypatch):
    """A server with a certificate that it signed itself."""
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with answering(write_certificate(tmp_path)) as answers:
        at(monkeypatch, answers.url)
        yield answers


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(secured, monkeypatch):
    monkeypatch.setattr(s3, "_ATTEMPTS", 1000)
    line = refusal(lambda: open_store("s3://lake/p"))
    assert "is not trusted (self-signed certificate); name its authority in AWS_CA_BUNDLE" in line


@pytest.mark.parametrize("name", ["AWS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_an_authority_in_a_file_is_trusted(name, secured, tmp_path, monkeypatch):
    monkeypatch.setenv(name, f"{tmp_path}/ca.crt")
    secured.code, secured.status = "NoSuchKey", 404
    with pytest.raises(KeyError):
        open_store("s3://lake/p").read("a")
    with pytest.raises(KeyError):
        opened(open_store("s3://lake/p"))


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_file_without_an_authority_is_named(content, secured, tmp_path, monkeypatch):
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
    text = f"AWS_CA_BUNDLE names '{bundle}', which is no PEM file of certificates"
    assert text in refusal(lambda: open_store("s3://lake/p"))


def test_a_file_of_authorities_is_not_looked_at_where_no_tls_is_spoken(server, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nonexistent")
    assert open_store("s3://lake/p").exists()


def test_the_wrong_scheme_is_told_from_a_server_that_is_away(secured, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", secured.url.replace("https", "http"))
    assert "speaks TLS; write AWS_ENDPOINT_URL with https://" in refusal(
        lambda: open_store("s3://lake")
    )
    with answering() as plain:
        monkeypatch.setenv("AWS_ENDPOINT_URL", plain.url.replace("http", "https"))
        line = refusal(lambda: open_store("s3://lake"))
    assert "speaks no TLS; write AWS_ENDPOINT_URL with http://" in line
