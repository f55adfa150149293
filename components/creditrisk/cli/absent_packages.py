"""Packages that a command needs and this installation leaves out, as the smaller images do."""

import re

from creditrisk.errors import UserError

_OWN = "creditrisk"
_IMAGES = {"spark": "spark", "ml": "ml", "dashboard": "dashboard", "host": "ops"}  # by extra
_ON_HOSTS = "pipelines"  # of this project, in no pod of a run
_OF_AN_EXTRA = re.compile(r"""([\w-]+).*extra == ["']([\w-]+)""")


def absent_package(error: ImportError) -> UserError:
    """One line that says who has the package; a module that we forgot is raised as it is."""
    package = (error.name or _OWN).partition(".")[0]
    if package == _OWN:
        raise error
    extra = _extra_with(package)
    place = f"in the {_IMAGES[extra]} image, or " if extra in _IMAGES else ""
    return UserError(
        f"{package} is not installed here; run this {place}where {_OWN}[{extra}] is installed"
    )


def _extra_with(package: str) -> str:
    """The first extra that names it; the demo's, which has all of them, for what others bring."""
    if package == _ON_HOSTS:
        return "host"
    from importlib.metadata import requires  # of no use to a command that works

    named = map(_OF_AN_EXTRA.match, requires(_OWN) or ())
    return next((found[2] for found in named if found and found[1] == package), "demo")
