"""Is this environment fit to run a month: `doctor`."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from creditrisk.check_result import CheckResult
from creditrisk.cli import options
from creditrisk.cli.app import answer, app, console, sound_policy, styled
from creditrisk.cli.places import nearest, unwritable
from creditrisk.errors import UserError, system_refusals
from creditrisk.period import code_version, refuse_mismatch
from creditrisk.portfolio import Portfolio, load_portfolio
from creditrisk.portfolio.pii_key import read_pii_key
from creditrisk.records import layout
from creditrisk.records.format import open_store
from creditrisk.records.identity import account
from creditrisk.records.store_check import check_store
from creditrisk.storage import open_audit_store
from creditrisk.storage.location import in_bucket, local_path
from creditrisk.storage.probe import probe

_STYLES = {"ok": "green", "warn": "yellow", "fail": "red"}
_SPACE_GB = 5  # Spark's temporary files of a reference month, several times over
_ABSENT = "not in this image"


@app.command()
def doctor(
    remote: options.Remote = False,
    store: options.Store = "",
    policy: options.Policy = None,
    portfolio: options.Portfolio = None,
    host: options.Host = "",
    namespace: options.Namespace = "",
    release: Annotated[
        Path | None,
        typer.Option("--release", help="Before it is applied: what helm template printed."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Check what a month needs, here or with --remote on the cluster.

    Exit code 1 if something is missing.
    """
    rules = _in_force(policy, "CREDITRISK_POLICY")
    described = _in_force(portfolio, "CREDITRISK_PORTFOLIO")
    if remote or release:
        found = list(_cluster(host, namespace, release))
    else:
        found = list(_here(store, rules, described))
    if as_json:
        answer(found)
    else:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=False)
        for result in found:
            mark = styled(result.state, _STYLES[result.state])
            table.add_row(mark, result.name, result.says)
            if result.move:
                table.add_row("", "", styled(f"-> {result.move}", "dim"))
        console.print(table)
    if any(result.state == "fail" for result in found):
        raise typer.Exit(1)


def _here(store: str, policy: Path | None, portfolio: Path | None) -> Iterator[CheckResult]:
    """One result per part of this machine or image."""
    uri = store or os.environ.get("CREDITRISK_STORE") or "store"
    checks: dict[str, Callable[[], CheckResult]] = {
        "Python": _python,
        "account": _account,
        "Java": _java,
        "settings": _settings,
        "Spark's jars": lambda: _jars(uri),
        "policy": lambda: _rules(policy, portfolio),
        "PII key": lambda: _pii(load_portfolio(portfolio)),
        "store": lambda: _store(store),
        "audit trail": lambda: _audit(store),
        "disk": _disk,
    }
    for name, check in checks.items():
        try:
            with system_refusals():
                found = check()
            yield found
        except UserError as error:
            yield CheckResult(name, "fail", str(error))
        except ImportError as error:
            yield CheckResult(name, "ok", f"{_ABSENT}: {error.name}")


def _cluster(host: str, namespace: str, release: Path | None) -> Iterator[CheckResult]:
    from pipelines.remote.doctor import before, examine

    yield from before(release) if release else examine(host, namespace)


def _python() -> CheckResult:
    running = ".".join(map(str, sys.version_info[:3]))
    says = f"{running}, creditrisk {code_version()}"
    if (3, 11) <= sys.version_info < (3, 15):
        return CheckResult("Python", "ok", says)
    return CheckResult("Python", "fail", says, "3.11 to 3.14: catboost has no wheel for others")


def _account() -> CheckResult:
    name = account()
    if name.startswith("uid "):
        move = "acts go on record under that number; give the account a name"
        return CheckResult("account", "warn", f"{name}, which this machine has no name for", move)
    return CheckResult("account", "ok", name)


def _java() -> CheckResult:
    if find_spec("pyspark") is None:
        return CheckResult("Java", "ok", f"{_ABSENT}, and no Spark to need it")
    from creditrisk.stages.etl.java import find_java, starts_spark

    home, text = find_java(), os.environ.get("JAVA_HOME")
    if home is None:
        move = "apt install openjdk-17-jre-headless, or make jars fetches one"
        return CheckResult("Java", "fail", "none of version 17 or newer that starts Spark", move)
    if text and not starts_spark(Path(text)):
        says = f"{home}; JAVA_HOME {text} holds none of version 17 or newer"
        return CheckResult("Java", "warn", says, "set JAVA_HOME to one, or unset it")
    return CheckResult("Java", "ok", f"{home}")


