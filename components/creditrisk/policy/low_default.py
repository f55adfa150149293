"""The part of the policy for books in which few loans default."""

from creditrisk.policy.key import Count, PolicySection, Span, Within, either, higher


class LowDefault(PolicySection):
    """What is said of grades whose defaults are few: the most prudent PD not contradicted."""

    confidence: Within = higher("of a grade's most prudent PD (Pluto, Tasche 2005)")
    asset_correlation: float = higher(
        "of two loans' assets, by one factor; 0: independent loans", ge=0, lt=1
    )
    few_bads: Count = higher("of validation rows; with fewer, the card says what is not known")
    backtest_cohorts: Span = either("newest matured cohorts pooled by a grade's monthly backtest")
