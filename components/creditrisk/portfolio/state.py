"""Where a loan may stand, for lenders whose tables say it in codes."""

# What each is for an outcome: EBA/GL/2016/07, 49 to 55, on distressed restructuring as a default.
STATES: dict[str, str] = {
    "current": "nothing is past due",
    "1-29": "days past due; good",
    "30-59": "days past due: one instalment missed",
    "60-89": "days past due: two",
    "90+": "days past due: three or more",
    "default": "in default for any reason; bad",
    "restructured": "terms were eased as it could not be paid; bad",
    "written_off": "charged off; bad, and nothing is outstanding any more",
    "paid_off": "repaid; good, if it was not bad before, and nothing is outstanding any more",
    "unknown": "says nothing of the loan, as a text that is declared nowhere",
}
UNKNOWN = "unknown"
# full instalments missed: as far as states tell, three are the most
MOST_MISSED = 3
MISSED: dict[str, int] = {
    **{"current": 0, "1-29": 0, "30-59": 1, "60-89": 2, "90+": MOST_MISSED, "paid_off": 0},
    **dict.fromkeys(("default", "restructured", "written_off"), MOST_MISSED),
}
ENDED = ("written_off", "paid_off")
