"""Validate the policy and compile every pipeline: `python compile.py [--out build/pipelines]`."""

import argparse
import json
import os
import sys
from pathlib import Path

from creditrisk.errors import UserError
from creditrisk.policy import load_policy
from creditrisk.portfolio import load_portfolio


def main() -> int:
    """Exit code 2, one line and no file where policy, portfolio or a pipeline is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/pipelines"))
    parser.add_argument("--policy", type=Path, help="default: the one in the package")
    parser.add_argument("--portfolio", type=Path, help="default: the one in the package")
    parser.add_argument("--images", type=Path, help="what `make images` wrote: compile for these")
    options = parser.parse_args()
    if options.images:
        _use(options.images)
    from pipelines.compilation import compile_all  # noqa: PLC0415 - importing reads the images

    try:
        policy, portfolio = load_policy(options.policy), load_portfolio(options.portfolio)
        for path in compile_all(options.out):
            sys.stdout.write(f"{path}\n")
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"policy {policy.sha[:12]}, portfolio {portfolio.name} {portfolio.sha[:12]}\n")
    return 0


def _use(images: Path) -> None:
    for target, name in json.loads(images.read_text("utf-8")).items():
        os.environ[f"CREDITRISK_{target.upper()}_IMAGE"] = name


if __name__ == "__main__":
    sys.exit(main())
