"""What bad means to a month's champion, where the policy has come to mean something else by it.

Outcomes by the champion's definition go on being built, in `gold/champion_labels`, until it is
replaced: otherwise nothing would tell any more whether its PDs are right.
"""

from datetime import date

from creditrisk.policy import Outcome
from creditrisk.records import layout
from creditrisk.records.card import CARD, Card, Label
from creditrisk.records.champion_pointer import champion_at
from creditrisk.storage import Store


def champion_outcome(store: Store, as_of: date, outcome: Outcome) -> Outcome | None:
    """The outcome by which a month's champion is measured; None: the policy's, or no champion."""
    version = champion_at(store, as_of)
    card = Card.read(store, layout.version(version, CARD)) if version else None
    return own_outcome(card.label, outcome) if card else None


def own_outcome(label: Label, outcome: Outcome) -> Outcome | None:
    """The outcome of a version's own definition; None where it is the policy's."""
    missed = label.missed_instalments or outcome.missed_instalments
    if (label.mob, missed) == (outcome.mob, outcome.missed_instalments):
        return None
    early = min(outcome.early_mob, label.mob)
    changed = {"mob": label.mob, "missed_instalments": missed, "early_mob": early}
    return outcome.model_copy(update=changed)


def redefined(label: Label, outcome: Outcome) -> str:
    """What bad means to a version and to the policy; empty where it is the same."""
    own = own_outcome(label, outcome)
    return f"{_in_words(own)} to the champion, {_in_words(outcome)} by the policy" if own else ""


def _in_words(outcome: Outcome) -> str:
    return f"{outcome.missed_instalments} instalments late within {outcome.mob} months"
