"""Controllers broken on purpose: each differs from the shipped source by one small change of its syntax tree.

Of every function of `transfer`, its `ways` and the modes `apart`, and `interlock`: each part of a compound guard dropped, each comparison turned or
moved by one, each setting that is a time or a count changed by one, each order, count and call left out, each lockout
made a block and the other way round, each order or step exchanged for another.
"""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from bptm.assurance.z3_translate import PACKAGE

MUTATED_MODULES = ("transfer", "ways", "apart", "interlock")
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
}
_BY_ONE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
}
_OTHER_NAME = {
    "ORDER_OPEN": "ORDER_NONE",
    "ORDER_CLOSE": "ORDER_OPEN",
    "ORDER_NONE": "ORDER_CLOSE",
    "STEP_CLOSING": "STEP_DEAD_TIME",
    "STEP_OPENING": "STEP_DEAD_TIME",
}
_ONLY_TOLD = frozenset(
    {"wake_ticks", "events", "transfers", "tests", "tests_failed", "withholds", "slot_draw", "slot_ticks"}
)
"""Fields that only tell the host something, or draw the random delay: the claims say nothing of them, other tests do."""

_Change = tuple[ast.AST, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One broken controller."""

    module: str
    function: str
    line: int
    change: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Where and what."""
        return f"{self.module}.py:{self.line} {self.function}: {self.change}"


def mutants() -> list[Mutant]:
    """All of them, in the order of the source."""
    found: list[Mutant] = []
    for module in MUTATED_MODULES:
        tree = ast.parse((PACKAGE / "controller" / f"{module}.py").read_text(encoding="utf-8"))
        for index, function in enumerate(tree.body):
            if not isinstance(function, ast.FunctionDef) or function.name == "draw_slot":
                continue
            told = {id(part) for node in ast.walk(function) if _only_told(node) for part in ast.walk(node)}
            for place, node in enumerate(ast.walk(function)):
                if id(node) in told:
                    continue
                for replacement, change in _changes(node):
                    changed = copy.deepcopy(function)
                    target = list(ast.walk(changed))[place]
                    changed = cast("ast.FunctionDef", _Replace(target, replacement).visit(changed))
                    ast.fix_missing_locations(changed)
                    body = [*tree.body[:index], changed, *tree.body[index + 1 :]]
                    broken = ast.Module(body=body, type_ignores=[])
                    line = getattr(node, "lineno", function.lineno)
                    found.append(Mutant(module=module, function=function.name, line=line, change=change, tree=broken))
    return found


class _Replace(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, target: ast.AST, replacement: ast.AST) -> None:
        self._target = target
        self._replacement = replacement

    def visit(self, node: ast.AST) -> ast.AST:
        return self._replacement if node is self._target else super().generic_visit(node)


def _only_told(node: ast.AST) -> bool:
    """Whether a statement only writes what is told to the host, or a condition only decides about that."""
    match node:
        case ast.Assign(targets=[ast.Attribute(attr=name)]) | ast.AugAssign(target=ast.Attribute(attr=name)):
            return name in _ONLY_TOLD
        case ast.If(test=test):
            told = {"wake_ticks", "withholds"}
            return any(isinstance(part, ast.Attribute) and part.attr in told for part in ast.walk(test)) or all(
                _only_told(statement) for statement in [*node.body, *node.orelse]
            )
        case _:
            return False


def _changes(node: ast.AST) -> Iterator[_Change]:
    """Every way to change one node: what stands in its place, and words."""
    match node:
        case ast.BoolOp(op=op, values=values):
            for i, dropped in enumerate(values):
                rest = [copy.deepcopy(v) for v in (*values[:i], *values[i + 1 :])]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(op=op, values=rest), f"without `{ast.unparse(dropped)}`"
        case ast.Compare(left=left, ops=[op], comparators=right):
            for table in (_TURNED, _BY_ONE):
                if type(op) in table:
                    other = ast.Compare(
                        left=copy.deepcopy(left), ops=[table[type(op)]()], comparators=copy.deepcopy(right)
                    )
                    yield other, _becomes(node, other)
        case ast.Attribute(value=ast.Name(id="p"), attr=name) if name.endswith(("_ticks", "_tries", "_trials")):
            more = ast.BinOp(left=copy.deepcopy(node), op=ast.Add(), right=ast.Constant(1))
            yield more, _becomes(node, more)
        case ast.Assign() | ast.AugAssign() | ast.Expr(value=ast.Call()):
            yield from _statement_changes(node)
        case _:
            return


def _statement_changes(node: ast.Assign | ast.AugAssign | ast.Expr) -> Iterator[_Change]:
    if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
        yield ast.Pass(), f"without `{ast.unparse(node)}`"
    match node:
        case ast.Assign(value=ast.Name(id=name)) if name in _OTHER_NAME:
            other = copy.deepcopy(node)
            other.value = ast.Name(id=_OTHER_NAME[name], ctx=ast.Load())
            yield other, _becomes(node, other)
        case ast.Expr(value=ast.Call(func=ast.Name(id="lock_out"), args=[s, cause])):
            p = ast.Name(id="p", ctx=ast.Load())
            block = _call("block_backup", [copy.deepcopy(s), p, copy.deepcopy(cause)])
            yield block, _becomes(node, block)
        case ast.Expr(value=ast.Call(func=ast.Name(id="block_backup"), args=[s, _p, cause])):
            lock = _call("lock_out", [copy.deepcopy(s), copy.deepcopy(cause)])
            yield lock, _becomes(node, lock)
        case _:
            return


def _call(name: str, arguments: list[ast.expr]) -> ast.Expr:
    return ast.Expr(value=ast.Call(func=ast.Name(id=name, ctx=ast.Load()), args=arguments, keywords=[]))


def _becomes(old: ast.AST, new: ast.AST) -> str:
    return f"`{ast.unparse(old)}` becomes `{ast.unparse(new)}`"
