"""The policy in words: what each threshold does.

The words are the comments of `policy.yaml`, so that a threshold and its meaning stand in one place.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources

from creditrisk.errors import UserError

_LINE = re.compile(r"^(?P<indent> *)(?P<key>\w+):\s*(?P<value>[^#]*?)\s*(?:#\s*(?P<said>.*))?$")


@dataclass(frozen=True)
class Threshold:
    """A key of the policy (`monitoring.psi_red`), its default and what it does."""

    key: str
    default: str
    meaning: str


def thresholds() -> list[Threshold]:
    """Every key of the default policy, in its order."""
    text = resources.files("creditrisk.policy").joinpath("policy.yaml").read_text("utf-8")
    return [found for found in _read(text) if found.default]


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
    text = resources.files("creditrisk.policy").joinpath("policy.yaml").read_text("utf-8")
    lines = [
        "# Policy guide",
        "",
        "Every threshold of the system, its default and what it does. Written by `make docs` from"
        " `components/creditrisk/policy/policy.yaml`, where each of them has its one home. A policy"
        " file replaces the keys it names: `creditrisk run --policy FILE`. `creditrisk policy"
        " explain KEY` prints one of these lines, `creditrisk policy diff FILE` what a file"
        " changes.",
    ]
    for found in _read(text):
        name = found.key.rpartition(".")[2]
        if not found.default:
            said = f": {found.meaning}" if found.meaning else ""
            lines += [
                "",
                f"## {found.key}{said}",
                "",
                "| key | default | meaning |",
                "|---|---|---|",
            ]
        else:
            lines.append(f"| `{name}` | `{found.default}` | {found.meaning} |")
    return "\n".join(lines) + "\n"


def _read(text: str) -> Iterator[Threshold]:
    path: list[str] = []
    for line in text.splitlines():
        found = _LINE.match(line)
        if not found:
            continue
        depth = len(found["indent"]) // 2
        path = [*path[:depth], found["key"]]
        yield Threshold(".".join(path), found["value"], found["said"] or "")
