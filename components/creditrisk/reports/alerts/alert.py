"""Something people should know of."""

import hashlib
import json
from dataclasses import dataclass

from creditrisk.policy.alerts import Urgency

UNKNOWN = "unknown"  # the month of a run that failed before its month was known


@dataclass(frozen=True)
class Alert:
    """An event of a month (YYYY-MM-DD); `subject` tells events of one kind apart.

    `lines` hold the numbers, `link` leads to the rest.
    """

    event: str
    month: str
    urgency: Urgency
    portfolio: str
    title: str
    lines: tuple[str, ...]
    subject: str = ""
    link: str = ""

    @property
    def key(self) -> str:
        """The same for the same event, however often it is found."""
        return f"{self.month}/{self.event}" + (f"-{self.subject}" if self.subject else "")

    @property
    def digest(self) -> str:
        """Of what is said: another text is news."""
        said = json.dumps([self.urgency, self.title, self.lines])
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    @property
    def text(self) -> str:
        """The body of a message."""
        return "\n".join((*self.lines, *([self.link] if self.link else [])))
