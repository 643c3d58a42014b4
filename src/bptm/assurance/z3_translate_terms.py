"""The one place that touches z3: terms, and the question whether a claim follows from premises.

z3 is untyped, so a term is `Any` here and nowhere is it looked into. Numbers of Core Python stay plain Python
numbers for as long as they are known, which keeps the terms small and lets a wrong translation fail loudly.
Integers are mathematical integers and voltages are real numbers: overflow and rounding are outside the claim.
"""

from dataclasses import dataclass
from functools import cache
from math import sqrt
from typing import Any, cast

import z3  # pyright: ignore[reportMissingTypeStubs]

_Z3: Any = z3
Term = Any
"""A number or a truth value, known (int, float, bool) or symbolic (a z3 expression)."""


def whole(name: str) -> Term:
    """A symbolic whole number."""
    return _Z3.Int(name)


def real(name: str) -> Term:
    """A symbolic real number."""
    return _Z3.Real(name)


def known(term: Term) -> bool:
    """Whether a term is a plain number or truth value."""
    return isinstance(term, bool | int | float)


def is_truth(term: Term) -> bool:
    """Whether a term is a truth value."""
    return isinstance(term, bool) or bool(_Z3.is_bool(term))


def truth(term: Term) -> Term:
    """A term as a condition: a number is true when it is not 0."""
    if is_truth(term):
        return term
    return term != 0


def number(term: Term) -> Term:
    """A term as a number: a condition is 1 or 0."""
    if isinstance(term, bool):
        return int(term)
    return _Z3.If(term, 1, 0) if is_truth(term) else term


def same(a: Term, b: Term) -> bool:
    """Whether two terms are the same expression (not: whether they are always equal)."""
    if a is b:
        return True
    if known(a) or known(b):
        return known(a) and known(b) and type(a) is type(b) and a == b
    return bool(a.eq(b))


def identity(term: Term) -> object:
    """One value for one expression while it is kept; of an array, one for each element."""
    if isinstance(term, tuple):
        return tuple(identity(x) for x in cast("tuple[Term, ...]", term))
    if known(term):
        return type(term).__name__, cast("object", term)
    return int(term.get_id())


def pick(condition: Term, a: Term, b: Term) -> Term:
    """`a` where the condition holds, else `b`."""
    if isinstance(condition, bool):
        return a if condition else b
    if same(a, b):
        return a
    if is_truth(a) and is_truth(b):
        return _choice(condition, _lift(a), _lift(b))
    one, two = _beside(number(a), b), _beside(number(b), a)
    if not known(one) and not known(two) and one.sort_kind() == two.sort_kind():
        return _choice(condition, one, two)
    return _Z3.If(condition, one, two)


@cache
def _whole_value(value: int) -> Term:
    return _Z3.IntVal(value)


def _beside(term: Term, other: Term) -> Term:
    """A known whole number as an expression, beside a whole one."""
    return _whole_value(term) if type(term) is int and not known(other) and not is_real(other) else term


def _choice(condition: Term, a: Term, b: Term) -> Term:
    """`z3.If` of two expressions of one sort, without what that does for any two values: a third of its time."""
    ctx = _Z3.main_ctx()
    made = _Z3.Z3_mk_ite(ctx.ref(), condition.as_ast(), a.as_ast(), b.as_ast())
    return (_Z3.BoolRef if _Z3.is_bool(a) else _Z3.ArithRef)(made, ctx)


def _joined(make: Any, terms: list[Term]) -> Term:
    """`z3.And` or `z3.Or` of conditions, likewise."""
    ctx = _Z3.main_ctx()
    arguments = (_Z3.Ast * len(terms))(*(term.as_ast() for term in terms))
    return _Z3.BoolRef(make(ctx.ref(), len(terms), arguments), ctx)


def _lift(term: Term) -> Term:
    return _Z3.BoolVal(term) if isinstance(term, bool) else term


def all_of(*terms: Term) -> Term:
    """True when every term is; true of none."""
    left = [truth(t) for t in terms if truth(t) is not True]
    if any(t is False for t in left):
        return False
    return True if not left else left[0] if len(left) == 1 else _joined(_Z3.Z3_mk_and, left)


