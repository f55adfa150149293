"""Whether a store and its audit trail are whole, and say the same: one answer for all who ask.

`status`, `doctor`, `audit verify` and the dashboard show `check_store`; the tasks of a month call
`require_bound` before they act.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from creditrisk.calendar_month import add_months, first
from creditrisk.errors import GateError, UserError
from creditrisk.period import Period
from creditrisk.records import layout
from creditrisk.records.act_documents import gone
from creditrisk.records.approval_requests import read_requests
from creditrisk.records.audit import Trail
from creditrisk.records.binding import Binding
from creditrisk.records.champion_pointer import champion_at, champion_history
from creditrisk.records.compliance import REPORT, month_key, month_reports, read_month_report
from creditrisk.records.config import altered_configs
from creditrisk.records.damage import Damage
from creditrisk.records.decision import decided_months, decisions, newest_decision
from creditrisk.records.lost_documents import lost, requests
from creditrisk.records.month import CLOSED, RUN
from creditrisk.records.promotions import champion_fault, tenure_fault
from creditrisk.records.settled import HELD, Listing
from creditrisk.records.trail_check import rewritten, verify
from creditrisk.records.trail_reading import Acts, held_against, keep, whole
from creditrisk.records.version_files import altered_files, list_versions
from creditrisk.storage import Store, open_audit_store
from creditrisk.storage.cached_store import CachedStore
from creditrisk.storage.parallel import in_parallel

_ONCE = (layout.APPROVALS, layout.DECISIONS, layout.OVERRIDES, layout.LIFTED, layout.RETIRED)

_GONE = (
    "the audit trail holds no record, and the store has decided months: it is gone, or"
    " CREDITRISK_AUDIT_STORE names another place"
)


@dataclass(frozen=True)
class StoreCheck:
    """The trail's length, its head, and what is wrong, the first thing first."""

    count: int = 0
    head: str = ""
    faults: tuple[str, ...] = ()


def heads(store: Store) -> dict[int, str]:
    """Heads of the audit trail that months' reports name, each by the count of records then."""
    found: dict[int, str] = {}
    for report in month_reports(store):
        found |= report.heads
    return found


def check_store(
    store: Store, witnesses: Mapping[int, str] | None = None, files: bool = True
) -> StoreCheck:
    """All of it: every record, every document. `witnesses`: heads known from elsewhere.

    `files`: what decisions and champions were made of, too: manifests and files of versions.
    """
    trail = Trail(open_audit_store(store))
    acts, damage = Acts(), Damage()
    known = damage.read(layout.MONTHS, lambda: heads(store), {}) | dict(witnesses or {})
    faults = verify(trail, known, lambda record: keep(acts, record)) or [*damage.sentences]
    if not faults:
        faults = _listed(_unbound(store, trail, acts, files))
    if not acts and not [*trail.store.keys(layout.AUDIT_RECORDS)] and decided_months(store):
        faults = [_GONE]
    count, head = trail.anchor() or (0, "") if not faults else (0, "")
    return StoreCheck(count, head, tuple(faults))


def check_newest(store: Store) -> StoreCheck:
    """As much of it as the next month acts on; of the trail also what was written again.

    `store`: one whose answers are kept, else much is asked for twice.
    """
    trail = Trail(CachedStore(open_audit_store(store)))
    Listing.of(store)  # before what it answers is asked for again
    months = decided_months(store)
    after = add_months(months[-1], 1) if months else first(date.max)
    faults = _listed(month_faults(store, trail, after))
    faults = faults or rewritten(trail.store, (layout.AUDIT_RECORDS,))
    count = trail.count()
    if months and not count:
        faults = [_GONE]
    return StoreCheck(count, "", tuple(faults))


def _listed(faults: Iterator[str]) -> list[str]:
    """All of them; a document that cannot be read is the last that is named."""
    found: list[str] = []
    try:
        for fault in faults:
            if fault not in found:
                found.append(fault)
    except UserError as error:
        found.append(str(error))
    return found


def require_bound(period: Period, start: date | None = None) -> None:
    """`GateError` for the first thing a month would act on that the trail does not say.

    `start`: the first month whose decision is looked back on; by default the one before.
    """
    # nothing is written meanwhile: what was read once is not asked for again
    store, trail = CachedStore(period.store), Trail(CachedStore(period.trail.store))
    fault = next(month_faults(store, trail, period.as_of, start), "")
    if fault:
        raise GateError(f"{fault}; nothing is published before it is (creditrisk audit verify)")


def require_scorer(period: Period, version: str) -> None:
    """`GateError` where a version that is to score is no champion by the trail; "": none is."""
    if not version:
        return
    history = champion_history(period.store)
    last = max((n for n, one in enumerate(history, 1) if one.version == version), default=0)
    binding = Binding.of(period.store, period.trail)
    fault = tenure_fault(binding, history[:last]) if last else f"{version} never became champion"
    if fault:
        raise GateError(f"{fault}; {version} scores nothing (creditrisk audit verify)")


