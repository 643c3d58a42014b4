"""The core's source, read once for the translation to C: modules, tables, constants and functions.

Only the syntax tree is read; nothing of the core is run. Every file of `controller` is taken, and of `terms` what
it imports or keeps its records in: not the tables of the plant and the bench. A file outside Core Python is refused,
with every finding of the checker.
"""

import ast
import io
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bptm.assurance.core_python import findings

PACKAGE = Path(__file__).resolve().parents[1]

ROOTS = ("controller",)
"""Rooms that are translated whole."""

THEMES_OF_SCAN = ("device", "settings")
"""Files of `terms` with the records that `scan` takes; every other module keeps its records under its own name."""

Number = int | float

Row = tuple[tuple[str | Number, ...], str]
"""Cells of one row of a table, and the comment above it."""


class UnsupportedError(Exception):
    """A place of the source that cannot be translated; the text is one sentence that says what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One row of a `FIELDS` table."""

    name: str
    type: str
    """`i4`, `i8` or `f8`."""
    length: int
    """0 for a plain field, else the length of the array."""
    unit: str
    meaning: str
    remark: str
    """The comment above the row, which opens a group; empty when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a row of `SETTINGS` says beyond its field."""

    default: Number
    lowest: Number
    highest: Number
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One record of the core."""

    module: str
    name: str
    struct: str
    fields: tuple[Field, ...]
    settings: tuple[Setting, ...]
    """One a field; empty when the record holds no settings."""

    def field(self, name: str) -> Field | None:
        """The field of this name."""
        return next((field for field in self.fields if field.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A named number of a module, or a table of numbers."""

    name: str
    value: Number | tuple[Number, ...]
    text: str
    """As it is written in the source."""
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One file of the core."""

    name: str
    """Below the package: `controller.scan`."""
    docstring: str
    imports: dict[str, str]
    """Imported name to the module that defines it."""
    constants: dict[str, Constant]
    tables: tuple[Table, ...]
    rows: dict[str, list[Row]]
    """Rows of each table of this file and of those that it imports."""
    functions: dict[str, ast.FunctionDef]
    comments: dict[int, str]
    """Line to the comment on it, without its mark."""
    own_lines: frozenset[int]
    """Lines that hold nothing but a comment."""

    @property
    def stem(self) -> str:
        """Name of its C files."""
        return self.name.split(".")[-1]


_OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
}
_WHOLE_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.LShift: lambda a, b: a << b,
    ast.RShift: lambda a, b: a >> b,
    ast.BitOr: lambda a, b: a | b,
    ast.BitAnd: lambda a, b: a & b,
    ast.BitXor: lambda a, b: a ^ b,
}


def read_modules(package: Path = PACKAGE) -> dict[str, Module]:
    """All modules to translate by their names below the package, each after those that it imports.

    Args:
        package: Where the rooms lie; another place is for tests.

    Raises:
        UnsupportedError: A file is outside Core Python.
    """
    wanted = [f"{room}.{file.stem}" for room in ROOTS for file in sorted((package / room).glob("[!_]*.py"))]
    # `controller.advice_steps` keeps its records in `terms.core_advice`.
    themes = {name.split(".")[1].partition("_")[0] for name in wanted} | set(THEMES_OF_SCAN)
    files = sorted((package / "terms").glob("core_*.py"))
    tables = [f"terms.{file.stem}" for file in files if file.stem.split("_")[1] in themes]
    read: dict[str, Module] = {}
    for name in (*wanted, *tables):
        _read(name, package, read)
    return read


def _read(name: str, package: Path, read: dict[str, Module]) -> None:
    if name in read:
        return
    file = package.joinpath(*name.split(".")).with_suffix(".py")
    source = file.read_text(encoding="utf-8")
    found = findings(source, f"{name}.py")
    if found:
        raise UnsupportedError(" ".join(finding.sentence() for finding in found))
    tree = ast.parse(source)
    imports: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module != "math":
            below = node.module.removeprefix("bptm.")
            _read(below, package, read)
            known = read[below].imports.keys() | read[below].functions.keys() | read[below].constants.keys()
            for alias in node.names:
                if alias.name not in known | read[below].rows.keys():
                    msg = f"{name} imports {alias.name} from {below}, which has no such name; name its own file"
                    raise UnsupportedError(msg)
            # A name that the file itself has from elsewhere is that of its origin.
            imports |= {alias.asname or alias.name: read[below].imports.get(alias.name, below) for alias in node.names}
    comments, own_lines = _comments(source)
    rows_of = {row: read[module].rows[row] for row, module in imports.items() if row in read[module].rows}
    read[name] = Module(
        name=name,
        docstring=ast.get_docstring(tree) or "",
        imports=imports,
        constants=_constants(tree, imports, read),
        tables=_tables(name, tree, comments, rows_of),
        rows=rows_of,
        functions={node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)},
        comments=comments,
        own_lines=own_lines,
    )


def _comments(source: str) -> tuple[dict[int, str], frozenset[int]]:
    found: dict[int, str] = {}
    own: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            found[token.start[0]] = token.string.lstrip("# ")
            if token.line.lstrip().startswith("#"):
                own.add(token.start[0])
    return found, frozenset(own)


def _constants(tree: ast.Module, imports: dict[str, str], read: dict[str, Module]) -> dict[str, Constant]:
    known: dict[str, Number] = {}
    for name, module in imports.items():
        constant = read[module].constants.get(name)
        if constant is not None and not isinstance(constant.value, tuple):
            known[name] = constant.value
    constants: dict[str, Constant] = {}
    for at, node in enumerate(tree.body):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        name = node.targets[0].id
        if name.endswith(("FIELDS", "SETTINGS")):
            continue
        after = tree.body[at + 1] if at + 1 < len(tree.body) else None
        remark = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
        value: Number | tuple[Number, ...]
        if isinstance(node.value, ast.Tuple):
            value = tuple(_number(element, known) for element in node.value.elts)
        else:
            value = known[name] = _number(node.value, known)
        constants[name] = Constant(name=name, value=value, text=ast.unparse(node.value), remark=str(remark))
    return constants


def _number(node: ast.expr, known: dict[str, Number]) -> Number:
    """Value of a constant expression."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.UnaryOp(op=ast.USub()):
            return -_number(node.operand, known)
        case ast.BinOp():
            left, right = _number(node.left, known), _number(node.right, known)
            if type(node.op) in _OPERATORS:
                return _OPERATORS[type(node.op)](left, right)
            if type(node.op) in _WHOLE_OPERATORS and isinstance(left, int) and isinstance(right, int):
                return _WHOLE_OPERATORS[type(node.op)](left, right)
        case _:
            pass
    msg = f"the constant `{ast.unparse(node)}` cannot be computed; write a number"
    raise UnsupportedError(msg)


