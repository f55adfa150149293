"""Whom the lender is asked to book by lot: applications above the cut-off, a share by policy.

Without them there is no outcome that shows what the model does above the cut-off.
"""

import pyarrow as pa

from creditrisk.contracts import RANDOM_SAMPLE, SCORES
from creditrisk.lake import Commit
from creditrisk.model.random_sample import drawn
from creditrisk.period import Period


def publish_sample(period: Period, scores: Commit) -> None:
    """Commit the month's sample beside its scores; nothing where the policy draws none."""
    limits, seed = period.policy.scoring, period.policy.development.seed
    if not limits.random_accept:
        return
    rows = period.lake.read_commits(SCORES, [scores]).to_pandas()
    of_record = rows[~rows["rescored"].astype(bool) & (rows["pd"] > limits.cutoff)]
    chosen = of_record[drawn(of_record["application_id"], limits.random_accept, seed)]
    table = pa.Table.from_pandas(
        chosen[list(RANDOM_SAMPLE.names)], RANDOM_SAMPLE.arrow, preserve_index=False
    )
    inputs = {scores.key: scores.digest, "policy": period.policy.sha}
    period.lake.write(RANDOM_SAMPLE, period.as_of, table, inputs=inputs, code=period.code)
