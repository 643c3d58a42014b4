"""From the source of Core Python to terms of the prover: the shipped text itself is executed symbolically.

A record is a dictionary of terms. `if` runs both branches and merges what they leave; a call runs the body of the
called function in its place; a loop of known length is written out; where a branch returns early, what follows runs
once for each branch. The translator knows nothing of the controller: what it cannot translate exactly it refuses
(`TranslationError`), except that a product, a ratio, a root or a bit operation of unknowns may be any number (`z3_translate_terms`).
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

from bptm.assurance.z3_memory import READ_ONLY, Memory, Record
from bptm.assurance.z3_translate_terms import (
    Term,
    all_of,
    any_of,
    at,
    fraction,
    is_real,
    known,
    masked,
    merged,
    negation,
    number,
    of_bits,
    pick,
    product,
    quotient,
    ratio,
    replaced,
    root,
    truncated,
    truth,
    whole_ratio,
    with_bits,
)

PACKAGE = Path(__file__).resolve().parents[1]
ENTRY_MODULES = ("controller.scan", "controller.remote")
"""Where a host enters the controller; what these import, and what that imports, is what is proved."""
Constant = int | float | tuple[int | float, ...]


class TranslationError(Exception):
    """A construct that the translator does not give a meaning; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Functions and constants of the core by name."""

    functions: Mapping[str, ast.FunctionDef]
    constants: Mapping[str, Constant]


@cache
def _shipped_tree(module: str) -> ast.Module:
    return ast.parse(_file(module).read_text(encoding="utf-8"))


@cache
def proved_modules() -> tuple[str, ...]:
    """Every module of the core that a scan or a command runs, each after those that it imports."""
    order: list[str] = []

    def visit(module: str) -> None:
        if module in order:
            return
        for node in _shipped_tree(module).body:
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bptm."):
                visit((node.module or "").removeprefix("bptm."))
        order.append(module)

    for entry in ENTRY_MODULES:
        visit(entry)
    return tuple(order)


def _file(module: str) -> Path:
    return PACKAGE.joinpath(*module.split(".")).with_suffix(".py")


def read_source(trees: Mapping[str, ast.Module] | None = None) -> Source:
    """The shipped controller, or these syntax trees in the place of modules of that name (mutants)."""
    constants: dict[str, Constant] = {}
    functions: dict[str, ast.FunctionDef] = {}
    for module in proved_modules():
        tree = (trees or {}).get(module.split(".")[-1]) or _shipped_tree(module)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                if node.name in functions:
                    msg = f"two functions of the core are called {node.name}; the proof inlines calls by name"
                    raise TranslationError(msg)
                functions[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                _add_constant(node.targets[0].id, _constant(node.value, constants), constants)
    return Source(functions=functions, constants=constants)


def _add_constant(name: str, value: Constant | None, constants: dict[str, Constant]) -> None:
    if value is None:
        return
    if constants.get(name, value) != value:
        msg = f"two constants of the core are called {name} and differ"
        raise TranslationError(msg)
    constants[name] = value


def _constant(node: ast.expr, constants: Mapping[str, Constant]) -> Constant | None:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name):
            return constants.get(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _constant(operand, constants)
            return None if value is None or isinstance(value, tuple) else -value
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _constant(left, constants), _constant(right, constants)
            if a is None or b is None or isinstance(a, tuple) or isinstance(b, tuple):
                return None
            return cast("int | float", _known_arithmetic(op, a, b))
        case ast.Tuple(elts=parts):
            values = [_constant(part, constants) for part in parts]
            numbers = tuple(v for v in values if isinstance(v, int | float))
            return numbers if numbers and len(numbers) == len(values) else None
        case _:
            return None


def _known_arithmetic(op: ast.operator, a: Term, b: Term) -> Term:
    match op:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
        case ast.Div():
            return a / b
        case ast.FloorDiv():
            return a // b
        case ast.Mod():
            return a % b
        case ast.LShift():
            return a << b
        case ast.RShift():
            return a >> b
        case ast.BitOr():
            return a | b
        case ast.BitAnd():
            return a & b
        case ast.BitXor():
            return a ^ b
        case _:
            msg = f"operator {type(op).__name__} has no translation"
            raise TranslationError(msg)


@dataclass(slots=True, kw_only=True)
class _Place:
    """Where an execution stands: locals of this call, and every record that the program can reach."""

    names: dict[str, Term | Record]
    records: dict[str, Record]

    def copy(self) -> "_Place":
        records = {name: record if name in READ_ONLY else dict(record) for name, record in self.records.items()}
        moved = {id(old): records[name] for name, old in self.records.items()}
        names = {name: moved.get(id(value), value) for name, value in self.names.items()}
        return _Place(names=names, records=records)


@dataclass(slots=True, kw_only=True)
class Machine:
    """Runs functions of the core on records of terms.

    Args:
        source: What to run.
        counted: Functions whose calls are counted in the record `calls`.
        memory: What was run before, by this machine or another of the same source but for `changed`.
        changed: A function that may differ from the one that the memory knows.
    """

    source: Source
    counted: tuple[str, ...] = ()
    memory: Memory | None = None
    changed: str = ""

    def run(self, function: str, records: dict[str, Record], arguments: tuple[str | Term, ...]) -> Term:
        """Runs one function; records change in place; returns its value (0 when it returns none).

        Args:
            function: Its name.
            records: Every record by name; an argument that is a text names one of them.
            arguments: In the order of the function's parameters.
        """
        records.setdefault("calls", dict.fromkeys(self.counted, 0))
        values = [records[a] if isinstance(a, str) else a for a in arguments]
        place, value = self._call(function, values, records)
        for name, record in place.records.items():
            records[name].update(record)
        return value

    def _call(self, function: str, values: list[Term | Record], records: dict[str, Record]) -> tuple[_Place, Term]:
        node = self.source.functions.get(function)
        if node is None:
            msg = f"the core has no function {function}"
            raise TranslationError(msg)
        parameters = [argument.arg for argument in node.args.args]
        if function in self.counted:
            records["calls"][function] = records["calls"][function] + 1
        place = _Place(names=dict(zip(parameters, values, strict=True)), records=records)
        memory = (
            self.memory if self.memory and self.memory.serves(function, self.changed, self.source.functions) else None
        )
        if memory is None:
            end, value = self._block(node.body, place)
            return end, 0 if value is None else value
        begun = memory.begin(function, values, records)
        if begun in memory.ends:
            return place, memory.recall(begun, records)
        given: list[Term | Record] = [*values, *(dict(record) for record in records.values())]
        end, value = self._block(node.body, place)
        found = 0 if value is None else value
        if not self.changed:
            # What a broken controller leaves is asked for once only.
            memory.keep(begun, given, end.records, found)
        return end, found

    # Statements.

    def _block(self, body: list[ast.stmt], place: _Place) -> tuple[_Place, Term | None]:
        for index, node in enumerate(body):
            match node:
                case ast.Return(value=value):
                    return place, 0 if value is None else number(self._value(value, place))
                case ast.If():
                    condition = truth(self._value(node.test, place))
                    if isinstance(condition, bool):
                        return self._block([*(node.body if condition else node.orelse), *body[index + 1 :]], place)
                    rest = body[index + 1 :] if _returns(node) else []
                    place, value = self._branch(condition, [*node.body, *rest], [*node.orelse, *rest], place)
                    if rest or value is not None:
                        return place, value
                case ast.For():
                    return self._block([*self._written_out(node, place), *body[index + 1 :]], place)
                case _:
                    self._simple(node, place)
        return place, None

    def _written_out(self, node: ast.For, place: _Place) -> list[ast.stmt]:
        """A loop over a known range, turn after turn."""
        match node:
            case ast.For(target=ast.Name(), iter=ast.Call(func=ast.Name(id="range"), args=arguments), orelse=[]):
                limits = [self._value(a, place) for a in arguments]
            case _:
                raise TranslationError(_refusal(node))
        leaves = (ast.Break, ast.Continue)
        if not all(isinstance(x, int) for x in limits) or any(isinstance(p, leaves) for p in ast.walk(node)):
            msg = f"line {node.lineno}: a loop of unknown length, or one that is left early, has no translation"
            raise TranslationError(msg)
        turns: list[ast.stmt] = []
        for i in range(*cast("list[int]", limits)):
            turns += [ast.Assign(targets=[node.target], value=ast.Constant(i)), *node.body]
        return turns

    def _branch(
        self, condition: Term, body: list[ast.stmt], orelse: list[ast.stmt], place: _Place
    ) -> tuple[_Place, Term | None]:
        other = place.copy()
        first, a = self._block(body, place.copy())
        second, b = self._block(orelse, other)
        for name, record in place.records.items():
            one, two = first.records[name], second.records[name]
            if one is record and two is record:
                continue
            for key in record:
                a_value, b_value = one[key], two[key]
                record[key] = a_value if a_value is b_value else merged(condition, a_value, b_value)
        for name in first.names.keys() & second.names.keys():
            if not isinstance(first.names[name], dict):
                place.names[name] = pick(condition, first.names[name], second.names[name])
        if a is None and b is None:
            return place, None
        return place, pick(condition, 0 if a is None else a, 0 if b is None else b)

    def _simple(self, node: ast.stmt, place: _Place) -> None:
        match node:
            case ast.Assign(targets=[target], value=value):
                self._assign(target, number(self._value(value, place)), place)
            case ast.AugAssign(target=target, op=op, value=value):
                read = cast("ast.expr", target)
                self._assign(target, self._arithmetic(op, self._value(read, place), self._value(value, place)), place)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                return
            case ast.Expr(value=ast.Call() as call):
                self._value(call, place)
            case _:
                raise TranslationError(_refusal(node))

    def _assign(self, target: ast.expr, value: Term, place: _Place) -> None:
        match target:
            case ast.Name(id=name):
                place.names[name] = value
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                record = cast("Record", place.names[name])
                if any(record is place.records.get(read) for read in READ_ONLY):
                    msg = f"{name}.{attribute} is written, but measured values and settings are only read"
                    raise TranslationError(msg)
                if attribute not in record:
                    msg = f"record {name} has no field {attribute}"
                    raise TranslationError(msg)
                record[attribute] = value
            case ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr=attribute), slice=index):
                record = cast("Record", place.names[name])
                record[attribute] = replaced(record[attribute], number(self._value(index, place)), value)
            case _:
                raise TranslationError(_refusal(target))

    # Expressions.

    def _value(self, node: ast.expr, place: _Place) -> Term:
        match node:
            case ast.Constant(value=int() | float() as value):
                return value
            case ast.Name(id=name):
                return place.names[name] if name in place.names else self._constant(name)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                return cast("Record", place.names[name])[attribute]
            case ast.Subscript(value=array, slice=index):
                return at(self._value(array, place), number(self._value(index, place)))
            case ast.BinOp(left=left, op=op, right=right):
                return self._arithmetic(op, number(self._value(left, place)), number(self._value(right, place)))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self._value(operand, place)
            case ast.Call(func=ast.Name(id=called), args=arguments):
                return self._called(called, [self._value(a, place) for a in arguments], place)
            case _:
                return self._condition(node, place)

    def _condition(self, node: ast.expr, place: _Place) -> Term:
        match node:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return negation(self._value(operand, place))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return _compare(op, number(self._value(left, place)), number(self._value(right, place)))
            case ast.BoolOp(op=op, values=parts):
                values = [truth(self._pure(part, place)) for part in parts]
                return all_of(*values) if isinstance(op, ast.And) else any_of(*values)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition = truth(self._value(test, place))
                return pick(condition, self._pure(body, place), self._pure(orelse, place))
            case _:
                raise TranslationError(_refusal(node))

    def _pure(self, node: ast.expr, place: _Place) -> Term:
        """A part that may not be evaluated at run time: it must not change a record."""
        if not _calls(node):
            return self._value(node, place)
        before = {name: dict(record) for name, record in place.records.items()}
        value = self._value(node, place)
        for name, record in place.records.items():
            if name != "calls" and any(record[key] is not old for key, old in before[name].items()):
                msg = f"line {node.lineno}: a call inside a condition changes record {name}"
                raise TranslationError(msg)
        return value

    def _constant(self, name: str) -> Term:
        if name not in self.source.constants:
            msg = f"the name {name} is neither a local nor a constant of the core"
            raise TranslationError(msg)
        return self.source.constants[name]

    def _called(self, called: str, values: list[Term | Record], place: _Place) -> Term:
        if called == "int":
            return truncated(values[0])
        if called == "float":
            return fraction(values[0])
        if called == "sqrt":
            return root(values[0])
        converted: list[Term | Record] = [_argument(v) for v in values]
        end, value = self._call(called, converted, place.records)
        # A branch merges into the records that it was given, so those of the caller are up to date.
        assert all(end.records[name] is record for name, record in place.records.items())
        return value

    def _arithmetic(self, op: ast.operator, a: Term, b: Term) -> Term:
        if known(a) and known(b):
            return _known_arithmetic(op, a, b)
        match op:
            case ast.Add():
                return a + b
            case ast.Sub():
                return a - b
            case ast.Mult():
                return product(a, b)
            case ast.Div():
                return ratio(a, b)
            case ast.FloorDiv() if known(b) and b > 0 and not is_real(a):
                return quotient(a, b)
            case ast.FloorDiv() if not (known(a) and known(b)) and not is_real(a) and not is_real(b):
                return whole_ratio(a, b)
            case ast.Mod() if known(b) and b > 0 and not is_real(a):
                return a % b
            case ast.BitOr() if known(b) and b >= 0:
                return with_bits(a, b)
            case ast.BitOr() if known(a) and a >= 0:
                return with_bits(b, a)
            case ast.BitAnd() if known(b) and b >= 0:
                return masked(a, b)
            case ast.BitOr() | ast.BitAnd() | ast.BitXor() if not is_real(a) and not is_real(b):
                return of_bits(type(op).__name__, a, b)
            case ast.LShift() if known(b) and b >= 0:
                return a * (1 << b)
            case ast.RShift() if known(b) and b >= 0:
                return quotient(a, 1 << b)
            case _:
                msg = f"operator {type(op).__name__} of two unknowns has no translation"
                raise TranslationError(msg)


def _argument(value: Term | Record) -> Term | Record:
    """A record as it is, anything else as a number: a condition that is passed arrives as 1 or 0."""
    return cast("Record", value) if isinstance(value, dict) else number(value)


def _compare(op: ast.cmpop, a: Term, b: Term) -> Term:
    match op:
        case ast.Eq():
            return a == b
        case ast.NotEq():
            return a != b
        case ast.Lt():
            return a < b
        case ast.LtE():
            return a <= b
        case ast.Gt():
            return a > b
        case ast.GtE():
            return a >= b
        case _:
            msg = f"comparison {type(op).__name__} has no translation"
            raise TranslationError(msg)


@lru_cache(maxsize=1 << 14)
def _returns(node: ast.If) -> bool:
    return any(isinstance(part, ast.Return) for part in ast.walk(node))


@lru_cache(maxsize=1 << 14)
def _calls(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Call) for part in ast.walk(node))


def _refusal(node: ast.AST) -> str:
    return f"line {getattr(node, 'lineno', 0)}: {type(node).__name__} has no translation"
