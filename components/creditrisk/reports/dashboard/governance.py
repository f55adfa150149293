"""Who decided what, by which policy, and is the trail whole?"""

from creditrisk.policy import Policy
from creditrisk.policy.key import keys, unit
from creditrisk.records import layout
from creditrisk.records.version_files import brief
from creditrisk.reports.dashboard.blocks import (
    Badge,
    Block,
    Card,
    Cards,
    Cell,
    Command,
    Fold,
    Lines,
    Link,
    MonthLink,
    Notice,
    Page,
    Section,
    Table,
)
from creditrisk.reports.dashboard.reading import Reading
from creditrisk.reports.month_summary import MONTHS_SHOWN

_STATES = {"champion": "green", "pending": "amber", "refused": "red"}
_VERDICTS = {"pass": "green", "fail": "red", "insufficient": "insufficient"}
_POLICY_PARTS = ("rule", "promotion", "outcome", "monitoring", "validation", "scoring")


def governance(reading: Reading) -> Page:
    """The registry, what waits for approval, the audit trail, the policy, every decision."""
    audit = reading.audit
    trail = f"broken: {audit.faults[0]}" if audit.faults else f"whole, {audit.count:,} records"
    waits = f"{len(reading.waiting)} waiting for approval" if reading.waiting else "nothing waits"
    return Page(
        "governance",
        "Governance",
        f"The audit trail is {trail}; {waits}.",
        [
            Section("Audit trail", _audit(reading)),
            Section("Approvals", _approvals(reading)),
            Section("Model inventory", [_inventory(reading)]),
            Section("Decisions", _decisions(reading).folded(MONTHS_SHOWN)),
            Section("Policy", _policy(reading)),
        ],
    )


def _audit(reading: Reading) -> list[Block]:
    audit = reading.audit
    if audit.faults:
        named = Card("Audit trail", "Broken", audit.faults[0], "red", "broken")
        remedy = "Run creditrisk audit verify, then restore what was changed from a backup."
        return [Notice("fail", f"{audit.faults[0]}. {remedy}"), Cards("Audit trail", [named])]
    head = f"head {audit.head[:16]}" if audit.head else "nothing is recorded yet"
    whole = Card("Audit trail", "Verified", "every record follows the one before", "green", "whole")
    return [Cards("Audit trail", [whole, Card("Records", f"{audit.count}", head)])]


def _approvals(reading: Reading) -> list[Block]:
    if not reading.requests:
        return [Lines(["Nothing waits for approval."])]
    rows: list[tuple[Cell, ...]] = [
        (
            brief(request.id),
            request.requester,
            request.requested_at[:19],
            request.as_of or f"{reading.newest.as_of}",
            Badge("none", "expired") if request.id in reading.expired else Badge("amber", "waits"),
            "; ".join(request.looser) or "promotion",
            Command(request.command),
        )
        for request in reading.requests
    ]
    columns = ("request", "requester", "requested at (UTC)", "month", "state", "for", "approve by")
    note = "Someone other than the requester approves or rejects; what expired is requested again."
    return [Table("Requests nobody has decided on", columns, rows), Lines([note])]


def _inventory(reading: Reading) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            brief(version.id),
            version.kind,
            version.as_of[:7],
            version.cutoff[:7],
            Badge(_VERDICTS.get(version.verdict, "none"), version.verdict or "not validated"),
            Badge(_STATES.get(version.state, "none"), version.state),
            version.since[:7],
            *(_page(reading, version.id, name) for name in ("validation", "card")),
        )
        for version in reversed(reading.versions)
    ]
    columns = ("version", "kind", "month", "newest cohort", "verdict", "state", "since")
    table = Table("Every version, the newest first", (*columns, "report", "card"), rows)
    return table.without_empty("card").without_empty("report")


def _page(reading: Reading, version: str, name: str) -> Cell:
    """A page of a version, where it lies in the store."""
    key = layout.version(version, f"{name}.html")
    return Link(name, key) if key in reading.pages else ""


def _decisions(reading: Reading) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            MonthLink(f"{summary.as_of:%Y-%m}", f"{summary.as_of}"),
            summary.decision,
            "" if summary.action == "none" else summary.action,
            brief(summary.champion) or "none",
            "\n".join(summary.reasons),
            f"record {summary.numbered}" if summary.numbered > 1 else "",
        )
        for summary in reversed(reading.summaries)
    ]
    columns = ("month", "decision", "action", "model measured", "reasons", "superseding")
    return Table("Every decision, the newest first", columns, rows).without_empty("superseding")


def _policy(reading: Reading) -> list[Block]:
    decided = next((s.policy for s in reversed(reading.summaries) if s.policy), "")
    values, fields = reading.policy.values(), keys(Policy)
    rows = [
        (key, _written(value), unit(fields[key]), f"{fields[key].description}")
        for key, value in values.items()
        if key.partition(".")[0] in _POLICY_PARTS
    ]
    blocks: list[Block] = [
        Lines([f"Decided by policy {decided[:12] or 'none yet'}."]),
        Fold(
            f"{len(rows)} thresholds in force",
            Table("Thresholds in force", ("key", "value", "unit", "meaning"), rows, ("value",)),
        ),
    ]
    if decided and decided != reading.policy.sha:
        text = (
            f"policy {decided[:12]} cannot be read by this version of creditrisk;"
            " limits shown are this version's own"
        )
        blocks.insert(0, Notice("warn", text))
    return blocks


def _written(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return (
        {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    )
