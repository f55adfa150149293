"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

from creditrisk.cli.places import folder_there


def path_here(text: str) -> Path:
    """A path of this machine, as `locate` takes it."""
    from creditrisk.storage.location import local_path

    return local_path(str(text))  # a default is a path already


Data = Annotated[str, typer.Option("--data", help="Folder of delivered files.")]
AsOf = Annotated[str, typer.Option("--as-of", help="The month, as 2024-09.")]
Store = Annotated[
    str, typer.Option("--store", envvar="CREDITRISK_STORE", help="Path or URL of the store.")
]
Policy = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        parser=path_here,
        metavar="PATH",
        help="YAML whose keys replace the default policy's.",
    ),
]
Portfolio = Annotated[
    Path | None,
    typer.Option(
        "--portfolio",
        parser=path_here,
        metavar="PATH",
        help="YAML that describes the lender's tables.",
    ),
]
From = Annotated[str, typer.Option("--from", help="First month, as 2024-09.")]
To = Annotated[str, typer.Option("--to", help="Last month, as 2024-09.")]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]
Reason = Annotated[str, typer.Option("--reason", help="Goes on the audit trail.")]
Host = Annotated[
    str,
    typer.Option(
        "--host", envvar="KF_PIPELINES_ENDPOINT", help="URL of the API of Kubeflow Pipelines."
    ),
]
Namespace = Annotated[
    str,
    typer.Option(
        "--namespace", envvar="CREDITRISK_NAMESPACE", help="Where runs run; default: kubeflow."
    ),
]
Remote = Annotated[bool, typer.Option("--remote", help="On the cluster; see docs/remote.md.")]
Wait = Annotated[
    bool, typer.Option("--wait/--no-wait", help="With --remote: stay until the run ends.")
]
Version = Annotated[
    str, typer.Option("--version", help="With --remote: an uploaded version; default: the newest.")
]
PackageDir = Annotated[
    Path | None,
    typer.Option(
        "--package-dir",
        parser=folder_there,
        metavar="DIR",
        help="Folder of compiled pipelines; else they are compiled.",
    ),
]
