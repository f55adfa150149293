"""What an S3 server, or the line to it, answers in place of an object: one line each."""

import socket
import ssl

from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError, SSLError

from creditrisk.storage.connection import Connection

Fault = MinioException | ValueError | SyntaxError  # of the server; of XML that is none
ABSENT = ("NoSuchKey", "NoSuchObject")
OVERTAKEN = (*ABSENT, "PreconditionFailed", "ConditionalRequestConflict")
_KEYS = "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do"
_TOKEN = "temporary keys end: get new ones, and AWS_SESSION_TOKEN with them"  # noqa: S105 - words
_CLOCK = "set the clock of this machine"
_ROOM = "make room there, or raise its quota"
_BUSY = "run it again later"
_MOVES = {
    **dict.fromkeys(("AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch"), _KEYS),
    **dict.fromkeys(("AllAccessDisabled", "AccountProblem", "InvalidSecurity"), _KEYS),
    **dict.fromkeys(("ExpiredToken", "InvalidTokenId", "InvalidToken"), _TOKEN),
    **dict.fromkeys(("TokenRefreshRequired", "InvalidClientTokenId"), _TOKEN),
    **dict.fromkeys(("RequestTimeTooSkewed", "RequestExpired"), _CLOCK),
    **dict.fromkeys(("XMinioStorageFull", "QuotaExceeded"), _ROOM),
    **dict.fromkeys(("XMinioAdminBucketQuotaExceeded", "InsufficientStorage"), _ROOM),
    **dict.fromkeys(("SlowDown", "ServiceUnavailable", "TooManyRequests"), _BUSY),
    **dict.fromkeys(("SlowDownRead", "SlowDownWrite", "InternalError"), _BUSY),
    **dict.fromkeys(("ServerNotInitialized", "XMinioServerNotInitialized"), _BUSY),
    "NotImplemented": "use a server that honours If-Match and If-None-Match on PUT",
}
_ELSEWHERE = ("PermanentRedirect", "TemporaryRedirect", "Redirect", "AuthorizationHeaderMalformed")
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNKNOWN_PROTOCOL")
_LONG = 200  # characters of a server's words: it may send a page


def explained(error: Fault, server: Connection) -> str:
    """The server's own words, and what to do about it."""
    if not isinstance(error, S3Error):
        text = _short(str(error))
        return f"{server.host} does not answer as S3 does ({text}); is AWS_ENDPOINT_URL right?"
    code, message = error.code or "no code", _short(error.message or "")
    move, did = _MOVES.get(code, ""), "refused"
    if move in (_KEYS, _TOKEN):
        did = "refused the keys"
    if code in _ELSEWHERE:
        did = f"has it in another region than {server.region}"
        home = error.response.headers.get("x-amz-bucket-region", "")
        move = f"set AWS_REGION to {home}" if home else "check AWS_REGION and AWS_ENDPOINT_URL"
    text = f"{server.host} {did} ({f'{code}: {message}' if message else code})"
    return f"{text}; {move}" if move else text


def broken(error: HTTPError, server: Connection) -> str:
    """Why no answer came."""
    if fault := tls_fault(error):
        found = getattr(fault, "verify_message", "")
        if found:
            move = "name its authority in AWS_CA_BUNDLE, a PEM file"
            return f"the certificate of {server.host} is not trusted ({found}); {move}"
        return f"{server.host} speaks no TLS; write AWS_ENDPOINT_URL with http://"
    if not server.secure and _speaks_tls(server.host):
        return f"{server.host} speaks TLS; write AWS_ENDPOINT_URL with https://"
    return f"{server.host} does not answer; is it up, is AWS_ENDPOINT_URL right?"


def tls_fault(error: BaseException | None) -> ssl.SSLError | None:
    """The handshake that no second attempt mends, if that is what went wrong."""
    reason = getattr(error, "reason", None)
    if isinstance(reason, HTTPError):  # the last of several attempts
        return tls_fault(reason)
    fault = error.args[0] if isinstance(error, SSLError) and error.args else None
    if isinstance(fault, ssl.SSLCertVerificationError):
        return fault
    if isinstance(fault, ssl.SSLError) and fault.reason in _NO_TLS:
        return fault
    return None


def _speaks_tls(host: str) -> bool:
    name, _, port = host.rpartition(":") if ":" in host else (host, "", "80")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent
    try:
        with (
            socket.create_connection((name.strip("[]"), int(port)), timeout=2) as line,
            context.wrap_socket(line),
        ):
            return True
    except OSError:
        return False


def _short(text: str) -> str:
    return " ".join(text.split())[:_LONG]
