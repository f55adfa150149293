"""Who acts: what authenticated the caller, never a flag."""

import base64
import json
import os
import pwd
import re
from dataclasses import dataclass
from pathlib import Path

from creditrisk.errors import GateError, UserError
from creditrisk.records import layout
from creditrisk.storage import Store
from creditrisk.storage.location import in_bucket

SELF_ASSERTED = "self-asserted"  # nobody vouches for it: what this machine calls the account
SERVICE_ACCOUNT = "system:serviceaccount:"  # how Kubernetes begins the name of a pod's account
_POD = Path("/var/run/secrets/kubernetes.io/serviceaccount")
# the pipeline's own, as the chart, its bootstrap and Kubeflow Pipelines name them, whichever the
# installation
_PIPELINES = re.compile(r"pipeline|pipeline-runner|creditrisk(-.+)?-(pipeline|run)")


@dataclass(frozen=True)
class Identity:
    """A name, and what vouches for it: `kubernetes`, `store credential` or `self-asserted`."""

    name: str
    vouched_by: str

    def __str__(self) -> str:
        return signed(self.name, self.vouched_by)


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
    return os.environ["AWS_ACCESS_KEY_ID"] if in_bucket(store.uri) else ""


def signed(by: str, identity: str) -> str:
    """A name as it is shown: with what vouches for it, where that is on record."""
    return f"{by} ({identity})" if identity else by


def caller(store: Store) -> Identity:
    """The caller of this process.

    In a pod the API server says whose token it holds (SelfSubjectReview: a TokenReview of one's
    own token, which needs no right). With a bucket it is the access key the bucket accepts. A
    store on this machine's disk authenticates nobody: the account's name is self-asserted.
    A pipeline's task, and an account that runs pipelines, is no person: a `GateError`.
    """
    if os.environ.get("KFP_POD_NAME"):
        raise GateError("a pipeline's task cannot act for a person")
    found = _caller(store)
    if marked := _runs_pipelines(store, found):
        raise GateError(
            f"{found} runs the pipeline ({marked}) and cannot act for a person: use an account of"
            " your own, or the approver's keys"
        )
    return found


def account() -> str:
    """What this machine calls the user of this process, whatever its environment says."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's arbitrary user has no name
        return f"uid {os.getuid()}"


def note_pipelines_accounts(store: Store) -> None:
    """In a pipeline's pod: keep what it runs as, so that nobody acts for a person under that."""
    if not os.environ.get("KFP_POD_NAME"):
        return
    for name in filter(None, (credential(store), _token_subject())):
        store.write(layout.pipelines_account(name), b"")


def _caller(store: Store) -> Identity:
    if (_POD / "namespace").exists():
        return Identity(_token_owner(), "kubernetes")
    if key := credential(store):
        return Identity(key, "store credential")
    return Identity(account(), SELF_ASSERTED)


def _runs_pipelines(store: Store, who: Identity) -> str:
    """How it is known that an account does; empty where it is not.

    A run marks accounts of the cluster and keys of a bucket: a mark on a name that nothing vouches
    for is no run's.
    """
    if _PIPELINES.fullmatch(who.name.rpartition(":")[2].casefold()):
        return "by its name"
    mark = layout.pipelines_account(who.name)
    marked = who.vouched_by != SELF_ASSERTED and store.tag(mark) is not None
    return f"a run as it left {mark}" if marked else ""


def _token_subject() -> str:
    """The account of this pod's own token (a JWT); empty where it was given none."""
    try:
        claims = (_POD / "token").read_text("ascii").split(".")[1]
        return str(json.loads(base64.urlsafe_b64decode(claims + "=="))["sub"])
    except (OSError, ValueError, LookupError):
        return ""


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
