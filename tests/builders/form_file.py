"""A form as a lender delivers it: a header, twenty rows, and what the reader makes of a file."""

from pathlib import Path

import pytest

from creditrisk.deliveries.reader import delivered_rows
from creditrisk.errors import UserError
from creditrisk.portfolio import SourceSpec
from creditrisk.storage.file import FileStore

SPEC = SourceSpec.model_validate(
    {
        "table": "form",
        "role": "applications",
        "columns": {
            "client": {"role": "customer", "type": "text"},
            "month": {"role": "snapshot", "type": "date"},
            "income": {"type": "number"},
        },
    }
)
HEADER = "client,month,income,note\n"
ROWS = [f"c{n},2023-01-01,{100 + n},ok" for n in range(20)]


def described(encoding: str) -> SourceSpec:
    """The same form, in another encoding."""
    return SourceSpec.model_validate(SPEC.model_dump() | {"encoding": encoding})


def taken(folder: Path, content: str | bytes, name: str = "form.csv", spec: SourceSpec = SPEC):
    """Cells, numbers, misfits by number, and blank rows of a file, read plain and as codes."""
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(data)
    plain, coded = (_taken(folder, name, spec, coded) for coded in (False, True))
    assert plain == coded
    return plain


def _taken(folder: Path, name: str, spec: SourceSpec, coded: bool):
    with delivered_rows(FileStore(folder), name, "form", spec, coded) as file:
        found = list(file)
    fields = len(file.header)
    cells = [
        tuple(cell.as_py() for cell in row)
        for rows in found
        for row in zip(*rows.cells.columns[:fields], strict=True)
    ]
    numbers = [int(number) for rows in found for number in rows.numbers]
    misfits = {misfit.number: misfit.text for rows in found for misfit in rows.misfits}
    return cells, numbers, misfits, sum(rows.blank for rows in found)


def refused(
    folder: Path, content: str | bytes, name: str = "form.csv", spec: SourceSpec = SPEC
) -> str:
    """The one line that refuses a file; it begins with the file's name."""
    with pytest.raises(UserError) as error:
        taken(folder, content, name, spec)
    text = str(error.value)
    assert text.startswith(name)
    assert "\n" not in text
    return text
