"""What a check of an environment found."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class CheckResult:
    """One check: `says` what was found, `move` what to do about it (empty where all is well)."""

    name: str
    state: Status
    says: str
    move: str = ""
