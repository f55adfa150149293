"""What among deliveries is no delivered file: links to other places, pipes, devices.

Whoever may put files into the folder could make us read any file that this account may read.
"""

from collections.abc import Iterable

from creditrisk.errors import UserError
from creditrisk.portfolio.file_name import before_parts
from creditrisk.storage import Store
from creditrisk.storage.file import FileStore


def refuse_no_files(landing: Store, table: str, keys: Iterable[str]) -> None:
    """`UserError` where a file of a table, or its folder, is a link out of the landing folder.

    A pipe would be waited for, and a device read for ever.
    """
    if not isinstance(landing, FileStore):  # a bucket has none
        return
    begins = before_parts(table)
    folder = table if begins == table else begins.rpartition("/")[0]
    root = landing.root.resolve()
    for key in (folder, *keys):
        path = landing.root / key
        if key and path.is_symlink() and not path.resolve().is_relative_to(root):
            raise UserError(
                f"{key} is a link that leads out of {landing.uri}; deliver what it leads to"
            )
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise UserError(f"{key} is a pipe, a socket or a device; deliver a file")
