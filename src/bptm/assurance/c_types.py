"""Types for the translation to C: found from the `FIELDS` tables and from how names are used.

Core Python carries no annotation. A parameter whose fields are read, or that is passed on to such a parameter, is a
record: the one whose table has all those fields (where several have, `RECORD_OF_NAME` decides). Everything else is
a number: real where a real is assigned, passed or returned, whole otherwise. Found by repeating until nothing
changes, over all functions together.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from bptm.assurance.c_source import Constant, Module, Table, UnsupportedError

RECORD_OF_NAME = {
    "s": "bptm_device",
    "k": "bptm_interlock",
    "m": "bptm_measured",
    "r": "bptm_interlock_input",
    "p": "bptm_settings",
    "a": "bptm_meter",
    "g": "bptm_metrology",
    "w": "bptm_wave",
    "t": "bptm_reading",
    "y": "bptm_block",
    "e": "bptm_energy",
    "q": "bptm_quality",
}
"""What a parameter's name means where its fields do not decide."""


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
    parameters: tuple[str, ...]
    records: dict[str, Table] = field(default_factory=dict[str, Table])
    changes: set[str] = field(default_factory=set[str])
    """Records that the function, or one that it calls, writes to."""
    numbers: dict[str, Kind] = field(default_factory=dict[str, Kind])
    """Parameters and locals."""
    returns_value: bool = False
    returns: Kind = Kind.UNKNOWN


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


def infer(modules: dict[str, Module]) -> Core:
    """Types of every function.

    Raises:
        UnsupportedError: A name is two things at once, or a record cannot be told.
    """
    signatures: dict[Key, Signature] = {}
    for module in modules.values():
        for name, node in module.functions.items():
            parameters = tuple(argument.arg for argument in node.args.args)
            returned = [part.value for part in ast.walk(node) if isinstance(part, ast.Return)]
            has_value = any(value is not None for value in returned)
            if has_value and not (all(returned) and _ends(node.body)):
                msg = f"{module.name}.{name} returns a value on some ways only; return one on every way"
                raise UnsupportedError(msg)
            signatures[module.name, name] = Signature(
                key=(module.name, name), node=node, parameters=parameters, returns_value=has_value
            )
    elsewhere: set[Key] = set()
    called: set[Key] = set()
    for module in modules.values():
        for node in module.functions.values():
            for call in calls_in(node):
                target = (module.imports.get(call_name(call), module.name), call_name(call))
                if target in signatures:
                    called.add(target)
                    if target[0] != module.name:
                        elsewhere.add(target)
    core = Core(modules=modules, signatures=signatures, used_elsewhere=frozenset(elsewhere), called=frozenset(called))
    _find_records(core)
    _find_writers(core)
    _find_numbers(core)
    return core


def _ends(body: list[ast.stmt]) -> bool:
    """Whether every way through a block returns."""
    match body[-1]:
        case ast.Return():
            return True
        case ast.If(body=yes, orelse=no):
            return bool(no) and _ends(yes) and _ends(no)
        case _:
            return False


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
    inside = [part for each in parts for part in ast.walk(each)]
    for call in (part for part in inside if isinstance(part, ast.Call)):
        target = core.function(module, call_name(call))
        if target is None or not target.changes:
            continue
        own = {id(part) for part in ast.walk(call)}
        others = [part for part in inside if id(part) not in own]
        changing = [part for argument in call.args for part in ast.walk(argument) if _changes(core, module, part)]
        if changing or any(isinstance(part, ast.Attribute) or _changes(core, module, part) for part in others):
            return True
    return False


def _changes(core: Core, module: Module, node: ast.AST) -> bool:
    target = core.function(module, call_name(node)) if isinstance(node, ast.Call) else None
    return bool(target and target.changes)


class _Groups:
    """Parameters that are handed to each other: the same record, or the same number, under several names."""

    def __init__(self, core: Core) -> None:
        """Reads every call."""
        self._parent: dict[Place, Place] = {}
        self.fields: dict[Place, set[str]] = {}
        """Fields used, by group."""
        used: list[tuple[Place, str]] = []
        for (module, name), signature in core.signatures.items():
            used += [
                ((module, name, part.value.id), part.attr)
                for part in ast.walk(signature.node)
                if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name)
            ]
            for call in calls_in(signature.node):
                target = core.function(core.modules[module], call_name(call))
                for argument, parameter in zip(call.args, target.parameters, strict=True) if target else ():
                    if target and isinstance(argument, ast.Name) and argument.id in signature.parameters:
                        self._parent[self.of((module, name, argument.id))] = self.of((*target.key, parameter))
        for place, attribute in used:
            self.fields.setdefault(self.of(place), set()).add(attribute)

    def of(self, place: Place) -> Place:
        """The group of a parameter."""
        while self._parent.setdefault(place, place) != place:
            place = self._parent[place]
        return place


