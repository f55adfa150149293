"""Put delivered files into the landing of the environment: `python manifests/deliver.py [DIR]`.

Without a folder: simulated deliveries of `creditrisk demo`, 22 months from 2024-01 on.
"""

import os
import sys
import tempfile
from datetime import date
from pathlib import Path

from creditrisk.errors import UserError
from creditrisk.storage import Store, open_store
from creditrisk.synthetic.delivery import deliver
from creditrisk.synthetic.scenario import demo_scenario


def copy(folder: Path, landing: Store) -> int:
    """Copy every file under its path in the folder; a file that is there already is replaced."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    for path in paths:
        landing.write(path.relative_to(folder).as_posix(), path.read_bytes())
    return len(paths)


def main(arguments: list[str]) -> int:
    try:
        landing = open_store(os.environ["CREDITRISK_LANDING"])
        if arguments:
            count = copy(Path(arguments[0]), landing)
        else:
            with tempfile.TemporaryDirectory() as folder:
                deliver(demo_scenario(), date(2024, 1, 1), 22, 1, Path(folder))
                count = copy(Path(folder), landing)
    except UserError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{count} files in {landing.uri}")
    return 0 if count else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
