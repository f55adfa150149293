"""What makes one policy looser than another: the keys say which way they are stricter."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from creditrisk.policy import Policy
from creditrisk.policy.key import keys, stricter

Direction = Literal["looser", "stricter"]

_STRICTER: dict[str, Callable[[Any, Any], bool]] = {
    "higher": lambda before, after: after > before,
    "lower": lambda before, after: after < before,
    "sooner": lambda before, after: after > 0 and (after < before or before == 0),
    "narrower": lambda before, after: after[0] >= before[0] and after[1] <= before[1],
    "more": lambda before, after: set(before) <= set(after),
    "either": lambda *_: False,
}


@dataclass(frozen=True)
class Difference:
    """A key two policies differ in; `direction` as the second is seen from the first."""

    key: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return f"{self.key}: {self.before} -> {self.after}"

    @property
    def direction(self) -> Direction:
        field = keys(Policy)[self.key]
        values = [self.before, self.after]
        if get_origin(field.annotation) is Literal:
            values = [get_args(field.annotation).index(word) for word in values]
        return "stricter" if _STRICTER[stricter(field)](*values) else "looser"


def differences(before: Policy, after: Policy) -> list[Difference]:
    """The keys two policies differ in, in the policy's order."""
    one, two = before.values(), after.values()
    return [Difference(key, one[key], two[key]) for key in one if one[key] != two[key]]
