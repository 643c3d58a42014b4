"""The world of the golden vectors: sources, two contactors and sensors, each able to fail in every way we know.

A small automaton on purpose, not the twin's plant: it has to reach every mode and every cause of the controller
within a minute, and may be as unlikely as it likes. It is closed by the interlock's orders; what it gives the
controller is recorded, so that runtimes replay inputs and need no world.
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from bptm.terms.core_codes import ORDER_CLOSE, ORDER_OPEN

BOTH = 3
LEGS = (0, 1)
TRAVEL_TICKS_MAX = 6
COMPARATOR_V = 12.0
METER_SUPPLY_V = 60.0
MARGIN_V = 0.25
"""Runs that are the same with 32-bit floats keep leg-to-leg voltages this far from their limit."""


SWING_TICKS = 40
"""Half a period of a hunting source: 1.5 Hz."""

USUALLY: dict[str, float] = {
    "utility_doubtful": 0,
    "bus_doubtful": 0,
    "inlet_doubtful": 0,
    "current_doubtful": 0,
    "inlet_thd": 0.03125,
    "inlet_unmated": 0,
    "plug_a": 0.0,
    "inlet_c": 31.0,
    "ambient_c": 24.0,
    "surges": 0,
    "surge_v": 0.0,
    "spd_failed": 0,
    "local_test": 0,
    "local_disconnect": 0,
}
"""What nothing befalls."""


@dataclass(slots=True, kw_only=True)
class Source:
    """A source of two legs."""

    l1_v: float = 0.0
    l2_v: float = 0.0
    opposed: float = 1.0
    """Leg-to-leg voltage over the sum of the legs: 1 for opposed legs, 0 for legs in phase."""
    hz: float = 60.0

    @property
    def alive(self) -> bool:
        """Whether a leg has voltage."""
        return self.l1_v > COMPARATOR_V or self.l2_v > COMPARATOR_V

    def set(self, l1_v: float, l2_v: float, opposed: float = 1.0, hz: float = 60.0) -> None:
        """Another state of the source."""
        self.l1_v, self.l2_v, self.opposed, self.hz = l1_v, l2_v, opposed, hz


@dataclass(slots=True, kw_only=True)
class Contactor:
    """Two poles that move apart, weld or jam; a feedback that may say something else."""

    poles: int
    welded: int = 0
    jammed: int = 0
    moves: list[tuple[int, int, bool]] = field(default_factory=list[tuple[int, int, bool]])
    """Tick, pole's bit, closed or open."""
    wanted: int = 0

    def order(self, tick: int, draw: Random, *, closed: bool) -> bool:
        """Begins to move where the order is new, each pole in its own time; True when it does."""
        wanted = BOTH if closed else 0
        if wanted == self.wanted and (self.moves or self.poles == wanted):
            return False
        if wanted == self.wanted and draw.random() < 0.98:  # noqa: PLR2004  a standing order retries now and then
            return False
        self.wanted = wanted
        self.moves = [(tick + draw.randint(0, TRAVEL_TICKS_MAX), 1 << leg, closed) for leg in LEGS]
        return True

    def advance(self, tick: int) -> bool:
        """Poles whose time has come; True when one moved."""
        before = self.poles
        due = [move for move in self.moves if move[0] <= tick]
        self.moves = [move for move in self.moves if move[0] > tick]
        for _tick, pole, closed in due:
            if closed and not self.jammed & pole:
                self.poles |= pole
            elif not closed and not self.welded & pole:
                self.poles &= ~pole
        return self.poles != before


