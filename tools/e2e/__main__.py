"""The steps, in their order: `python -m tools.e2e [--context C] [--name N]`.

Where there is no Kubeflow, what needs it is not run, and said so. Exit code 1 where one failed.
"""

import argparse
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

from creditrisk.errors import UserError
from creditrisk.records.run import now
from tools.e2e import approval, executors, installation, months, second_release
from tools.e2e.release import Release
from tools.e2e.step import Step, run_all, table

RUNS = ("kubeflow", "doctor", "deliveries")
STEPS = (
    Step(installation.cluster),
    Step(installation.kubeflow, ("cluster",)),
    Step(installation.install, ("cluster",)),
    Step(installation.permissions, ("install",)),
    Step(installation.doctor, ("install",)),
    Step(executors.executors_work, ("install",)),
    Step(executors.executors_that_never_come, ("install",)),
    Step(months.deliveries, ("install",)),
    Step(executors.tables_by_executors, ("deliveries",)),
    Step(months.first_champion, RUNS),
    Step(months.kept_month, ("first champion",)),
    Step(months.the_same_month_twice, ("kept month",)),
    Step(second_release.two_portfolios, ("kept month",)),
    Step(installation.rollback, ("install",)),
    Step(months.killed_etl_pod, ("first champion",)),
    Step(months.blocked_month, ("first champion",)),
    Step(installation.upgrade_policy, ("install",)),
    Step(months.retrain_branch, ("first champion", "upgrade policy")),
    Step(approval.refused_to_the_run, ("retrain branch",)),
    Step(approval.approved_with_a_token, ("retrain branch",)),
    Step(installation.reinstall, ("install",)),
    Step(months.fired_schedule, ("first champion",)),
    Step(installation.clean_up, ("cluster",)),
)


def main() -> int:
    """Run the steps, print the table, leave the logs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--context", default="", help="default: kubectl's current one")
    parser.add_argument("--namespace", default="kubeflow", help="where Kubeflow runs pipelines")
    parser.add_argument("--name", default="creditrisk-e2e", help="of the release it makes")
    parser.add_argument("--images", type=Path, default=Path("build/images.json"))
    parser.add_argument("--logs", type=Path, default=Path("build/e2e"))
    options = parser.parse_args()
    options.logs.mkdir(parents=True, exist_ok=True)
    try:
        release = Release(
            options.context or _current(),
            options.namespace,
            options.name,
            json.loads(options.images.read_text("utf-8")),
            date.fromisoformat(now()[:10]).replace(
                day=1
            ),  # a schedule that fires now means this month
            options.logs,
        )
    except (OSError, UserError) as error:
        print(f"{error}; make images, and load them onto the cluster", file=sys.stderr)
        return 2
    outcomes = run_all(STEPS, release)
    lines = "\n".join(table(outcomes))
    (options.logs / "table.md").write_text(f"{lines}\n", "utf-8")
    print(lines)
    return 1 if any(one.state == "FAILED" for one in outcomes) else 0


def _current() -> str:
    words = ("kubectl", "config", "current-context")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise UserError("kubectl has no current context: set KUBECONFIG, or say --context")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
