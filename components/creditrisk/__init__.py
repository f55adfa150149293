"""The monthly life cycle of a credit-risk model.

`creditrisk.open(store)` reads a store from Python: docs/python.md.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from creditrisk.store_view import StoreView

# Before NumPy is loaded. Our matrices are small: threads of BLAS wait for one another, which took
# 13 CPU seconds where one thread took one. Who has larger ones sets the variable.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def open(store: "str | os.PathLike[str] | None" = None) -> "StoreView":
    """Look into a store, read-only: its path or URL; None: as `CREDITRISK_STORE` says.

    A place that holds no store, or one of a newer format, is a `creditrisk.errors.UserError`.
    """
    from creditrisk.store_view import look_into  # noqa: PLC0415 - `import creditrisk` costs nothing

    return look_into(None if store is None else os.fspath(store))
