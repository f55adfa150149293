"""Answers with `--json` that no type of the product describes."""

from typing import Any

from typing_extensions import TypedDict

from creditrisk.governance.lineage import Detail
from creditrisk.quality.portfolio_check.remark import Remark
from creditrisk.records.card import Card
from creditrisk.records.development import Lineage
from creditrisk.records.format import StoreFormat
from creditrisk.records.validation import Gate

Numbers = dict[str, float | None]


class AuditVerdict(TypedDict):
    """The trail's length and head, and what contradicts it or a document, the worst first."""

    records: int
    head: str
    faults: list[str]


class LakeVerdict(TypedDict):
    """Commits that were read to the last byte, and model versions whose data are among them.

    `rows`: of how many the rows have the digest that is said, with `--rows`; else None.
    """

    commits: int
    rows: int | None
    versions: int
    faults: list[str]


class LooseFile(TypedDict):
    """A file that no commit names."""

    key: str
    bytes: int


class LooseFiles(TypedDict):
    """`removed`: they are gone, with `--yes`; else they are there."""

    removed: bool
    files: list[LooseFile]


class PolicyCheck(TypedDict):
    """Both can be read; the sha256 of each, and the portfolio's name."""

    policy: str
    portfolio: str
    name: str


class PolicyKey(TypedDict):
    """A threshold; `value` under `--policy`."""

    key: str
    meaning: str
    default: Any
    value: Any


class LeaseHolder(TypedDict):
    """The run that holds a store, None where none does; `alive`: it gave a sign of life."""

    store: str
    run: str | None
    alive: bool


class FormatOfStore(TypedDict):
    """What a store says of its format, None where nothing; first and last that are read."""

    store: str
    format: StoreFormat | None
    reads: tuple[int, int]
    writes: int
    release: str


class LineageGraph(TypedDict):
    """Nodes by name; an edge goes from what was made to what it was made from."""

    roots: list[str]
    nodes: dict[str, dict[str, Detail]]
    edges: list[tuple[str, str]]


TableSummary = TypedDict(
    "TableSummary",
    {"table": str, "months": int, "from": str, "to": str, "rows": int, "mb": float,
     "superseded": int},
)  # fmt: skip


class Surveyed(TypedDict):
    """A delivered table; `whole`: it was read to its end. `first`, `last`: months, or empty."""

    source: str
    rows: int
    whole: bool
    first: str
    last: str


class PortfolioCheck(TypedDict):
    """`usable`: nothing must be changed. `place` of a finding: file and line of its key."""

    usable: bool
    tables: list[Surveyed]
    findings: list[Remark]


class VersionRow(TypedDict):
    """A line of the inventory; `verdict` and `since` are empty before validation and tenure."""

    id: str
    kind: str
    as_of: str
    verdict: str
    state: str
    since: str
    tier: str
    materiality: str


class ScoredMonth(TypedDict):
    """A month that a version scored."""

    month: str
    rows: int
    held_back: int


class Dossier(VersionRow):
    """All that the registry knows of a version; `gates`: how many there were."""

    card: Card
    lineage: Lineage
    numbers: Numbers
    failed: list[Gate]
    gates: int
    request: dict[str, Any] | None
    approval: dict[str, Any] | None
    retirement: dict[str, Any] | None
    uses: list[ScoredMonth]


class DecisionUse(TypedDict):
    """A decision taken while a version was champion."""

    as_of: str
    n: int
    decision: str
    action: str


class ComparisonUse(TypedDict):
    """A validation that a version was part of."""

    as_of: str
    challenger: str
    champion: str
    verdict: str


class Uses(TypedDict):
    """Every use of a version."""

    scores: list[ScoredMonth]
    decisions: list[DecisionUse]
    comparisons: list[ComparisonUse]


class TwoVersions(TypedDict):
    """Two versions side by side, the first one first."""

    versions: list[str]
    windows: list[list[list[str]]]
    numbers: dict[str, list[float | None]]
    only_in_first: list[str]
    only_in_second: list[str]
    lineage: dict[str, list[Any]]
    contest: dict[str, Any] | None


class Submitted(TypedDict):
    """A run that nobody waits for (`--no-wait`)."""

    run_id: str
    link: str
