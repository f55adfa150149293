"""Where everything of a store lies: no other module spells a key.

format.json                                what format the store has
lease.json  leases/<run>                   the run that holds the store; each that asked to
configs/ policies/ portfolios/             what was in force, by content
periods/<run>.json                         the month, config and champion a run resolved
accounts/<name>                            that a pipeline has run as this account
begun/<run>/<task>  runs/<run>/<task>.json that a task began; what it did
months/<as_of>/                            the documents and pages of a month
decisions/<as_of>/<n>.json                 decision n of a month; the newest counts
containment/<as_of>/<n>.json               what decision n holds back
escalations/E-<month>.json                 a finding that the rule opened: a person decides
alerts/<as_of>/<event>.json                what was sent to whom
registry/champion.json                     every change of champion
registry/versions/<id>/                    a version's files, its validation, its pages
registry/pending/ approvals/ retired/      requests, what was decided on them, versions retired
registry/findings/<id>/                    a validation finding: opened, closed
registry/overrides/<as_of>/<n>/            a decision overridden: given, closed
registry/lifted/<as_of>/<n>.json           a containment lifted
lake/                                      tables and their manifests, spelled in `lake`

records/ events/ anchors/ stamps/          the audit trail, in its own store
"""

from collections.abc import Iterable
from datetime import date
from urllib.parse import quote

from creditrisk.errors import GateError

FORMAT = "format.json"
LEASE = "lease.json"
CHAMPION = "registry/champion.json"
SUMS = "SUMS.json"  # last of a version's files: without it there is no such version

DECISIONS, MONTHS, RUNS, CONTAINMENT = "decisions/", "months/", "runs/", "containment/"
ESCALATIONS = "escalations/"
CONFIGS, POLICIES, PORTFOLIOS = "configs/", "policies/", "portfolios/"
LEASES, PERIODS, BEGUN, ACCOUNTS = "leases/", "periods/", "begun/", "accounts/"
ALERTS, REGISTRY = "alerts/", "registry/"
VERSIONS, PENDING, APPROVALS = "registry/versions/", "registry/pending/", "registry/approvals/"
FINDINGS, OVERRIDES = "registry/findings/", "registry/overrides/"
LIFTED, RETIRED = "registry/lifted/", "registry/retired/"
AUDIT_RECORDS, AUDIT_EVENTS, AUDIT_ANCHORS = "records/", "events/", "anchors/"
AUDIT_STAMPS = "stamps/"


def config(name: str) -> str:
    return f"{CONFIGS}{name}.json"


def asked(run_id: str) -> str:
    """That a run asked for the lease: it works under one, also when it is retried."""
    return f"{LEASES}{run_id}"


def pipelines_account(name: str, safe: str = "") -> str:
    """That a pipeline has run as an account; its name may hold any character."""
    return f"{ACCOUNTS}{quote(name, safe=safe)}"


def policy(sha: str) -> str:
    return f"{POLICIES}{sha}.json"


def portfolio(sha: str) -> str:
    return f"{PORTFOLIOS}{sha}.json"


def period(run_id: str) -> str:
    return f"{PERIODS}{run_id}.json"


def begun(run_id: str, task: str = "") -> str:
    return f"{BEGUN}{run_id}/{task}"


def run(run_id: str) -> str:
    """The folder of a run's records."""
    return f"{RUNS}{run_id}/"


def task(run_id: str, name: str) -> str:
    return f"{RUNS}{run_id}/{name}.json"


def month(as_of: date | str, name: str = "") -> str:
    """A document or page of a month, or the month's folder: `month(as_of, "run.json")`."""
    return f"{MONTHS}{as_of}/{name}"


def decisions(as_of: date | str) -> str:
    """The folder of a month's decisions."""
    return f"{DECISIONS}{as_of}/"


def decision(id: str) -> str:
    """A decision by its id, `2025-01-01/0001`."""
    return f"{DECISIONS}{id}.json"


def containment(decision_id: str) -> str:
    return f"{CONTAINMENT}{decision_id}.json"


def alert(key: str) -> str:
    return f"{ALERTS}{key}.json"


def version(id: str, name: str = "") -> str:
    """A file of a version, or its folder: `version(id, "card.json")`."""
    return f"{VERSIONS}{id}/{name}"


def pending(id: str) -> str:
    return f"{PENDING}{id}.json"


def approval(id: str) -> str:
    return f"{APPROVALS}{id}.json"


def retired(version_id: str) -> str:
    return f"{RETIRED}{version_id}.json"


def finding(id: str, part: str) -> str:
    """`opened` or `closed`."""
    return f"{FINDINGS}{id}/{part}.json"


def escalation(id: str) -> str:
    """Its closing lies with those of findings: a person's act."""
    return f"{ESCALATIONS}{id}.json"


def escalates(id: str) -> bool:
    """Whether a finding is one that the rule opened, by its id."""
    return id.startswith("E-")


def override(id: str, part: str) -> str:
    """`given` or `closed`."""
    return f"{OVERRIDES}{id}/{part}.json"


def closing(key: str) -> str:
    """What closes what was opened, or given, under a key."""
    return f"{key.rpartition('/')[0]}/closed.json"


def lifted(decision_id: str) -> str:
    return f"{LIFTED}{decision_id}.json"


def audit_record(number: int) -> str:
    return f"{AUDIT_RECORDS}{number:010d}.json"


def audit_anchor(number: int, sha256: str = "") -> str:
    """`sha256`: of the record, where the plain name was taken before there was one."""
    return f"{AUDIT_ANCHORS}{number:010d}{f'-{sha256[:16]}' if sha256 else ''}.json"


def audit_stamp(number: int) -> str:
    return f"{AUDIT_STAMPS}{number:010d}.tsr"


def stamped_count(key: str) -> int:
    """The number of the record after which a head was stamped; 0 for a key that is no stamp's."""
    name = key.removeprefix(AUDIT_STAMPS).removesuffix(".tsr")
    return int(name) if name.isdecimal() and audit_stamp(int(name)) == key else 0


def audit_event(digest: str) -> str:
    return f"{AUDIT_EVENTS}{digest}.json"


def possible(key: str) -> bool:
    """Whether there can be an object of that name."""
    return key.isprintable() and {"", ".", ".."}.isdisjoint(key.split("/"))


def name_of(key: str) -> str:
    """The last part of a key, without `.json`."""
    return key.rpartition("/")[2].removesuffix(".json")


def version_of(key: str) -> str:
    """The version whose file a key below `registry/versions/` is."""
    return key.removeprefix(VERSIONS).partition("/")[0]


def month_of(key: str) -> str:
    """The month in the key of a decision, a containment, an alert, or a month's document."""
    return key.split("/")[1]


def date_of(key: str) -> date:
    """The same as a date; a `GateError` for a key that names none."""
    try:
        return date.fromisoformat(month_of(key))
    except ValueError:
        raise GateError(
            f"{key} is the name of no document: nobody put it there; remove it"
        ) from None


def run_months(keys: Iterable[str]) -> list[date]:
    """The months that were run, oldest first, by the keys of their decisions and runs."""
    ends = (key for key in keys if key.startswith(DECISIONS) or key.endswith("/run.json"))
    return sorted({date_of(key) for key in ends})
