"""The folder of a model version: files that are checked before they are used.

Its name is made of what is in it, so equal inputs give one and the same version. `SUMS.json`
is written last: without it the version does not exist.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from creditrisk.errors import GateError, UserError
from creditrisk.json_value import json_value
from creditrisk.records import layout
from creditrisk.records.audit_record import canonical
from creditrisk.records.change_id import brief_change
from creditrisk.storage import ConflictError, Store

_DIGITS = 32  # of sixteen values each
_DIGITS_OF_0_1 = 8  # ids that release 0.1.0 gave
_BRIEF = re.compile(r"(-[0-9a-f]{8})[0-9a-f]{24}$")
_SHORTENED = re.compile(r"-[0-9a-f]{8,31}$")


def save_version(store: Store, as_of: date, kind: str, files: Mapping[str, bytes]) -> str:
    """Keep a version and return its id; the same content a second time changes nothing."""
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    version = version_id(f"{as_of:%Y-%m}-{kind}", sums)
    data = canonical(sums)
    if store.tag(layout.version(version, layout.SUMS)) is not None:
        read_files(store, version)  # it is there: whole, or the error says which file is not
        return version
    for name, content in files.items():
        store.write(layout.version(version, name), content)
    try:
        store.create(layout.version(version, layout.SUMS), data)
    except ConflictError:
        read_files(store, version)  # another writer of the same content was first
    return version


def read_files(store: Store, id: str) -> dict[str, bytes]:
    """The files of a version, each checked against its sha256, the list of sums against the id."""
    key = layout.version(id, layout.SUMS)
    try:
        sums = json_value(store.read(key))
    except KeyError:
        raise UserError(
            f"{store.uri} holds no model version '{id}'; see `creditrisk registry list`"
        ) from None
    except ValueError:
        raise _altered(key) from None
    if not isinstance(sums, dict) or not _names(id, sums):
        raise _altered(key)
    return {name: _checked(store, layout.version(id, name), sha) for name, sha in sums.items()}


def brief(id: str) -> str:
    """A version with eight digits of its hash, as people are shown it; a change of policy alike."""
    return _BRIEF.sub(r"\1", brief_change(id))


def version_called(store: Store, name: str) -> str:
    """The id of the version that somebody names by all of it or by eight digits or more.

    A name of none is returned as it is: who reads the version says so. One that begins several is a
    `UserError`, also where it is the whole name of one: eight digits can be met on purpose.
    """
    if not _SHORTENED.search(name):
        return name
    found = [id for id in list_versions(store) if id.startswith(name)]
    if len(found) > 1:
        raise UserError(f"'{name}' begins {len(found)} versions: {', '.join(found)}; say which")
    return found[0] if len(found) == 1 else name


def altered_files(store: Store, versions: Iterable[str]) -> Iterator[str]:
    """What is said of each version whose files are not what they were; the first file of each."""
    for id in versions:
        try:
            read_files(store, id)
        except GateError as error:
            yield str(error)
        except UserError:
            yield f"{layout.version(id, layout.SUMS)} is gone; restore it"


def sums_sha256(store: Store, id: str) -> str:
    """The whole digest of a version: sha256 of its list of sums; empty where it has none."""
    try:
        return hashlib.sha256(store.read(layout.version(id, layout.SUMS))).hexdigest()
    except KeyError:
        return ""


def list_versions(store: Store) -> list[str]:
    """Ids of every complete version, sorted: by month, then kind."""
    return complete_versions(store.keys(layout.VERSIONS))


def complete_versions(keys: Iterable[str]) -> list[str]:
    """The same by keys of the registry."""
    return sorted(layout.version_of(key) for key in keys if key.endswith(f"/{layout.SUMS}"))


def version_id(prefix: str, sums: Mapping[str, str]) -> str:
    """Month and kind, then the first 128 bits of the hash over names and sums."""
    return f"{prefix}-{hashlib.sha256(canonical(sums)).hexdigest()[:_DIGITS]}"


def _names(id: str, sums: Mapping[str, str]) -> bool:
    """Whether an id is that of files with these sums."""
    prefix, _, digits = id.rpartition("-")
    whole = version_id(prefix, sums)
    return id == whole or (len(digits) == _DIGITS_OF_0_1 and whole.startswith(id))


def _checked(store: Store, key: str, sha256: str) -> bytes:
    try:
        data = store.read(key)
    except KeyError:
        raise GateError(f"{key} is gone from {store.uri}; restore it or roll back") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise _altered(key)
    return data


def _altered(key: str) -> GateError:
    return GateError(f"{key} was altered after the version was made; restore it or roll back")
