"""Who may do what in the buckets: one policy per role, in the form S3 servers take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Self

from creditrisk.errors import UserError
from creditrisk.records import layout
from creditrisk.storage.location import Bucket, locate

Policy = dict[str, Any]
_OF_PERSONS = tuple(  # what only people put on record, never a pipeline
    f"{folder}*"
    for folder in (
        layout.APPROVALS,
        layout.FINDINGS,
        layout.LIFTED,
        layout.OVERRIDES,
        layout.RETIRED,
    )
)
_OF_RUNS = (  # what a run leaves, besides tables and the marks of accounts it runs as
    layout.FORMAT,
    layout.LEASE,
    layout.CHAMPION,
    *(
        f"{folder}*"
        for folder in (
            layout.LEASES,
            layout.CONFIGS,
            layout.POLICIES,
            layout.PORTFOLIOS,
            layout.PERIODS,
            layout.BEGUN,
            layout.RUNS,
            layout.MONTHS,
            layout.DECISIONS,
            layout.CONTAINMENT,
            layout.ESCALATIONS,
            layout.ALERTS,
            layout.VERSIONS,
            layout.PENDING,
        )
    ),
)
_TABLES, _PROBE = "lake/*", "doctor/*"
_LOOK = ("s3:GetBucketLocation", "s3:ListBucket")
# what was written twice, or removed, is seen by its versions
_LOOK_BACK = ("s3:GetBucketVersioning", "s3:ListBucketVersions")
_UPLOAD = (  # Spark and pyarrow write large files in parts
    "s3:PutObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
)
_UNFINISHED = ("s3:ListBucketMultipartUploads",)  # Spark aborts what a dead attempt left


@dataclass(frozen=True)
class Place:
    """A bucket, and the prefix in it that is ours (empty, or ending in `/`)."""

    bucket: str
    prefix: str = ""

    @classmethod
    def of(cls, uri: str, name: str) -> Self:
        """`s3://bucket/prefix`; anything else is a `UserError` that says which setting it is."""
        place = locate(uri)
        if not isinstance(place, Bucket):
            raise UserError(f"{name} is '{uri}', not s3://bucket or s3://bucket/prefix")
        return cls(place.name, f"{place.prefix}/" if place.prefix else "")

    def keys(self, *patterns: str) -> list[str]:
        return [f"arn:aws:s3:::{self.bucket}/{self.prefix}{pattern}" for pattern in patterns]


@dataclass(frozen=True)
class Places:
    """Where the store, its audit trail and the deliveries lie."""

    store: Place
    audit: Place
    landing: Place

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        names = ("CREDITRISK_STORE", "CREDITRISK_AUDIT_STORE", "CREDITRISK_LANDING")
        places = [Place.of(environ.get(name, ""), name) for name in names]
        for (outer, one), (inner, other) in permutations(zip(names, places, strict=True), 2):
            if one.bucket == other.bucket and other.prefix.startswith(one.prefix):
                raise UserError(
                    f"{inner} lies within {outer}: who may write there could write here; name"
                    " places of which none holds another"
                )
        return cls(*places)


def policies(
    places: Places, four_eyes: bool = False, accounts: Sequence[str] = ("*",)
) -> dict[str, Policy]:
    """Role -> what it may do; what is not allowed here is refused.

    Nobody but the server's owner removes from the audit trail, and no role decides on what it
    asked for itself: the pipeline requests, the approver approves. With `four_eyes` the approver
    alone moves the champion pointer. `accounts`: patterns of what pipelines run as, which alone
    they can mark as theirs: who is marked cannot act for a person.
    """
    of_runs = [key for key in _OF_RUNS if not (four_eyes and key == layout.CHAMPION)]
    marks = [layout.pipelines_account(name, safe="*") for name in accounts]
    store, audit, landing = places.store, places.audit, places.landing
    everything = [*store.keys("*"), *audit.keys("*"), *landing.keys("*")]
    look = _allow(
        (*_LOOK, *_LOOK_BACK), [f"arn:aws:s3:::{place.bucket}" for place in (store, audit, landing)]
    )
    read = _allow(("s3:GetObject",), everything)
    append = _allow(_UPLOAD, audit.keys("*"))
    return {
        "pipeline": _policy(
            look,
            read,
            append,
            _allow(_UPLOAD, store.keys(*of_runs, *marks, _TABLES, _PROBE)),
            _allow(_UNFINISHED, [f"arn:aws:s3:::{store.bucket}"]),
            # the parts of a table that Spark gives up, never the manifest that commits one; what
            # `creditrisk doctor` writes to see whether it can
            _allow(("s3:DeleteObject",), store.keys(_TABLES, _PROBE)),
            _deny(("s3:DeleteObject",), store.keys("lake/*/manifests/*")),
            _deny(("s3:PutObject",), store.keys(*_OF_PERSONS)),
        ),
        "approver": _policy(
            look,
            read,
            append,
            # what an approval ends is noted with the alerts
            _allow(_UPLOAD, store.keys(f"{layout.REGISTRY}*", f"{layout.ALERTS}*", layout.LEASE)),
            _allow(("s3:DeleteObject",), store.keys(f"{layout.PENDING}*")),
            _deny(("s3:PutObject",), store.keys(f"{layout.VERSIONS}*")),
        ),
        "reader": _policy(look, read),
        "deliverer": _policy(
            _allow(_LOOK, [f"arn:aws:s3:::{landing.bucket}"]),
            _allow(("s3:GetObject", *_UPLOAD), landing.keys("*")),
        ),
    }


def _policy(*statements: Policy) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(actions: tuple[str, ...], resources: list[str]) -> Policy:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources}


def _deny(actions: tuple[str, ...], resources: list[str]) -> Policy:
    return {"Effect": "Deny", "Action": list(actions), "Resource": resources}
