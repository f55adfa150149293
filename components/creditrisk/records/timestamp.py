"""Heads of the audit trail under the signature of a timestamp authority (RFC 3161).

    stamps/<n>.tsr    the authority's answer for the head after record n, `COUNT:SHA256`

Who can write the whole store can rewrite a trail and its anchors, and cannot sign for the authority
at an earlier time: a token, or a copy of it, contradicts the new trail.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from creditrisk.errors import UserError, brief_words, printable
from creditrisk.records import layout
from creditrisk.records.audit import Trail
from creditrisk.storage import ConflictError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse, Verifier

URL = "CREDITRISK_TIMESTAMP_URL"
_SECONDS = 20.0  # that an authority may take
_LARGEST = 64_000  # bytes of an answer: a token and its certificates are 2,000 to 10,000
_TYPE = {"Content-Type": "application/timestamp-query"}
_MISSING = "the package rfc3161-client is not installed: pip install 'creditrisk[host]'"


@dataclass(frozen=True)
class Stamped:
    """A head that an authority signed for, and when; `fault`: why the token proves nothing.

    `until`: its signer's certificate ends. Who gets hold of the key after that can sign for any
    time before, so an older token needs a newer one over it: every head holds those before.
    """

    count: int
    at: datetime | None = None
    until: datetime | None = None
    fault: str = ""


def stamp_month(trail: Trail) -> str:
    """Stamp the head where an authority is named; why it could not be, else an empty text."""
    url = os.environ.get(URL, "")
    try:
        if url:
            stamp(trail, url)
    except UserError as error:
        return str(error)
    return ""


def stamp(trail: Trail, url: str) -> str:
    """Have the head signed, once; the key of the token. A `UserError` says why there is none."""
    head = trail.witness()
    if not head:
        raise UserError(f"{trail.store.uri} holds no record to be stamped")
    key = layout.audit_stamp(int(head.partition(":")[0]))
    if trail.store.tag(key) is None:
        with suppress(ConflictError):  # another stamped the same head meanwhile
            trail.store.create(key, _answer(url, head.encode()))
    return key


def stamped(trail: Trail, authorities: Path) -> Iterator[Stamped]:
    """Every token, oldest head first, held against the trail and the authorities' certificates.

    `authorities`: a file of certificates (PEM), roots and what stands between.
    """
    verifier = _verifier(authorities)
    for key, data in trail.read(layout.AUDIT_STAMPS):
        count = layout.stamped_count(key)
        try:
            [record] = trail.numbered([count])
            answer = _verified(verifier, data, f"{count}:{record.sha256}".encode())
            yield Stamped(count, answer.tst_info.gen_time, _signer(answer).not_valid_after_utc)
        except UserError as error:
            yield Stamped(count, fault=f"{key}: {error}")


def _answer(url: str, head: bytes) -> bytes:
    """What the authority answers for a head: granted, and for what was asked."""
    rfc3161 = _library()
    build = rfc3161.TimestampRequestBuilder(head, rfc3161.HashAlgorithm.SHA256)
    asked = build.build()
    data = _post(url, asked.as_bytes())
    answer = _decoded(data)
    if answer.status != rfc3161.PKIStatus.GRANTED:
        why = printable("; ".join(answer.status_string)) or f"status {answer.status}"
        raise UserError(f"{url} grants no timestamp: {why}")
    given, wanted = answer.tst_info, asked.message_imprint.message
    if (given.message_imprint.message, given.nonce) != (wanted, asked.nonce):
        raise UserError(f"{url} answered with a timestamp of something else")
    _signer(answer)
    return data


def _post(url: str, body: bytes) -> bytes:
    import urllib3  # noqa: PLC0415 - whoever stamps nothing waits for none

    wait = urllib3.Timeout(_SECONDS)
    try:
        with urllib3.PoolManager(timeout=wait, retries=urllib3.Retry(2, redirect=0)) as pool:
            answer = pool.request("POST", url, body=body, headers=_TYPE, preload_content=False)
            data = answer.read(_LARGEST + 1)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise UserError(f"{url} does not answer: {brief_words(error)}") from None
    if answer.status != 200 or len(data) > _LARGEST:
        raise UserError(f"{url} answers {answer.status} with {len(data)} bytes, and no timestamp")
    return data


def _decoded(data: bytes) -> "TimeStampResponse":
    with _parsed():
        answer = _library().decode_timestamp_response(data)
        answer.tst_info.gen_time  # noqa: B018 - what is parsed late fails here
    return answer


@contextmanager
def _parsed() -> Iterator[None]:
    """What a damaged token has the libraries raise is a `UserError` in a few words."""
    from cryptography.x509 import InvalidVersion  # noqa: PLC0415 - as above

    try:
        yield
    except (InvalidVersion, KeyError, ValueError) as error:
        raise UserError(f"no timestamp: {brief_words(error)}") from None


def _signer(answer: "TimeStampResponse") -> "Certificate":
    """The certificate of who signed, of those in the answer.

    A `UserError` where there is none, or where it did not count when it signed.
    """
    from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - as above

    with _parsed():
        signed = {(one.issuer, one.serial_number) for one in answer.signed_data.signer_infos}
        known = map(load_der_x509_certificate, answer.signed_data.certificates)
        signer = next((one for one in known if (one.issuer, one.serial_number) in signed), None)
    if signer is None:
        raise UserError("a timestamp without the certificate of who signed it")
    at, start, end = (
        answer.tst_info.gen_time,
        signer.not_valid_before_utc,
        signer.not_valid_after_utc,
    )
    if not start <= at <= end:
        why = "was not valid yet" if at < start else "had expired"
        raise UserError(
            f"signed on {_minute(at)} by a certificate that {why}: it is valid from"
            f" {_minute(start)} to {_minute(end)}, and proves nothing outside"
        )
    return signer


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _verifier(authorities: Path) -> "Verifier":
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - as above

    build = _library().VerifierBuilder()
    try:
        for one in load_pem_x509_certificates(authorities.read_bytes()):
            root = one.issuer == one.subject
            build = (build.add_root_certificate if root else build.add_intermediate_certificate)(
                one
            )
        return build.build()
    except ValueError as error:
        raise UserError(f"{authorities} names no authority: {brief_words(error)}") from None


def _verified(verifier: "Verifier", data: bytes, head: bytes) -> "TimeStampResponse":
    from rfc3161_client import VerificationError  # noqa: PLC0415 - as above

    answer = _decoded(data)
    _signer(answer)
    try:
        verifier.verify_message(answer, head)
    except VerificationError as error:
        at = _minute(answer.tst_info.gen_time)
        why = brief_words(error, 100)
        raise UserError(f"its timestamp of {at} is not of {head.decode()}: {why}") from None
    return answer


def _library() -> Any:  # noqa: ANN401 - it is not installed everywhere
    try:
        import rfc3161_client  # noqa: PLC0415 - only where somebody stamps or verifies
    except ImportError:
        raise UserError(_MISSING) from None
    return rfc3161_client
