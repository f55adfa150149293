"""Which table of a folder is which: applications, events, and how loans turn out."""

from creditrisk.portfolio.source import STAR
from creditrisk.quality.portfolio_draft.field import Field
from creditrisk.quality.portfolio_draft.look import Look, joins
from creditrisk.quality.portfolio_draft.part import Part, best, customer_of, distinct
from creditrisk.quality.portfolio_draft.servicing import servicing_of, step

_NEARLY_ALL = 0.9
_SNAPSHOTS = 4  # of fewer, that all are a quarter apart may be chance
_REPEATED = 1.3  # rows of a customer, on average


def parts_of(looks: list[Look]) -> list[Part]:
    """The tables' parts: applications first, then events, then how loans turn out.

    A lender's only table is both: who applied, and what became of it.
    """
    servicing = servicing_of(looks)
    rest = [look for look in looks if servicing is None or look is not servicing.look]
    if servicing and not any(_has_who(look, servicing) for look in rest):
        rest = [servicing.look, *rest]
    figures = [look for look in rest if _is_macro(look)]
    events = [look for look in rest if look not in figures and _is_events(look, rest)]
    others = [look for look in rest if look not in (*figures, *events)]
    found = [_applications(look, servicing) for look in others]
    if len(found) > 1:  # what names neither a customer nor an application joins nothing
        found = [part for part in found if part.roles.keys() & {"customer", "application"}]
    found += [*map(_events, events), *map(_macro, figures)]
    return [*found, servicing] if servicing else found


def _has_who(look: Look, servicing: Part) -> bool:
    """Whether its rows are of customers, or of one loan each."""
    loan = servicing.roles["loan"]
    own = any(field.unique and joins(field, loan) for field in look.identifiers)
    return own or customer_of(look) is not None


def _applications(look: Look, servicing: Part | None) -> Part:
    loan = servicing.roles.get("loan") if servicing else None
    numbered = [f for f in look.identifiers if f.unique and loan and joins(f, loan)]
    number = next(iter(numbered), None)
    filled = _filled_dates(look)
    # one day in all rows is that of an extract
    filled = [day for day in filled if day.distinct > 1] or filled
    snapshot = best(filled, "applied") or best(filled, "snapshot") or next(iter(filled), None)
    customer = customer_of(look, number)
    roles = distinct({"customer": customer, "application": number, "snapshot": snapshot})
    by = number or customer
    why = f"one row per {by.name if by else 'application'}"
    return Part(look, "applications", roles, why, every=_every(snapshot))


def _every(snapshot: Field | None) -> int:
    """Months from one snapshot to the next, where enough of them say so."""
    months = len({*snapshot.months.tolist()} - {-1}) if snapshot else 0
    return step(snapshot) if snapshot and months >= _SNAPSHOTS else 1


def _is_events(look: Look, rest: list[Look]) -> bool:
    """Whether customers have many rows, and nothing that names a row is known elsewhere."""
    customer = customer_of(look)
    if len(rest) == 1 or customer is None or any(f.unique for f in look.known_to(rest)):
        return False
    return look.rows >= _REPEATED * customer.distinct


def _events(look: Look) -> Part:
    customer = customer_of(look)
    number = next((f for f in look.identifiers if f.unique and f is not customer), None)
    day = next(iter(_filled_dates(look)), None)
    roles = distinct({"customer": customer, "snapshot": day, "event": number})
    rows = look.rows / customer.distinct if customer else 0.0
    return Part(look, "events", roles, f"{rows:.1f} rows per customer")


def _is_macro(look: Look) -> bool:
    """Whether it names nobody, and has one row a month."""
    days = _filled_dates(look)
    return not look.identifiers and any(day.distinct == look.rows > 1 for day in days)


def _macro(look: Look) -> Part:
    """One row per month, of the economy."""
    day = next(day for day in _filled_dates(look) if day.distinct == look.rows)
    return Part(look, "macro", {"snapshot": day}, f"one row per {day.name}, of nobody", lag=1)


def _filled_dates(look: Look) -> list[Field]:
    named = [day for day in look.dates if day.name == STAR]
    return named or [day for day in look.dates if day.filled > _NEARLY_ALL]
