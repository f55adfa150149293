"""Packs a finished demo for the package: `python -m tools.stored_run build/demo/promoted`.

What is large or names this machine stays out: tables of applicants, pages, alerts.
"""

import argparse
import tarfile
from pathlib import Path

from creditrisk.errors import UserError
from creditrisk.lake.housekeeping import DELTA_LOG
from creditrisk.records import layout
from creditrisk.synthetic.stored_run import ARCHIVE

KEPT = ("store/lake/monitoring/", "store/lake/scores/", "store/lake/gold/features/manifests/")
LEFT_OUT = ("store/lake/", f"store/{layout.ALERTS}", "store/.lock")
TARGET = Path("components/creditrisk") / ARCHIVE


def main(demo: Path) -> None:
    """Write the archive: equal stores give equal bytes."""
    if not (demo / "store" / layout.FORMAT).is_file():
        raise UserError(f"{demo} holds no finished demo; run make demo first")
    names = sorted(
        str(path.relative_to(demo))
        for folder in ("store", "store-audit")
        for path in (demo / folder).rglob("*")
        if path.is_file()
    )
    with tarfile.open(TARGET, "w:xz", preset=9, format=tarfile.USTAR_FORMAT) as archive:
        for name in filter(_kept, names):
            archive.add(demo / name, name, filter=_nobody)


def _kept(name: str) -> bool:
    if f"/{DELTA_LOG}/" in name:  # it says where the store lay when it was made
        return False
    return name.startswith(KEPT) or not (name.startswith(LEFT_OUT) or name.endswith(".html"))


def _nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o644
    return member


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("demo", type=Path, help="a folder of `make demo`, build/demo/promoted")
    main(parser.parse_args().demo)
