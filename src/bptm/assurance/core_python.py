"""Whether a file of the core stays inside Core Python, the subset that five runtimes share (decision 0002).

The same source runs on CPython and MicroPython, is compiled by numba, translated to C and proved with z3. So a
construct is allowed only where all five give it the same meaning. Everything not named below is refused, and
each finding says what to write instead.

Allowed in a module: a docstring, `from math import sqrt`, imports of names from the core, constants and tables of
numbers in capitals, `FIELDS` and `SETTINGS` tables, functions.
Allowed in a function: plain positional parameters; assignment to a local or to `record.field` (or an element of an
array field); `if`/`elif`/`else`; `for name in range(...)` with `break` and `continue`; `return`; calls of functions of
the core, `sqrt`, `int`, `float`; arithmetic, integer operators, single comparisons, conditions.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bptm.assurance.core_rules import (
    BUILTIN_CALLS,
    CALLS_INSTEAD,
    FIELDS_OF_SETTINGS,
    NODES_INSTEAD,
    OPERATORS_INSTEAD,
    TABLE_ROW_INSTEAD,
    Finding,
)

CORE_ROOMS = ("controller", "plant")
"""Rooms written wholly in Core Python; in `terms` only the files `core_*.py` are."""


def findings(source: str, file: str) -> list[Finding]:
    """All places of one file outside Core Python, in the order of their lines.

    Args:
        source: Text of the file.
        file: Its name, for the findings.

    Raises:
        SyntaxError: Not Python at all.
    """
    tree = ast.parse(source)
    reader = _Reader(file=file, source=source, names=_names_of(tree))
    return sorted({*reader.module(tree), *reader.recursions(tree)}, key=lambda f: (f.line, f.found))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What a module defines and imports."""

    functions: frozenset[str]
    constants: frozenset[str]
    imported: frozenset[str]


