"""A version really trained on the small lender, once per test process.

Trained at the end of 2023 on cohorts up to September, so that worlds may break from month 9
(October 2023) on without its knowing.
"""

import json
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from creditrisk.model.version import VERSIONS
from creditrisk.period import Period
from creditrisk.stages.training.train import train
from tests.builders.small_lender import fill, small_period

TRAINED_AT = date(2023, 12, 1)
UNSEEN = 9  # number of the first month after its development
POOLED = {"auc": 0.78, "se": 0.015, "lower": 0.75, "upper": 0.81, "bads": 270, "goods": 930}
MASKED = POOLED | {"auc": 0.75, "lower": 0.72, "upper": 0.78}


@cache
def trained() -> tuple[str, dict[str, bytes]]:
    """The version's id and the objects of its folder, by key."""
    with TemporaryDirectory() as folder:
        period = small_period(Path(folder), TRAINED_AT)
        fill(period)
        version = train(period, "initial", "")
        keys = list(period.store.keys(f"{VERSIONS}/{version}/"))
        return version, {key: period.store.read(key) for key in keys}


def install(period: Period, masked_passed: bool | None = True, pooled: bool = True) -> str:
    """Put the version into a store with what validation said of it (None: nothing of masks)."""
    version, objects = trained()
    for key, data in objects.items():
        period.store.write(key, data)
    visits = {"passed": masked_passed, "pooled": {"auc": MASKED}}
    record = {
        "pooled": POOLED if pooled else None,
        "masked": {} if masked_passed is None else {"visits": visits},
    }
    period.store.write(f"{VERSIONS}/{version}/validation.json", json.dumps(record).encode())
    return version
