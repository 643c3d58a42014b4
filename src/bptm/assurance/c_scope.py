"""Where a local of Core Python is declared in C: Python knows functions only, C knows blocks."""

import ast
from collections.abc import Iterator


def homes_of(statements: list[ast.stmt], known: set[str]) -> dict[int, list[str]]:
    """Locals by the smallest block that holds all their uses and can hold their declaration."""
    counters = {
        part.target.id for part in _walk(statements) if isinstance(part, ast.For) and isinstance(part.target, ast.Name)
    }
    names = dict.fromkeys(name for part in _walk(statements) for name in assigned_by(part))
    homes: dict[int, list[str]] = {}
    for name in names:
        if name not in known and name not in counters:
            homes.setdefault(id(_home(statements, name)), []).append(name)
    return homes


def _home(block: list[ast.stmt], name: str) -> list[ast.stmt]:
    best = block
    while True:
        using = [statement for statement in block if _uses(statement, name)]
        if len(using) != 1 or not isinstance(using[0], ast.If | ast.For):
            return best
        within = using[0]
        head = within.test if isinstance(within, ast.If) else within.iter
        inner = [part for part in (within.body, within.orelse) if any(_uses(each, name) for each in part)]
        if _uses(head, name) or len(inner) != 1:
            return best
        block = inner[0]
        # A loop keeps a name's value from one turn to the next, unless each turn begins by assigning it.
        if isinstance(within, ast.For) and not surely_assigned(block, name):
            return best
        # `else if` leaves no place for a declaration.
        if not (block is within.orelse and len(block) == 1 and isinstance(block[0], ast.If)):
            best = block


def _walk(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    return (part for statement in statements for part in ast.walk(statement))


def _uses(node: ast.AST, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))


def assigned_at(block: list[ast.stmt], name: str) -> bool:
    """Whether a block's first use of a name is its assignment, in the block itself."""
    first = next((statement for statement in block if _uses(statement, name)), None)
    match first:
        case ast.Assign(targets=[ast.Name(id=target)], value=value):
            return target == name and not _uses(value, name)
        case _:
            return False


def surely_assigned(block: list[ast.stmt], name: str) -> bool:
    """Whether every way through a block that uses a name assigns it first."""
    if assigned_at(block, name):
        return True
    first = next((statement for statement in block if _uses(statement, name)), None)
    if not isinstance(first, ast.If) or _uses(first.test, name):
        return False
    return bool(first.orelse) and surely_assigned(first.body, name) and surely_assigned(first.orelse, name)


def assigned_by(part: ast.AST) -> list[str]:
    """Plain names that a node itself assigns."""
    match part:
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AugAssign(target=ast.Name(id=name)):
            return [name]
        case _:
            return []