def _names_of(tree: ast.Module) -> _Names:
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    constants = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    imported = {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    return _Names(functions=frozenset(functions), constants=frozenset(constants), imported=frozenset(imported))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _joins_tables(node: ast.expr) -> bool:
    """Whether a table is the sum of tables, each under its own name and read where it stands."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Name(id=name)):
            return name.endswith("SETTINGS") and (_joins_tables(left) or _is_table(left))
        case _:
            return False


def _is_table(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id.endswith("SETTINGS")


def _is_core_module(module: str) -> bool:
    rooms = tuple(f"bptm.{room}." for room in CORE_ROOMS)
    return module.startswith(("bptm.terms.core_", *rooms))


def _kind(node: ast.expr) -> str:
    """Whether a cell of a table is a text, a number, or something else."""
    value = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    if isinstance(value, ast.Constant):
        if isinstance(value.value, str):
            return "text"
        if isinstance(value.value, int | float):
            return "number"
    return "other"


def _counts_ticks(name: str) -> bool:
    """Whether a name is a time in ticks: `wait_ticks`, `start_tick`, or the running timer `t_wait`."""
    return name.lower().endswith(("_ticks", "_tick")) or name.startswith("t_")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """Walks one module; each method yields what it finds below one node."""

    file: str
    source: str
    names: _Names

    def finding(self, node: ast.AST, instead: str) -> Finding:
        """A finding at a node, quoting its first line."""
        text = ast.get_source_segment(self.source, node) or type(node).__name__
        lines = text.splitlines()
        quoted = lines[0] if len(lines) == 1 else f"{lines[0]} ..."
        return Finding(file=self.file, line=getattr(node, "lineno", 1), found=quoted[:60], instead=instead)

    def unknown(self, node: ast.AST) -> Iterator[Finding]:
        """A node that no rule allows."""
        yield self.finding(
            node, NODES_INSTEAD.get(type(node), "use only what the docstring of assurance.core_python allows")
        )

    # The module.

    def module(self, tree: ast.Module) -> Iterator[Finding]:
        """Everything below a module."""
        if ast.get_docstring(tree) is None:
            yield Finding(file=self.file, line=1, found="no docstring", instead="begin with what the file is for")
        for node in tree.body:
            if _is_text(node):
                continue
            if isinstance(node, ast.ImportFrom):
                yield from self.import_(node)
            elif isinstance(node, ast.Assign):
                yield from self.constant(node)
            elif isinstance(node, ast.FunctionDef):
                yield from self.function(node)
            else:
                yield from self.unknown(node)

    def import_(self, node: ast.ImportFrom) -> Iterator[Finding]:
        """An import: `sqrt`, or names of the core as they are."""
        module = node.module or ""
        if module == "math" and node.level == 0:
            if [alias.name for alias in node.names] != ["sqrt"]:
                yield self.finding(
                    node, "import only `sqrt` from math: the others differ in their last digit by machine"
                )
        elif node.level or not _is_core_module(module):
            yield self.finding(
                node, "import only from bptm.terms.core_*, bptm.controller.* and bptm.plant.*, by full name"
            )
        for alias in node.names:
            if alias.name == "*":
                yield self.finding(node, "import each name that is used")

    def constant(self, node: ast.Assign) -> Iterator[Finding]:
        """A constant of the module: capitals, and numbers or a table of them."""
        target = node.targets[0]
        if len(node.targets) != 1 or not isinstance(target, ast.Name):
            yield self.finding(node, "give each constant its own line")
            return
        if not target.id.isupper():
            yield self.finding(node, "write a constant in capitals; state lives in records, not in modules")
        if target.id.endswith("FIELDS"):
            yield from self.table(node, texts=4, numbers=0)
        elif target.id.endswith("SETTINGS"):
            yield from self.table(node, texts=5, numbers=3)
        elif isinstance(node.value, ast.Tuple):
            for element in node.value.elts:
                yield from self.number(element)
        else:
            yield from self.number(node.value)

    def table(self, node: ast.Assign, texts: int, numbers: int) -> Iterator[Finding]:
        """A table of fields or settings: a literal, so that readers of the source need not run it."""
        if ast.unparse(node.value) == FIELDS_OF_SETTINGS or _joins_tables(node.value):
            return
        if not isinstance(node.value, ast.Tuple):
            yield self.finding(node, "write the table as literal rows of name, type, unit, meaning")
            return
        for row in node.value.elts:
            cells = row.elts if isinstance(row, ast.Tuple) else []
            if [_kind(cell) for cell in cells] != ["text"] * 4 + ["number"] * numbers + ["text"] * (texts - 4):
                yield self.finding(row, TABLE_ROW_INSTEAD)
                continue
            name, type_ = ast.literal_eval(cells[0]), ast.literal_eval(cells[1])
            if _counts_ticks(str(name)) and not str(type_).startswith("i"):
                yield self.finding(row, f"declare `{name}` as i4 or i8: timers are whole numbers of ticks")

    def number(self, node: ast.expr) -> Iterator[Finding]:
        """A constant expression."""
        for part in ast.walk(node):
            if isinstance(part, ast.Constant):
                yield from self.literal(part)
            elif isinstance(part, ast.Name):
                if part.id not in self.names.constants | self.names.imported:
                    yield self.finding(part, "use numbers and constants of the core only")
            elif isinstance(part, ast.operator | ast.unaryop) and type(part) in OPERATORS_INSTEAD:
                yield self.finding(node, OPERATORS_INSTEAD[type(part)])
            elif not isinstance(part, ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop | ast.Load):
                yield from self.unknown(part)

    # A function.

    def function(self, node: ast.FunctionDef) -> Iterator[Finding]:
        """A function: plain parameters, then statements."""
        arguments = node.args
        if node.decorator_list:
            yield self.finding(node, "write no decorator: the host compiles the function")
        if arguments.defaults or arguments.kwonlyargs or arguments.vararg or arguments.kwarg or arguments.posonlyargs:
            yield self.finding(node, "take plain positional parameters without defaults")
        if node.returns or any(argument.annotation for argument in arguments.args):
            yield self.finding(node, "leave annotations away: types are declared in FIELDS")
        body = node.body[1:] if _is_text(node.body[0]) else node.body
        yield from self.block(body)

    def block(self, body: list[ast.stmt]) -> Iterator[Finding]:
        """A list of statements."""
        for statement in body:
            yield from self.statement(statement)

    def statement(self, node: ast.stmt) -> Iterator[Finding]:
        """One statement."""
        match node:
            case ast.If():
                yield from self.condition(node.test)
                yield from self.block(node.body)
                yield from self.block(node.orelse)
            case ast.For():
                yield from self.loop(node)
            case ast.Return(value=ast.expr() as value):
                yield from self.value(value)
            case ast.Return() | ast.Pass() | ast.Break() | ast.Continue():
                return
            case ast.FunctionDef():
                yield self.finding(node, "write the function at module level and pass it what it needs")
            case _:
                yield from self.simple(node)

    def simple(self, node: ast.stmt) -> Iterator[Finding]:
        """A statement that holds no other."""
        match node:
            case ast.Assign(targets=[target]):
                yield from self.assignment(node, target, node.value)
            case ast.Assign():
                yield self.finding(node, "assign one name on each line")
            case ast.AugAssign():
                yield from self.operator(node, node.op)
                yield from self.assignment(node, node.target, node.value)
            case ast.Expr(value=ast.Call() as call):
                yield from self.call(call)
            case ast.Expr(value=ast.Constant() | ast.Name() | ast.Attribute() | ast.Compare() | ast.BinOp()):
                yield self.finding(node, "a value that nobody takes does nothing; use it or leave it out")
            case ast.Expr():
                yield from self.unknown(node.value)
            case _:
                yield from self.unknown(node)

    def assignment(self, node: ast.stmt, target: ast.expr, value: ast.expr) -> Iterator[Finding]:
        """An assignment to a local, a field, or an element of an array field."""
        name = ""
        match target:
            case ast.Name():
                name = target.id
            case ast.Attribute(value=ast.Name()):
                name = target.attr
            case ast.Subscript(value=ast.Attribute(value=ast.Name(), attr=name)):
                yield from self.value(target.slice)
            case _:
                yield self.finding(node, "assign to a local, to `record.field`, or to `record.field[i]`")
        if name.isupper():
            yield self.finding(node, "constants do not change; use a local or a field")
        yield from self.value(value)
        if _counts_ticks(name) and _makes_float(value):
            yield self.finding(node, "count ticks in whole numbers: `//`, or `int()` of a value that is not negative")

    def loop(self, node: ast.For) -> Iterator[Finding]:
        """A loop over a range."""
        over = node.iter
        if not (isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and over.func.id == "range"):
            yield self.finding(node, "write `for i in range(N)`")
        else:
            for argument in over.args:
                yield from self.value(argument)
        if not isinstance(node.target, ast.Name):
            yield self.finding(node, "count with one plain name")
        if node.orelse:
            yield self.finding(node, "set a local in the loop and test it afterwards, in place of `for ... else`")
        yield from self.block(node.body)

    # Expressions.

    def condition(self, node: ast.expr) -> Iterator[Finding]:
        """What an `if` tests: comparisons joined by and, or, not; or a number that is a fact."""
        match node:
            case ast.BoolOp():
                for part in node.values:
                    yield from self.condition(part)
            case ast.UnaryOp(op=ast.Not()):
                yield from self.condition(node.operand)
            case ast.Compare():
                if len(node.ops) != 1:
                    yield self.finding(node, "write `a < b and b < c`: C reads a chain of comparisons otherwise")
                for operator in node.ops:
                    yield from self.operator(node, operator)
                for part in (node.left, *node.comparators):
                    yield from self.value(part)
            case _:
                yield from self.value(node)

    def value(self, node: ast.expr) -> Iterator[Finding]:
        """A number."""
        match node:
            case ast.Constant():
                yield from self.literal(node)
            case ast.Name() | ast.Attribute(value=ast.Name()):
                return
            case ast.Subscript(value=ast.Name() | ast.Attribute(value=ast.Name())) if not isinstance(
                node.slice, ast.Slice
            ):
                yield from self.value(node.slice)
            case ast.Subscript():
                yield self.finding(node, NODES_INSTEAD[ast.Slice])
            case ast.BinOp():
                yield from self.operator(node, node.op)
                yield from self.value(node.left)
                yield from self.value(node.right)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
                yield from self.value(node.operand)
            case ast.IfExp():
                yield from self.condition(node.test)
                yield from self.value(node.body)
                yield from self.value(node.orelse)
            case ast.Call():
                yield from self.call(node)
            case ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()):
                yield self.finding(node, "write `1 if condition else 0`: a truth value is not a number everywhere")
            case _:
                yield from self.unknown(node)

    def literal(self, node: ast.Constant) -> Iterator[Finding]:
        """A number written out."""
        if isinstance(node.value, bool):
            yield self.finding(node, "write 1 or 0")
        elif not isinstance(node.value, int | float):
            yield self.finding(node, "use numbers; texts are made by the hosts from codes")

    def operator(self, node: ast.AST, operator: ast.AST) -> Iterator[Finding]:
        """An operator that means the same everywhere."""
        if type(operator) in OPERATORS_INSTEAD:
            yield self.finding(node, OPERATORS_INSTEAD[type(operator)])

    def call(self, node: ast.Call) -> Iterator[Finding]:
        """A call of a function of the core with positional arguments."""
        if node.keywords:
            yield self.finding(node, "pass arguments by position")
        if not isinstance(node.func, ast.Name):
            yield self.finding(node, "call a function of the core by its plain name; records have no methods")
        elif node.func.id not in self.names.functions | self.names.imported | BUILTIN_CALLS:
            yield self.finding(
                node, CALLS_INSTEAD.get(node.func.id, "call only functions of the core, sqrt, int, float")
            )
        elif node.func.id == "range":
            yield self.finding(node, "use `range` only in `for ... in range(...)`")
        for argument in node.args:
            # A condition may be passed as a fact; every runtime makes it 1 or 0 on arrival.
            yield from self.condition(argument)

    def recursions(self, tree: ast.Module) -> Iterator[Finding]:
        """Functions that reach themselves: the proof inlines calls, and a meter's stack is small."""
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        calls = {
            name: {
                part.func.id
                for part in ast.walk(node)
                if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)
            }
            & functions.keys()
            for name, node in functions.items()
        }
        for name, node in functions.items():
            reached: set[str] = set()
            ahead = set(calls[name])
            while ahead:
                reached |= ahead
                ahead = {called for caller in ahead for called in calls[caller]} - reached
            if name in reached:
                yield self.finding(node, "write a loop with a limit in place of a function that calls itself")


def _makes_float(node: ast.expr) -> bool:
    """Whether an expression surely gives a float: `/`, a float literal, `float()` or `sqrt()`, outside other calls."""
    match node:
        case ast.BinOp():
            return isinstance(node.op, ast.Div) or _makes_float(node.left) or _makes_float(node.right)
        case ast.IfExp():
            return _makes_float(node.body) or _makes_float(node.orelse)
        case ast.UnaryOp():
            return _makes_float(node.operand)
        case ast.Call(func=ast.Name(id=called)):
            return called in {"float", "sqrt"}
        case _:
            return isinstance(node, ast.Constant) and isinstance(node.value, float)
