"""What Core Python refuses and what to write instead: the tables behind `assurance.core_python`."""

import ast
from dataclasses import dataclass

BUILTIN_CALLS = frozenset({"int", "float", "range", "sqrt"})

_HELPER_INSTEAD = "write a small function of the core with `if`: other runtimes disagree on its types and on -0.0"
CALLS_INSTEAD = {
    "abs": _HELPER_INSTEAD,
    "min": _HELPER_INSTEAD,
    "max": _HELPER_INSTEAD,
    "round": "add 0.5 and take `int()` of a value that is not negative",
    "bool": "write `1 if condition else 0`",
    "pow": "multiply, or read a table of numbers",
    "divmod": "write `//` and `%` on whole numbers that are not negative",
    "sum": "add in a `for ... in range` loop",
    "len": "name the length as a constant beside the FIELDS table",
    "enumerate": "write `for i in range(N)`",
    "zip": "write `for i in range(N)`",
    "print": "report through a field of the record; the host prints",
    "open": "leave files to the hosts",
}

NODES_INSTEAD: dict[type[ast.AST], str] = {
    ast.While: "write `for ... in range(LIMIT)`: every loop of the core has a limit known beforehand",
    ast.Try: "return a bit mask of unmet conditions; the host makes the sentence",
    ast.Raise: "return a bit mask of unmet conditions; the host makes the sentence",
    ast.Assert: "return a bit mask of unmet conditions, or state the law in a test",
    ast.With: "leave resources to the hosts",
    ast.Match: "write one `if`/`elif` branch for each value",
    ast.ClassDef: "declare a FIELDS table; every runtime makes its record from it",
    ast.Lambda: "write a function at module level",
    ast.AsyncFunctionDef: "write a plain function; hosts wait, the core does not",
    ast.Global: "keep state in a record that is passed in",
    ast.Nonlocal: "keep state in a record that is passed in",
    ast.Delete: "let the name stand",
    ast.Yield: "return one value",
    ast.YieldFrom: "return one value",
    ast.Await: "hosts wait, the core does not",
    ast.NamedExpr: "assign on a line of its own",
    ast.List: "declare an array field such as `f8[12]` in FIELDS",
    ast.Tuple: "assign or return one value; several results go into fields of a record",
    ast.Dict: "declare fields in FIELDS",
    ast.Set: "use one bit for each member",
    ast.ListComp: "write a `for ... in range` loop",
    ast.SetComp: "write a `for ... in range` loop",
    ast.DictComp: "write a `for ... in range` loop",
    ast.GeneratorExp: "write a `for ... in range` loop",
    ast.JoinedStr: "set an integer code; the host makes the sentence",
    ast.Starred: "name each argument",
    ast.Import: "write `from math import sqrt`, or import names from the core",
    ast.AnnAssign: "leave the annotation away: types are declared in FIELDS",
    ast.Slice: "take one element; loop with `for ... in range`",
}

TABLE_ROW_INSTEAD = (
    "give a row of FIELDS four texts (name, type, unit, meaning); a row of SETTINGS these four, three numbers "
    "(default, lowest, highest) and a text (source)"
)

FIELDS_OF_SETTINGS = "tuple((row[:4] for row in SETTINGS))"
"""The one derived table: settings are a record too. As `ast.unparse` writes it."""

OPERATORS_INSTEAD: dict[type[ast.AST], str] = {
    ast.Pow: "multiply, or read a table of numbers",
    ast.MatMult: "write the sum in a `for ... in range` loop",
    ast.Invert: "write the mask as a constant and use `&`",
    ast.Is: "compare numbers with `==`",
    ast.IsNot: "compare numbers with `!=`",
    ast.In: "compare with each value, joined by `or`",
    ast.NotIn: "compare with each value, joined by `and`",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place outside Core Python."""

    file: str
    line: int
    found: str
    instead: str

    def sentence(self) -> str:
        """What was found, where, and what to write instead."""
        return f"{self.file}:{self.line}: `{self.found}` is not Core Python; {self.instead}."
