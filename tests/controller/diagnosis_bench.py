"""A circuit with known resistances, sensors with class 0.2 errors, and the diagnosis that shall find them."""

import math
import random
from typing import Any

from bptm.compiled.records import plain_record
from bptm.controller.diagnosis import diagnose
from bptm.terms import core_device, core_diagnosis, core_diagnosis_settings
from bptm.terms.core_codes import CONTACT_CLOSED, CONTACT_OPEN, NEVER_TICKS
from bptm.terms.core_diagnosis import FEED_BACKUP, FEED_NONE, FEED_UTILITY, FINDINGS
from bptm.terms.findings import Finding

SECOND = 120
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class Sensors:
    """Fixed gain errors and noise. Class 0.2: each gain within 0.2 %."""

    def __init__(self, draw: random.Random, gain: float = 0.002, noise_v: float = 0.05, noise_a: float = 0.02) -> None:
        self.draw, self.noise_v, self.noise_a = draw, noise_v, noise_a
        self.volts = [1.0 + draw.uniform(-gain, gain) for _ in range(6)]
        self.amps = [1.0 + draw.uniform(-gain, gain) for _ in range(2)]

    def voltage(self, channel: int, true_v: float, ticks: int) -> float:
        return max(0.0, true_v * self.volts[channel] + self.draw.gauss(0, self.noise_v) / math.sqrt(ticks))

    def current(self, leg: int, true_a: complex, ticks: int) -> complex:
        spread = self.noise_a / math.sqrt(ticks)
        return true_a * self.amps[leg] + complex(self.draw.gauss(0, spread), self.draw.gauss(0, spread))


class Side:
    """One source with what lies between it and the bus; ohms of one leg, of the neutral, of each pole."""

    def __init__(self, volts: float, leg: complex, neutral: float, poles: tuple[float, float] = (0.0, 0.0)) -> None:
        self.volts, self.leg, self.neutral, self.poles = volts, leg, neutral, poles
        self.hz = 60.0
        self.regulation = 0.0
        """Fall of the source's own voltage with the sum of both legs' currents, ohms."""


def admittance(watts: float, factor: float = 1.0, volts: float = 120.0) -> complex:
    """A load by its power at nominal voltage and power factor, lagging."""
    return complex(watts, -watts * math.sqrt(1.0 / factor**2 - 1.0)) / volts**2


def solve(side: Side, y1: complex, y2: complex, y12: complex) -> tuple[complex, complex, complex, complex, complex]:
    """Bus legs and the neutral at the meter, and both leg currents: exact, by Cramer's rule on three nodes."""
    g1, g2 = 1.0 / (side.leg + side.poles[0]), 1.0 / (side.leg + side.poles[1])
    gn = 1.0 / max(side.neutral, 1e-6)
    a, b, c = g1 + y1 + y12, g2 + y2 + y12, gn + y1 + y2
    e1, e2 = g1 * side.volts, -g2 * side.volts
    determinant = a * (b * c - y2 * y2) + y12 * (-y12 * c - y1 * y2) - y1 * (y12 * y2 + y1 * b)
    v1 = (e1 * (b * c - y2 * y2) + y12 * e2 * c + y1 * e2 * y2) / determinant
    v2 = (a * (e2 * c) + y12 * (e1 * c) - y1 * (-e1 * y2) - y1 * y1 * e2) / determinant
    vn = (y1 * v1 + y2 * v2) / c
    return v1, v2, vn, (side.volts - v1) * g1, (v2 + side.volts) * g2


