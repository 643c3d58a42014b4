"""What is known of the core when it is translated to C: its modules, and each function's records and numbers.

Found by `c_infer`. Core Python carries no annotation: everything follows from the `FIELDS` tables and from how names
are used.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from bptm.assurance.c_source import Constant, Module, Table, UnsupportedError


class Kind(Enum):
    """What a value is."""

    UNKNOWN = 0
    WHOLE = 1
    REAL = 2

    def joined(self, other: "Kind") -> "Kind":
        """The kind that holds values of both: Python, numba and C all widen a whole number to a real one."""
        return self if self.value >= other.value else other


Key = tuple[str, str]
"""Module and function."""

Place = tuple[str, str, str]
"""Module, function and parameter."""


@dataclass(slots=True, kw_only=True)
class Signature:
    """What is known of one function."""

    key: Key
    node: ast.FunctionDef
    parts: tuple[ast.AST, ...]
    """Every node below `node`, and itself: walked once, since every question is about all of them."""
    parameters: tuple[str, ...]
    records: dict[str, Table] = field(default_factory=dict[str, Table])
    changes: set[str] = field(default_factory=set[str])
    """Records that the function, or one that it calls, writes to."""
    numbers: dict[str, Kind] = field(default_factory=dict[str, Kind])
    """Parameters and locals."""
    returns_value: bool = False
    returns: Kind = Kind.UNKNOWN

    @property
    def calls(self) -> list[ast.Call]:
        """All calls in it."""
        return [part for part in self.parts if isinstance(part, ast.Call)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """All modules with the types of their functions."""

    modules: dict[str, Module]
    signatures: dict[Key, Signature]
    used_elsewhere: frozenset[Key]
    """Functions that another module calls."""
    called: frozenset[Key]

    def function(self, module: Module, name: str) -> Signature | None:
        """The function that a name means in a module."""
        return self.signatures.get((module.imports.get(name, module.name), name))

    def constant(self, module: Module, name: str) -> Constant | None:
        """The constant that a name means in a module."""
        return self.modules[module.imports.get(name, module.name)].constants.get(name)

    def is_public(self, key: Key) -> bool:
        """Whether a function is seen outside its file: called from another one, or by nobody here."""
        return key in self.used_elsewhere or key not in self.called

    def tables_used(self) -> list[Table]:
        """Records that some function takes, in a fixed order."""
        found = {(t.module, t.name): t for signature in self.signatures.values() for t in signature.records.values()}
        return [found[key] for key in sorted(found)]


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    """All calls below a node."""
    return (part for part in ast.walk(node) if isinstance(part, ast.Call))


def call_name(call: ast.Call) -> str:
    """The plain name that is called; the checker allows no other form."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def order_matters(core: Core, module: Module, statement: ast.stmt) -> bool:
    """Whether a statement's result may depend on the order of its parts, which C leaves to the compiler.

    True where a called function changes a record and another part of the same statement, outside that call's own
    arguments, reads or changes a record too.
    """
    parts: list[ast.expr] = []
    match statement:
        case ast.Assign(value=value) | ast.Expr(value=value) | ast.Return(value=ast.expr() as value):
            parts = [value]
        case ast.AugAssign(target=target, value=value):
            parts = [target, value]
        case ast.If(test=test):
            parts = [test]
        case _:
            return False
    if len(parts) == 1:
        return any(_unordered(core, module, [piece]) for piece in _sequenced(parts[0]))
    return _unordered(core, module, parts)


def _sequenced(node: ast.expr) -> list[ast.expr]:
    """Parts of an expression that both languages compute one after the other: of `and`, `or` and a choice."""
    match node:
        case ast.BoolOp(values=values):
            return [piece for value in values for piece in _sequenced(value)]
        case ast.IfExp(test=test, body=yes, orelse=no):
            return [piece for value in (test, yes, no) for piece in _sequenced(value)]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return _sequenced(operand)
        case _:
            return [node]


def _unordered(core: Core, module: Module, parts: list[ast.expr]) -> bool:
    inside = [part for each in parts for part in ast.walk(each)]
    for call in (part for part in inside if isinstance(part, ast.Call)):
        target = core.function(module, call_name(call))
        if target is None or not target.changes:
            continue
        own = {id(part) for part in ast.walk(call)}
        # A call around this one runs after it in both languages.
        around = {id(part) for part in inside if isinstance(part, ast.Call) and id(call) in map(id, ast.walk(part))}
        others = [part for part in inside if id(part) not in own | around]
        if any(isinstance(part, ast.Attribute) or _changes(core, module, part) for part in others):
            return True
    return False


def _changes(core: Core, module: Module, node: ast.AST) -> bool:
    target = core.function(module, call_name(node)) if isinstance(node, ast.Call) else None
    return bool(target and target.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindReader:
    """Says what an expression of one function is."""

    core: Core
    module: Module
    signature: Signature

    def learn(self, name: str, kind: Kind) -> None:
        """A name that is assigned a value of this kind."""
        known = self.signature.numbers.get(name, Kind.UNKNOWN)
        self.signature.numbers[name] = known.joined(kind)

    def type_of_field(self, node: ast.Attribute) -> str:
        """`i4`, `i8` or `f8`."""
        record = node.value.id if isinstance(node.value, ast.Name) else ""
        table = self.signature.records.get(record)
        found = table.field(node.attr) if table else None
        if found is None:
            msg = f"{'.'.join(self.signature.key)}: `{ast.unparse(node)}` is no field of a record"
            raise UnsupportedError(msg)
        return found.type

    def kind(self, node: ast.expr) -> Kind:  # noqa: PLR0911  a branch a construct
        """What an expression gives."""
        match node:
            case ast.Constant(value=value):
                return Kind.REAL if isinstance(value, float) else Kind.WHOLE
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute():
                return Kind.REAL if self.type_of_field(node) == "f8" else Kind.WHOLE
            case ast.Subscript(value=value):
                return self.kind(value)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                return self.kind(node.operand)
            case ast.BinOp():
                return self._binary(node)
            case ast.IfExp():
                return self.kind(node.body).joined(self.kind(node.orelse))
            case ast.Call():
                return self._call(node)
            case _:
                return Kind.WHOLE

    def _name(self, name: str) -> Kind:
        known = self.signature.numbers.get(name)
        if known is not None:
            return known
        constant = self.core.constant(self.module, name)
        if constant is None:
            return Kind.UNKNOWN
        numbers = constant.value if isinstance(constant.value, tuple) else (constant.value,)
        return Kind.REAL if any(isinstance(number, float) for number in numbers) else Kind.WHOLE

    def _binary(self, node: ast.BinOp) -> Kind:
        sides = self.kind(node.left).joined(self.kind(node.right))
        if isinstance(node.op, ast.Div):
            return Kind.REAL
        if not isinstance(node.op, ast.Add | ast.Sub | ast.Mult) and sides is Kind.REAL:
            msg = f"{'.'.join(self.signature.key)}: `{ast.unparse(node)}` is for whole numbers only"
            raise UnsupportedError(msg)
        return sides

    def _call(self, node: ast.Call) -> Kind:
        name = call_name(node)
        if name == "int":
            return Kind.WHOLE
        if name in {"float", "sqrt"}:
            return Kind.REAL
        target = self.core.function(self.module, name)
        return target.returns if target else Kind.UNKNOWN