def month_faults(
    store: Store, trail: Trail, as_of: date, start: date | None = None
) -> Iterator[str]:
    """What is wrong with what a month starts with.

    That is the trail as it is, then champion, decisions, overrides, containment.
    """
    newest, faults, binding = held_against(store, trail, as_of)
    yield from faults
    if faults:
        return
    checks = (
        iter([champion_fault(binding, as_of)]),
        _succession(store, newest, as_of),
        _decided_since(binding, newest, as_of),
        binding.decisions(min([start or as_of, *newest]), as_of),
        binding.overrides(as_of),
        binding.containments(as_of),
        binding.answers(champion_at(store, as_of) or "", as_of),
        lost(binding),
        binding.challengers(start) if start else (),
    )
    yield from (fault for check in checks for fault in check if fault)


def _succession(store: Store, newest: Sequence[date], as_of: date) -> Iterator[str]:
    """Whether the champion of the last decision is still one there was."""
    decision = newest_decision(store, newest[0]) if newest else None
    champion = decision.champion if decision else ""
    acting = {tenure.version for tenure in champion_history(store) if tenure.since < as_of}
    if decision and champion and champion not in acting:
        yield (
            f"{layout.CHAMPION} lacks {champion}, the champion of decision {decision.id};"
            " restore it"
        )


def _decided_since(binding: Binding, newest: Sequence[date], as_of: date) -> Iterator[str]:
    """Decisions after the newest one that is there, up to `as_of`, which only the trail knows."""
    month = add_months(newest[0], 1) if newest else add_months(as_of, -1)
    while month < as_of:
        if record := binding.find("decided", f"{month}/0001"):
            yield gone(layout.decision(record.id), record)
        month = add_months(month, 1)


def _unbound(store: Store, trail: Trail, acts: Acts, files: bool) -> Iterator[str]:
    binding = whole(store, trail, acts)
    history = champion_history(store)
    pointer = [champion_fault(binding)]
    pointer += [tenure_fault(binding, history[: n + 1]) for n in range(len(history))]
    yield from (fault for fault in pointer if fault)
    yield from _of_acts(binding)
    yield from (fault for one in read_requests(store) if (fault := one.unasked(binding.find)))
    yield from altered_configs(store)
    yield from lost(binding)
    yield from rewritten(store, _ONCE)
    if files:
        yield from _made_of(store, binding, {tenure.version for tenure in history})


def _of_acts(binding: Binding) -> Iterator[str]:
    """What is wrong with documents of acts, be they acted on or not."""
    yield from binding.documents()
    yield from filter(None, binding.decisions(date.min, date.max))
    yield from filter(None, binding.containments(date.max))
    yield from binding.held_back()


def held(period: Period) -> dict[str, Any]:
    """What the record of a month's end says of what was held against the trail: see `settled.py`.

    Empty where a server vouches for nothing, and where something is wrong.
    """
    store, trail = CachedStore(period.store), Trail(CachedStore(period.trail.store))
    listing = Listing.of(store)
    if listing is None:
        return {}
    _, faults, binding = held_against(store, trail, period.as_of)
    found = faults or _listed(chain(_of_acts(binding), binding.challengers(date.min)))
    return {} if found else {HELD: listing.said(trail.count())}


def _made_of(store: Store, binding: Binding, champions: Iterable[str]) -> Iterator[str]:
    """What is wrong with what decisions, requests, closed months and versions were made of."""
    yield from altered_files(store, sorted({*champions, *list_versions(store)}))
    yield from binding.challengers(date.min)
    yield from (fault for one in decisions(store) for fault in binding.inputs(one))
    yield from requests(binding)
    yield from _closings(store, binding)


def _closings(store: Store, binding: Binding) -> Iterator[str]:
    """What is wrong with how months ended, and with the reports that are witnesses of it."""
    months = layout.run_months(store.keys(layout.MONTHS))
    yield from filter(None, in_parallel(binding.closed, months))
    ends = [record for record in binding.records() if record.event == CLOSED]
    for record in ends:
        keys = (layout.month(record.said("as_of"), name) for name in (RUN, REPORT))
        lost = next((key for key in keys if store.tag(key) is None), "")
        if lost:
            yield f"{gone(lost, record)}, or run the month again"
    since = {record.said("as_of"): record.sequence for record in ends}
    for month in months:
        report = read_month_report(store, month)
        head = max(report.heads, default=0) if report else 0
        if report and (report.as_of != month or head < since.get(f"{month}", 1)):
            yield (
                f"{month_key(month)} is another month's, or names no head of the trail since its"
                " end; restore it, or run the month again"
            )
