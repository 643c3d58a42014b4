"""Statements and expressions of Core Python as C99: the body of one function.

What differs between the two languages, and what is written for it:
    whole numbers: `int64_t` everywhere but in the fields declared `i4`; a sum of two such fields is widened first;
    `//` and `%`: on whole numbers that are not negative both languages agree (rule of the core, decision 0002);
    `/` of whole numbers: both sides are made real;
    reals: `bptm_real`, a double unless the compiler is told otherwise; every literal goes through `BPTM_R`, and a
        whole number that meets a real is made one in so many words;
    a whole number put into a field of 32 bits: through `BPTM_I4`, so that a sanitizer can watch for what does not fit;
    a name: declared where it is first assigned, or at the head of the smallest block that holds all its uses;
    the order in which a sum or a list of arguments is computed: C leaves it open, so a statement whose result could
    depend on it is refused.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bptm.assurance.c_scope import assigned_at, assigned_by, homes_of, surely_assigned
from bptm.assurance.c_source import Module, UnsupportedError
from bptm.assurance.c_types import Core, Kind, KindReader, Signature, call_name, order_matters

LINE_MAX = 110

_C_TYPE = {Kind.UNKNOWN: "int64_t", Kind.WHOLE: "int64_t", Kind.REAL: "bptm_real"}
_WORDS_OF_C = frozenset(
    (
        *("auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern"),
        *("float", "for", "goto", "if", "inline", "int", "long", "register", "restrict", "return", "short", "signed"),
        *("sizeof", "static", "struct", "switch", "typedef", "union", "unsigned", "void", "volatile", "while"),
    )
)

# Strength of binding in C; a weaker operand is put in brackets.
_CHOICE, _OR, _AND, _BITS, _COMPARE, _SHIFT, _SUM, _PRODUCT, _UNARY, _ATOM = range(10)

_BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.Add: ("+", _SUM),
    ast.Sub: ("-", _SUM),
    ast.Mult: ("*", _PRODUCT),
    ast.Div: ("/", _PRODUCT),
    ast.FloorDiv: ("/", _PRODUCT),
    ast.Mod: ("%", _PRODUCT),
    ast.LShift: ("<<", _SHIFT),
    ast.RShift: (">>", _SHIFT),
    ast.BitOr: ("|", _BITS),
    ast.BitAnd: ("&", _BITS),
    ast.BitXor: ("^", _BITS),
}
_COMPARES: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def c_type(kind: Kind) -> str:
    """The C type that holds a value of this kind."""
    return _C_TYPE[kind]


def c_name(core: Core, module: str, function: str) -> str:
    """A function's name in C: its own after `bptm_`, with the module's where a function or struct has the same."""
    same = [key for key in core.signatures if key[1] == function]
    is_struct = any(table.struct == f"bptm_{function}" for each in core.modules.values() for table in each.tables)
    return f"bptm_{function}" if len(same) == 1 and not is_struct else f"bptm_{module.rpartition('.')[2]}_{function}"


def local_name(name: str) -> str:
    """A parameter's or local's name in C: its own, with an underscore behind a word of C."""
    if name == "_":
        return "turn_"
    return f"{name}_" if name in _WORDS_OF_C else name


def comment(text: str, indent: str = "") -> list[str]:
    """A text as a C comment, one line or a block."""
    safe = text.replace("*/", "* /").replace("/*", "/ *").splitlines()
    if len(safe) <= 1:
        return [f"{indent}/* {''.join(safe)} */"]
    return [f"{indent}/*", *(f"{indent} * {line}".rstrip() for line in safe), f"{indent} */"]


def wrapped(line: str) -> list[str]:
    """A line broken behind commas and conditions where it is too long."""
    indent = line[: len(line) - len(line.lstrip())]
    lines: list[str] = []
    while len(line) > LINE_MAX:
        places = [found.end() for found in re.finditer(r", | && | \|\| | \? | : ", line[:LINE_MAX])]
        if not places or places[-1] <= len(indent) + 8:
            break
        lines.append(line[: places[-1]].rstrip())
        line = f"{indent}        {line[places[-1] :]}"
    return [*lines, line]


@dataclass(slots=True, kw_only=True)
class Body:
    """Writes one function's statements."""

    core: Core
    module: Module
    signature: Signature
    reader: KindReader
    declared: set[str] = field(default_factory=set[str])
    homes: dict[int, list[str]] = field(default_factory=dict[int, list[str]])
    """Locals by the block that holds all their uses."""
    written_to: int = 0
    """Line of the source up to which comments have been carried over."""

    def lines(self) -> Iterator[str]:
        """The body, without the braces around it."""
        node = self.signature.node
        statements = node.body
        self.written_to = node.lineno
        if ast.get_docstring(node):
            self.written_to = statements[0].end_lineno or node.lineno
            statements = statements[1:]
        self.declared = set(self.signature.parameters)
        self.homes = homes_of(statements, self.declared)
        yield from self._unused_parameters()
        yield from self._block(statements, "    ")

    def _unused_parameters(self) -> Iterator[str]:
        used = {part.id for part in ast.walk(self.signature.node) if isinstance(part, ast.Name)}
        for parameter in self.signature.parameters:
            if parameter not in used:
                yield f"    (void){local_name(parameter)};"

    def _block(self, statements: list[ast.stmt], indent: str) -> Iterator[str]:
        for name in self.homes.get(id(statements), []):
            if not assigned_at(statements, name):
                self.declared.add(name)
                kind = self.signature.numbers[name]
                nothing = (
                    "" if surely_assigned(statements, name) else f" = {'BPTM_R(0.0)' if kind is Kind.REAL else '0'}"
                )
                yield f"{indent}{c_type(kind)} {local_name(name)}{nothing};"
        for statement in statements:
            yield from self._remarks(statement, indent)
            if order_matters(self.core, self.module, statement):
                raise self._unsupported(statement)
            for line in self._statement(statement, indent):
                yield from wrapped(line)

    def _remarks(self, statement: ast.stmt, indent: str) -> Iterator[str]:
        """Comments of the source between the last statement and this one, and behind its first line."""
        found = [
            self.module.comments[line]
            for line in sorted(self.module.comments)
            if self.written_to < line < statement.lineno or line == statement.lineno
        ]
        self.written_to = max(self.written_to, statement.lineno)
        if found:
            yield from comment("\n".join(found), indent)

    def _statement(self, node: ast.stmt, indent: str) -> Iterator[str]:  # noqa: C901, PLR0912  a branch a statement
        match node:
            case ast.If():
                yield from self._if(node, indent, "if")
            case ast.For():
                yield from self._for(node, indent)
            case ast.Assign(targets=[target], value=value):
                yield f"{indent}{self._declaration(target)}{self.text(target)} = {self._stored(target, value)};"
            case ast.AugAssign(target=target, op=op, value=value):
                whole = ast.copy_location(ast.BinOp(left=target, op=op, right=value), node)
                plain = isinstance(target, ast.Name | ast.Attribute) and not isinstance(op, ast.Div)
                if plain and self._type_of(target) != "i4":
                    yield f"{indent}{self.text(target)} {_BINARY[type(op)][0]}= {self._stored(target, value)};"
                else:
                    yield f"{indent}{self.text(target)} = {self._stored(target, whole)};"
            case ast.Return(value=None):
                yield f"{indent}return;"
            case ast.Return(value=ast.expr() as value):
                yield f"{indent}return {self._as(self.signature.returns, value, 0)};"
            case ast.Expr(value=value):
                yield f"{indent}{self.text(value)};"
            case ast.Pass():
                yield f"{indent};"
            case ast.Break():
                yield f"{indent}break;"
            case ast.Continue():
                yield f"{indent}continue;"
            case _:
                raise self._unsupported(node)

    def _declaration(self, target: ast.expr) -> str:
        if not isinstance(target, ast.Name) or target.id in self.declared:
            return ""
        self.declared.add(target.id)
        return f"{c_type(self.signature.numbers[target.id])} "

    def _type_of(self, target: ast.expr) -> str:
        """`i4`, `i8` or `f8`: what a target of an assignment holds."""
        match target:
            case ast.Name(id=name):
                return "f8" if self.signature.numbers[name] is Kind.REAL else "i8"
            case ast.Attribute() | ast.Subscript(value=ast.Attribute()):
                field_ = target.value if isinstance(target, ast.Subscript) else target
                assert isinstance(field_, ast.Attribute)
                return self.reader.type_of_field(field_)
            case _:
                raise self._unsupported(target)

    def _stored(self, target: ast.expr, value: ast.expr) -> str:
        """A value as its target holds it."""
        type_ = self._type_of(target)
        if type_ == "f8":
            return self._as(Kind.REAL, value, 0)
        if self.reader.kind(value) is Kind.REAL:
            place = f"{'.'.join(self.signature.key)}, line {target.lineno}"
            msg = f"{place}: `{ast.unparse(target)}` is a whole number and is given a real; write `int()` round it"
            raise UnsupportedError(msg)
        return self.text(value) if type_ == "i8" or self._fits(value) else f"BPTM_I4({self.text(value)})"

    def _fits(self, node: ast.expr) -> bool:
        """Whether a whole number surely fits into 32 bits."""
        match node:
            case ast.Constant(value=int() as value):
                return abs(value) < 1 << 15
            case ast.UnaryOp(operand=operand):
                return self._fits(operand)
            case ast.IfExp(body=yes, orelse=no):
                return self._fits(yes) and self._fits(no)
            case ast.Attribute() | ast.Subscript(value=ast.Attribute()):
                return self._type_of(node) == "i4"
            case _:
                return False

    def _as(self, kind: Kind, node: ast.expr, least: int) -> str:
        """A value in brackets where it binds less than needed, made a real where a real is wanted."""
        if kind is not Kind.REAL or self.reader.kind(node) is Kind.REAL:
            return self._at_least(node, least)
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return f"BPTM_R({float(node.value)!r})"
        return f"(bptm_real){self._at_least(node, _ATOM)}"

    def _if(self, node: ast.If, indent: str, word: str) -> Iterator[str]:
        yield f"{indent}{word} ({self.text(node.test)}) {{"
        yield from self._block(node.body, indent + "    ")
        match node.orelse:
            case []:
                yield f"{indent}}}"
            case [ast.If() as other]:
                yield from self._remarks(other, indent + "    ")
                yield from self._if(other, indent, "} else if")
            case other:
                yield f"{indent}}} else {{"
                yield from self._block(other, indent + "    ")
                yield f"{indent}}}"

    def _for(self, node: ast.For, indent: str) -> Iterator[str]:
        arguments = node.iter.args if isinstance(node.iter, ast.Call) else []
        name = node.target.id if isinstance(node.target, ast.Name) else ""
        changed = {n for statement in node.body for part in ast.walk(statement) for n in assigned_by(part)}
        bounds = {part.id for argument in arguments for part in ast.walk(argument) if isinstance(part, ast.Name)}
        plain = all(
            isinstance(part, ast.Constant | ast.Name | ast.BinOp | ast.operator | ast.expr_context)
            for argument in arguments
            for part in ast.walk(argument)
        )
        match arguments:
            case [end]:
                start, step = "0", 1
            case [begin, end]:
                start, step = self.text(begin), 1
            case [begin, end, ast.Constant(value=int() as step)] if step > 0:
                start = self.text(begin)
            case _:
                raise self._unsupported(node)
        if name in changed or self._read_outside(name):
            raise self._unsupported(node)
        i = local_name(name)
        if plain and not bounds & changed:
            yield f"{indent}for (int64_t {i} = {start}; {i} < {self.text(end)}; {i} += {step}) {{"
        else:
            # Python computes the end once, C before each turn.
            yield f"{indent}for (int64_t {i} = {start}, {i}_end = {self.text(end)}; {i} < {i}_end; {i} += {step}) {{"
        yield from self._block(node.body, indent + "    ")
        yield f"{indent}}}"

    def _read_outside(self, name: str) -> bool:
        """Whether the loop's counter is used outside it, and outside other loops that count with the same name."""
        loops = [
            part
            for part in ast.walk(self.signature.node)
            if isinstance(part, ast.For) and isinstance(part.target, ast.Name) and part.target.id == name
        ]
        inside = {id(part) for each in loops for part in ast.walk(each)}
        return any(
            isinstance(part, ast.Name) and part.id == name and id(part) not in inside
            for part in ast.walk(self.signature.node)
        )

    # Expressions.

    def text(self, node: ast.expr) -> str:
        """An expression as C."""
        return self._expression(node)[0]

    def _at_least(self, node: ast.expr, strength: int) -> str:
        text, own = self._expression(node)
        return text if own >= strength else f"({text})"

    def _expression(self, node: ast.expr) -> tuple[str, int]:  # noqa: C901, PLR0911  a branch a construct
        match node:
            case ast.Constant(value=float() as value):
                return f"BPTM_R({value!r})", _ATOM
            case ast.Constant(value=int() as value):
                return (str(value) if abs(value) < 1 << 15 else f"INT64_C({value})"), _ATOM
            case ast.Name(id=name):
                return (name if self.core.constant(self.module, name) else local_name(name)), _ATOM
            case ast.Attribute(value=ast.Name(id=record), attr=attribute):
                return f"{local_name(record)}->{attribute}", _ATOM
            case ast.Subscript(value=value, slice=index):
                return f"{self._at_least(value, _ATOM)}[{self.text(index)}]", _ATOM
            case ast.UnaryOp(op=op, operand=operand):
                mark = "-" if isinstance(op, ast.USub) else "!" if isinstance(op, ast.Not) else "+"
                return f"{mark}{self._at_least(operand, _ATOM)}", _UNARY
            case ast.BinOp():
                return self._binary(node)
            case ast.Compare(left=left, ops=[operator], comparators=[right]):
                kind = self.reader.kind(left).joined(self.reader.kind(right))
                sides = self._as(kind, left, _COMPARE + 1), self._as(kind, right, _COMPARE + 1)
                return f"{sides[0]} {_COMPARES[type(operator)]} {sides[1]}", _COMPARE
            case ast.BoolOp(op=op, values=values):
                mark, own = (" && ", _AND) if isinstance(op, ast.And) else (" || ", _OR)
                # A compiler warns of `a && b || c` without brackets, rightly.
                return mark.join(self._at_least(value, _COMPARE) for value in values), own
            case ast.IfExp(test=test, body=yes, orelse=no):
                test_text = self._at_least(test, _COMPARE)
                kind = self.reader.kind(node)
                return f"{test_text} ? {self._as(kind, yes, _OR)} : {self._as(kind, no, _OR)}", _CHOICE
            case ast.Call():
                return self._call(node), _ATOM
            case _:
                raise self._unsupported(node)

    def _binary(self, node: ast.BinOp) -> tuple[str, int]:
        mark, own = _BINARY[type(node.op)]
        # Bits and shifts in sums are bracketed even where C would not need it: few readers know that order.
        left_least = _ATOM if own in {_BITS, _SHIFT} else own
        if own == _BITS and isinstance(node.left, ast.BinOp) and type(node.left.op) is type(node.op):
            left_least = own
        kind = self.reader.kind(node)
        left = self._as(kind, node.left, left_least)
        right = self._as(kind, node.right, _ATOM if own in {_BITS, _SHIFT} else own + 1)
        if kind is not Kind.REAL and not (self._is_wide(node.left) or (own != _SHIFT and self._is_wide(node.right))):
            left = f"(int64_t){left if self._expression(node.left)[1] == _ATOM else f'({left})'}"
        return f"{left} {mark} {right}", own

    def _is_wide(self, node: ast.expr) -> bool:  # noqa: PLR0911  a branch a construct
        """Whether C computes with 64 bits by itself: fields of 32 bits and bare literals are narrower."""
        match node:
            case ast.Constant():
                return False
            case ast.Name(id=name):
                return name in self.signature.numbers or self.core.constant(self.module, name) is not None
            case ast.Attribute():
                return self.reader.type_of_field(node) == "i8"
            case ast.Subscript(value=ast.Attribute() as value):
                return self.reader.type_of_field(value) == "i8"
            case ast.Subscript() | ast.Call():
                return True
            case ast.UnaryOp(operand=operand):
                return self._is_wide(operand)
            case ast.BinOp():
                # Widened by this very rule.
                return True
            case ast.IfExp(body=yes, orelse=no):
                return self._is_wide(yes) or self._is_wide(no)
            case _:
                return False

    def _call(self, node: ast.Call) -> str:
        name = call_name(node)
        arguments = [self.text(argument) for argument in node.args]
        if name == "int":
            return f"(int64_t)({arguments[0]})"
        if name == "float":
            return f"(bptm_real)({arguments[0]})"
        if name == "sqrt":
            return f"bptm_sqrt({arguments[0]})"
        target = self.core.function(self.module, name)
        if target is None:
            raise self._unsupported(node)
        arguments = [
            self._as(target.numbers.get(parameter, Kind.UNKNOWN), argument, 0)
            for argument, parameter in zip(node.args, target.parameters, strict=True)
        ]
        return f"{c_name(self.core, *target.key)}({', '.join(arguments)})"

    def _unsupported(self, node: ast.stmt | ast.expr) -> UnsupportedError:
        first = ast.unparse(node).splitlines()[0]
        place = f"{'.'.join(self.signature.key)}, line {node.lineno}"
        return UnsupportedError(f"{place}: `{first}` has no translation to C; write it with plainer statements")


def body_of(core: Core, module: Module, signature: Signature) -> list[str]:
    """A function's statements as lines of C."""
    reader = KindReader(core=core, module=module, signature=signature)
    return list(Body(core=core, module=module, signature=signature, reader=reader).lines())