class Bench:
    """The diagnosis with its inputs in a test's hands. Time passes in strides that honour its wake."""

    def __init__(self, seed: int = 1, *, ideal: bool = True) -> None:
        self.draw = random.Random(seed)  # noqa: S311  a history, no secret
        self.sensors = Sensors(self.draw, 0.0, 0.0, 0.0) if ideal else Sensors(self.draw)
        self.d = plain_record(core_diagnosis.DIAGNOSIS_FIELDS)
        self.s = plain_record(core_device.DEVICE_FIELDS)
        self.m = plain_record(core_device.MEASURED_FIELDS)
        self.p = plain_record(core_diagnosis_settings.FIELDS)
        for row in core_diagnosis_settings.SETTINGS:
            setattr(self.p, row[0], row[4])
        self.utility: Side | None = Side(121.0, 0.05 + 0.02j, 0.05)
        self.source: Side | None = None
        self.feed = FEED_UTILITY
        self.loads = (0j, 0j, 0j)
        """Admittance of leg 1, of leg 2, and from leg to leg."""
        self.push_w = (0.0, 0.0)
        """Power that solar feeds into each leg."""
        self.found: list[tuple[Finding, int]] = []
        self.gone: list[tuple[Finding, int]] = []
        self.d.wake_ticks = 1

    def measure(self, ticks: int) -> None:
        """Fills the measured values from the circuit."""
        m, see = self.m, self.sensors
        m.premise_w = m.l1_w = m.l2_w = m.l1_var = m.l2_var = m.l1_a = m.l2_a = 0.0
        m.bus_l1_v = m.bus_l2_v = m.bus_l12_v = 0.0
        # A side that feeds nothing stands at its own voltage.
        for name, side, first in (("utility", self.utility, 0), ("inlet", self.source, 2)):
            volts = side.volts if side else 0.0
            setattr(m, f"{name}_l1_v", see.voltage(first, volts, ticks) if side else 0.0)
            setattr(m, f"{name}_l2_v", see.voltage(first + 1, volts, ticks) if side else 0.0)
            setattr(m, f"{name}_l12_v", getattr(m, f"{name}_l1_v") + getattr(m, f"{name}_l2_v"))
            setattr(m, f"{name}_hz", side.hz if side else 0.0)
        side = {FEED_UTILITY: self.utility, FEED_BACKUP: self.source, FEED_NONE: None}[self.feed]
        if side is not None:
            self.measure_fed(side, ticks)
        self.s.u_contact = CONTACT_CLOSED if self.feed == FEED_UTILITY else CONTACT_OPEN
        self.s.b_contact = CONTACT_CLOSED if self.feed == FEED_BACKUP else CONTACT_OPEN
        self.facts()

    def measure_fed(self, side: Side, ticks: int) -> None:
        """Readings of the side that feeds the bus, and of the load."""
        m, see = self.m, self.sensors
        still = side.volts
        if side.regulation:
            total = abs(still * (self.loads[0] + self.loads[1] + 4.0 * self.loads[2]))
            side.volts = still - side.regulation * total
        v1, v2, vn, i1, i2 = solve(side, *self.loads)
        side.volts = still
        leg1, leg2 = v1 - vn, vn - v2
        first = 0 if self.feed == FEED_UTILITY else 2
        name = "utility" if self.feed == FEED_UTILITY else "inlet"
        source1, source2 = leg1 + i1 * side.poles[0], leg2 + i2 * side.poles[1]
        m.bus_l1_v, m.bus_l2_v = see.voltage(4, abs(leg1), ticks), see.voltage(5, abs(leg2), ticks)
        m.bus_l12_v = m.bus_l1_v + m.bus_l2_v
        setattr(m, f"{name}_l1_v", see.voltage(first, abs(source1), ticks))
        setattr(m, f"{name}_l2_v", see.voltage(first + 1, abs(source2), ticks))
        setattr(m, f"{name}_l12_v", getattr(m, f"{name}_l1_v") + getattr(m, f"{name}_l2_v"))
        for number, leg, current, volts in ((1, leg1, i1, m.bus_l1_v), (2, leg2, i2, m.bus_l2_v)):
            seen = see.current(number - 1, current * abs(leg) / leg, ticks) - self.push_w[number - 1] / abs(leg)
            setattr(m, f"l{number}_a", abs(seen))
            setattr(m, f"l{number}_w", volts * seen.real)
            setattr(m, f"l{number}_var", -volts * seen.imag)
        m.premise_w = m.l1_w + m.l2_w

    def facts(self) -> None:
        """What the controller's protection makes of these inputs at once (12 V dead)."""
        m = self.m
        self.s.inlet_dead = 1 if m.inlet_l1_v < 12.0 and m.inlet_l2_v < 12.0 else 0
        self.s.utility_dead = 1 if m.utility_l1_v < 12.0 and m.utility_l2_v < 12.0 else 0

    def call(self, ticks: int) -> None:
        """One call with the inputs as they are."""
        diagnose(self.d, self.s, self.m, self.p, ticks)
        for code in range(FINDINGS):
            if self.d.raised >> code & 1:
                self.found.append((Finding(code), self.d.tick))
            if self.d.ended >> code & 1:
                self.gone.append((Finding(code), self.d.tick))

    def hold(self, ticks: int) -> None:
        """Inputs as they are, for so long."""
        self.call(1)
        self.pass_by(ticks - 1)

    def pass_by(self, ticks: int) -> None:
        """The same, without a first tick of its own."""
        left = ticks
        while left > 0:
            stride = max(1, min(left, self.d.wake_ticks, NEVER_TICKS))
            self.call(stride)
            left -= stride

    def run(self, ticks: int, step: int = 60) -> None:
        """The circuit as it is, measured anew after each `step`."""
        left = ticks
        while left > 0:
            n = min(step, left)
            self.measure(n)
            self.hold(n)
            left -= n

    def step_to(self, y1: complex, y2: complex, y12: complex, ticks: int) -> None:
        """Another load, for so long."""
        self.loads = (y1, y2, y12)
        self.run(ticks)

    def stands(self, finding: Finding) -> bool:
        return self.d.active[finding] == 1

    def seconds_until(self, finding: Finding) -> float | None:
        """When it was first found; None when it was not."""
        return next((tick / SECOND for code, tick in self.found if code == finding), None)


def random_step(draw: random.Random) -> tuple[complex, complex, complex]:
    """A load of a home: something on each leg, sometimes something between them, some of it motors."""
    y1 = admittance(draw.uniform(100, 2400), draw.choice((1.0, 1.0, 0.9)))
    y2 = admittance(draw.uniform(100, 2400), draw.choice((1.0, 1.0, 0.9)))
    y12 = admittance(draw.choice((0.0, 0.0, 3500.0, 4500.0)), draw.choice((1.0, 0.85)), 240.0)
    return y1, y2, y12


def any_value(record: Any, fields: tuple[tuple[str, str, str, str], ...]) -> tuple[Any, ...]:
    """All fields of a record, arrays as tuples."""
    values = (getattr(record, row[0]) for row in fields)
    return tuple(tuple(value) if isinstance(value, list) else value for value in values)
