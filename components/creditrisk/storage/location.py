"""What a text that names a place means: a path as it is, or a `file:` or `s3:` URL.

A text without a scheme is a path, whatever characters are in it. Only a `~` or `~user` that begins
it is a home, as in a shell: settings that no shell reads (a .env file, a ConfigMap) hold it, too.
A folder of that name is `./~`.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from creditrisk.errors import UserError

_URL = re.compile(r"\s*(file|s3|[a-z][a-z0-9+.-]*(?=://)):(.*)", re.IGNORECASE | re.DOTALL)
_NOT_IN_URLS = re.compile(r"[#?\x00-\x1f\x7f]|^\s|\s$")
_BAD_ESCAPE = re.compile(r"%(?![0-9a-fA-F]{2})")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_NO_HOST = re.compile(r"\.\.|\.-|-\.|\.\d[^.]*$")  # Java finds no bucket in s3a://lake.2024
_USE = "use a path, file:///dir or s3://bucket/prefix"


class Bucket(NamedTuple):
    """A bucket, and the folder in it that is meant: no `/` at its ends, empty for all of it."""

    name: str
    prefix: str


def locate(text: str) -> Path | Bucket:
    """The place a text names; a `UserError` where a part of it would be dropped or misread."""
    if text.isspace():
        raise UserError(f"{text!r} is blank, and names no place; {_USE}")
    url = _URL.match(text)
    if url is None:
        return _path(text)
    scheme, rest = url[1].lower(), url[2]
    if scheme not in ("file", "s3"):
        raise UserError(f"{text!r}: scheme '{scheme}' is unknown; {_USE}")
    if fault := _NOT_IN_URLS.search(text):
        raise UserError(f"{text!r}: no URL of a place holds {fault[0]!r}; {_USE}")
    return _folder(text, rest) if scheme == "file" else _bucket(text, rest)


def in_bucket(text: str) -> bool:
    """Whether a text names a place in a bucket, else one on this machine's disk."""
    return text.lower().startswith("s3:")


def url_of(text: str) -> str:
    """The same place as a URL: no placeholder, quote or blank is left for others to find in it."""
    place = locate(text)
    return text if isinstance(place, Bucket) else place.absolute().as_uri()


def local_path(text: str) -> Path:
    """The path of a file of this machine, given as `locate` takes it."""
    place = locate(text)
    if isinstance(place, Bucket):
        raise UserError(f"{text!r} is in a bucket; name a file of this machine")
    return place


def _path(text: str) -> Path:
    expanded = os.path.expanduser(text)  # noqa: PTH111 - Path's raises where nobody has that name
    if expanded == text and text.partition("/")[0] == "~":
        raise UserError(f"{text!r}: this account has no home; write the path in full")
    try:
        named_alike = os.fsencode(expanded) == expanded.encode()
    except UnicodeEncodeError:
        named_alike = False
    if not named_alike or "\0" in expanded:  # Arrow and Java would look for another name
        raise UserError(f"{text!a}: a name that is not UTF-8; rename it, or set LC_ALL=C.UTF-8")
    return Path(expanded)


def _folder(text: str, rest: str) -> Path:
    host, slash, path = rest[2:].partition("/") if rest.startswith("//") else ("", "", rest)
    if host.lower() not in ("", "localhost"):
        raise UserError(f"{text!r} names host '{host}', not a folder of this machine; {_USE}")
    if not (slash + path).startswith("/"):
        raise UserError(f"{text!r} names no folder from the root on; {_USE}")
    if _BAD_ESCAPE.search(path):
        raise UserError(f"{text!r}: a % in a URL begins two hexadecimal digits; write %25")
    return _path(os.fsdecode(unquote_to_bytes(slash + path)))


def _bucket(text: str, rest: str) -> Bucket:
    name, _, prefix = rest.removeprefix("//").partition("/")
    prefix = prefix.strip("/")
    if not rest.startswith("//") or not name:
        raise UserError(f"{text!r} names no bucket; write s3://bucket or s3://bucket/prefix")
    if not _BUCKET.fullmatch(name) or _NO_HOST.search(name):
        name = name.rpartition("@")[2]  # what stands before it may be a key
        raise UserError(
            f"{name!r} is no name of a bucket: 3 to 63 of a-z, 0-9, '-' and '.',"
            " no part after a '.' that begins with a digit"
        )
    if prefix and {"", ".", ".."} & {*prefix.split("/")}:
        raise UserError(f"{text!r}: a prefix has no '//', '.' or '..'")
    return Bucket(name, prefix)