def any_of(*terms: Term) -> Term:
    """True when at least one term is; false of none."""
    left = [truth(t) for t in terms if truth(t) is not False]
    if any(t is True for t in left):
        return True
    return False if not left else left[0] if len(left) == 1 else _joined(_Z3.Z3_mk_or, left)


def negation(term: Term) -> Term:
    """True when the term is not."""
    value = truth(term)
    return (not value) if isinstance(value, bool) else _Z3.Not(value)


def implies(a: Term, b: Term) -> Term:
    """True unless `a` is and `b` is not."""
    return any_of(negation(a), b)


def one_of(term: Term, values: tuple[int, ...]) -> Term:
    """True when a number is among these."""
    return any_of(*(term == value for value in values))


def lowest(a: Term, b: Term) -> Term:
    """The lower of two numbers."""
    return pick(a < b, a, b)


def product(a: Term, b: Term) -> Term:
    """A product. Of two unknowns it is left uninterpreted: any function at all, so that what is proved is sound."""
    if known(a) or known(b):
        return a * b
    a_real, b_real = bool(_Z3.is_real(a)), bool(_Z3.is_real(b))
    if a_real or b_real:
        f = _Z3.Function("product_real", _Z3.RealSort(), _Z3.RealSort(), _Z3.RealSort())
        return f(a if a_real else _Z3.ToReal(a), b if b_real else _Z3.ToReal(b))
    return _Z3.Function("product_whole", _Z3.IntSort(), _Z3.IntSort(), _Z3.IntSort())(a, b)


def quotient(a: Term, b: int) -> Term:
    """Whole quotient by a known positive number."""
    return a // b if known(a) else a / b


def whole_ratio(a: Term, b: Term) -> Term:
    """`//` of whole numbers by an unknown: any function of both, as with `product`."""
    f = _Z3.Function("ratio_whole", _Z3.IntSort(), _Z3.IntSort(), _Z3.IntSort())
    return f(_Z3.IntVal(a) if known(a) else a, _Z3.IntVal(b) if known(b) else b)


def ratio(a: Term, b: Term) -> Term:
    """`/`. By an unknown it may be any function of both, as with `product`.

    Raises:
        ZeroDivisionError: By a known 0.
    """
    if known(a) and known(b):
        return a / b
    if known(b):
        if b == 0:
            msg = "a division by 0"
            raise ZeroDivisionError(msg)
        return fraction(a) / b
    f = _Z3.Function("ratio", _Z3.RealSort(), _Z3.RealSort(), _Z3.RealSort())
    return f(_real(a), _real(b))


def root(a: Term) -> Term:
    """`sqrt`. Of an unknown it may be any function of it."""
    if known(a):
        return sqrt(a)
    return _Z3.Function("root", _Z3.RealSort(), _Z3.RealSort())(_real(a))


def _real(a: Term) -> Term:
    return _Z3.RealVal(a) if known(a) else fraction(a)


def is_real(a: Term) -> bool:
    """Whether a term is a number with a fraction."""
    return isinstance(a, float) if known(a) else bool(_Z3.is_real(a))


def with_bits(a: Term, bits: int) -> Term:
    """`|` with known bits of a number that is not negative."""
    for bit in _bits(bits):
        a = pick(quotient(a, bit) % 2 == 1, a, a + bit)
    return a


def masked(a: Term, bits: int) -> Term:
    """`&` with known bits."""
    if bits & (bits + 1) == 0:
        return a % (bits + 1)
    terms = [quotient(a, bit) % 2 * bit for bit in _bits(bits)]
    found = terms[0]
    for term in terms[1:]:
        found = found + term
    return found


def of_bits(name: str, a: Term, b: Term) -> Term:
    """A bit operation of two unknowns: any function of both."""
    lifted = [_Z3.IntVal(x) if known(x) else x for x in (a, b)]
    return _Z3.Function(name, _Z3.IntSort(), _Z3.IntSort(), _Z3.IntSort())(*lifted)


def _bits(word: int) -> list[int]:
    return [1 << i for i in range(word.bit_length()) if word >> i & 1]


