"""The recurring run: `schedule apply`, `list`, `pause`, `resume`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from creditrisk.cli import options
from creditrisk.cli.app import answer, console, group
from creditrisk.cli.headed_table import headed_table
from creditrisk.errors import UserError

if TYPE_CHECKING:
    from pipelines.remote.recurring import Schedule

schedule_app = group("schedule")


@schedule_app.command("apply")
def schedule_apply(
    cron: Annotated[
        str, typer.Option("--cron", help="Six fields: second minute hour day month weekday.")
    ],
    catch_up: Annotated[
        bool | None,
        typer.Option("--catchup/--no-catchup", help="Replay every missed month, or the newest."),
    ] = None,
    data: Annotated[
        str,
        typer.Option("--data", help="Deliveries as the pods see them; default: the ConfigMap's."),
    ] = "",
    version: options.Version = "",
    package_dir: options.PackageDir = None,
    paused: Annotated[bool, typer.Option("--paused", help="Leave it disabled.")] = False,
    keep_state: Annotated[
        bool, typer.Option("--keep-state", help="--paused or not is for the first one only.")
    ] = False,
    renew: Annotated[
        bool, typer.Option("--renew", help="Make it anew, e.g. after an upgrade of Kubeflow.")
    ] = False,
    host: options.Host = "",
    namespace: options.Namespace = "",
    as_json: options.Json = False,
) -> None:
    """Make this the one schedule: it is created disabled, the old one retired, then enabled."""
    from pipelines.installation import named
    from pipelines.remote.api import Api
    from pipelines.remote.cron_syntax import month_depends_on_zone, monthly
    from pipelines.remote.deploy import find_version
    from pipelines.remote.packages import MONTHLY, packages
    from pipelines.remote.schedule import Declared, apply

    fields = monthly(cron)
    if catch_up is None:
        raise UserError(
            "say what happens to months missed while the schedule was paused or the cluster"
            " down: --catchup runs each of them, --no-catchup the newest alone"
        )
    api = Api.at(host, namespace)
    if not version:
        with packages(package_dir) as found:
            version = next(p.version for p in found if p.pipeline == named(MONTHLY))
    declared = Declared(
        version=find_version(api, named(MONTHLY), version),
        cron=fields,
        catch_up=catch_up,
        parameters={"landing": data} if data else {},
        account=api.endpoint.account,
    )
    say: Callable[[str], None] = (lambda _: None) if as_json else console.print
    if api.namespace and month_depends_on_zone(fields):
        say(
            f"'{fields}' is another month in other zones: unless the controller's clock is UTC,"
            " set CREDITRISK_CRON_TIMEZONE to its zone in ConfigMap creditrisk-env"
        )
    _show([apply(api, declared, paused, renew, say, keep_state)], as_json)


@schedule_app.command("list")
def schedule_list(
    host: options.Host = "", namespace: options.Namespace = "", as_json: options.Json = False
) -> None:
    """List every recurring run of the monthly life cycle, whoever made it."""
    from pipelines.remote.api import Api
    from pipelines.remote.recurring import schedules

    _show(schedules(Api.at(host, namespace)), as_json)


@schedule_app.command("pause")
def schedule_pause(host: options.Host = "", namespace: options.Namespace = "") -> None:
    """Disable every schedule there is; a run that has begun goes on."""
    from pipelines.remote.api import Api
    from pipelines.remote.recurring import schedules
    from pipelines.remote.schedule import switch

    api = Api.at(host, namespace)
    active = [schedule for schedule in schedules(api) if schedule.active]
    for schedule in active:
        switch(api, schedule, on=False)
        console.print(f"{schedule.name} paused")
    if not active:
        console.print("no schedule is active")


@schedule_app.command("resume")
def schedule_resume(host: options.Host = "", namespace: options.Namespace = "") -> None:
    """Enable the one that apply made; it says what becomes of the months it missed."""
    from pipelines.remote.api import Api
    from pipelines.remote.schedule import only, switch

    api = Api.at(host, namespace)
    schedule = only(api, console.print)
    if fault := next(schedule.faults(), None):
        raise UserError(f"{schedule.name}: {fault}; run creditrisk schedule apply")
    switch(api, schedule, on=True)
    missed = "each missed month runs now, in order" if schedule.catch_up else "of missed months"
    console.print(
        f"{schedule.name} active; {missed}{'' if schedule.catch_up else ' the newest runs now'}"
    )


@schedule_app.command("remove")
def schedule_remove(host: options.Host = "", namespace: options.Namespace = "") -> None:
    """Disable and delete what apply made; a run that has begun goes on."""
    from pipelines.remote.api import Api
    from pipelines.remote.schedule import remove

    if not remove(Api.at(host, namespace), console.print):
        console.print("there is no schedule of ours")


def _show(found: "list[Schedule]", as_json: bool) -> None:
    if as_json:
        answer(found)
        return
    headings = ("schedule", "state", "cron", "missed months", "data", "wrong")
    table = headed_table(*headings)
    for schedule in found:
        table.add_row(
            schedule.name,
            "active" if schedule.active else "paused",
            schedule.cron,
            "each" if schedule.catch_up else "the newest",
            schedule.parameters.get("landing", ""),
            next(schedule.faults(), ""),
        )
    console.print(table)
