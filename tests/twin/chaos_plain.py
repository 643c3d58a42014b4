"""A life of chaos in plain CPython: records as objects, one script of our own instead of a drawn one."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from bptm.compiled import kernel_chaos
from bptm.compiled.chaos_records import JOURNAL_FIELDS, LIFE_FIELDS
from bptm.compiled.kernel_chaos_script import add
from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.core_device import DEVICE_FIELDS, INTERLOCK_FIELDS, INTERLOCK_INPUT_FIELDS, MEASURED_FIELDS
from bptm.terms.core_settings import FIELDS as SETTINGS_FIELDS
from bptm.terms.core_settings import SETTINGS


def record(fields: Iterable[tuple[str, str, str, str]]) -> Any:
    """An object with the fields of a table, all zero."""
    made = SimpleNamespace()
    for name, type_, _unit, _meaning in fields:
        _scalar, _, length = type_.partition("[")
        zero: Any = 0.0 if type_ == "f8" else 0
        setattr(made, name, [0] * int(length.rstrip("]")) if length else zero)
    return made


class PlainLife:
    """One home, its meter and its journal."""

    def __init__(self, seed: int = 1, home: int = 0, **settings: float) -> None:
        self.h = record(LIFE_FIELDS)
        self.s = record(DEVICE_FIELDS)
        self.k = record(INTERLOCK_FIELDS)
        self.j, self.older = record(JOURNAL_FIELDS), record(JOURNAL_FIELDS)
        self.m = record(MEASURED_FIELDS)
        self.r = record(INTERLOCK_INPUT_FIELDS)
        self.p = record(SETTINGS_FIELDS)
        for row in SETTINGS:
            setattr(self.p, row[0], row[4])
        kernel_chaos.begin_life(self.h, self.s, self.j, self.older, self.m, self.r, self.p, seed, home)
        for name, value in settings.items():
            setattr(self.p, name, value)

    def script(self, entries: Iterable[tuple[float, int, int]], end_s: float, *, interlock: int = 2) -> "PlainLife":
        """Replaces what was drawn: seconds, WHAT_, argument."""
        h = self.h
        h.entries = h.next_entry = 0
        h.interlock = interlock
        h.source_kind, h.rating_w, h.source_own_hz = 1, 7200.0, 0.0
        h.service_ohm = 0.03
        self.p.medical = 1
        kernel_chaos.apply_profile(self.p, 1, 30.0)
        add(h, 0, 16, 800 + 600 * 100000)
        for at_s, what, argument in entries:
            add(h, round(at_s * TICKS_PER_S), what, argument)
        h.episode_end_tick = round(end_s * TICKS_PER_S) + 1
        return self

    def step(self, until_tick: int) -> None:
        kernel_chaos.step_life(self.h, self.s, self.k, self.j, self.older, self.m, self.r, self.p, until_tick)

    def live(self, until_s: float, most_ticks: int = 1 << 40) -> "PlainLife":
        """Lives on until then, or until a law is broken."""
        until_tick = round(until_s * TICKS_PER_S)
        while self.h.tick < until_tick and not self.h.broken:
            self.step(min(until_tick, self.h.tick + most_ticks))
        return self

    @property
    def laws(self) -> list[int]:
        """Those that were broken."""
        return [law for law in range(16) if (self.h.broken >> law) & 1]
