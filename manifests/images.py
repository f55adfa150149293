"""The images of `build/images.json`, as others want them: `python manifests/images.py FORM [FILE]`.

values: options for Helm; names: one a line, MinIO's too.
"""

import json
import sys
from pathlib import Path

BUILT = Path(__file__).parents[1] / "build/images.json"
MINIO = "creditrisk-minio:0.1.0"


def main(form: str, built: str = str(BUILT)) -> int:
    """Exit code 2 where images are to be loaded and none were built."""
    if not Path(built).is_file():
        print(f"{built} is not there (make images writes it)", file=sys.stderr)
        return 2 if form == "names" else 0  # the values may name images of a registry
    images = json.loads(Path(built).read_text("utf-8"))
    if form == "names":
        print(*images.values(), MINIO, sep="\n")
    if form == "values":
        for image, reference in images.items():
            name, _, tag = reference.rpartition(":")
            # as strings: twelve digits of a hash may be a number
            print(f"--set-string=images.{image}.name={name}", end=" ")
            print(f"--set-string=images.{image}.tag={tag}", end=" ")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
