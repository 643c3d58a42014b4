"""A home of known appliances for tests of advice: their starts, cycles and uses, and the readings that they make."""
# ruff: noqa: S311  draws of a test, seeded

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bptm.compiled.records import plain_record
from bptm.controller.advice_steps import learned, leg_of
from bptm.terms import core_advice_settings, core_guide_settings
from bptm.terms.core_advice import ADVICE_FIELDS
from bptm.terms.core_codes import CONTACT_CLOSED, CONTACT_OPEN, FED_BY_BACKUP, FED_BY_UTILITY
from bptm.terms.core_device import DEVICE_FIELDS, MEASURED_FIELDS

SECOND = 120


def _record(module: Any, values: dict[str, float]) -> Any:
    p = plain_record(module.FIELDS)
    for row in module.SETTINGS:
        setattr(p, row[0], row[4])
    for name, value in values.items():
        assert hasattr(p, name), name
        setattr(p, name, value)
    return p


def settings(**values: float) -> Any:
    """Settings of advice, at their defaults but for these."""
    return _record(core_advice_settings, values)


def guide_settings(**values: float) -> Any:
    """Settings of the guide, at their defaults but for these."""
    return _record(core_guide_settings, values)


def advice() -> Any:
    return plain_record(ADVICE_FIELDS)


def device(*, backup: bool = True) -> Any:
    """A device that carries the home from its backup, or from the utility."""
    s = plain_record(DEVICE_FIELDS)
    s.fed_by = FED_BY_BACKUP if backup else FED_BY_UTILITY
    s.b_contact = CONTACT_CLOSED if backup else CONTACT_OPEN
    s.u_contact = CONTACT_OPEN if backup else CONTACT_CLOSED
    s.bus_live = 1
    s.inlet_dead = 0 if backup else 1
    return s


def readings(l1_w: float = 0.0, l2_w: float = 0.0, l1_var: float = 0.0, l2_var: float = 0.0) -> Any:
    """What a meter reads at 120 V a leg."""
    m = plain_record(MEASURED_FIELDS)
    m.bus_l1_v = m.bus_l2_v = m.inlet_l1_v = m.inlet_l2_v = 120.0
    m.bus_l12_v = m.inlet_l12_v = 240.0
    m.inlet_hz = 60.0
    load(m, l1_w, l2_w, l1_var, l2_var)
    return m


def load(m: Any, l1_w: float, l2_w: float, l1_var: float = 0.0, l2_var: float = 0.0) -> None:
    """Sets the load of both legs."""
    m.l1_w, m.l2_w, m.l1_var, m.l2_var = l1_w, l2_w, l1_var, l2_var
    m.l1_a = (l1_w**2 + l1_var**2) ** 0.5 / 120.0
    m.l2_a = (l2_w**2 + l2_var**2) ** 0.5 / 120.0
    m.premise_w = l1_w + l2_w


@dataclass(frozen=True, slots=True, kw_only=True)
class Appliance:
    """One appliance: what it runs on and how it starts."""

    name: str
    legs: int
    """1, 2, or 3 for both."""
    run_w: float
    tangent: float = 0.0
    """Reactive over active power while it runs."""
    start_va: float = 0.0
    """While it starts, at a power factor of 0.6; 0 for one that starts as it runs."""
    start_ticks: int = 60
    on_s: tuple[int, int] = (300, 900)
    """Shortest and longest time on."""
    off_s: tuple[int, int] = (900, 3600)
    spread: float = 0.01
    """Its power differs by this share from one use to the next, one standard deviation."""

    @property
    def start(self) -> float:
        """What it takes to start, with what it takes to run."""
        return max(self.start_va, self.run_w * (1 + self.tangent**2) ** 0.5)