def merged(condition: Term, a: Term, b: Term) -> Term:
    """`pick`, also of two arrays, element by element."""
    if isinstance(a, tuple):
        one, two = cast("tuple[Term, ...]", a), cast("tuple[Term, ...]", b)
        return tuple(pick(condition, x, y) for x, y in zip(one, two, strict=True))
    return pick(condition, a, b)


def at(array: tuple[Term, ...], index: Term) -> Term:
    """An element of an array or table. Outside of it an unknown index finds any number at all.

    Raises:
        IndexError: A known index outside.
    """
    if known(index):
        if not 0 <= index < len(array):
            msg = f"element {index} of an array of {len(array)}"
            raise IndexError(msg)
        return array[index]
    sort = _Z3.RealSort() if any(is_real(x) for x in array) else _Z3.IntSort()
    found = _Z3.Function(f"outside_{sort}", _Z3.IntSort(), sort)(index)
    for i, value in enumerate(array):
        found = pick(index == i, value, found)
    return found


def replaced(array: tuple[Term, ...], index: Term, value: Term) -> tuple[Term, ...]:
    """An array with one element exchanged; an unknown index outside of it exchanges none."""
    return tuple(pick(index == i, value, old) for i, old in enumerate(array))


def truncated(a: Term) -> Term:
    """`int()`: towards zero."""
    if known(a):
        return int(a)
    if not is_real(a):
        return a
    return pick(a >= 0, _Z3.ToInt(a), -_Z3.ToInt(-a))


def fraction(a: Term) -> Term:
    """`float()`."""
    return float(a) if known(a) else (a if bool(_Z3.is_real(a)) else _Z3.ToReal(a))


def _plain(value: Any) -> int | float | None:
    if _Z3.is_int_value(value):
        return int(value.as_long())
    if _Z3.is_rational_value(value):
        return float(value.numerator_as_long() / value.denominator_as_long())
    return None


def _numbers(model: Any) -> dict[str, int | float]:
    found = {str(name): _plain(model[name]) for name in model.decls() if name.arity() == 0}
    return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the prover says: whether the claim follows, and where it does not, one assignment that shows it."""

    follows: bool
    known: bool
    shown: dict[str, str]


class Prover:
    """Premises, asserted once; claims are asked against them one after the other."""

    def __init__(self, premises: tuple[Term, ...], *, limit_ms: int = 600_000) -> None:
        """Asserts the premises; `limit_ms` bounds the time of each question: far more than a machine at work needs."""
        self._solver: Any = _Z3.Solver()
        self._solver.set("timeout", limit_ms)
        self._model: Any = None
        for premise in premises:
            self._solver.add(_lift(truth(premise)))

    def ask(self, claim: Term) -> Answer:
        """Whether the claim holds wherever the premises do."""
        found = self._check(negation(claim))
        return Answer(follows=found == "unsat", known=found != "unknown", shown=self._shown(found))

    def reach(self, claim: Term) -> Answer:
        """Whether the claim can hold together with the premises: `follows` says yes."""
        found = self._check(claim)
        return Answer(follows=found == "sat", known=found != "unknown", shown=self._shown(found))

    def first_broken(self, claims: list[Term]) -> int | None:
        """Index of a claim that need not hold, by one question about all of them; None when all hold.

        Raises:
            TimeoutError: The prover did not decide.
        """
        found = self._check(any_of(*(negation(claim) for claim in claims)))
        if found == "unknown":
            msg = "the prover did not decide about a set of claims in its time"
            raise TimeoutError(msg)
        if found == "unsat":
            return None
        return next(
            i for i, c in enumerate(claims) if _Z3.is_false(self._model.eval(_lift(truth(c)), model_completion=True))
        )

    def found(self) -> dict[str, int | float]:
        """Numbers of the last assignment that was found, by name; those with no meaning for it are left out."""
        return {} if self._model is None else _numbers(self._model)

    def _check(self, term: Term) -> str:
        self._solver.push()
        self._solver.add(_lift(truth(term)))
        found = str(self._solver.check())
        self._model = self._solver.model() if found == "sat" else None
        self._solver.pop()
        return found

    def _shown(self, found: str) -> dict[str, str]:
        if found != "sat":
            return {}
        return {str(name): str(self._model[name]) for name in self._model.decls() if name.arity() == 0}
