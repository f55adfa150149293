"""A version really trained on the small lender, once per test process.

Trained at the end of 2023 on cohorts up to September, so that a test may change the population
from month 9 (October 2023) on.
"""

from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from creditrisk.metrics.estimates import AucEstimate
from creditrisk.period import Period
from creditrisk.records.layout import VERSIONS
from creditrisk.records.measured_window import MaskedRows, OeInterval
from creditrisk.records.validation import validation_key
from creditrisk.stages.training.train import train
from tests.builders.evidence import validation
from tests.builders.small_lender import fill, small_period

TRAINED_AT = date(2023, 12, 1)
UNSEEN = 9  # number of the first month after its development
POOLED = AucEstimate(0.78, 0.015, lower=0.75, upper=0.81, bads=270, goods=930)
MASKED = AucEstimate(0.75, 0.015, lower=0.72, upper=0.78, bads=270, goods=930)
OE = OeInterval(ratio=1.0, lower=0.9, upper=1.1, p_value=0.9)


@cache
def trained() -> tuple[str, dict[str, bytes]]:
    """The version's id and the objects of its folder, by key."""
    with TemporaryDirectory() as folder:
        period = small_period(Path(folder), TRAINED_AT)
        fill(period)
        version = train(period, "initial", "")
        keys = list(period.store.keys(f"{VERSIONS}{version}/"))
        return version, {key: period.store.read(key) for key in keys}


def install(period: Period, masked_passed: bool | None = True, pooled: bool = True) -> str:
    """Put the version into a store with what validation said of it (None: nothing of masks)."""
    version, objects = trained()
    for key, data in objects.items():
        period.store.write(key, data)
    test = {"passed": masked_passed, "reason": "AUC", "windows": (),
            "pooled": MaskedRows(auc=MASKED, oe=OE)}  # fmt: skip
    found = validation(
        version,
        pooled=POOLED if pooled else None,
        masked={} if masked_passed is None else {"visits": test},
    )
    period.store.write(validation_key(version), found.encode())
    return version
