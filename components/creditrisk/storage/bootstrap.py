"""Buckets, their rules, and one user per role: what an S3 server needs before the first run.

`python -m creditrisk.storage.bootstrap --users DIR` with the owner's keys in the environment.
Idempotent: run again with other keys in DIR, it rotates them. `--print` shows the policies,
for servers whose users are made elsewhere.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import urllib3
from minio import Minio, MinioAdmin
from minio.commonconfig import COMPLIANCE, ENABLED, GOVERNANCE, Filter
from minio.error import MinioAdminException, MinioException, S3Error
from minio.lifecycleconfig import Expiration, LifecycleConfig, NoncurrentVersionExpiration, Rule
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.versioningconfig import VersioningConfig
from urllib3.exceptions import HTTPError

from creditrisk.errors import UserError, printable
from creditrisk.records.identity import SERVICE_ACCOUNT
from creditrisk.records.roles import Places, policies
from creditrisk.storage.connection import Connection
from creditrisk.storage.s3_faults import tls_fault

_ANSWER, _ADMIN = 10.0, 300.0  # seconds until an answer counts as none
_RETRIES = urllib3.Retry(5, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504))
_PAUSE = 2.0  # seconds between two looks at a server that is not up yet


def make_buckets(client: Minio, places: Places, retention: ObjectLockConfig, keep: int) -> None:
    """Store and landing keep what was replaced for `keep` days; the audit keeps everything.

    An audit bucket without object lock is a `UserError`: a bucket gets it when it is made.
    """
    for bucket in {places.store.bucket, places.landing.bucket} - {places.audit.bucket}:
        if not client.bucket_exists(bucket):
            client.make_bucket(bucket)
        client.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
        client.set_bucket_lifecycle(bucket, LifecycleConfig([_forget(keep)]))
    audit = places.audit.bucket
    if not client.bucket_exists(audit):
        client.make_bucket(audit, object_lock=True)
    try:
        client.set_object_lock_config(audit, retention)
    except S3Error as error:
        raise UserError(
            f"bucket '{audit}' takes no object lock ({error.code}), which only a new bucket"
            " can be given: name one that does not exist yet in CREDITRISK_AUDIT_STORE"
        ) from None


def make_users(
    admin: MinioAdmin,
    places: Places,
    folder: Path,
    four_eyes: bool = False,
    installation: str = "creditrisk",
    namespace: str = "*",
) -> list[str]:
    """A user per role, with the keys in `<folder>/<role>/accesskey` and `secretkey`.

    `namespace`: of the runs, whose accounts the pipeline's key may mark as its own.

    Its policy is named by the installation: on one server two of them do not share any.
    """
    made = []
    own = (_key(folder / "pipeline" / "accesskey"), f"{SERVICE_ACCOUNT}{namespace}:*")
    for role, policy in policies(places, four_eyes, own).items():
        access, secret = (_key(folder / role / name) for name in ("accesskey", "secretkey"))
        name = f"{installation}-{role}"
        admin.policy_add(name, policy=policy)
        admin.user_add(access, secret)
        admin.policy_set(name, user=access)
        made.append(f"{role} {access}")
    return made


def await_server(client: Minio, patience: float) -> None:
    """Wait until the server answers; after `patience` seconds a `UserError`."""
    deadline = time.monotonic() + patience
    while True:
        try:
            client.list_buckets()
            return
        except HTTPError as error:
            if tls_fault(error):
                raise
            fault: Exception = error
        except S3Error as error:  # one that starts says so; one that knows us not will not change
            if error.code not in ("ServerNotInitialized", "XMinioServerNotInitialized"):
                raise
            fault = error
        if time.monotonic() > deadline:
            raise UserError(f"the S3 server does not answer: {fault}")
        time.sleep(_PAUSE)


def _forget(days: int) -> Rule:
    return Rule(
        ENABLED,
        rule_filter=Filter(prefix=""),
        rule_id="what-was-replaced",
        expiration=Expiration(expired_object_delete_marker=True),
        noncurrent_version_expiration=NoncurrentVersionExpiration(days),
    )


def _key(path: Path) -> str:
    try:
        key = path.read_text("utf-8").strip()
    except OSError:
        raise UserError(f"{path} is missing: mount the role's Secret there") from None
    if not key:
        raise UserError(f"{path} is empty")
    return key


def _bootstrap(places: Places, found: argparse.Namespace) -> None:
    server = Connection.from_environment()
    client = Minio(
        server.host,
        credentials=server.credentials(),
        secure=server.secure,
        region=server.region,
        http_client=server.pool(urllib3.Timeout(_ANSWER), retries=False),
    )
    await_server(client, found.patience)
    mode = COMPLIANCE if found.mode == "compliance" else GOVERNANCE
    make_buckets(
        client, places, ObjectLockConfig(mode, found.retention_days, DAYS), found.keep_days
    )
    print(f"buckets: {places.store.bucket}, {places.audit.bucket}, {places.landing.bucket}")
    if found.users:
        admin = MinioAdmin(
            endpoint=server.host,
            credentials=server.credentials(),
            region=server.region,
            secure=server.secure,
            http_client=server.pool(urllib3.Timeout(_ADMIN), _RETRIES),
        )
        four_eyes, name, namespace = found.four_eyes, found.name, found.namespace
        for user in make_users(admin, places, found.users, four_eyes, name, namespace):
            print(f"user: {user}")


def main(arguments: Sequence[str]) -> int:
    """Make what is missing; exit code 2 and one line when the server will not have it."""
    parser = argparse.ArgumentParser(prog="bootstrap", description=__doc__)
    parser.add_argument("--users", type=Path, help="folder of <role>/accesskey and secretkey")
    parser.add_argument(
        "--print", action="store_true", help="print the roles' policies, do nothing"
    )
    parser.add_argument(
        "--four-eyes", action="store_true", help="the policy's promotion.mode is four_eyes"
    )
    parser.add_argument("--name", default="creditrisk", help="what policies are named by")
    parser.add_argument("--namespace", default="*", help="of the runs in Kubernetes")
    parser.add_argument("--retention-days", type=int, default=2555, help="of the audit trail")
    parser.add_argument("--mode", choices=("governance", "compliance"), default="governance")
    parser.add_argument("--keep-days", type=int, default=90, help="of what was replaced")
    parser.add_argument("--patience", type=float, default=300, help="seconds to wait for a server")
    options = parser.parse_args(arguments)
    try:
        places = Places.of(os.environ)
        if options.print:
            print(json.dumps(policies(places, options.four_eyes), indent=1))
        else:
            _bootstrap(places, options)
    except (UserError, MinioException, MinioAdminException, HTTPError) as error:
        print(printable(f"bootstrap: {' '.join(str(error).split())}"), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
