"""What a pipeline's parameters say where nobody gives one; empty means the same."""

SCHEDULED = "scheduled"  # the month of the schedule's date
INSTALLED = "installed"  # as the installation's configuration says
NO = "no"


def given(parameter: str, default: str) -> str:
    """A parameter as it was given; empty where it was not."""
    return "" if parameter == default else parameter
