"""Types for the translation to C: found from the `FIELDS` tables and from how names are used.

Records first (`c_records`). Everything else is a number: real where a real is assigned, passed or returned, whole
otherwise. Found by repeating until nothing changes, over all functions together.
"""

import ast

from bptm.assurance.c_records import ROUNDS, find_records, specialised
from bptm.assurance.c_source import Module, UnsupportedError
from bptm.assurance.c_types import Core, Key, Kind, KindReader, Signature, call_name


def infer(modules: dict[str, Module]) -> Core:
    """Types of every function.

    Raises:
        UnsupportedError: A name is two things at once, or a record cannot be told.
    """
    for _ in range(ROUNDS):
        more = specialised(_core_of(modules))
        if more is None:
            break
        modules = more
    core = _core_of(modules)
    find_records(core)
    _find_writers(core)
    _find_numbers(core)
    return core


def _core_of(modules: dict[str, Module]) -> Core:
    """All functions, nothing found yet."""
    signatures: dict[Key, Signature] = {}
    for module in modules.values():
        for name, node in module.functions.items():
            parameters = tuple(argument.arg for argument in node.args.args)
            parts = tuple(ast.walk(node))
            returned = [part.value for part in parts if isinstance(part, ast.Return)]
            has_value = any(value is not None for value in returned)
            if has_value and not (all(returned) and _ends(node.body)):
                msg = f"{module.name}.{name} returns a value on some ways only; return one on every way"
                raise UnsupportedError(msg)
            signatures[module.name, name] = Signature(
                key=(module.name, name), node=node, parts=parts, parameters=parameters, returns_value=has_value
            )
    elsewhere: set[Key] = set()
    called: set[Key] = set()
    for signature in signatures.values():
        home = modules[signature.key[0]]
        for call in signature.calls:
            target = (home.imports.get(call_name(call), home.name), call_name(call))
            if target in signatures:
                called.add(target)
                if target[0] != home.name:
                    elsewhere.add(target)
    return Core(modules=modules, signatures=signatures, used_elsewhere=frozenset(elsewhere), called=frozenset(called))


def _ends(body: list[ast.stmt]) -> bool:
    """Whether every way through a block returns."""
    match body[-1]:
        case ast.Return():
            return True
        case ast.If(body=yes, orelse=no):
            return bool(no) and _ends(yes) and _ends(no)
        case _:
            return False


def _find_writers(core: Core) -> None:
    for signature in core.signatures.values():
        for part in signature.parts:
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
            for call in signature.calls:
                target = core.function(core.modules[signature.key[0]], call_name(call))
                if target is not None:
                    signature.changes |= {
                        argument.id
                        for argument, parameter in zip(call.args, target.parameters, strict=True)
                        if isinstance(argument, ast.Name) and parameter in target.changes
                    }
            moved = moved or len(signature.changes) != before


def _find_numbers(core: Core) -> None:
    # What only a host hands over is known by nothing but what it is compared or reckoned with.
    for signature in core.signatures.values():
        if signature.key not in core.called:
            signature.numbers |= dict.fromkeys(_beside_reals(signature), Kind.REAL)
    moved = True
    while moved:
        moved = False
        for signature in core.signatures.values():
            moved = _pass(core, signature) or moved
    for signature in core.signatures.values():
        for parameter in signature.parameters:
            if parameter not in signature.records and signature.numbers.get(parameter) is None:
                signature.numbers[parameter] = Kind.WHOLE


def _beside_reals(signature: Signature) -> set[str]:
    """Parameters that stand beside a number with a point: `left_fraction <= 1.0`."""
    found: set[str] = set()
    for part in signature.parts:
        match part:
            case ast.Compare(left=left, comparators=others):
                sides = [left, *others]
            case ast.BinOp(left=left, right=right):
                sides = [left, right]
            case _:
                continue
        if any(isinstance(side, ast.Constant) and isinstance(side.value, float) for side in sides):
            found |= {side.id for side in sides if isinstance(side, ast.Name)}
    return found & set(signature.parameters) - set(signature.records)


def _pass(core: Core, signature: Signature) -> bool:
    """One more look at a function; True when something new was learnt."""
    before = (dict(signature.numbers), signature.returns)
    module = core.modules[signature.key[0]]
    reader = KindReader(core=core, module=module, signature=signature)
    moved = False
    for part in signature.parts:
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


def _pass_arguments(core: Core, module: Module, reader: KindReader, call: ast.Call) -> bool:
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
