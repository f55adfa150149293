"""The first description of a folder: every table's part and every column's, with reasons."""

import re
from dataclasses import dataclass

from creditrisk.errors import UserError
from creditrisk.portfolio import Role
from creditrisk.portfolio.table_roles import NEEDED
from creditrisk.quality.portfolio_draft.caution import cautious, personal
from creditrisk.quality.portfolio_draft.field import Field
from creditrisk.quality.portfolio_draft.folder import ONE_BYTE, read_undescribed, tables_of
from creditrisk.quality.portfolio_draft.look import Look, look_at
from creditrisk.quality.portfolio_draft.outcome import went_bad
from creditrisk.quality.portfolio_draft.part import Part
from creditrisk.quality.portfolio_draft.parts import parts_of
from creditrisk.quality.portfolio_draft.servicing import states
from creditrisk.quality.portfolio_draft.values import Belief
from creditrisk.stages.etl.cleaning import OUTCOME_DATES
from creditrisk.storage import Store

_SEVERAL = {
    "last": "does the last one say where it stands",
    "added": "are what is due and paid in them to be added up",
}
_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "zł": "PLN"}


@dataclass(frozen=True)
class Source:
    """A table as it is described: keys of its own, columns in the file's order."""

    name: str
    keys: dict[str, object]
    columns: dict[str, Belief]
    why: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """A lender's tables as far as files tell."""

    folder: str
    currency: str
    sources: list[Source]
    unread: list[str]  # files, and why

    @property
    def lacking(self) -> list[str]:
        """What no description can say, as the files do not hold it."""
        roles = {source.keys["role"] for source in self.sources}
        columns = [belief for source in self.sources for belief in source.columns.values()]
        lacking = []
        if not any(one.keys.get("type") == "date" for one in columns):
            lacking.append(
                "no column is a date: without the month of each application there is nothing to"
                " train on and test on later"
            )
        if not roles & {"performance", "outcomes"}:
            lacking.append(
                "nothing that numbers loans says how they turned out: a row per loan and month, the"
                " date of default, or one extract with a status"
            )
        return lacking

    @property
    def questions(self) -> int:
        """What is asked of a person."""
        asked = sum(len(source.questions) for source in self.sources)
        columns = [belief for source in self.sources for belief in source.columns.values()]
        return asked + sum(len(one.questions) for one in columns) + (not self.currency)


def draft_of(folder: Store, leakage_auc: float) -> Draft:
    """Look at a folder; a `UserError` where it holds no table, or one cannot be read."""
    files, unread = tables_of(folder)
    if not files:
        found = (
            f"; {unread[0]} is none: name it .csv, if it is text with delimiters" if unread else ""
        )
        raise UserError(f"{folder.uri} holds no CSV file{found}; or name the folder of deliveries")
    looks = [look_at(one, read_undescribed(folder, one)) for one in files]
    unread = [f"{key} is no CSV" for key in unread]
    unread += [f"{look.files.keys[-1]} has no rows" for look in looks if not look.rows]
    parts = parts_of([look for look in looks if look.rows])
    described = [part.look for part in parts]
    unread += [
        f"{look.files.keys[-1]} names neither a customer nor an application"
        for look in looks
        if look.rows and look not in described
    ]
    servicing = next((part for part in parts if part.role in ("performance", "outcomes")), None)
    sources = [_source(part, servicing, leakage_auc) for part in parts]
    return Draft(folder.uri, _currency(looks), sources, unread)


def _source(part: Part, servicing: Part | None, leakage_auc: float) -> Source:
    spec = part.look.table.spec
    keys: dict[str, object] = {"table": spec.table, "role": part.role}
    keys |= {"delimiter": spec.delimiter} if spec.delimiter != "," else {}
    keys |= {"encoding": spec.encoding} if spec.encoding != "utf-8" else {}
    keys |= {"every": part.every} if part.every > 1 else {}
    keys |= {"several": part.several} if part.several else {}
    keys |= {"extract": part.extract} if part.extract else {}
    keys |= {"within": part.within} if part.within else {}
    keys |= {"lag": part.lag} if part.lag else {}
    columns = _features(part, servicing, leakage_auc)
    for role, field in part.roles.items():
        columns[field.name] = _with_role(field, role)
    return Source(
        _name(part, servicing),
        keys,
        {name: columns[name] for name in part.look.fields} | _own_customer(part),
        f"{part.look.rows:,} rows, {part.why}",
        tuple(_lacking(part)),
    )


