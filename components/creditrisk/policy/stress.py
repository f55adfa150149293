"""The part of the policy for what a downturn would do to the PDs."""

from creditrisk.policy.key import PolicySection, Positive, more


class Stress(PolicySection):
    """Macro shocks of the monthly stress table."""

    shocks: tuple[Positive, ...] = more("each added to the log odds of every published PD")
