"""The language of business rules: parsed by hand, never evaluated as code.

rule    either            a rule is a comparison, or several joined
either  both {or both}
both    negation {and negation}
negation  [not] comparison
comparison  sum [< <= > >= == != sum]
sum     product {+ - product}
product factor {* / factor}
factor  - factor | number | metric | window(metric) | ( either )
window  mean_6m, median_6m, min_6m, max_6m: over the metric's previous 6 months
"""

import re
from dataclasses import dataclass
from typing import NoReturn

from creditrisk.errors import UserError

WINDOW = re.compile(r"(mean|median|min|max)_(\d{1,2})m")
COMPARISONS = ("<=", ">=", "==", "!=", "<", ">")
LOGIC = ("and", "or", "not")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))"
    r"|(?P<name>[A-Za-z_]\w*(?::\w+)*)"
    r"|(?P<sign><=|>=|==|!=|[-+*/()<>]))"
)
_MOST_CHARACTERS, _DEEPEST = 500, 20  # what a person writes; a parser has a stack to guard


@dataclass(frozen=True)
class Number:
    """A constant."""

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
    """The tree of a rule; a `UserError` names what is wrong and where."""
    return _Parser(rule).rule()


def metrics_of(node: Node) -> list[Metric]:
    """Metrics and windows in a tree, in order of writing, each once."""
    if isinstance(node, Metric):
        return [node]
    parts = node.parts if isinstance(node, Operation) else ()
    return list(dict.fromkeys(metric for part in parts for metric in metrics_of(part)))


class _Parser:
    """Recursive descent over tokens: a method is a line of the grammar."""

    def __init__(self, rule: str) -> None:
        self.text = rule
        if len(rule) > _MOST_CHARACTERS:
            raise UserError(f"business rule '{rule[:60]}...' is longer than {_MOST_CHARACTERS}")
        self.tokens = self._tokens()
        self.next, self.depth = 0, 0

    def rule(self) -> Operation:
        node = self._either()
        if self.next < len(self.tokens):
            self._wrong(f"did not expect '{self._peek()}'")
        if not isinstance(node, Operation) or not _is_truth(node):
            self._wrong("a rule compares, e.g. bad_rate_mob3 > 0.25")
        return node

    def _either(self) -> Node:
        node = self._both()
        while self._accept("or"):
            node = self._logic("or", node, self._both())
        return node

    def _both(self) -> Node:
        node = self._negation()
        while self._accept("and"):
            node = self._logic("and", node, self._negation())
        return node

    def _negation(self) -> Node:
        with_not = 0
        while self._accept("not"):
            with_not += 1
        node = self._comparison()
        return self._logic("not", node) if with_not % 2 else self._checked(node, bool(with_not))

    def _comparison(self) -> Node:
        left = self._sum()
        sign = self._accept(*COMPARISONS)
        if not sign:
            return left
        right = self._sum()
        if self._peek() in COMPARISONS:
            self._wrong("two comparisons in a row; join them with 'and'")
        return self._arithmetic(sign, left, right)

    def _sum(self) -> Node:
        node = self._product()
        while sign := self._accept("+", "-"):
            node = self._arithmetic(sign, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._factor()
        while sign := self._accept("*", "/"):
            node = self._arithmetic(sign, node, self._factor())
        return node

    def _factor(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            self._wrong(f"nested deeper than {_DEEPEST}")
        node = self._negative() if self._accept("-") else self._atom()
        self.depth -= 1
        return node

    def _negative(self) -> Node:
        return self._arithmetic("-", Number(0.0), self._factor())

    def _atom(self) -> Node:
        word = self._take()
        if word == "(":
            node = self._either()
            self._expect(")")
            return node
        if word[0].isdigit() or word[0] == ".":
            return Number(float(word))
        if not (word[0].isalpha() or word[0] == "_") or word in LOGIC:
            self._wrong(f"did not expect '{word}'")
        return self._window(word) if self._accept("(") else Metric(word)

    def _window(self, word: str) -> Metric:
        window = WINDOW.fullmatch(word)
        if not window or int(window[2]) == 0:
            self._wrong(f"unknown function '{word}'; there are mean_6m, median_6m, min_6m, max_6m")
        name = self._take()
        if not (name[0].isalpha() or name[0] == "_") or name in LOGIC:
            self._wrong(f"{word} takes the name of a metric, not '{name}'")
        self._expect(")")
        return Metric(name, window[1], int(window[2]))

    def _logic(self, sign: str, *parts: Node) -> Operation:
        for part in parts:
            self._checked(part, True)
        return Operation(sign, parts)

    def _checked(self, node: Node, truth: bool) -> Node:
        if truth and not _is_truth(node):
            self._wrong("'and', 'or' and 'not' join comparisons, not numbers")
        return node

    def _arithmetic(self, sign: str, *parts: Node) -> Operation:
        if any(_is_truth(part) for part in parts):
            self._wrong(f"'{sign}' takes numbers, not comparisons")
        return Operation(sign, parts)

    def _tokens(self) -> list[str]:
        tokens, place, text = [], 0, self.text.rstrip()
        while place < len(text):
            found = _TOKEN.match(text, place)
            if not found:
                raise UserError(
                    f"business rule '{self.text}': cannot read '{text[place:].strip()[:20]}'"
                )
            tokens.append(found[0].strip())
            place = found.end()
        return tokens

    def _peek(self) -> str:
        return self.tokens[self.next] if self.next < len(self.tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        if not token:
            self._wrong("it ends too early")
        self.next += 1
        return token

    def _accept(self, *signs: str) -> str:
        return self._take() if self._peek() in signs and self._peek() else ""

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            self._wrong(f"expected '{sign}'" + (f", not '{self._peek()}'" * bool(self._peek())))

    def _wrong(self, what: str) -> NoReturn:
        after = " ".join(self.tokens[: self.next])
        raise UserError(f"business rule '{self.text}': {what}, after '{after}'")


def _is_truth(node: Node) -> bool:
    return isinstance(node, Operation) and node.sign in (*COMPARISONS, *LOGIC)