def _name(part: Part, servicing: Part | None) -> str:
    """The table's; an only table is described twice."""
    twice = servicing is not None and part is not servicing and part.look is servicing.look
    return part.look.files.source + "_applications" * twice


def _features(part: Part, servicing: Part | None, limit: float) -> dict[str, Belief]:
    """Columns by what they may be used for."""
    fields = part.look.fields.values()
    if part.role == "applications":
        bad, applied = went_bad(part, servicing), part.roles.get("snapshot")
        own = servicing.roles if servicing and servicing.look is part.look else {}
        found = {f.name: cautious(f, applied, bad, limit, bool(own)) for f in fields}
        later = {f.name: _unused(f.belief, f"{role} of the loan") for role, f in own.items()}
        return found | later
    if part.role in ("events", "macro"):
        return {f.name: _summed(f) for f in fields}
    return {f.name: _unused(f.belief, "no role") for f in fields}


def _own_customer(part: Part) -> dict[str, Belief]:
    """Where no column says who, the loan's number once more."""
    loan = part.roles.get("loan") or part.roles.get("application")
    if part.role in ("events", "macro") or "customer" in part.roles or loan is None:
        return {}
    name = next(n for n in ("customer", "customer of the loan") if n not in part.look.fields)
    keys: dict[str, object] = {"column": loan.name, "role": "customer"}
    return {name: Belief(keys, ("no column says who: each loan counts as another customer",))}


def _summed(field: Field) -> Belief:
    if field.type in ("number", "integer", "duration") and not field.identifies:
        return field.belief
    return _unused(field.belief, "no number")


def _unused(belief: Belief, why: str) -> Belief:
    return Belief(belief.keys, (*belief.why, why), left_out=True)


def _with_role(field: Field, role: Role) -> Belief:
    keys = {k: v for k, v in field.belief.keys.items() if k not in ("categories", "spellings")}
    if role in ("customer", "application", "loan", "event"):
        keys = {}
    if role in ("due", "paid", "overdue", "balance"):
        keys["type"] = "number"
    if role == "status" and (found := states(field)):
        keys = {"type": "category", "spellings": found.spellings}
        keys |= {"missing": found.missing} if found.missing else {}
        return Belief({"role": role, **keys}, questions=found.questions)
    belief = Belief({"role": role, **keys}, questions=field.belief.questions)
    if role in OUTCOME_DATES and (missing := belief.keys.pop("missing", None)):
        # declared missing, it would say that nothing has happened
        return belief.but(question=f"do rows with {missing} say that it has not happened?")
    if role == "customer" and (who := personal(field)):
        return belief.but(f"{who}: leaves bronze as a hash (CREDITRISK_PII_KEY)", pii=True)
    return belief


def _lacking(part: Part) -> list[str]:
    """Roles that the table needs, and no column was found for."""
    needed: tuple[str, ...] = NEEDED[part.role]
    found = {*part.roles, *(["customer"] if _own_customer(part) else [])}
    asked = [f"which column has role: {role}?" for role in needed if role not in found]
    if (encoding := part.look.table.spec.encoding) in ONE_BYTE:
        asked.append(f"are its letters right in {encoding}? any file can be read as that")
    if part.lag:
        asked.append("how many months after its month is a figure published (lag)?")
    if part.extract:
        asked.append(f"are these loans as they stood on {part.extract}, the newest day in them?")
    if part.several:
        asked.append(f"a loan has several rows a month: {_SEVERAL[part.several]}?")
    if part.within:
        status = part.roles["status"].name
        asked.append(
            f"does {status} look at the first {part.within} months? if it is that of the extract's"
            " day, no within: which column says when a loan came to it (role: closed_date)?"
        )
    return asked


def _currency(looks: list[Look]) -> str:
    """ISO code by the sign at amounts, or by a column of codes; empty where nothing tells."""
    for look in looks:
        for field in look.fields.values():
            strip = str(field.belief.keys.get("strip", ""))
            if found := next((code for sign, code in _CURRENCIES.items() if sign in strip), ""):
                return found
            texts = field.ids[0]
            if "currency" in field.terms and len(texts) == 1 and re.fullmatch("[A-Z]{3}", texts[0]):
                return texts[0]
    return ""
