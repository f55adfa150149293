"""Who acts: what authenticated the caller, never a flag."""

import getpass
import os
from dataclasses import dataclass
from pathlib import Path

from creditrisk.errors import GateError, UserError
from creditrisk.storage import Store

_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


@dataclass(frozen=True)
class Identity:
    """A name, and what vouches for it: `kubernetes`, `store credential` or `self-asserted`."""

    name: str
    vouched_by: str

    def __str__(self) -> str:
        return f"{self.name} ({self.vouched_by})"


@dataclass(frozen=True)
class Statement:
    """What a person puts on record: who, why and when (wall clock, ISO 8601 with zone)."""

    who: Identity
    reason: str
    at: str

    def record(self) -> dict[str, str]:
        """As a record holds it; without a name or a reason a `UserError`."""
        if not self.who.name.strip():
            raise UserError("it goes on record, so it needs a name: say who")
        if not self.reason.strip():
            raise UserError("it goes on record, so it needs a reason: say why")
        who = {"by": self.who.name, "identity": self.who.vouched_by}
        return {**who, "reason": self.reason, "at": self.at}


def credential(store: Store) -> str:
    """The key this process shows a bucket; empty on a disk, which asks for none."""
    return os.environ["AWS_ACCESS_KEY_ID"] if store.uri.startswith("s3://") else ""


def same_person(one: str, other: str) -> bool:
    """Whether two names differ in no more than case and spaces."""
    return one.casefold().split() == other.casefold().split()


def caller(store: Store) -> Identity:
    """The caller of this process.

    In a pod the API server says whose token it holds (SelfSubjectReview, which any
    authenticated caller may ask). With a bucket it is the access key the bucket accepts. A
    store on this machine's disk authenticates nobody: the account's name is self-asserted.
    A pipeline's task is no person and is refused with a `GateError`.
    """
    if os.environ.get("KFP_POD_NAME"):
        raise GateError("a pipeline's task cannot act for a person")
    if _NAMESPACE.exists():
        return Identity(_token_owner(), "kubernetes")
    if key := credential(store):
        return Identity(key, "store credential")
    return Identity(account(), "self-asserted")


def account() -> str:
    """What this machine calls the account of this process, else its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's arbitrary account has no name (3.13: OSError)
        return f"uid {os.getuid()}"


def _token_owner() -> str:
    from kubernetes import client, config  # noqa: PLC0415 - takes a second, only a pod needs it

    config.load_incluster_config()
    try:
        review = client.AuthenticationV1Api().create_self_subject_review(
            client.V1SelfSubjectReview()
        )
    except client.ApiException as error:
        raise UserError(
            f"the API server does not say who this is ({error.status} {error.reason});"
            " SelfSubjectReview needs Kubernetes 1.28 or newer"
        ) from None
    return str(review.status.user_info.username)