def _tables(
    module: str, tree: ast.Module, comments: dict[int, str], rows_of: dict[str, list[Row]]
) -> tuple[Table, ...]:
    """Tables of a file. `rows_of` has those that it imports, and takes its own."""
    derived: dict[str, str] = {}
    own: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if not name.endswith(("FIELDS", "SETTINGS")):
                continue
            own.append(name)
            if isinstance(node.value, ast.Tuple | ast.BinOp | ast.Name):
                rows_of[name] = _rows(node.value, comments, rows_of)
            else:
                sources = [
                    part.id for part in ast.walk(node.value) if isinstance(part, ast.Name) and part.id in rows_of
                ]
                derived[name] = sources[-1] if sources else ""
                if not sources:
                    msg = f"{module}: {name} is made from no table of this file; write its rows"
                    raise UnsupportedError(msg)
    # Settings that only another file's table takes up are no record of their own.
    return tuple(_table(module, name, rows_of[derived.get(name, name)]) for name in own if name.endswith("FIELDS"))


def _rows(node: ast.expr, comments: dict[int, str], rows_of: dict[str, list[Row]]) -> list[Row]:
    """Rows of a table: literal, or tables joined by `+` or `*`."""
    match node:
        case ast.Name(id=name) if name in rows_of:
            return rows_of[name]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_rows(left, comments, rows_of), *_rows(right, comments, rows_of)]
        case ast.Tuple(elts=elements):
            rows: list[Row] = []
            for element in elements:
                if isinstance(element, ast.Starred):
                    rows += _rows(element.value, comments, rows_of)
                else:
                    cells: tuple[str | Number, ...] = ast.literal_eval(element)
                    rows.append((cells, comments.get(element.lineno - 1, "")))
            return rows
        case _:
            msg = f"the table `{ast.unparse(node)[:60]}` cannot be read; write its rows, or join tables by `+`"
            raise UnsupportedError(msg)


def _table(module: str, name: str, rows: list[Row]) -> Table:
    fields: list[Field] = []
    settings: list[Setting] = []
    for cells, remark in rows:
        type_, _, length = str(cells[1]).partition("[")
        fields.append(
            Field(
                name=str(cells[0]),
                type=type_,
                length=int(length.rstrip("]") or 0),
                unit=str(cells[2]),
                meaning=str(cells[3]),
                remark=remark,
            )
        )
        match cells[4:]:
            case (int() | float() as default, int() | float() as lowest, int() | float() as highest, str() as source):
                settings.append(Setting(default=default, lowest=lowest, highest=highest, source=source))
            case _:
                pass
    part = name.removesuffix("FIELDS").strip("_").lower() or module.rpartition(".")[2].removeprefix("core_")
    return Table(module=module, name=name, struct=f"bptm_{part}", fields=tuple(fields), settings=tuple(settings))