def _find_records(core: Core) -> None:
    """Finds each group's table by the fields that its functions use."""
    groups = _Groups(core)
    numbers = {
        groups.of((module, name, parameter))
        for (module, name), signature in core.signatures.items()
        for parameter in signature.parameters
        if _is_counted(signature.node, parameter)
    }
    for (module, name), signature in core.signatures.items():
        for parameter in signature.parameters:
            group = groups.of((module, name, parameter))
            used = groups.fields.get(group, set())
            if used or (parameter in RECORD_OF_NAME and group not in numbers):
                signature.records[parameter] = _table(core, f"{module}.{name}", parameter, used)


def _is_counted(node: ast.FunctionDef, name: str) -> bool:
    """Whether a function uses the name as a number; one that it only hands on, or not at all, may be a record."""
    others = {id(argument) for call in calls_in(node) for argument in call.args}
    others |= {id(part.value) for part in ast.walk(node) if isinstance(part, ast.Attribute)}
    return any(isinstance(part, ast.Name) and part.id == name and id(part) not in others for part in ast.walk(node))


def _table(core: Core, place: str, parameter: str, used: set[str]) -> Table:
    tables = [table for module in core.modules.values() for table in module.tables]
    fitting = [table for table in tables if used <= {f.name for f in table.fields}]
    named = [table for table in fitting if table.struct == RECORD_OF_NAME.get(parameter)]
    if named:
        return named[0]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        msg = f"`{parameter}` of {place}: no table has the fields {sorted(used)}; use a function with one record only"
        raise UnsupportedError(msg)
    several = ", ".join(table.struct for table in fitting)
    msg = f"`{parameter}` of {place} may be {several}; add its name to RECORD_OF_NAME"
    raise UnsupportedError(msg)


def _find_writers(core: Core) -> None:
    for signature in core.signatures.values():
        for part in ast.walk(signature.node):
            targets = part.targets if isinstance(part, ast.Assign) else []
            if isinstance(part, ast.AugAssign):
                targets = [part.target]
            for target in targets:
                record = target.value if isinstance(target, ast.Subscript) else target
                if isinstance(record, ast.Attribute) and isinstance(record.value, ast.Name):
                    signature.changes.add(record.value.id)
    moved = True
    while moved:
        moved = False
        for signature in core.signatures.values():
            before = len(signature.changes)
            for call in calls_in(signature.node):
                target = core.function(core.modules[signature.key[0]], call_name(call))
                if target is not None:
                    signature.changes |= {
                        argument.id
                        for argument, parameter in zip(call.args, target.parameters, strict=True)
                        if isinstance(argument, ast.Name) and parameter in target.changes
                    }
            moved = moved or len(signature.changes) != before


def _find_numbers(core: Core) -> None:
    moved = True
    while moved:
        moved = False
        for signature in core.signatures.values():
            moved = _pass(core, signature) or moved
    for signature in core.signatures.values():
        for parameter in signature.parameters:
            if parameter not in signature.records and signature.numbers.get(parameter) is None:
                signature.numbers[parameter] = Kind.WHOLE


def _pass(core: Core, signature: Signature) -> bool:
    """One more look at a function; True when something new was learnt."""
    before = (dict(signature.numbers), signature.returns)
    module = core.modules[signature.key[0]]
    reader = KindReader(core=core, module=module, signature=signature)
    moved = False
    for part in ast.walk(signature.node):
        match part:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                reader.learn(name, reader.kind(value))
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                kind = Kind.REAL if isinstance(part.op, ast.Div) else reader.kind(value)
                reader.learn(name, kind)
            case ast.For(target=ast.Name(id=name)):
                reader.learn(name, Kind.WHOLE)
            case ast.Return(value=ast.expr() as value):
                signature.returns = signature.returns.joined(reader.kind(value))
            case ast.Call():
                moved = _pass_arguments(core, module, reader, part) or moved
            case _:
                pass
    return moved or before != (signature.numbers, signature.returns)


def _pass_arguments(core: Core, module: Module, reader: "KindReader", call: ast.Call) -> bool:
    target = core.function(module, call_name(call))
    if target is None:
        return False
    moved = False
    for argument, parameter in zip(call.args, target.parameters, strict=True):
        if parameter not in target.records:
            old = target.numbers.get(parameter, Kind.UNKNOWN)
            new = old.joined(reader.kind(argument))
            target.numbers[parameter] = new
            moved = moved or new is not old
    return moved


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
