"""Places that a command is given, looked at before anything starts.

Each is one line where it will not do: what is wrong with which place, and the next move.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from creditrisk.errors import UserError

if TYPE_CHECKING:
    from creditrisk.storage import Store


def store_there(uri: str) -> "Store":
    """The store a command looks into, or acts on: nothing is made where there is none."""
    from creditrisk.records.format import open_store, there

    return there(open_store(uri or None))


def deliveries(data: str) -> "Store":
    """A folder or bucket of delivered files; only a cluster knows one by itself."""
    from creditrisk.storage import open_store

    if not data:
        raise UserError("--data is missing: the folder of delivered files")
    landing = open_store(data)
    if not landing.exists():
        raise UserError(f"{landing.uri} is no folder; name the one with the delivered files")
    if next(iter(landing.keys()), None) is None:
        raise UserError(f"{landing.uri} holds no file; name the folder with the delivered files")
    return landing


def unwritable(store: "Store") -> str:
    """Why a folder takes no file, if that can be seen; a bucket is only known by writing to it."""
    from creditrisk.storage.location import in_bucket, local_path

    return "" if in_bucket(store.uri) else _cannot_hold(local_path(store.uri))


def to_fill(store: "Store") -> "Store":
    """A store that a command is going to write, there or not."""
    if fault := unwritable(store):
        raise UserError(f"{fault}; name a place that can be written")
    return store


def folder_to_fill(folder: Path) -> Path:
    """A folder that a command is going to write, there or not."""
    if fault := _cannot_hold(folder.absolute()):
        raise UserError(f"{fault}; name a folder that can be written")
    return folder


def file_to_write(path: Path) -> Path:
    """A file that a command is going to write; its folder is made when it is written."""
    if path.is_dir():
        raise UserError(f"{path} is a folder; name a file in it")
    if fault := _cannot_hold(path.absolute().parent):
        raise UserError(f"{fault}; name a file in a folder that can be written")
    return path


def folder_there(text: str | Path) -> Path:
    """A folder of this machine that a command is going to read."""
    from creditrisk.storage.location import local_path

    folder = local_path(str(text))
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder; name one that is there")
    return folder


def nearest(place: Path) -> Path:
    """The folder, or the one above it in which it would be made."""
    return next(folder for folder in (place, *place.parents) if folder.exists())


def _cannot_hold(place: Path) -> str:
    above = nearest(place)
    if above.is_dir() and os.access(above, os.W_OK):
        return ""
    within = "" if above == place else f"{place}: "
    return f"{within}{above} is {'not writable' if above.is_dir() else 'no folder'}"