def _settings() -> CheckResult:
    from creditrisk.stages.etl.java import foreign

    ignored = ", ".join(foreign(os.environ))
    says = f"{ignored}: for another Spark or Java, not followed" if ignored else "no foreign ones"
    return CheckResult("settings", "ok", says)


def _jars(uri: str) -> CheckResult:
    name = "Spark's jars"
    if find_spec("pyspark") is None or not in_bucket(uri):
        return CheckResult(name, "ok", f"not needed for {uri}" if find_spec("pyspark") else _ABSENT)
    from creditrisk.stages.etl.jars import find_jars

    return CheckResult(name, "ok", f"{len(find_jars())} in {find_jars()[0].parent}")


def _rules(policy: Path | None, portfolio: Path | None) -> CheckResult:
    read, described = sound_policy(policy), load_portfolio(portfolio)
    refuse_mismatch(read, described)
    says = f"{read.sha[:12]}, portfolio {described.name} {described.sha[:12]}"
    return CheckResult("policy", "ok", says)


def _pii(described: Portfolio) -> CheckResult:
    columns = [
        (f"{source}.{name}", column.role)
        for source, spec in described.sources.items()
        for name, column in spec.columns.items()
        if column.pii
    ]
    if read_pii_key():
        return CheckResult("PII key", "ok", "set")
    if not columns:
        return CheckResult("PII key", "ok", f"portfolio {described.name} has no PII")
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        return CheckResult("PII key", "ok", "in a cluster only the ETL has it, and looks at it")
    named = ", ".join(name for name, _ in columns)
    if any(role for _, role in columns):
        return CheckResult(
            "PII key", "fail", f"rows are known by {named}", "set CREDITRISK_PII_KEY"
        )
    says = f"not set: {named} become null in silver"
    return CheckResult(
        "PII key", "warn", says, "set CREDITRISK_PII_KEY to keep them as keyed hashes"
    )


def _store(store: str) -> CheckResult:
    opened = open_store(store or None)
    if opened.exists():
        return probe(opened)
    if fault := unwritable(opened):
        return CheckResult("store", "fail", fault, "name a place that can be written")
    return CheckResult("store", "warn", f"{opened.uri} is not there yet", "the first run makes it")


def _audit(store: str) -> CheckResult:
    opened = open_store(store or None)
    kept, found = open_audit_store(opened), check_store(opened)
    if found.faults:
        move = "creditrisk audit verify; restore what was changed from a backup"
        return CheckResult("audit trail", "fail", found.faults[0], move)
    if fault := unwritable(kept):
        return CheckResult("audit trail", "fail", fault, "set CREDITRISK_AUDIT_STORE")
    says = f"{kept.uri}: {found.count:,} records, whole"
    if not in_bucket(kept.uri):
        return CheckResult("audit trail", "ok", says)
    if kept.versions(layout.AUDIT_ANCHORS) is None:
        says += "; without versions, so that what is overwritten is not seen"
        move = "turn versioning on there, or let this key list versions: run the bootstrap again"
        return CheckResult("audit trail", "warn", says, move)
    says += "; this server does not refuse that a record is written over, its versions show it"
    return CheckResult("audit trail", "ok", says)


def _disk() -> CheckResult:
    places = [p for p in os.environ.get("SPARK_LOCAL_DIRS", "").split(",") if p.strip()]
    place = nearest(Path((places or [tempfile.gettempdir()])[0]).absolute())
    free = shutil.disk_usage(place).free / 1e9
    if not os.access(place, os.W_OK):
        return CheckResult("disk", "fail", f"{place} cannot be written", "set SPARK_LOCAL_DIRS")
    says = f"{free:,.0f} GB free in {place}, where Spark spills"
    if free < _SPACE_GB:
        return CheckResult("disk", "warn", says, "free some, or set SPARK_LOCAL_DIRS")
    return CheckResult("disk", "ok", says)


def _in_force(given: Path | None, name: str) -> Path | None:
    """The file a run here would read: the option's, else the one the environment names."""
    text = os.environ.get(name)
    return given or (local_path(text) if text else None)
