"""A second portfolio's release beside the first, on the same Kubeflow."""

from dataclasses import replace
from typing import Any

from tools.e2e.installation import clean_up, facts, install, schedules
from tools.e2e.months import deliveries
from tools.e2e.release import Release
from tools.e2e.step import demand

CRON = "0 30 5 4 * *"  # not the chart's


def two_portfolios(release: Release) -> str:
    """A second release beside it runs a month of its own; neither alters what is the other's"""
    other = replace(release, name=f"{release.name}-2")
    before = state(release)
    try:
        install(other)
        demand(state(release) == before, f"installing changed {before} to {state(release)}")
        deliveries(other)
        month = release.month(1)
        done = other.command("reader", "creditrisk", "run", "--remote", "--as-of", month)
        demand(done.returncode == 0, done.stdout[-300:] + done.stderr)
        found = facts(other, month)
        demand(found["run"] == "ok" and not found["champion"], f"its own month: {found}")
        named = _schedules_apart(release, other)
    finally:
        clean_up(other)
    demand(state(release) == before, f"removing it changed {before} to {state(release)}")
    return f"{other.name}: {month} ok, schedule {named}; {release.name} is as it was"


def state(release: Release) -> dict[str, Any]:
    """What of a release another could have altered: its schedules, champion and trail."""
    found = facts(release)
    return {"schedules": schedules(release)} | {key: found[key] for key in ("champion", "faults")}


def _schedules_apart(release: Release, other: Release) -> str:
    """Each alters its own, the other's stays; the name of the second one's."""
    acts = (
        (other, release, ("apply", "--cron", CRON, "--catchup")),
        (other, release, ("pause",)),
        (release, other, ("resume",)),
        (release, other, ("pause",)),
    )
    for actor, still, words in acts:
        before = schedules(still)
        done = actor.command("reader", "creditrisk", "schedule", *words)
        demand(done.returncode == 0, done.stderr)
        demand(schedules(still) == before, f"{actor.name}: {words[0]} changed {before}")
    [one] = schedules(other)
    demand(one["cron"] == CRON, f"its schedule is {one}")
    return str(one["name"])
