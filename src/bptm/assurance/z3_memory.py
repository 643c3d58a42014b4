"""Records of terms, and what large functions of the core left of them when they were translated before."""

import ast
from collections.abc import Hashable, Mapping

from bptm.assurance.z3_translate_terms import Term, identity

Record = dict[str, Term]
READ_ONLY = frozenset({"m", "r", "p"})
"""Records that the controller only reads, by the names that its entries give them: no branch needs its own copy."""


class Memory:
    """What large functions leave, by what they began with: of hundreds of broken controllers each changes one function.

    Terms are compared by the number that the prover gives each expression, which is one for as long as the term is
    kept: so what a function began with is kept beside what it left.
    """

    def __init__(self, functions: tuple[str, ...]) -> None:
        """Remembers these functions."""
        self._functions = frozenset(functions)
        self._reached: dict[str, frozenset[str]] = {}
        self.ends: dict[Hashable, tuple[dict[str, Record], Term, object]] = {}

    def serves(self, function: str, changed: str, functions: Mapping[str, ast.FunctionDef]) -> bool:
        """Whether a function is remembered and neither is nor calls, however far away, the one that changed."""
        if function not in self._functions:
            return False
        if function not in self._reached:
            self._reached[function] = frozenset(_reached(function, functions))
        return changed not in self._reached[function]

    def begin(self, function: str, values: list[Term | Record], records: dict[str, Record]) -> Hashable:
        """What a call begins with: its name, its values, and every record that can change."""
        named = {id(record): name for name, record in records.items()}
        given = tuple(named.get(id(v)) or identity(v) for v in values)
        written = (record for name, record in records.items() if name not in READ_ONLY)
        return (function, given, *(tuple(map(identity, record.values())) for record in written))

    def keep(self, begun: Hashable, given: list[Term | Record], records: dict[str, Record], value: Term) -> None:
        """Remembers what a call left, and the values and records that it was given."""
        left = {name: dict(record) for name, record in records.items() if name not in READ_ONLY}
        self.ends[begun] = (left, value, given)

    def recall(self, begun: Hashable, records: dict[str, Record]) -> Term:
        """Leaves in the records what the same call left before; returns its value."""
        left, value, _given = self.ends[begun]
        for name, record in left.items():
            records[name].update(record)
        return value


def _reached(function: str, functions: Mapping[str, ast.FunctionDef]) -> set[str]:
    """A function and all that it calls."""
    found: set[str] = set()
    open_ = [function]
    while open_:
        name = open_.pop()
        if name in found or name not in functions:
            continue
        found.add(name)
        calls = (node.func for node in ast.walk(functions[name]) if isinstance(node, ast.Call))
        open_ += [called.id for called in calls if isinstance(called, ast.Name)]
    return found
