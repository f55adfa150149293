"""Trained versions of the small lender, and cheap copies of them."""

import json
import shutil
from datetime import date
from hashlib import sha256
from pathlib import Path

from creditrisk.model.version import load_version
from creditrisk.period import Period
from creditrisk.policy import Policy
from creditrisk.records.oot_ledger import WindowReading, record_verdict
from creditrisk.records.validation import Verdict, validation_key
from creditrisk.records.version_files import save_version, sums_sha256
from tests.builders.evidence import validation
from tests.builders.small_lender import small_period
from tests.builders.trained_version import trained

AT = "2024-04-02T08:00:00+00:00"


def with_version(root: Path, as_of: date, policy: Policy | None = None) -> tuple[Period, str]:
    """A store that holds one trained version, not yet validated."""
    period = small_period(root, as_of, policy)
    version, objects = trained()
    for key, data in objects.items():
        period.store.write(key, data)
    return period, version


def moved(period: Period, root: Path, policy: Policy | None = None) -> Period:
    """The same month over a copy of the store and its trail, to be changed at will."""
    source = Path(period.store.uri.removeprefix("file://"))
    shutil.copytree(source, root / "store")
    if (audit := source.with_name("store-audit")).exists():
        shutil.copytree(audit, root / "store-audit")
    return small_period(root, period.as_of, policy or period.policy)


def at_month(period: Period, as_of: date, policy: Policy | None = None) -> Period:
    """The same store in another month, or under another policy."""
    return Period(as_of, policy or period.policy, period.portfolio, period.store, period.run_id)


def variant(period: Period, version: str, mark: str, **card: object) -> str:
    """A version like another but for its card: same model, another id."""
    model = load_version(period.store, version)
    body = model.card.replace(**card).model_dump(mode="json")
    changed = json.dumps(body | {"mark": mark}, sort_keys=True).encode()
    files = model.files | {"card.json": changed}
    return save_version(period.store, period.as_of, str(body["kind"]), files)


def judged(period: Period, version: str, verdict: Verdict = "pass", **found: object) -> None:
    """Give a version the evidence a validation would leave: the file and its record."""
    usual = {"as_of": period.as_of, "reasons": ("decay, all windows: lost",)}
    data = validation(version, verdict=verdict, **usual | found).encode()
    period.store.create(validation_key(version), data)
    reading = WindowReading(
        version=version, kind="initial", champion="", windows=(), as_of=period.as_of,
        policy=period.policy.sha,
    )  # fmt: skip
    sums = sums_sha256(period.store, version)
    record_verdict(period.trail, reading, verdict, sha256(data).hexdigest(), sums, AT)


def passed(period: Period, version: str, mark: str, **card: object) -> str:
    """A variant that passed validation."""
    made = variant(period, version, mark, **card)
    judged(period, made)
    return made
