"""Which column of the file a described column reads."""

from creditrisk.portfolio.source import SourceSpec


def file_column(source: SourceSpec, name: str) -> str:
    """The name in the file of a described column; several may read the same one."""
    return source.columns[name].column or name


def reads(source: SourceSpec, column: str) -> str:
    """The first described column that reads a column of the file."""
    return next(name for name in source.columns if file_column(source, name) == column)