@dataclass(slots=True, kw_only=True)
class Days:
    """Readings of a home whose appliances come and go at random; between two changes they are constant."""

    appliances: tuple[Appliance, ...]
    seed: int
    base_w: float = 180.0
    noise_w: float = 6.0
    noise_ticks: int = 10 * SECOND
    wander_w: float = 60.0
    """Small things that come and go: electronics and lights below what counts as a step."""
    varying_w: float = 0.0
    """A variable-speed machine on both legs: each minute another power up to this."""
    small_w: float = 0.0
    now_varying_w: float = 0.0
    powers: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    """What each appliance ran on, every time."""

    def pieces(self, length_ticks: int) -> Iterator[tuple[int, float, float, float, float]]:
        """Stretches of constant load: ticks, then leg 1 and 2 in W and var."""
        draw = random.Random(self.seed)
        changes = sorted([*self._changes(draw, length_ticks), *((t, -1, 0.0, 0.0) for t in self._beats(length_ticks))])
        now = [(0.0, 0.0)] * len(self.appliances)
        base = (self.base_w, self.base_w)
        for at, (tick, which, w, var) in enumerate(changes):
            if which >= 0:
                now[which] = (w, var)
            else:
                base = self._base(draw, tick)
            end = min(changes[at + 1][0] if at + 1 < len(changes) else length_ticks, length_ticks)
            if end > tick:
                yield end - tick, *self._legs(base, now)

    def _beats(self, length_ticks: int) -> range:
        return range(0, length_ticks, self.noise_ticks)

    def _changes(self, draw: random.Random, length_ticks: int) -> Iterator[tuple[int, int, float, float]]:
        for which, one in enumerate(self.appliances):
            tick = int(draw.uniform(0, one.off_s[1]) * SECOND)
            while tick < length_ticks:
                run_w = one.run_w * (1.0 + draw.gauss(0.0, one.spread))
                self.powers.setdefault(one.name, []).append(run_w)
                end = tick + int(draw.uniform(*one.on_s) * SECOND)
                if one.start_va:
                    yield tick, which, 0.6 * one.start_va, 0.8 * one.start_va
                yield tick + (one.start_ticks if one.start_va else 0), which, run_w, run_w * one.tangent
                yield end, which, 0.0, 0.0
                tick = end + int(draw.uniform(*one.off_s) * SECOND)

    def _base(self, draw: random.Random, tick: int) -> tuple[float, float]:
        """What is always on: some noise on both legs, small things on leg 2, and the variable machine on both."""
        if draw.random() < 0.05:
            self.small_w = draw.uniform(0.0, self.wander_w)
        if self.varying_w and tick % (60 * SECOND) == 0:
            self.now_varying_w = draw.uniform(0.0, self.varying_w) / 2.0
        always_w = self.base_w + self.now_varying_w
        return always_w + draw.gauss(0.0, self.noise_w), always_w + self.small_w + draw.gauss(0.0, self.noise_w)

    def _legs(self, base: tuple[float, float], now: list[tuple[float, float]]) -> tuple[float, float, float, float]:
        active, reactive = list(base), [0.0, 0.0]
        for one, (running_w, running_var) in zip(self.appliances, now, strict=True):
            on = [k for k in (0, 1) if one.legs >> k & 1]
            for k in on:
                active[k] += running_w / len(on)
                reactive[k] += running_var / len(on)
        return active[0], active[1], reactive[0], reactive[1]


def motor(
    name: str, legs: int, power: tuple[float, float, float, int], on_s: tuple[int, int], off_s: tuple[int, int]
) -> Appliance:
    """An appliance with a motor. `power`: running W, reactive share, starting VA, ticks of its start."""
    run_w, tangent, start_va, start_ticks = power
    return Appliance(
        name=name,
        legs=legs,
        run_w=run_w,
        tangent=tangent,
        start_va=start_va,
        start_ticks=start_ticks,
        on_s=on_s,
        off_s=off_s,
        spread=0.03,
    )


USUAL = (
    motor("refrigerator", 1, (160.0, 0.6, 1300.0, 48), (700, 1300), (1300, 2600)),
    motor("freezer", 2, (120.0, 0.7, 1000.0, 48), (600, 1200), (1800, 3600)),
    motor("well pump", 3, (1150.0, 0.5, 5200.0, 72), (40, 120), (2400, 9000)),
    motor("furnace fan", 1, (430.0, 0.5, 1700.0, 96), (400, 900), (900, 2400)),
    motor("sump pump", 2, (700.0, 0.5, 2100.0, 60), (15, 40), (1800, 5400)),
    Appliance(name="water heater", legs=3, run_w=4500, on_s=(400, 1500), off_s=(3600, 14400)),
    Appliance(name="space heater", legs=2, run_w=1500, on_s=(600, 1800), off_s=(3600, 10800)),
    motor("microwave", 1, (1250.0, 0.1, 1600.0, 12), (60, 240), (7200, 21600)),
    motor("central AC", 3, (3300.0, 0.45, 15000.0, 60), (600, 1200), (1200, 3600)),
    motor("dehumidifier", 1, (290.0, 0.5, 1200.0, 60), (900, 1800), (1200, 2400)),
)
"""Ten appliances of domain.md 2.12; start powers by locked-rotor current, reactive shares of induction motors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What advice learned of known appliances."""

    learned: frozenset[str]
    """Names of those that have an entry on their legs within 10 % of their mean power."""
    false: int
    """Learned entries that are none of them."""
    worst_power: float
    """Largest error of running power among the learned."""
    worst_start: float
    """Largest error of starting power among them."""
    seen: float
    """Share of their switchings on that were counted."""


def learned_entries(a: Any, p: Any) -> list[int]:
    """Entries that advice itself takes for appliances."""
    return [i for i in range(16) if learned(a, p, i) == 1]


def score(a: Any, p: Any, days: Days) -> Score:
    """Compares entries with the truth."""
    entries = learned_entries(a, p)
    match: dict[str, int] = {}
    errors: list[float] = []
    starts: list[float] = []
    counted = happened = 0
    for one in days.appliances:
        runs = days.powers.get(one.name, [])
        mean_w = sum(runs) / max(len(runs), 1)
        happened += len(runs)
        for i in entries:
            power_w = a.l1_w[i] + a.l2_w[i]
            if leg_of(a, i) == one.legs and abs(power_w - mean_w) < 0.1 * mean_w:
                match[one.name] = i
                errors.append(abs(power_w - mean_w) / mean_w)
                starts.append(abs(a.start_va[i] - one.start) / one.start)
                counted += min(a.ons[i], len(runs))
    return Score(
        learned=frozenset(match),
        false=len(set(entries) - set(match.values())),
        worst_power=max(errors, default=0.0),
        worst_start=max(starts, default=0.0),
        seen=counted / happened,
    )
