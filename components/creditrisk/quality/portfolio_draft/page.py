"""A draft as the YAML of a portfolio file: beliefs as keys, reasons and questions as comments."""

import re
from collections.abc import Iterator

from creditrisk.errors import printable
from creditrisk.policy.yaml_text import quoted
from creditrisk.quality.portfolio_draft.draft import Draft, Source
from creditrisk.quality.portfolio_draft.values import Belief

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/{}-]*")
_NOT_TEXT = {"yes", "no", "on", "off", "true", "false", "null", "y", "n", "none"}


def page(draft: Draft, data: str, check: str) -> str:
    """The file's text; `check`: the command that comes next."""
    return "\n".join(_lines(draft, data, check)) + "\n"


def _lines(draft: Draft, data: str, check: str) -> Iterator[str]:
    yield f"# What the files of {printable(data)} seem to say, as `creditrisk init` reads them."
    yield "# It may be wrong: read it before you trust it."
    yield "# A comment that ends in a question mark asks; a column behind # is left out."
    yield f"# Then: {printable(check)}"
    yield from (f"# not read: {printable(text)}" for text in draft.unread)
    name = re.sub(r"\W+", "-", draft.folder.rstrip("/").rpartition("/")[2]).strip("-") or "lender"
    yield f"name: {_text(name)}"
    asked = "" if draft.currency else "  # which currency are amounts in?"
    yield f"currency: {draft.currency or 'XXX'}{asked}"
    yield ""
    yield "sources:"
    for source in draft.sources:
        yield from _source(source)


def _source(source: Source) -> Iterator[str]:
    yield from (f"  # {printable(text)}" for text in (source.why, *source.questions))
    yield f"  {_text(source.name)}:"
    yield from (f"    {key}: {_value(value)}" for key, value in source.keys.items())
    yield "    columns:"
    for name, belief in source.columns.items():
        yield _column(name, belief)
    yield ""


def _column(name: str, belief: Belief) -> str:
    keys = ", ".join(f"{key}: {_value(value)}" for key, value in belief.keys.items())
    comment = printable("; ".join((*belief.why, *belief.questions)))
    mark = "# " if belief.left_out else ""
    return f"      {mark}{_text(name)}: {{{keys}}}" + (f"  # {comment}" if comment else "")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(k)}: {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _text(value) if isinstance(value, str) else str(value)  # YAML's dates are ISO's


def _text(text: str) -> str:
    """A text as YAML takes it: quoted where it would be read as something else."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    return quoted(text)
