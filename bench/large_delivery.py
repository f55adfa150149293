"""Deliveries of any size: the simulator's reference portfolio, and copies of it.

A delivery of size n holds the simulated one n times, each copy under its own customers:
everything but the keys is the same in all copies. One file per table and month, as ever.
"""

import gzip
import re
import shutil
from datetime import date
from pathlib import Path

from creditrisk.synthetic.delivery import deliver
from creditrisk.synthetic.scenario import Scenario

START = date(2023, 1, 1)
MONTHS = 25
SEED = 1
# 500 applications a month; events reach back as far as in the reference data's average history
REFERENCE = Scenario(history_months=14, future_months=2)
_CUSTOMER = re.compile(rb"\bCUS_0x")  # loan ids begin with it, too


def delivery(root: Path, size: int) -> Path:
    """The folder of a delivery, made where it is not there yet."""
    folder = root / f"delivery-{size}x"
    done = folder / "done"
    if done.exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    if size == 1:
        deliver(REFERENCE, START, MONTHS, SEED, folder)
    else:
        single = delivery(root, 1)
        for path in sorted(single.rglob("*.csv.gz")):
            _copies(path, folder / path.relative_to(single), size)
    done.touch()
    return folder


def _copies(source: Path, target: Path, size: int) -> None:
    header, _, rows = gzip.decompress(source.read_bytes()).partition(b"\n")
    target.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(target, "wb", compresslevel=1) as file:
        file.write(header + b"\n")
        for copy in range(size):
            file.write(_CUSTOMER.sub(b"CUS_%dx" % copy, rows))
