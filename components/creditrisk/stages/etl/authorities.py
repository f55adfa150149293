"""The authorities that Java trusts beside its own."""

import atexit
import shutil
import tempfile
from pathlib import Path

from pyspark.sql import SparkSession

_TRUSTED = "javax.net.ssl.trustStore"


def trust(session: SparkSession, authorities: str) -> None:
    """Let Java trust the authorities of a PEM file, which it takes in a form of its own only."""
    gateway = session.sparkContext._gateway
    if not authorities or gateway is None or gateway.jvm.System.getProperty(_TRUSTED):
        return
    java = gateway.jvm.java
    factory = java.security.cert.CertificateFactory.getInstance("X.509")
    trusted = java.security.KeyStore.getInstance("JKS")  # read without its password, unlike PKCS12
    trusted.load(None, None)
    for number, found in enumerate(
        factory.generateCertificates(java.io.FileInputStream(authorities))
    ):
        trusted.setCertificateEntry(str(number), found)
    place = Path(tempfile.mkdtemp(prefix="creditrisk-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    out = java.io.FileOutputStream(str(place / "trusted"))
    trusted.store(out, gateway.new_array(gateway.jvm.char, 1))
    out.close()
    gateway.jvm.System.setProperty(_TRUSTED, str(place / "trusted"))
