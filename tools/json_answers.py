"""What every command prints with `--json`, as JSON Schema: docs/json_schema.json.

python -m tools.json_answers > docs/json_schema.json
"""

import json
from collections.abc import Iterator
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from creditrisk.check_result import CheckResult
from creditrisk.lake.delta import Followed
from creditrisk.policy.strictness import Difference, Direction
from creditrisk.portfolio.reference import PortfolioKey
from creditrisk.quality.portfolio_check.remark import Remark
from creditrisk.records.alerts import AlertRecord
from creditrisk.records.audit_record import Record
from creditrisk.records.commits import Commit
from creditrisk.records.compliance import ComplianceReport
from creditrisk.records.containment import Containment
from creditrisk.records.document import Part
from creditrisk.records.findings import ValidationFinding
from creditrisk.records.overrides import Override
from creditrisk.records.run import RunRecord
from creditrisk.records.validation import Validation
from creditrisk.reports.applicant.explanation import Explanation
from creditrisk.reports.month_summary import MonthSummary
from creditrisk.reports.status import Status
from creditrisk.stages.training.reproduce import Reproduction
from pipelines.characteristics import Characteristic
from pipelines.remote.deploy import Deployed
from pipelines.remote.recurring import Schedule
from pipelines.remote.submit import Outcome
from tools.answer_shapes import (
    AuditVerdict,
    Dossier,
    FormatOfStore,
    LakeVerdict,
    LeaseHolder,
    LineageGraph,
    LooseFiles,
    PolicyCheck,
    PolicyKey,
    PortfolioCheck,
    Submitted,
    TableSummary,
    TwoVersions,
    Uses,
    VersionRow,
)

FeatureRow = dict[str, Any]  # the lender's own columns: gold/features of the data dictionary
# of `audit list` and `features get` a line each, of the others the whole
ANSWERS: dict[str, Any] = {
    "alerts list": list[AlertRecord],
    "audit list": Record,
    "audit verify": AuditVerdict,
    "backfill": Outcome | Submitted,
    "backtest": list[MonthSummary],
    "challenge": Validation,
    "compliance": ComplianceReport,
    "contain list": list[Containment],
    "deploy": list[Deployed],
    "doctor": list[CheckResult],
    "explain": Explanation,
    "features get": FeatureRow,
    "findings list": list[ValidationFinding],
    "lake delta": list[Followed],
    "lake ls": list[TableSummary],
    "lake show": list[Commit],
    "lake vacuum": LooseFiles,
    "lake verify": LakeVerdict,
    "lease show": LeaseHolder,
    "lineage": LineageGraph,
    "override list": list[Override],
    "policy check": PolicyCheck,
    "policy diff": list[Difference],
    "policy explain": PolicyKey,
    "portfolio check": PortfolioCheck,
    "portfolio keys": list[PortfolioKey],
    "registry compare": TwoVersions,
    "registry list": list[VersionRow],
    "registry reproduce": Reproduction,
    "registry show": Dossier,
    "registry uses": Uses,
    "run": list[RunRecord] | Outcome | Submitted,
    "schedule apply": list[Schedule],
    "schedule list": list[Schedule],
    "simulate": list[Characteristic],
    "status": Status,
    "store format": FormatOfStore,
}
# what is printed beside the fields of a type
BESIDE: dict[type, dict[str, Any]] = {
    ValidationFinding: {"overdue": bool},
    Difference: {"direction": Direction},
    Remark: {"place": str},
    Reproduction: {"same": bool},
}


def schemas() -> dict[str, Any]:
    """By command, the JSON Schema of its answer; objects have no other keys than those named."""
    return {name: _closed(TypeAdapter(kind).json_schema()) for name, kind in ANSWERS.items()}


def _beside() -> dict[str, dict[str, Any]]:
    """By the name of a type, what is printed beside its fields: properties that are stored, too."""
    found = {kind.__name__: more for kind, more in BESIDE.items()}
    for kind in _parts(Part):
        if kind.derived:
            hints = {name: get_type_hints(getattr(kind, name).fget) for name in kind.derived}
            found[kind.__name__] = {name: hint["return"] for name, hint in hints.items()}
    return found


def _parts(kind: type[Part]) -> Iterator[type[Part]]:
    for one in kind.__subclasses__():
        yield one
        yield from _parts(one)


def _closed(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _closed(part) for name, part in schema.items()}
    if isinstance(found.get("properties"), dict):
        more = _beside().get(found.get("title", ""), {})
        found["properties"] |= {name: TypeAdapter(one).json_schema() for name, one in more.items()}
        found.setdefault("additionalProperties", False)
    if isinstance(found.get("title"), str):
        del found["title"]  # the name once more
    return found


def page() -> str:
    """The schemas as JSON, a command a line."""
    lines = (f"{json.dumps(name)}: {json.dumps(one)}" for name, one in sorted(schemas().items()))
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    print(page(), end="")
