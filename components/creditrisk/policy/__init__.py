"""The policy: every threshold, typed, frozen, versioned by its content.

The sha256 of the canonical form (JSON, sorted keys) is the policy's version: two
files that differ only in comments or order are the same policy.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cache, reduce
from importlib import resources
from operator import getitem
from pathlib import Path
from typing import Any

from pydantic import ValidationError, model_validator

from creditrisk.errors import UserError
from creditrisk.json_value import json_value
from creditrisk.named_file import file_text
from creditrisk.policy.governance import Alerts, Governance, Materiality
from creditrisk.policy.key import Band, PolicySection, Section, keys
from creditrisk.policy.monitoring import LowDefault, Monitoring, Shocks, Stress
from creditrisk.policy.quality import Quality, QualityRules, Severity
from creditrisk.policy.sections import (
    Development,
    Economics,
    Fairness,
    Outcome,
    Promotion,
    Rule,
    Scoring,
    Validation,
)
from creditrisk.policy.yaml_text import FaultError, YamlText, faults

__all__ = [
    "Band",
    "Development",
    "FaultError",
    "LowDefault",
    "Monitoring",
    "Outcome",
    "Policy",
    "Quality",
    "QualityRules",
    "Rule",
    "Scoring",
    "Section",
    "Severity",
    "Shocks",
    "YamlText",
    "faults",
    "load_policy",
    "merge",
    "parse_policy",
    "thaw_policy",
]


class Policy(PolicySection):
    """The whole policy."""

    outcome: Outcome
    quality: Quality
    development: Development
    validation: Validation
    fairness: Fairness
    shocks: Shocks
    low_default: LowDefault
    monitoring: Monitoring
    rule: Rule
    promotion: Promotion
    alerts: Alerts
    governance: Governance
    materiality: Materiality
    scoring: Scoring
    economics: Economics
    stress: Stress

    @model_validator(mode="after")
    def _overlay_is_bounded(self) -> "Policy":
        margin, most = self.scoring.margin_of_conservatism, self.rule.max_overlay
        if margin > most:
            raise ValueError(f"scoring.margin_of_conservatism {margin} is above max_overlay {most}")
        return self

    _frozen: bytes = b""  # as a release with other keys froze it

    @property
    def sha(self) -> str:
        """sha256 of the canonical form, the policy's version."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def canonical(self) -> bytes:
        """JSON with sorted keys and no spaces; of a thawed policy, what was frozen."""
        return (
            self._frozen
            or json.dumps(
                self.model_dump(mode="json"), sort_keys=True, separators=(",", ":")
            ).encode()
        )

    def values(self) -> dict[str, Any]:
        """What each key holds, as in JSON: `monitoring.psi_red` is 0.25."""
        content = self.model_dump(mode="json")
        return {key: reduce(getitem, key.split("."), content) for key in keys(Policy)}


def parse_policy(text: str, where: str) -> Policy:
    """Read a policy from YAML; every unknown or wrong key is named in one `UserError`."""
    written = YamlText(text, where)
    given = {} if written.content is None else written.content
    try:
        return Policy.model_validate(merge(_default(), given))
    except ValidationError as error:
        found = (f"{found} (line {written.line(path)})" for path, found in _explained(error))
        raise UserError(f"{where}: {'; '.join(found)}") from None


def thaw_policy(text: str, where: str) -> Policy:
    """A policy that some release of ours froze as JSON, under the version it was frozen as.

    What is no key any more is left out, and what was none yet has its default.
    """
    try:
        given = json_value(text)
    except ValueError:
        raise UserError(f"{where} is not JSON: the frozen policy was altered; restore it") from None
    try:
        policy = _known_keys(given)
    except ValidationError as error:
        found = (found for _, found in _explained(error))
        raise UserError(f"{where}: {'; '.join(found)}") from None
    if policy.canonical() != text.encode():
        policy._frozen = text.encode()
    return policy


def _known_keys(given: Any) -> Policy:  # noqa: ANN401 - any JSON
    """The policy that was written, without the keys that are none any more."""
    try:
        return Policy.model_validate(merge(_default(), given))
    except ValidationError as error:
        for fault in error.errors():
            if fault["type"] == "extra_forbidden":
                *sections, key = fault["loc"]
                del reduce(getitem, sections, given)[key]
    return Policy.model_validate(merge(_default(), given))


def load_policy(path: Path | None = None) -> Policy:
    """The default policy, or a file whose keys replace the default's (the rest stands)."""
    if path is None:
        return parse_policy("", "policy.yaml")
    return parse_policy(file_text(path, "policy"), str(path))


def merge(base: object, over: object) -> object:
    """`over` laid on `base`, mapping by mapping; anything else is replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        return base | {key: merge(base.get(key), value) for key, value in over.items()}
    return over


def _explained(error: ValidationError) -> Iterator[tuple[tuple[str, ...], str]]:
    """Where each error of a policy is, and the key with what is wrong with it."""
    for path, what in faults(error, Policy):
        yield path, f"{'.'.join(path) or 'top level'}: {what}"


@cache
def _default() -> object:
    text = resources.files(__package__).joinpath("policy.yaml").read_text("utf-8")
    return YamlText(text, "policy.yaml").content
