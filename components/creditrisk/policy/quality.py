"""The parts of the policy that judge the data of a month."""

from typing import Literal

from creditrisk.policy.key import Count, PolicySection, Positive, Share, either, higher, lower

Severity = Literal["info", "warn", "block"]


class QualityRules(PolicySection):
    """What a finding beyond its limit does to a month: info, warn or block; within it, info."""

    empty: Severity = higher("limit: max_nulled_share, as of the next ten")
    declared_missing: Severity = higher("delivered as a text that means missing")
    unreadable: Severity = higher("not of the column's type; a value lost, as in the next four")
    out_of_range: Severity = higher("not in the range that the portfolio gives the column")
    unknown_category: Severity = higher(
        "becomes 'unknown'; block only warns for an optional source or a column nobody uses"
    )
    before_the_start: Severity = higher("a default or a closing before its loan began")
    after_its_delivery: Severity = higher("or later than the file it stands in")
    unknown_member: Severity = higher("of a list")
    stripped: Severity = higher("good once declared characters were taken off")
    moved: Severity = higher("a date moved to the first of its month")
    respelt: Severity = higher("a category in another spelling")
    extra_column: Severity = higher("limit: none")
    unreadable_row: Severity = higher("limit: max_quarantined_share, as of the next five")
    of_another_month: Severity = higher("in a file of one month")
    no_key: Severity = higher("lacks customer, loan or another column it needs")
    conflicting_duplicate: Severity = higher("same key, other content")
    equal_duplicate: Severity = higher("one is kept")
    set_aside: Severity = higher("all of a source's rows that did not make it to silver")
    too_few_rows: Severity = higher("limit: rows_low")
    too_many_rows: Severity = higher("limit: rows_high")
    outage: Severity = higher("limit: outage_coverage")
    missing_more: Severity = higher("limit: max_missing_rise")
    shift: Severity = higher("limit: max_shift")
    outliers: Severity = higher("limit: max_outlier_rise")
    unseen_values: Severity = higher("limit: max_unseen_share")
    anomalies: Literal["info", "warn"] = higher(
        "limit: monitoring.max_anomalous_share; found too late to block"
    )


class Quality(PolicySection):
    """When data is worth a word, and which findings block a month."""

    max_quarantined_share: Share = lower("of a table's rows, struck by a rule or set aside by all")
    max_nulled_share: Share = lower("of a column's values, struck by one rule")
    rows_low: Share = higher("fewer applications than this share of the month before are too few")
    rows_high: Positive = lower("more than so many times the month before are too many")
    outage_coverage: Share = higher("of applicants in an optional source; less is an outage")
    min_rows: Count = either("fewer rows, now or a month ago: a column is described, not judged")
    max_missing_rise: Share = lower("rise of a column's missing share against the month before")
    max_shift: Positive = lower(
        "of a column's mean in a month, in pooled standard deviations (Cohen 1988: medium)"
    )
    fence_reach: Positive = lower(
        "an outlier is so many interquartile ranges beyond the quartiles (Tukey 1977: far out)"
    )
    max_outlier_rise: Share = lower("rise of the share of values beyond last month's fences")
    max_unseen_share: Share = lower("of rows whose category the month before did not show")
    min_shown: Count = lower("rows with an undeclared category before the report spells it out")
    rules: QualityRules
