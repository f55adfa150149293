"""Where a key of a portfolio file stands, for whoever has to change it."""

from collections.abc import Iterable

import yaml


class Lines:
    """Line numbers of a YAML text, counted from 1."""

    def __init__(self, text: str) -> None:
        self._root: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)

    def of(self, path: Iterable[object]) -> int:
        """The line of a key, or of the innermost part of its path that is written there."""
        line, node = 1, self._root
        for part in path:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            found = next(((key, value) for key, value in pairs if key.value == str(part)), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        return line
