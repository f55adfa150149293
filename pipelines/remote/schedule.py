"""The one recurring run: declared, and the server made to agree.

Recurring runs cannot be changed, so a new one is made disabled, every other is disabled and
deleted, and only then the new one is enabled. A crash in between leaves one active or none,
and the next `apply` finishes. Two that apply at once cannot both stay active: each lists the
others after its own exists, and what is deleted cannot be enabled.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from creditrisk.errors import UserError
from pipelines.installation import named
from pipelines.remote.api import Api, RefusedError
from pipelines.remote.deploy import Version
from pipelines.remote.packages import MONTHLY
from pipelines.remote.recurring import Schedule, name_of, schedules
from pipelines.remote.submit import experiment


@dataclass(frozen=True)
class Declared:
    """A schedule as it should be; `catch_up`: missed months are replayed one by one."""

    version: Version
    cron: str
    catch_up: bool
    parameters: dict[str, str]
    account: str

    @property
    def name(self) -> str:
        """The same declaration, the same name."""
        body = [self.version.pipeline_id, self.version.id, self.cron, self.catch_up]
        text = json.dumps([*body, self.parameters, self.account], sort_keys=True)
        return name_of(hashlib.sha256(text.encode()).hexdigest())


def apply(
    api: Api,
    declared: Declared,
    paused: bool,
    renew: bool,
    say: Callable[[str], None],
    keep_state: bool = False,
) -> Schedule:
    """Make the declared schedule the only one and, unless `paused`, active.

    With `keep_state` one of ours that is there decides: active stays active, paused stays paused.
    """
    api.require_known()
    before = schedules(api)
    paused = _paused(before, paused, keep_state, say)
    kept = None if renew else _same(before, declared.name)
    if kept is None:
        kept = _create(api, declared, {schedule.id for schedule in before})
        say(f"{kept.name} created, disabled")
    for other in schedules(api):
        if other.id != kept.id:
            _retire(api, other, say)
    switch(api, kept, on=not paused)
    after = schedules(api)
    active = [schedule.id for schedule in after if schedule.active]
    if active != ([] if paused else [kept.id]):
        names = [schedule.name for schedule in after if schedule.active]
        raise UserError(
            f"active now: {', '.join(names) or 'none'}; someone else changes the schedule at this"
            " moment: run creditrisk schedule apply again"
        )
    return _by_id(after, kept.id)


def remove(api: Api, say: Callable[[str], None]) -> int:
    """Retire every schedule that `apply` made; how many there were."""
    own = [schedule for schedule in schedules(api) if schedule.ours]
    for schedule in own:
        _retire(api, schedule, say)
    return len(own)


def only(api: Api, say: Callable[[str], None]) -> Schedule:
    """The one that `apply` made; none or several are a `UserError`.

    So is another that is active. One that is paused is somebody else's business, and is named.
    """
    found = schedules(api)
    own = [schedule for schedule in found if schedule.ours]
    others = [schedule for schedule in found if not schedule.ours]
    if len(own) != 1:
        raise UserError(
            f"{api.endpoint.host} has {len(own) or 'no'} schedules of {named(MONTHLY)} that"
            " schedule apply made; creditrisk schedule apply makes it one"
        )
    if active := [schedule.name for schedule in others if schedule.active]:
        raise UserError(
            f"{', '.join(active)} runs the same months and is active; creditrisk schedule apply"
            " disables it"
        )
    for other in others:
        say(f"{other.name} is not ours and stays paused")
    return own[0]


def switch(api: Api, schedule: Schedule, on: bool) -> None:
    """Enable or disable it; nothing happens where it is so."""
    if schedule.active == on:
        return
    act = api.client.enable_recurring_run if on else api.client.disable_recurring_run
    done = f"to {'enable' if on else 'disable'} schedule {schedule.name}"
    api.change(done, lambda: act(schedule.id) or True)


def _paused(
    before: list[Schedule], declared: bool, keep_state: bool, say: Callable[[str], None]
) -> bool:
    """Whether it will be paused; where that is a change, or is not what is declared, say so."""
    own = [schedule for schedule in before if schedule.ours]
    was = not any(schedule.active for schedule in own)
    if keep_state and own:
        if was != declared:
            say(f"{own[0].name} was {'paused' if was else 'active'} and stays so")
        return was
    if declared and not was:
        say("the schedule was active and is paused now, as declared; creditrisk schedule resume")
    return declared


def _create(api: Api, declared: Declared, before: set[str]) -> Schedule:
    group = experiment(api)

    def create() -> Any:  # noqa: ANN401 - the client ships no types
        return api.client.create_recurring_run(
            experiment_id=group,
            job_name=declared.name,
            description=f"version {declared.version.name}; creditrisk schedule apply made it",
            cron_expression=declared.cron,
            max_concurrency=1,
            no_catchup=not declared.catch_up,
            params=declared.parameters,
            # both ids: a schedule of the newest version would know no nominal time.
            # enable_caching would be dropped here; the pipeline is compiled without a cache
            pipeline_id=declared.version.pipeline_id,
            version_id=declared.version.id,
            enabled=False,
            service_account=declared.account,
        ).recurring_run_id

    def find() -> str | None:
        new = (s.id for s in schedules(api) if s.name == declared.name and s.id not in before)
        return next(new, None)

    made, _ = api.change(f"schedule {declared.name}", create, find)
    return _by_id(schedules(api), made)


def _by_id(found: list[Schedule], id: str) -> Schedule:
    for schedule in found:
        if schedule.id == id:
            return schedule
    raise UserError(
        f"schedule {id} is not there any more: someone else changes the schedule at this moment;"
        " run creditrisk schedule apply again"
    )


def _retire(api: Api, old: Schedule, say: Callable[[str], None]) -> None:
    try:
        switch(api, old, on=False)
        if old.ours:
            what = f"to delete schedule {old.name}"
            api.change(what, lambda: api.client.delete_recurring_run(old.id) or True)
    except RefusedError as error:
        if error.status != 404:  # someone else was quicker
            raise
    say(f"{old.name} {'disabled, deleted' if old.ours else 'disabled; it is not ours to delete'}")


def _same(found: list[Schedule], name: str) -> Schedule | None:
    """The active one where a crash left two."""
    same = [schedule for schedule in found if schedule.name == name]
    return max(same, key=lambda schedule: schedule.active, default=None)
