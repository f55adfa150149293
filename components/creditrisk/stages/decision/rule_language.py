"""The language of business rules: comparisons, joined by `and`, `or`, `not`; `+ - * /`; brackets.

`mean_6m(metric)`, or median, min, max, looks at the metric's previous 6 months. Python parses the
rule with an `x` for each operand, padded to the operand's length: nothing in it can be called, a
metric may have any name (`csi:income`), and a column of Python's tree is a column of the rule.
"""

import ast
import re
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NoReturn

from creditrisk.errors import UserError

_NAME = r"(?!(?:and|or|not)(?![\w:]))[A-Za-z_]\w*(?::\w+)*"
_TOKEN = re.compile(
    rf"""(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))
    | (?:(?P<statistic>mean|median|min|max)_(?P<months>0?[1-9]|[1-9]\d)m\s*\(\s*)?
      (?P<metric>{_NAME})(?(statistic)\s*\)|(?![\w:]|\s*\())
    | (?P<sign>(?:and|or|not)(?![\w.])|[<>=!]=|[-+()]|\*(?!\*)|/(?!/)|[<>](?![<>]))
    | (?P<unknown>[\w:]+\s*\(|\S+)""",
    re.VERBOSE,
)
_MISPLACED = re.compile(r"[x)]\s*(?=[x(n])|\(\s*(?=\))")  # a second operand, or none in brackets
_LOGIC = ("and", "or", "not")
_SIGNS: dict[type[ast.AST], str] = {
    **{ast.And: "and", ast.Or: "or", ast.Not: "not"},
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="},
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.USub: "-"},
}
_INSTEAD = {
    "=": "; use == to compare, or >=, <=",
    "%": "; write 0.25 for 25%",
    ",": "; write 0.25 for 0,25",
    "&": "; use 'and'",
    "|": "; use 'or'",
    "!": "; use 'not' or !=",
    "(": "; a function is mean_6m, median_6m, min_6m or max_6m of one metric",
}
_LONGEST, _DEEPEST = 500, 20  # what a person writes; a parser has a stack to guard


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Metric:
    """A published metric of the month, or a statistic over its previous `months`."""

    name: str
    statistic: str = ""
    months: int = 0

    def __str__(self) -> str:
        return f"{self.statistic}_{self.months}m({self.name})" if self.statistic else self.name


@dataclass(frozen=True)
class Operation:
    """An operator on one part or more; comparisons and logic give yes or no, the rest numbers."""

    sign: str
    parts: tuple["Node", ...]


Node = Number | Metric | Operation


def parse(rule: str) -> Operation:
    """The tree of a rule; a `UserError` names what is wrong, where, and what to write instead."""
    reader = _Reader(" ".join(rule.split()))
    node = reader.node(reader.python())
    if not isinstance(node, Operation) or not _is_truth(node):
        reader.refuse(0, "a rule compares, e.g. bad_rate_mob3 > 0.25")
    return node


def metrics_of(node: Node) -> list[Metric]:
    """Metrics and windows in a tree, in order of writing, each once."""
    if isinstance(node, Metric):
        return [node]
    parts = node.parts if isinstance(node, Operation) else ()
    return list(dict.fromkeys(metric for part in parts for metric in metrics_of(part)))


@dataclass(frozen=True)
class _Reader:
    rule: str
    operands: dict[int, Number | Metric] = field(default_factory=dict)  # by their place

    def python(self) -> ast.expr:
        """Python's tree of the rule, once all that stands in it is known."""
        if len(self.rule) > _LONGEST:
            raise UserError(f"business rule '{self.rule[:60]}...' is longer than {_LONGEST}")
        source = _TOKEN.sub(self._known, self.rule)
        nested = max(accumulate((sign == "(") - (sign == ")") for sign in source), default=0)
        if nested >= _DEEPEST or "-" * _DEEPEST in source.replace(" ", ""):
            self.refuse(0, f"nested deeper than {_DEEPEST}")
        if misplaced := _MISPLACED.search(source):
            self.refuse(misplaced.end())
        try:
            return ast.parse(source, mode="eval").body
        except SyntaxError as error:  # without a place where the rule ends too early
            place = error.offset - 1 if error.offset else len(source)
            self.refuse(place, "'(' is never closed" if source[place:].startswith("(") else "")

    def node(self, python: ast.expr) -> Node:
        """What a node of Python's tree means in a rule."""
        if isinstance(python, ast.Name):
            return self.operands[python.col_offset]
        children = list(ast.iter_child_nodes(python))
        parts = [child for child in children if isinstance(child, ast.expr)]
        sign, *more = (_SIGNS.get(type(child)) for child in children if child not in parts)
        if more:
            self.refuse(python.col_offset, "two comparisons in a row; join them with 'and'")
        if not sign:
            self.refuse(python.col_offset)
        nodes = [self.node(part) for part in parts]
        for node, part in zip(nodes, parts, strict=True):
            if sign in _LOGIC and not _is_truth(node):
                self.refuse(part.col_offset, f"'{sign}' joins comparisons, not numbers")
            if sign not in _LOGIC and _is_truth(node):
                self.refuse(part.col_offset, f"'{sign}' takes numbers, not comparisons")
        zero = [Number(0.0)] if isinstance(python, ast.UnaryOp) and sign == "-" else []
        return Operation(sign, (*zero, *nodes))

    def refuse(self, place: int, what: str = "") -> NoReturn:
        token = _TOKEN.match(self.rule, place)
        what = what or (f"did not expect '{token[0]}'" if token else "it ends too early")
        raise UserError(f"business rule '{self.rule}', character {place + 1}: {what}")

    def _known(self, token: re.Match[str]) -> str:
        if token["unknown"]:
            hint = next((hint for sign, hint in _INSTEAD.items() if sign in token[0]), "")
            self.refuse(token.start(), f"cannot read '{token[0][:20]}'{hint}")
        if token["sign"]:
            return token[0]
        metric = Metric(token["metric"], token["statistic"] or "", int(token["months"] or 0))
        self.operands[token.start()] = Number(float(token[0])) if token["number"] else metric
        return "x".ljust(len(token[0]))


def _is_truth(node: Node) -> bool:
    return isinstance(node, Operation) and node.sign not in "+-*/"
