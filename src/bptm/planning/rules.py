"""Eligibility rules as data: a small language of comparisons, judged for many homes at once, with "cannot be told".

A rule is one line of a utility's profile, such as `hftd_tier >= 2 or epss_circuit`. It may hold names of columns,
numbers, texts in quotes, `< <= > >= == !=`, `in ("a", "b")`, `and`, `or`, `not`, `true`, `false` and brackets.
Nothing in it is ever run: it is read into a tree of the four records below, and the tree is walked.

A value that is missing makes its comparison unknown, and unknown spreads as in Kleene's logic: `false and unknown` is
false, `true or unknown` is true. A home whose rule comes out unknown is not eligible, and is told which value is
missing (unknown is unsafe, docs/reference/conventions.md).

Source: S. C. Kleene, Introduction to Metamathematics (1952), section 64, for the three-valued tables.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Comparison = Literal["<", "<=", ">", ">=", "==", "!="]
Constant = float | str | bool
_SIGNS: dict[Comparison, Callable[[NDArray[np.float64], float], object]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
_WORDS = frozenset({"and", "or", "not", "in", "true", "false"})
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<sign><=|>=|==|!=|<|>|\(|\)|,|-))"
)
DEPTH_MAX = 40
"""Own choice: deeper than any rule a person writes, far above what the interpreter's stack needs."""