@dataclass(slots=True, kw_only=True)
class World:
    """Everything outside the controller."""

    draw: Random
    legs_ratio: float
    exact: bool
    """Whether this run has to be the same with 32-bit floats."""
    prompt: bool
    """Whether a feedback reads neither open nor closed as soon as its pole is on its way, or only where it ends."""
    ordered: bool = False
    grid: Source = field(default_factory=lambda: Source(l1_v=120.0, l2_v=120.5))
    backup: Source = field(default_factory=Source)
    utility: Contactor = field(default_factory=lambda: Contactor(poles=BOTH, wanted=BOTH))
    transfer: Contactor = field(default_factory=lambda: Contactor(poles=0))
    load_a: tuple[float, float] = (12.0, 9.0)
    load_w: float = 2000.0
    in_phase: int = 0
    load_side_v: float = 0.0
    inlet_in_phase: int = 0
    swing_hz: float = 0.0
    """A hunting source is this far above and below its frequency in turn."""
    swing_tick: int = 0
    more: dict[str, float] = field(default_factory=lambda: dict(USUALLY))
    """What is measured beside voltages and currents: flags of doubt, plug, temperatures, surges, buttons."""
    residual_v: float = 0.0
    stored_energy_ok: int = 1
    supply_cut: bool = False
    reset_pressed: int = 0
    told: dict[str, int] = field(default_factory=dict[str, int])
    """Feedbacks and comparators that say this whatever is."""
    sensors: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])
    """Measured values with a factor and an offset; factor 0 is a frozen sensor."""

    def bus_v(self) -> tuple[float, float]:
        """Voltage of the premise bus, by leg."""
        legs: list[float] = []
        for leg in LEGS:
            fed = 0.0
            if self.utility.poles >> leg & 1:
                fed = (self.grid.l1_v, self.grid.l2_v)[leg]
            if self.transfer.poles >> leg & 1:
                fed = max(fed, (self.backup.l1_v, self.backup.l2_v)[leg])
            legs.append(max(fed, self.load_side_v, self.residual_v))
        return legs[0], legs[1]

    def utility_v(self, bus_v: tuple[float, float]) -> tuple[float, float]:
        """Voltage on the utility side: the grid's, or the bus' through a closed pole of a dead grid."""
        own = (self.grid.l1_v, self.grid.l2_v)
        through = [bus_v[leg] - 0.5 if self.utility.poles >> leg & 1 and bus_v[leg] > 1 else 0.0 for leg in LEGS]
        return max(own[0], through[0]), max(own[1], through[1])

    def inlet_v(self, bus_v: tuple[float, float]) -> tuple[float, float]:
        """Voltage at the inlet: the source's, or the bus' through a closed pole of the backup contactor."""
        own = (self.backup.l1_v, self.backup.l2_v)
        through = [bus_v[leg] - 0.5 if self.transfer.poles >> leg & 1 and bus_v[leg] > 1 else 0.0 for leg in LEGS]
        return max(own[0], through[0]), max(own[1], through[1])

    def bus_opposed(self) -> float:
        """How the legs of the bus stand to each other: as those of the source that holds it."""
        if self.utility.poles and self.grid.alive:
            return self.grid.opposed
        return self.backup.opposed if self.transfer.poles and self.backup.alive else 1.0

    def legs_w(self) -> tuple[float, float]:
        """Power of each leg, shared out as the currents are."""
        total_a = self.load_a[0] + self.load_a[1]
        first_w = self.load_w * (self.load_a[0] / total_a if total_a > 0 else 0.5)
        return first_w, self.load_w - first_w

    def inputs(self) -> tuple[dict[str, float], dict[str, int]]:
        """What the controller measures, and what the interlock's own inputs read."""
        bus = self.bus_v()
        utility = self.utility_v(bus)
        backfed = not self.grid.alive and utility[0] + utility[1] > 0
        feeds = max(bus) > METER_SUPPLY_V
        inlet = self.inlet_v(bus)
        through = not self.backup.alive and inlet[0] + inlet[1] > 0
        legs_w = self.legs_w() if feeds else (0.0, 0.0)
        hunting_hz = self.backup.hz + self.swing_hz
        values: dict[str, float] = {
            "utility_l1_v": utility[0],
            "utility_l2_v": utility[1],
            "utility_l12_v": (utility[0] + utility[1]) * (1.0 if backfed else self.grid.opposed),
            "utility_hz": (self.backup.hz if backfed else self.grid.hz) if max(utility) > COMPARATOR_V else 0.0,
            "bus_l1_v": bus[0],
            "bus_l2_v": bus[1],
            "bus_l12_v": (bus[0] + bus[1]) * self.bus_opposed(),
            "inlet_l1_v": inlet[0],
            "inlet_l2_v": inlet[1],
            "inlet_l12_v": (inlet[0] + inlet[1]) * (1.0 if through else self.backup.opposed),
            "inlet_hz": self.grid.hz if through else hunting_hz if self.backup.alive else 0.0,
            "inlet_in_phase": 1 if through or self.transfer.poles else self.inlet_in_phase,
            "l1_w": legs_w[0],
            "l2_w": legs_w[1],
            "l1_var": legs_w[0] / 4,
            "l2_var": legs_w[1] / 4,
            "utility_in_phase": 1 if backfed or self.utility.poles else self.in_phase,
            "l1_a": self.load_a[0] if feeds else 0.0,
            "l2_a": self.load_a[1] if feeds else 0.0,
            "premise_w": self.load_w if feeds else 0.0,
            "stored_energy_ok": self.stored_energy_ok,
            "supplied": 0 if self.supply_cut or not (self.grid.alive or self.backup.alive) else 1,
            "local_reset": self.reset_pressed,
            **self.more,
        }
        for name, (factor, offset) in self.sensors.items():
            values[name] = values[name] * factor + offset
        feedbacks = self._feedbacks()
        values |= feedbacks
        own: dict[str, int] = {
            "bus_l1_present": 1 if bus[0] > COMPARATOR_V else 0,
            "bus_l2_present": 1 if bus[1] > COMPARATOR_V else 0,
            **feedbacks,
        }
        own |= {name: value for name, value in self.told.items() if name in own}
        if self.exact:
            self._keep_away(values, "utility")
            self._keep_away(values, "inlet")
        return values, own

    def _feedbacks(self) -> dict[str, int]:
        read: dict[str, int] = {}
        for side, contactor in (("u", self.utility), ("b", self.transfer)):
            travelling = sum(pole for _tick, pole, _closed in contactor.moves if pole & ~contactor.welded)
            travelling *= 1 if self.prompt else 0
            read[f"{side}_open_poles"] = ~contactor.poles & BOTH & ~travelling
            read[f"{side}_closed_poles"] = contactor.poles & ~travelling
        return read | {name: value for name, value in self.told.items() if name in read}

    def _keep_away(self, values: dict[str, float], side: str) -> None:
        """Moves a leg-to-leg voltage away from its limit, the one comparison that rounds."""
        limit = self.legs_ratio * (values[f"{side}_l1_v"] + values[f"{side}_l2_v"])
        name = f"{side}_l12_v"
        if abs(values[name] - limit) < MARGIN_V and limit > 0:
            values[name] = limit + 2 * MARGIN_V if values[name] >= limit else max(0.0, limit - 2 * MARGIN_V)

    def obey(self, interlock: Any, tick: int) -> None:
        """The interlock's orders reach the contactors; the utility's latches, the backup's drops out."""
        if interlock.u_out in {ORDER_CLOSE, ORDER_OPEN}:
            self.ordered |= self.utility.order(tick, self.draw, closed=interlock.u_out == ORDER_CLOSE)
        self.ordered |= self.transfer.order(tick, self.draw, closed=interlock.b_out == ORDER_CLOSE)

    def advance(self, tick: int) -> bool:
        """Poles and residual voltage at this tick; True when an input may have changed."""
        before = max(self.bus_v())
        moved, self.ordered = self.ordered, False
        moved = self.utility.advance(tick) or moved
        moved = self.transfer.advance(tick) or moved
        if self.swing_hz != 0 and tick >= self.swing_tick:
            self.swing_hz, self.swing_tick = -self.swing_hz, tick + SWING_TICKS
            moved = True
        if moved and max(self.bus_v()) < COMPARATOR_V < before:
            # Motors hold the bus up for a while.
            self.residual_v = before * self.draw.choice((0.0, 0.3, 0.6, 0.9))
        elif self.residual_v > 0:
            self.residual_v = self.residual_v * 0.8 if self.residual_v > 1.0 else 0.0
            moved = True
        return moved

    def next_move(self) -> int | None:
        """When something moves by itself next: a tick, 0 for at once, None for never."""
        if self.residual_v > 0:
            return 0
        ticks = [tick for tick, _pole, _closed in (*self.utility.moves, *self.transfer.moves)]
        if self.swing_hz != 0:
            ticks.append(self.swing_tick)
        return min(ticks, default=None)
