"""What `examples.yaml` holds: columns and lenders for the page of keys."""

from functools import cache
from importlib import resources

from creditrisk.policy import Section, YamlText

Rows = tuple[tuple[str, ...], ...]


class Example(Section):
    """Columns of one file column: what is delivered, and what each of them becomes in silver.

    `columns`: lines below `columns`, YAML. `becomes`: values by name, '' where it is null; as
    many as there are texts in `delivered`. `table`: a line of the table above `columns`.
    """

    title: str
    columns: str
    delivered: tuple[str, ...]
    becomes: dict[str, tuple[str, ...]]
    table: str = ""


class Lender(Section):
    """A description, the files it is of, and rows of tables that they become (header first).

    `sources`: YAML, below `sources`. In files and tables, cells as text; '' is null. Tables are
    those of the newest month and all before, at the outcome's `mob` of 3.
    """

    title: str
    text: str
    sources: str
    files: dict[str, Rows]
    becomes: dict[str, Rows]


class Examples(Section):
    """All of them, in the page's order."""

    columns: tuple[Example, ...]
    lenders: tuple[Lender, ...]


@cache
def examples() -> Examples:
    """As the package has them."""
    text = resources.files(__package__).joinpath("examples.yaml").read_text("utf-8")
    return Examples.model_validate(YamlText(text, "examples.yaml").content)
