"""What a command costs that people wait for: CPU seconds, user and system, beside its budget.

The store is the run that comes with the package, the delivery a million rows of the simulator's;
the check's budget is half of the 3.0 s that it took at adec832, on two busy cores. Modules are
compiled before, as an installation leaves them.
"""

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figure import Figure
from bench.large_delivery import delivery
from creditrisk.synthetic.stored_run import unpack

COPIES = 3  # of the reference portfolio, 346,000 rows each
_GOES = 3


def figures(work: Path) -> list[Figure]:
    """Each command as somebody calls it, files and imports warm; `work` keeps the delivery."""
    large = delivery(work, COPIES)
    with TemporaryDirectory() as folder:
        store = unpack(Path(folder)).uri
        asked = (
            ("creditrisk --help", 0.3, ("--help",)),
            ("creditrisk status", 0.6, ("status", "--store", store)),
            ("creditrisk registry list", 0.8, ("registry", "list", "--store", store)),
            ("creditrisk portfolio check", 1.5, ("portfolio", "check", "--data", f"{large}")),
        )  # fmt: skip
        return [Figure(name, cpu_seconds(*words), budget) for name, budget, words in asked]


def cpu_seconds(*words: str) -> float:
    """Of a `creditrisk` command: the best of three, what else the machine does only adds."""
    with TemporaryDirectory() as compiled:
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = compiled
        _once(words, environment)  # compiles
        return min(_once(words, environment) for _ in range(_GOES))


def _once(words: tuple[str, ...], environment: dict[str, str]) -> float:
    command = [sys.executable, "-c", "from creditrisk.cli import main; main()", *words]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/bench"))
    for name, value, budget, unit in figures(parser.parse_args().work):
        print(f"{name:<44}{value:7.2f} {unit} (budget {budget})")


if __name__ == "__main__":
    main()
