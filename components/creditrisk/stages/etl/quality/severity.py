"""What the policy does about a finding beyond its limit."""

from creditrisk.policy import QualityRules, Severity
from creditrisk.portfolio import SourceSpec
from creditrisk.stages.etl.cleaning import EARLIER


def severity(rules: QualityRules, rule: str, spec: SourceSpec, column: str = "") -> Severity:
    """Of a rule as reports name it; an optional source or an unused column never blocks."""
    if rule == EARLIER:
        return "info"
    found: Severity = getattr(rules, policy_key(rule))
    if found == "block" and (spec.optional or (column and not _is_used(spec, column))):
        return "warn"
    return found


def policy_key(rule: str) -> str:
    """The rule's key under `quality.rules`; a row may lack any of several keys."""
    return "no_key" if rule.startswith("no ") else rule.replace(" ", "_")


def _is_used(spec: SourceSpec, name: str) -> bool:
    columns = {spec.name_of(delivered): c for delivered, c in spec.columns.items()}
    return not columns[name].excluded and not columns[name].pii
