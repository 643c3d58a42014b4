"""States that tell a broken controller from the shipped one, tried in plain Python before the prover is asked.

Each was found by the prover: where an arrow of the table is taken, or where another broken controller failed. A broken
controller that leaves something else than the shipped source there breaks the table of arrows, for three things are
looked at: the state satisfies the invariant and every input its range; what the table reads after the scan is the same
as with the shipped source, so that it asks for the same; and the difference is in what the table determines.
"""

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType, SimpleNamespace
from typing import Any

from bptm.assurance.proofs_arrows import told_by_the_table
from bptm.assurance.proofs_model import GHOSTS, Step, inputs_in_range, invariant, settings_in_range
from bptm.assurance.z3_memory import Record
from bptm.assurance.z3_translate import read_source
from bptm.assurance.z3_translate_terms import all_of
from bptm.terms.codes import Mode
from bptm.terms.core_device import DEVICE_FIELDS, INTERLOCK_FIELDS, INTERLOCK_INPUT_FIELDS, MEASURED_FIELDS
from bptm.terms.core_settings import SETTINGS

Found = Mapping[str, int | float]
"""A state as the prover gives it: values by names such as `s.mode`."""

_Left = tuple[object, ...]
_FIELDS = {
    "s": DEVICE_FIELDS,
    "k": INTERLOCK_FIELDS,
    "m": MEASURED_FIELDS,
    "r": INTERLOCK_INPUT_FIELDS,
    "p": SETTINGS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """A state with inputs, and what the shipped source leaves there of what the table reads and determines."""

    device: Record
    interlock: Record
    read: tuple[SimpleNamespace, ...]
    """Measured values, the interlock's inputs and settings: no scan writes them."""
    ticks: int
    left: _Left


class Witnesses:
    """States found so far, and the shipped source to run them with."""

    def __init__(self, shipped: Step) -> None:
        """Makes every function of the shipped source, none bound to its module: their names are unlike."""
        self._known: list[Witness] = []
        self._read, self._determined = told_by_the_table(shipped)
        source = read_source()
        self._made: dict[str, Any] = {**source.constants, "sqrt": math.sqrt}
        for node in source.functions.values():
            self._make(node)

    @property
    def count(self) -> int:
        """How many states are known."""
        return len(self._known)

    def _make(self, node: ast.FunctionDef) -> None:
        made = compile(ast.Module(body=[node], type_ignores=[]), "core", "exec")
        code = next(part for part in made.co_consts if isinstance(part, CodeType))
        self._made[node.name] = FunctionType(code, self._made)

    def add(self, found: Found) -> None:
        """Takes a state, if it is one: numbers that the prover left open or could not keep exact may make it none."""
        records = {
            name: {field[0]: found.get(f"{name}.{field[0]}", 0) for field in fields} for name, fields in _FIELDS.items()
        }
        ghosts = {name: found.get(f"g.{name}", 0) for name in GHOSTS}
        ticks = int(found.get("ticks", 1))
        s, k, m, r, p = records.values()
        holds = all_of(settings_in_range(p), inputs_in_range(m, r, ticks), *invariant(s, k, p, ghosts))
        if holds is True:
            read = tuple(SimpleNamespace(**record) for record in (m, r, p))
            left = self._leaves(s, k, read, ticks)
            self._known.append(Witness(device=s, interlock=k, read=read, ticks=ticks, left=left))

    def _leaves(self, device: Record, interlock: Record, read: tuple[SimpleNamespace, ...], ticks: int) -> _Left:
        s, k = SimpleNamespace(**device), SimpleNamespace(**interlock)
        self._made["scan"](s, k, *read, ticks)
        return tuple(getattr(s, name) for name in (*self._read, *self._determined))

    def killed(self, function: ast.FunctionDef) -> str | None:
        """What a source breaks that has this function in the place of its own, in words; None when no state tells."""
        shipped = self._made[function.name]
        read = len(self._read)
        try:
            self._make(function)
            for witness in self._known:
                left = self._leaves(witness.device, witness.interlock, witness.read, witness.ticks)
                if left != witness.left and left[:read] == witness.left[:read]:
                    return f"L9: {Mode(witness.device['mode']).name}: its arrows, at a state that was found before"
        finally:
            self._made[function.name] = shipped
        return None
