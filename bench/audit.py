"""What `creditrisk audit verify` costs on a long trail: seconds and memory of a process of its own.

`make bench-audit` writes build/bench/audit.json.
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, process_time

from creditrisk.records.audit import Trail
from creditrisk.records.audit_record import GENESIS, Record
from creditrisk.records.trail_check import verify
from creditrisk.storage.file import FileStore

OUT = Path("build/bench/audit.json")
FOLDERS = ("records", "anchors")


def lay(root: Path, records: int) -> None:
    """Write a whole trail as appending would leave it, but for the index, which verify ignores."""
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    previous = GENESIS
    for number in range(1, records + 1):
        body = {"as_of": "2024-09-01", "decision": "keep", "reasons": ["all three axes are green"]}
        at, id = "2024-09-02T08:00:00+00:00", f"{number}"
        record = Record(number, previous, "decided", "pipeline", at, id, body)
        previous = record.sha256
        (root / f"records/{number:010d}.json").write_bytes(record.data())
        anchor = json.dumps({"count": number, "sha256": previous})
        (root / f"anchors/{number:010d}.json").write_text(anchor)


def measured(root: Path) -> dict[str, float | int]:
    """Verify in a fresh process, so that its memory is its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.audit", "--verify", str(root)],
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


def verified(root: Path) -> dict[str, object]:
    """What verifying found and cost, in this process."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, cpu = monotonic(), process_time()
    faults = verify(Trail(FileStore(root)))
    seconds, cpu = monotonic() - start, process_time() - cpu
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = {"faults": faults, "seconds": round(seconds, 1), "cpu_seconds": round(cpu, 1)}
    return found | {"peak_mb": after // 1024, "before_mb": before // 1024}


def main() -> None:
    """Lay a trail, verify it, flip a byte in its middle, verify again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--verify", type=Path)
    arguments = parser.parse_args()
    if arguments.verify:
        print(json.dumps(verified(arguments.verify)))
        return
    with TemporaryDirectory() as folder:
        root, middle = Path(folder), arguments.records // 2
        lay(root, arguments.records)
        whole = measured(root)
        path = root / f"records/{middle:010d}.json"
        path.write_bytes(path.read_bytes().replace(b"keep", b"kept"))
        found = {"records": arguments.records, "whole": whole, "one_changed": measured(root)}
        OUT.parent.mkdir(parents=True, exist_ok=True)
        OUT.write_text(json.dumps(found, indent=1))
        print(json.dumps(found, indent=1), flush=True)


if __name__ == "__main__":
    main()