class RuleError(ValueError):
    """A rule cannot be read, or asks for what the candidates do not have; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One property of all homes: numbers, flags or texts, and where it is known."""

    values: NDArray[np.float64] | NDArray[np.str_] | Flags
    known: Flags

    @property
    def kind(self) -> Literal["number", "flag", "text"]:
        """What its values are."""
        if self.values.dtype.kind == "b":
            return "flag"
        return "number" if self.values.dtype.kind == "f" else "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A flag column standing alone."""

    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """A column against a constant, or against one of several (`==` with more than one constant is `in`)."""

    column: str
    sign: Comparison
    constants: tuple[Constant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The opposite."""

    inner: "Tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """All of them (`and`), or at least one (`or`)."""

    word: Literal["and", "or"]
    parts: tuple["Tree", ...]


Tree = Name | Compare | Not | Join


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: its name for people, its words, why it stands, and the tree read from the words."""

    name: str
    words: str
    why: str
    tree: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What a rule says of each home: true, false, or neither (unknown)."""

    true: Flags
    false: Flags


def read_rule(name: str, words: str, why: str = "") -> Rule:
    """A rule read from its words.

    Raises:
        RuleError: The words are no rule; the sentence says where.
    """
    return Rule(name=name, words=words, why=why, tree=_Reader(name, words).whole())


class _Reader:
    """Reads `or` of `and` of `not` of comparisons, by recursive descent."""

    def __init__(self, name: str, words: str) -> None:
        self._name = name
        self._words = words
        self._tokens = self._cut()
        self._at = 0
        self._depth = 0

    def _cut(self) -> list[tuple[str, str, int]]:
        tokens: list[tuple[str, str, int]] = []
        at = 0
        end = len(self._words.rstrip())
        while at < end:
            match = _TOKEN.match(self._words, at)
            if match is None:
                self._refuse(f"{self._words[at:].strip()[:12]!r} is no word of a rule", at)
            kind = match.lastgroup or ""
            tokens.append((kind, match.group(kind), match.start(kind)))
            at = match.end()
        return tokens

    def _refuse(self, what: str, at: int) -> NoReturn:
        msg = (
            f"rule {self._name!r}: {what}, at character {at + 1} of {self._words!r}; "
            "a rule is made of columns, numbers, quoted texts, < <= > >= == != in, and, or, not, brackets"
        )
        raise RuleError(msg)

    def _peek(self) -> tuple[str, str, int]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "the end", len(self._words))

    def _take(self) -> tuple[str, str, int]:
        token = self._peek()
        self._at += 1
        return token

    def _expect(self, text: str) -> None:
        kind, found, at = self._take()
        if kind == "end" or found != text:
            self._refuse(f"{found!r} stands where {text!r} is expected", at)

    def whole(self) -> Tree:
        tree = self._joined("or")
        kind, found, at = self._peek()
        if kind != "end":
            self._refuse(f"{found!r} stands where the rule should end", at)
        return tree

    def _joined(self, word: Literal["and", "or"]) -> Tree:
        parts = [self._one(word)]
        while self._peek()[:2] == ("name", word):
            self._take()
            parts.append(self._one(word))
        return parts[0] if len(parts) == 1 else Join(word=word, parts=tuple(parts))

    def _one(self, word: Literal["and", "or"]) -> Tree:
        return self._joined("and") if word == "or" else self._single()

    def _single(self) -> Tree:
        kind, text, at = self._take()
        self._depth += 1
        if self._depth > DEPTH_MAX:
            self._refuse(f"more than {DEPTH_MAX} brackets and nots stand inside each other", at)
        try:
            if (kind, text) == ("name", "not"):
                return Not(inner=self._single())
            if text == "(" and kind == "sign":
                tree = self._joined("or")
                self._expect(")")
                return tree
            if kind == "name" and text not in _WORDS:
                return self._after_name(text)
        finally:
            self._depth -= 1
        return self._refuse(f"{text!r} stands where a column's name is expected", at)

    def _after_name(self, column: str) -> Tree:
        kind, text, _at = self._peek()
        for sign in _SIGNS:
            if (kind, text) == ("sign", sign):
                self._take()
                return Compare(column=column, sign=sign, constants=(self._constant(),))
        if (kind, text) == ("name", "in"):
            self._take()
            self._expect("(")
            constants = [self._constant()]
            while self._peek()[:2] == ("sign", ","):
                self._take()
                constants.append(self._constant())
            self._expect(")")
            return Compare(column=column, sign="==", constants=tuple(constants))
        return Name(column=column)

    def _constant(self) -> Constant:
        kind, text, at = self._take()
        if (kind, text) == ("sign", "-"):
            kind, text, at = self._take()
            if kind == "number":
                return -float(text)
        elif kind == "number":
            return float(text)
        elif kind == "text":
            return text[1:-1]
        elif kind == "name" and text in {"true", "false"}:
            return text == "true"
        return self._refuse(f"{text!r} stands where a number, a quoted text, true or false is expected", at)


def columns_of(tree: Tree) -> tuple[str, ...]:
    """The columns a rule needs, each once, in the order in which they stand."""
    match tree:
        case Name() | Compare():
            return (tree.column,)
        case Not():
            return columns_of(tree.inner)
        case Join():
            return tuple(dict.fromkeys(column for part in tree.parts for column in columns_of(part)))


def judge(rule: Rule, columns: Mapping[str, Column]) -> Verdicts:
    """What the rule says of each home.

    Raises:
        RuleError: A column does not exist, or is compared with another kind of value.
    """
    return _judge(rule, rule.tree, columns)


def _judge(rule: Rule, tree: Tree, columns: Mapping[str, Column]) -> Verdicts:
    match tree:
        case Not():
            inner = _judge(rule, tree.inner, columns)
            return Verdicts(true=inner.false, false=inner.true)
        case Join():
            parts = [_judge(rule, part, columns) for part in tree.parts]
            every, some = np.logical_and.reduce, np.logical_or.reduce
            true, false = (every, some) if tree.word == "and" else (some, every)
            return Verdicts(true=true([part.true for part in parts]), false=false([part.false for part in parts]))
        case Name():
            column = _column(rule, tree.column, columns)
            if column.kind != "flag":
                msg = f"rule {rule.name!r}: {tree.column!r} holds {column.kind}s; compare it with something"
                raise RuleError(msg)
            values = np.asarray(column.values, dtype=np.bool_)
            return Verdicts(true=values & column.known, false=~values & column.known)
        case Compare():
            return _compared(rule, tree, _column(rule, tree.column, columns))


def _column(rule: Rule, name: str, columns: Mapping[str, Column]) -> Column:
    if name in columns:
        return columns[name]
    near = difflib.get_close_matches(name, columns, n=1, cutoff=0.5)
    hint = f"; the nearest column is {near[0]!r}" if near else f"; there are {', '.join(sorted(columns))}"
    msg = f"rule {rule.name!r}: no column {name!r} among the candidates{hint}"
    raise RuleError(msg)


def _compared(rule: Rule, tree: Compare, column: Column) -> Verdicts:
    for constant in tree.constants:
        kind = "flag" if isinstance(constant, bool) else "text" if isinstance(constant, str) else "number"
        if kind != column.kind:
            msg = f"rule {rule.name!r}: {tree.column!r} holds {column.kind}s and is compared with the {kind} {constant}"
            raise RuleError(msg)
    if column.kind != "number" and tree.sign not in {"==", "!="}:
        msg = f"rule {rule.name!r}: {tree.column!r} holds {column.kind}s, which have no order; use ==, != or in"
        raise RuleError(msg)
    true = np.logical_or.reduce([_signed(column.values, tree.sign, constant) for constant in tree.constants])
    return Verdicts(true=true & column.known, false=~true & column.known)


def _signed(values: NDArray[np.float64] | NDArray[np.str_] | Flags, sign: Comparison, constant: Constant) -> Flags:
    if isinstance(constant, str):
        same = np.asarray(np.equal(values, constant), dtype=np.bool_)
        return same if sign == "==" else ~same
    return np.asarray(_SIGNS[sign](np.asarray(values, dtype=np.float64), float(constant)), dtype=np.bool_)
