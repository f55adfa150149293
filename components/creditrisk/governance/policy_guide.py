"""The policy in words: what each of its keys says it does."""

import json
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby
from operator import attrgetter

from creditrisk.errors import UserError
from creditrisk.policy import Policy, load_policy
from creditrisk.policy.key import keys

_HEAD = """# Policy guide

Every threshold of the system, its default and what it does. Written by `make docs` from \
`policy.yaml` (the defaults) and `creditrisk/policy` (types and meanings). A policy file replaces \
the keys it names: `creditrisk run --policy FILE`. `creditrisk policy explain KEY` prints one of \
these lines, `creditrisk policy diff FILE` what a file changes.
"""
_TABLE = "| key | default | meaning |\n|---|---|---|"


@dataclass(frozen=True)
class Threshold:
    """A key of the policy (`monitoring.psi_red`), its default and what it does."""

    key: str
    default: str
    meaning: str


def thresholds() -> list[Threshold]:
    """Every key of the policy, in its order."""
    defaults, fields = load_policy().values(), keys(Policy)
    return [Threshold(key, written(defaults[key]), f"{fields[key].description}") for key in fields]


def written(value: object) -> str:
    """A value as a policy file has it."""
    return value if isinstance(value, str) else json.dumps(value)


def explain(key: str) -> Threshold:
    """One key, or its last part where that is unique; otherwise a `UserError` names the nearest."""
    known = {found.key: found for found in thresholds()}
    if key in known:
        return known[key]
    short = [found for name, found in known.items() if name.endswith(f".{key}")]
    if len(short) == 1:
        return short[0]
    if short:
        raise UserError(f"'{key}' is in {', '.join(found.key for found in short)}; say which")
    near = get_close_matches(key, known, n=3, cutoff=0.4)
    raise UserError(f"the policy has no key '{key}'; near it: {', '.join(near) or 'none'}")


def guide() -> str:
    """`docs/policy.md`: every threshold, section by section, Markdown."""
    policy, lines = load_policy(), [_HEAD]
    for name, found in groupby(thresholds(), lambda each: each.key.rpartition(".")[0]):
        lines.append(f"## {name}\n\n{attrgetter(name)(policy).__doc__}\n\n{_TABLE}")
        for each in found:
            key = each.key.removeprefix(f"{name}.")
            lines.append(f"| `{key}` | `{each.default}` | {each.meaning} |")
        lines.append("")
    return "\n".join(lines)
