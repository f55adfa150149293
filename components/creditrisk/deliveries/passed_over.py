"""Files that would not be read as their names differ from a table's in case alone."""

from collections.abc import Collection, Iterable

from creditrisk.errors import UserError, printable
from creditrisk.portfolio.file_name import ENDINGS, other_case


def refuse_passed_over(
    keys: Iterable[str], table: str, read: Collection[str | None], others: Collection[str]
) -> None:
    """`UserError` where a machine that writes `.CSV` delivered a month that nobody would miss.

    `read`: the table's files that are found; `others`: the other tables' names.
    """
    for key in keys:
        ending = next((end for end in ENDINGS if key.lower().endswith(end)), "")
        stem = key[: -len(ending)] if ending else ""
        if not stem or key in read or {stem, stem.rpartition("/")[0]} & {*others}:
            continue
        if other_case(stem, table):
            raise UserError(
                f"{printable(key)} would not be read: names of files are {table} in this case, and"
                f" end in {' or '.join(ENDINGS)}; rename it"
            )
