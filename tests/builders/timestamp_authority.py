"""A timestamp authority on loopback that is OpenSSL's, and the certificates it is known by."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import CertificateBuilder, load_pem_x509_certificate

_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[req]
distinguished_name = dn
[dn]
"""


@dataclass
class Authority:
    """`ca`: the certificate it is trusted by. `refuses`: answers 503 from now on."""

    folder: Path
    url: str = ""
    refuses: bool = False

    @property
    def ca(self) -> Path:
        return self.folder / "ca.pem"


def openssl(folder: Path, words: str) -> bytes:
    command = [shutil.which("openssl") or "openssl", *words.split()]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def make_authority(folder: Path) -> Authority:
    """A root of its own, and a certificate of it that may sign timestamps."""
    folder.mkdir()
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    asks = "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config tsa.cnf"
    root = f"{asks} -x509 -keyout ca.key -out ca.pem -days 30 -subj /CN=Root -extensions ca"
    leaf = f"{asks} -keyout tsa.key -out tsa.csr -subj /CN=TSA"
    sign = "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -days 30 -set_serial 7"
    for words in (root, leaf, f"{sign} -extfile tsa.cnf -extensions leaf -out tsa.pem"):
        openssl(folder, words)
    return Authority(folder)


def certify(authority: Authority, start: datetime, end: datetime) -> None:
    """Give the authority another certificate, valid from `start` to `end`."""
    folder = authority.folder
    root, old = (
        load_pem_x509_certificate((folder / name).read_bytes()) for name in ("ca.pem", "tsa.pem")
    )
    new = CertificateBuilder(root.subject, old.subject, old.public_key(), 8, start, end)
    for extension in old.extensions:
        new = new.add_extension(extension.value, extension.critical)
    key = load_pem_private_key((folder / "ca.key").read_bytes(), None)
    (folder / "tsa.pem").write_bytes(new.sign(key, SHA256()).public_bytes(Encoding.PEM))


@contextmanager
def signing(authority: Authority) -> Iterator[Authority]:
    """Answer queries until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["content-length"]))
            (authority.folder / "query.tsq").write_bytes(query)
            words = "ts -reply -config tsa.cnf -queryfile query.tsq -signer tsa.pem -inkey tsa.key"
            body = openssl(authority.folder, f"{words} -out /dev/stdout")
            self.send_response(503 if authority.refuses else 200)
            self.send_header("content-length", f"{len(body)}")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    authority.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield authority
    finally:
        server.shutdown()
        server.server_close()
