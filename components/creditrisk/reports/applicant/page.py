"""An explanation as a page that stands alone."""

from collections.abc import Mapping
from types import MappingProxyType

from creditrisk.number_text import pd_text, percent
from creditrisk.reports.applicant.explanation import Explanation
from creditrisk.reports.applicant.text import reasons_title, value_text, verdict_text
from creditrisk.reports.render import render


def applicant_page(found: Explanation, near: Mapping[str, str] = MappingProxyType({})) -> str:
    """The page; without delivered rows it says which command names them. `near`: as `render`."""
    hidden = {name: why for row in found.delivered for name, why in row.hidden.items()}
    return render(
        "applicant.html",
        near=near,
        found=found,
        title=reasons_title(found),
        verdict=verdict_text(found).partition(":")[0],
        hidden=[f"{name} ({why})" for name, why in hidden.items()],
        percent=percent,
        pd_text=pd_text,
        value=value_text,
    )
