"""Reads the arrows of the state diagram out of the syntax trees of the controller: from, to, cause, guard as written.

It knows no mode, no cause and no function by name, except the two where a scan and a start begin (`decide`,
`start`). It follows every call that can end in `s.mode = ...`, puts the arguments in the place of the parameters, and
collects the conditions on its way. What it cannot resolve stands in the table as it is written.
"""

import ast
import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

CONTROLLER = Path(__file__).parents[1] / "src" / "bptm" / "controller"
OTHERWISE = "otherwise"
ANY_MODE = "ANY"
"""Stands for an arrow that is asked for before the mode is looked at."""

_DEEPEST = 12
_ONE_COMPARISON = re.compile(r"(^|(?:and|or|not) |\()\(([^\s()]+(?:\(s, p\)|\(s\))? (?:==|!=|<=|>=|<|>) [^\s()]+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """One change of mode that the source can make."""

    origin: str
    target: str
    causes: tuple[str, ...]
    guards: tuple[str, ...]
    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """One place where a contactor is ordered closed."""

    contactor: str
    origin: str
    guards: tuple[str, ...]
    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagram:
    """Everything that the source says about its modes."""

    scan: tuple[Arrow, ...]
    start: tuple[Arrow, ...]
    closes: tuple[Close, ...]
    entrances: tuple[tuple[str, str], ...]

    @property
    def modes(self) -> tuple[str, ...]:
        """Every mode that an arrow leaves or reaches, in the order in which they are met."""
        named = [name for arrow in self.scan for name in (arrow.origin, arrow.target)]
        return tuple(dict.fromkeys(name for name in named if name != ANY_MODE))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the walk stands: conditions so far, mode it came from, functions it is inside of."""

    guards: tuple[str, ...]
    origin: str
    functions: tuple[str, ...]
    not_so: tuple[tuple[str, str], ...] = ()
    """Fields and the code that each is known not to have, since an earlier branch has asked for it."""

    def under(self, *guards: str) -> "_Place":
        return replace(self, guards=(*self.guards, *guards))


class _InPlaceOf(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return copy.deepcopy(self.values.get(node.id, node))


def _put(node: ast.expr, values: dict[str, ast.expr]) -> ast.expr:
    made: ast.expr = _InPlaceOf(values).visit(copy.deepcopy(node))
    return made


def _field(node: ast.AST, *names: str) -> str:
    """Name of the field that `s.name` reads or writes, when it is one of these; else empty."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "s":
        return node.attr if node.attr in names else ""
    return ""


def _text(node: ast.AST) -> str:
    """An expression as it is written: Python's own writer puts the last comparison of a chain in parentheses."""
    return _ONE_COMPARISON.sub(r"\1\2", ast.unparse(node))


def _called(node: ast.AST) -> str:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    return ""


def _ends(body: Sequence[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Return)


def _plain(name: str) -> str:
    """A code without its family: `MODE_DARK` and `CAUSE_OVERLOAD` as `DARK`, `OVERLOAD`."""
    for family in ("MODE_", "CAUSE_"):
        if name.startswith(family):
            return name.removeprefix(family)
    return name


def _constants(node: ast.expr) -> list[tuple[str, tuple[str, ...]]]:
    """What an expression can be, each with the condition it stands under: a constant, or either side of `if else`."""
    if isinstance(node, ast.IfExp):
        test = _text(node.test)
        return [
            *((name, (test, *guards)) for name, guards in _constants(node.body)),
            *((name, (OTHERWISE, *guards)) for name, guards in _constants(node.orelse)),
        ]
    return [(_plain(ast.unparse(node)), ())]


def _asked_for(test: ast.expr) -> tuple[tuple[str, str], ...]:
    """Field and code of a test `s.field == CODE`, which a later branch can rely on not to hold."""
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Eq) and isinstance(test.left, ast.Attribute):
        return ((ast.unparse(test.left), _plain(ast.unparse(test.comparators[0]))),)
    return ()


def _modes_in(test: ast.expr) -> tuple[str, ...]:
    """Modes that a test asks for: `s.mode == A`, or several of them joined by `or`."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        parts = [_modes_in(part) for part in test.values]
        return tuple(name for part in parts for name in part) if all(parts) else ()
    if isinstance(test, ast.BoolOp):
        return next((found for part in test.values if (found := _modes_in(part))), ())
    if isinstance(test, ast.Compare) and _field(test.left, "mode") and isinstance(test.ops[0], ast.Eq):
        return (_plain(ast.unparse(test.comparators[0])),)
    return ()


def _without_mode(test: ast.expr) -> str:
    """A test without its question for the mode; empty when it asks for nothing else."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        rest = [part for part in test.values if not _modes_in(part)]
        return " and ".join(_text(part) for part in rest)
    return ""


class _Reader:
    """Follows the source from one function on."""

    def __init__(self, functions: dict[str, ast.FunctionDef], fields: dict[str, tuple[str, ...]]) -> None:
        self.functions = functions
        self.fields = fields
        self.arrows: list[Arrow] = []
        self.closes: list[Close] = []
        self.changing = {name for name in functions if self._changes(name, frozenset())}

    def _changes(self, name: str, seen: frozenset[str]) -> bool:
        """Whether a function can end in a change of mode or an order to close."""
        for node in ast.walk(self.functions[name]):
            match node:
                case ast.Assign(targets=[target]) if _field(target, "mode", "u_order", "b_order"):
                    return True
                case ast.Call():
                    called = _called(node)
                    if called in self.functions and called not in seen and self._changes(called, seen | {name}):
                        return True
                case _:
                    pass
        return False

    def follow(self, name: str, values: dict[str, ast.expr], place: _Place) -> None:
        """Walks one function, its parameters taken as `values`."""
        if name in place.functions or len(place.functions) > _DEEPEST:
            return
        here = replace(place, functions=(*place.functions, name))
        self._body(self.functions[name].body, dict(values), here)

    def _body(self, body: Sequence[ast.stmt], values: dict[str, ast.expr], place: _Place) -> None:
        for statement in body:
            place = self._statement(statement, values, place, body)

    def _statement(
        self, statement: ast.stmt, values: dict[str, ast.expr], place: _Place, body: Sequence[ast.stmt]
    ) -> _Place:
        match statement:
            case ast.If():
                return self._if(statement, values, place)
            case ast.For():
                self._body(statement.body, values, place)
            case ast.Assign(targets=[ast.Name(id=local)], value=value):
                self._calls(value, values, place)
                # Only what decides a mode or a cause is carried; any other local keeps its name and reads better so.
                if "MODE_" in ast.unparse(value) or "CAUSE_" in ast.unparse(value):
                    values[local] = _put(value, values)
            case ast.Assign(targets=[target], value=value):
                self._calls(value, values, place)
                self._assigned(target, _put(value, values), values, place, body)
            case _:
                self._calls(statement, values, place)
        return place

    def _if(self, statement: ast.If, values: dict[str, ast.expr], place: _Place) -> _Place:
        test = _put(statement.test, values)
        self._calls(statement.test, values, place)
        modes = _modes_in(test)
        if modes and place.origin == ANY_MODE:
            rest = _without_mode(test)
            for mode in modes:
                inner = replace(place, origin=mode)
                self._body(statement.body, dict(values), inner.under(rest) if rest else inner)
        else:
            self._body(statement.body, dict(values), place.under(_text(test)))
        if statement.orelse:
            later = replace(place, not_so=(*place.not_so, *_asked_for(test)))
            chained = len(statement.orelse) == 1 and isinstance(statement.orelse[0], ast.If)
            dispatch = bool(modes) and place.origin == ANY_MODE
            self._body(statement.orelse, dict(values), later if chained or dispatch else later.under(OTHERWISE))
        elif _ends(statement.body):
            return place.under(f"not ({_text(test)})")
        return place

    def _calls(self, node: ast.AST, values: dict[str, ast.expr], place: _Place) -> None:
        """Every call inside a statement or test that can end in a change of mode."""
        for inner in ast.walk(node):
            called = _called(inner)
            if isinstance(inner, ast.Call) and called in self.changing:
                names = [parameter.arg for parameter in self.functions[called].args.args]
                given = dict(zip(names, (_put(argument, values) for argument in inner.args), strict=False))
                # `s` means the same record everywhere; a parameter named as its argument needs no change.
                self.follow(called, {n: v for n, v in given.items() if ast.unparse(v) != n}, place)

    def _assigned(
        self, target: ast.expr, value: ast.expr, values: dict[str, ast.expr], place: _Place, body: Sequence[ast.stmt]
    ) -> None:
        contactor = _field(target, "u_order", "b_order")
        if contactor and ast.unparse(value) == "ORDER_CLOSE":
            self.closes.append(
                Close(
                    contactor=contactor[0].upper(),
                    origin=place.origin,
                    guards=place.guards,
                    function=place.functions[-1],
                )
            )
        if not _field(target, "mode"):
            return
        whole = self.functions[place.functions[-1]].body
        causes = self._causes(body, values) or self._causes(whole, values)
        for mode, guards in _constants(value):
            self.arrows.append(
                Arrow(
                    origin=place.origin,
                    target=mode,
                    causes=self._spread(causes, place),
                    guards=(*place.guards, *guards),
                    function=next((f for f in reversed(place.functions) if f not in ENTRANCES), place.functions[0]),
                )
            )

    def _spread(self, causes: tuple[str, ...], place: _Place) -> tuple[str, ...]:
        """Causes, and for one that is read from a field every cause that the field can hold here."""
        found = [
            name for cause in causes for name in self.fields.get(cause, (cause,)) if (cause, name) not in place.not_so
        ]
        return tuple(dict.fromkeys(found))

    @staticmethod
    def _causes(body: Sequence[ast.stmt], values: dict[str, ast.expr]) -> tuple[str, ...]:
        """The causes that stand beside a change of mode, in the same block."""
        return tuple(
            name
            for statement in body
            if isinstance(statement, ast.Assign) and _field(statement.targets[0], "cause")
            for name, _guards in _constants(_put(statement.value, values))
        )


ENTRANCES = ("enter", "block_backup", "lock_out", "clear_latch", "end_trial")
"""Ways into modes that many mode functions share: an arrow is told of the function that asked for it."""


def trees(folder: Path = CONTROLLER) -> dict[str, ast.Module]:
    """Syntax tree of each file of the controller."""
    return {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.py"))}


def functions_of(modules: dict[str, ast.Module]) -> dict[str, ast.FunctionDef]:
    """Every function of the controller by its name."""
    return {node.name: node for tree in modules.values() for node in tree.body if isinstance(node, ast.FunctionDef)}


def causes_of_fields(
    modules: dict[str, ast.Module], functions: dict[str, ast.FunctionDef]
) -> dict[str, tuple[str, ...]]:
    """For each field that holds a cause, every cause that is put there: by name, or by a function that returns it."""
    found: dict[str, list[str]] = {}
    for tree in modules.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
                for name in _named_causes(node.value, functions, frozenset()):
                    found.setdefault(f"s.{node.targets[0].attr}", []).append(name)
    return {field: tuple(dict.fromkeys(names)) for field, names in found.items()}


def _named_causes(node: ast.AST, functions: dict[str, ast.FunctionDef], seen: frozenset[str]) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and inner.id.startswith("CAUSE_") and inner.id != "CAUSE_NONE":
            yield _plain(inner.id)
        called = _called(inner)
        if called in functions and called not in seen:
            for part in ast.walk(functions[called]):
                if isinstance(part, ast.Return) and part.value is not None:
                    yield from _named_causes(part.value, functions, seen | {called})


def _first_sentence(function: ast.FunctionDef) -> str:
    text = " ".join((ast.get_docstring(function) or "").split())
    return text.partition(". ")[0].rstrip(".") + "." if text else ""


def read_diagram(folder: Path = CONTROLLER) -> Diagram:
    """The diagram that the source of the controller draws.

    Raises:
        ValueError: There is no function `decide` or `start`, so there is nothing to follow.
    """
    modules = trees(folder)
    functions = functions_of(modules)
    for name in ("decide", "start"):
        if name not in functions:
            msg = f"{folder.name}: no function `{name}`; the diagram is read from there on"
            raise ValueError(msg)
    fields = causes_of_fields(modules, functions)
    scan = _Reader(functions, fields)
    scan.follow("decide", {}, _Place((), ANY_MODE, ()))
    begin = _Reader(functions, fields)
    begin.follow("start", {}, _Place((), "power-up or reset", ()))
    return Diagram(
        scan=tuple(scan.arrows),
        start=tuple(begin.arrows),
        closes=tuple(dict.fromkeys((*scan.closes, *begin.closes))),
        entrances=tuple((name, _first_sentence(functions[name])) for name in ENTRANCES if name in functions),
    )
