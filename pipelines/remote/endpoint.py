"""Where Kubeflow's API is and who we are to it, as options and the environment say."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from creditrisk.errors import UserError
from creditrisk.header_value import header_value
from pipelines.installation import named

NAMESPACE = "kubeflow"  # where a standalone Kubeflow Pipelines runs what it is given
_PROJECTED = Path("/var/run/secrets/kubeflow/pipelines/token")  # where kfp's own client looks


@dataclass(frozen=True)
class Endpoint:
    """`host` is a URL; `namespace` is where the pods of a run are."""

    host: str
    namespace: str = NAMESPACE
    account: str = ""  # of the run: one, not one per task
    token: str | None = None
    token_file: Path | None = None  # read again at each call: a projected token is renewed
    cookie: str | None = None
    ca: Path | None = None
    verify: bool = True

    @classmethod
    def from_environment(cls, host: str, namespace: str) -> Self:
        """Options win; a setting that cannot be is a `UserError`."""
        url = (host or os.environ.get("KF_PIPELINES_ENDPOINT", "")).rstrip("/")
        if not url.startswith(("http://", "https://")):
            raise UserError(
                f"Kubeflow's API is at {url or 'no address'}: give --host or KF_PIPELINES_ENDPOINT"
                " as http://host:port (kubectl port-forward -n kubeflow svc/ml-pipeline 8888:8888"
                " makes it http://localhost:8888)"
            )
        found = _file("KF_PIPELINES_SA_TOKEN_PATH")
        namespace, account = pods(namespace)
        return cls(
            host=url,
            namespace=namespace,
            account=account,
            token=header_value("CREDITRISK_KFP_TOKEN") or None,
            token_file=found or (_PROJECTED if _PROJECTED.is_file() else None),
            cookie=header_value("CREDITRISK_KFP_COOKIE", blanks=True) or None,
            ca=_file("CREDITRISK_KFP_CA"),
            verify=os.environ.get("CREDITRISK_KFP_INSECURE", "") in ("", "0"),
        )


def pods(namespace: str) -> tuple[str, str]:
    """Namespace and service account of a run's pods."""
    return (
        namespace or os.environ.get("CREDITRISK_NAMESPACE") or NAMESPACE,
        os.environ.get("CREDITRISK_SERVICE_ACCOUNT") or named("run"),
    )


def _file(name: str) -> Path | None:
    text = os.environ.get(name)
    if text and not Path(text).is_file():
        raise UserError(f"{name} is {text}, which is no file")
    return Path(text) if text else None
