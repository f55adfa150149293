"""How a change of policy is called: by the sha256 of both policies, all of each."""

import re

POLICY = "policy-"  # begins the id of a change; a version's begins with its month
_DIGITS = 16  # of each sha256: all that releases up to 0.1.0 called a change by
_WHOLE = re.compile(rf"({POLICY}[0-9a-f]{{16}})[0-9a-f]{{48}}(-[0-9a-f]{{16}})[0-9a-f]{{48}}")


def change_ids(before: str, after: str) -> tuple[str, str]:
    """What the change from one policy to another is called, and what 0.1.0 called it.

    By the second name two policies are easily made that share it: what it was given for is in
    the approval, `after`.
    """
    return f"{POLICY}{before}-{after}", f"{POLICY}{before[:_DIGITS]}-{after[:_DIGITS]}"


def brief_change(id: str) -> str:
    """A change with sixteen digits of each policy, as people are shown it."""
    return _WHOLE.sub(r"\1\2", id)
