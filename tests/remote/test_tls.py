"""A server with a certificate of its own: trusted by file, by nobody, or not asked for one."""

import ipaddress
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from creditrisk.errors import UserError
from creditrisk.records.run import now
from pipelines.remote.api import Api
from tests.builders.kfp_api import Server
from tests.builders.loopback import serving


@pytest.fixture
def certificate(tmp_path):
    """Key and certificate of 127.0.0.1, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kubeflow")])
    today = datetime.fromisoformat(now())
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *form)
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def secured(certificate):
    with serving(Server(), certificate=certificate) as state:
        yield state


def test_a_certificate_nobody_vouches_for_is_refused_in_one_line(secured):
    with pytest.raises(UserError, match=r"its certificate is not trusted; .*CREDITRISK_KFP_CA"):
        _ = Api.at(secured.url, "").health
    assert secured.requests == []


def test_the_authority_in_a_file_is_trusted(secured, certificate, monkeypatch):
    monkeypatch.setenv("CREDITRISK_KFP_CA", str(certificate))
    assert Api.at(secured.url, "").health["tag_name"] == "2.17.0"


@pytest.mark.filterwarnings("error::urllib3.exceptions.InsecureRequestWarning")
def test_verification_can_be_turned_off_by_name(secured, monkeypatch):
    monkeypatch.setenv("CREDITRISK_KFP_INSECURE", "1")
    assert Api.at(secured.url, "").health["tag_name"] == "2.17.0"


def test_a_file_that_is_none_is_said(secured, monkeypatch):
    monkeypatch.setenv("CREDITRISK_KFP_CA", "/no/such.pem")
    with pytest.raises(UserError, match=r"CREDITRISK_KFP_CA is /no/such.pem, which is no file"):
        Api.at(secured.url, "")
