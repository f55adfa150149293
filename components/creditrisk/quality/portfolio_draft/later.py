"""Which names of columns say that they are filled or changed after the decision."""

import re

from creditrisk.quality.portfolio_draft.words import meaning, words

# 2yrs, last_6mths, past 7 years: how far back a bureau looked
_LOOKED_BACK = re.compile(
    r"\d[_ ]?(?:m|mo|mon|mths?|months?|y|yrs?|years?)(?![a-z])", re.IGNORECASE
)


def known_later(name: str, of_extract: bool) -> bool:
    """Whether a column is known only after the decision, as far as its name tells.

    `of_extract`: it stands beside the outcomes of one extract, so that amounts and dates of
    servicing are those of the loan, and not of the customer's earlier ones.
    """
    terms = words(name)
    later = terms & meaning("later")
    if of_extract:
        moved = terms & meaning("moved") and terms & meaning("parts of a debt")
        later |= terms & meaning("servicing") | frozenset(moved)
    known = terms & meaning("known at application") or _LOOKED_BACK.search(name)
    return bool(later) and not known
