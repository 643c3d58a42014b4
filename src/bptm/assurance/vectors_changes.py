"""What may befall the world of a golden run: each change as a function of the world, and groups with their mend."""

from collections.abc import Callable

from bptm.assurance.vectors_world import BOTH, USUALLY, World

Change = Callable[[World], None]


def grid(l1_v: float, l2_v: float, opposed: float = 1.0, hz: float = 60.0) -> Change:
    """The utility is so now."""
    return lambda world: world.grid.set(l1_v, l2_v, opposed, hz)


def backup(l1_v: float, l2_v: float, opposed: float = 1.0, hz: float = 60.0) -> Change:
    """The backup source is so now."""
    return lambda world: world.backup.set(l1_v, l2_v, opposed, hz)


def load(l1_a: float, l2_a: float, power_w: float) -> Change:
    """The load is so now."""

    def change(world: World) -> None:
        world.load_a, world.load_w = (l1_a, l2_a), power_w

    return change


def tells(**told: int) -> Change:
    """Feedbacks or comparators say this whatever is."""
    return lambda world: world.told.update(told)


def welds(utility: int = 0, transfer: int = 0) -> Change:
    """Poles weld."""

    def change(world: World) -> None:
        world.utility.welded, world.transfer.welded = utility, transfer
        world.utility.poles |= utility & world.utility.poles
        world.transfer.poles |= transfer

    return change


def jams(utility: int = 0, transfer: int = 0, opened: int = 0) -> Change:
    """Poles no longer close; some fall open."""

    def change(world: World) -> None:
        world.utility.jammed, world.transfer.jammed = utility, transfer
        world.utility.poles &= ~opened

    return change


def _sensor(name: str, factor: float, offset: float) -> Change:
    return lambda world: world.sensors.update({name: (factor, offset)})


def joined(*changes: Change) -> Change:
    """Several changes at once."""

    def change(world: World) -> None:
        for each in changes:
            each(world)

    return change


def _pressed(*, is_pressed: bool) -> Change:
    def change(world: World) -> None:
        world.reset_pressed = 1 if is_pressed else 0

    return change


def _stored(value: int) -> Change:
    def change(world: World) -> None:
        world.stored_energy_ok = value

    return change


def side(volt: float) -> Change:
    """A source on the load side holds the bus at this voltage."""

    def change(world: World) -> None:
        world.load_side_v = volt

    return change


def _cut(*, is_cut: bool) -> Change:
    def change(world: World) -> None:
        world.supply_cut = is_cut

    return change


def phase(value: int) -> Change:
    """Utility and bus stand in phase, or not."""

    def change(world: World) -> None:
        world.in_phase = value

    return change


def _more(**values: float) -> Change:
    return lambda world: world.more.update(values)


def _hunts(swing_hz: float) -> Change:
    def change(world: World) -> None:
        world.swing_hz = swing_hz

    return change


def _inlet_phase(value: int) -> Change:
    def change(world: World) -> None:
        world.inlet_in_phase = value

    return change


def _usual(world: World) -> None:
    world.more.update(USUALLY)


def _honest(world: World) -> None:
    world.told.clear()


def _calibrated(world: World) -> None:
    world.sensors.clear()


GRID_GOOD = grid(120.0, 120.5)
GRID_DEAD = grid(0.0, 0.0)
GRID_IN_PHASE = joined(grid(122.0, 121.5, hz=60.375), phase(1))
"""Alive, at the voltage of the bus and in phase with it, yet outside the frequencies of return."""
BACKUP_GOOD = backup(122.0, 121.5, hz=61.0)
BACKUP_OFF = backup(0.0, 0.0)
GRID_NEUTRAL = grid(84.0, 156.0)
"""A broken neutral: the legs move apart, their sum stays."""
BACKUP_NEUTRAL = backup(86.0, 154.0, hz=61.0)
LOAD_SHORT = load(400.0, 380.0, 80000.0)
HOT = _more(inlet_c=120.0)
UNMATED = _more(inlet_unmated=1)
TEST = _more(local_test=1)
LEVER = _more(local_disconnect=1)
USUAL = _usual
LOAD_USUAL = load(12.0, 9.0, 2000.0)
RESET = _pressed(is_pressed=True)
RELEASE = _pressed(is_pressed=False)

GROUPS: dict[str, tuple[Change, tuple[Change, ...]]] = {
    "grid": (
        GRID_GOOD,
        (
            GRID_DEAD,
            GRID_DEAD,
            grid(75.0, 74.0),
            grid(90.0, 119.0),
            grid(101.0, 101.5),
            grid(112.0, 109.0),
            grid(147.0, 146.0),
            grid(134.0, 133.0),
            grid(120.0, 15.0, 0.5),
            grid(120.0, 120.0, 0.02),
            grid(120.0, 120.0, 0.85),
            grid(120.0, 120.0, hz=60.25),
            grid(120.0, 120.0, hz=58.5),
            GRID_NEUTRAL,
            grid(152.0, 151.0),
            GRID_IN_PHASE,
        ),
    ),
    "backup": (
        BACKUP_GOOD,
        (
            BACKUP_OFF,
            backup(124.0, 123.0, hz=62.5),
            backup(92.0, 121.0),
            backup(60.0, 61.0),
            backup(120.0, 120.0, hz=54.0),
            backup(120.0, 120.0, hz=66.5),
            backup(120.0, 120.0, hz=64.0),
            backup(140.0, 121.0),
            backup(120.0, 120.0, 0.0),
            BACKUP_NEUTRAL,
            backup(158.0, 157.0),
            backup(112.0, 125.0),
        ),
    ),
    "load": (
        LOAD_USUAL,
        (
            load(2.0, 1.0, 180.0),
            load(25.0, 20.0, 5200.0),
            load(45.0, 12.0, 6500.0),
            load(75.0, 70.0, 15000.0),
            load(5.0, 5.0, -600.0),
            load(20.0, 20.0, -4500.0),
            LOAD_SHORT,
            load(28.0, 27.0, 6200.0),
            load(900.0, 850.0, 90000.0),
        ),
    ),
    "feedback": (
        _honest,
        (
            tells(u_open_poles=0, u_closed_poles=BOTH),
            tells(u_open_poles=BOTH, u_closed_poles=0),
            tells(u_open_poles=0, u_closed_poles=0),
            tells(u_open_poles=1),
            tells(u_closed_poles=2),
            tells(b_open_poles=0, b_closed_poles=BOTH),
            tells(b_open_poles=BOTH, b_closed_poles=0),
            tells(b_open_poles=BOTH, b_closed_poles=BOTH),
            tells(b_closed_poles=1),
            tells(bus_l1_present=1),
            tells(bus_l1_present=0, bus_l2_present=0),
        ),
    ),
    "weld": (
        welds(),
        (
            welds(utility=BOTH),
            welds(utility=1),
            welds(transfer=BOTH),
            welds(transfer=2),
            joined(welds(utility=BOTH), tells(u_open_poles=BOTH, u_closed_poles=0)),
            joined(welds(utility=2), tells(u_open_poles=BOTH, u_closed_poles=0)),
        ),
    ),
    "jam": (
        jams(),
        (jams(utility=BOTH), jams(transfer=BOTH), jams(utility=1), jams(transfer=2), jams(opened=BOTH)),
    ),
    "sensor": (
        _calibrated,
        (
            _sensor("utility_l1_v", 0.0, 120.0),
            _sensor("utility_l2_v", 0.0, 0.0),
            _sensor("utility_l12_v", 0.0, 0.0),
            _sensor("utility_l1_v", 1.125, 0.0),
            _sensor("bus_l1_v", 0.0, 118.0),
            _sensor("bus_l2_v", 0.0, 0.0),
            joined(_sensor("bus_l1_v", 0.0, 0.0), _sensor("bus_l2_v", 0.0, 0.0)),
            _sensor("inlet_l1_v", 0.0, 121.0),
            _sensor("inlet_hz", 0.0, 0.0),
            _sensor("utility_hz", 1.0, 0.5),
            _sensor("l1_a", 8.0, 0.0),
            _sensor("premise_w", -1.0, 0.0),
            joined(_sensor("utility_l1_v", 1.25, 0.0), _sensor("utility_l2_v", 0.75, 0.0)),
            joined(_sensor("bus_l1_v", 0.75, 0.0), _sensor("bus_l2_v", 1.25, 0.0)),
            _sensor("bus_l12_v", 0.5, 0.0),
            _sensor("bus_l1_v", 1.0, 12.0),
            _sensor("inlet_l2_v", 0.0, -3.0),
            _sensor("l2_a", 0.0, 100000.0),
        ),
    ),
    "energy": (_stored(1), (_stored(0),)),
    "phase": (phase(0), (phase(1),)),
    "load side": (side(0.0), (side(118.0), side(40.0))),
    "supply": (_cut(is_cut=False), (_cut(is_cut=True),)),
    "reset": (RELEASE, (RESET,)),
    "inlet phase": (_inlet_phase(0), (_inlet_phase(1),)),
    "hunting": (_hunts(0.0), (_hunts(1.5), _hunts(0.25), _hunts(4.0))),
    "inlet": (
        _usual,
        (HOT, UNMATED, _more(plug_a=30.0), _more(plug_a=50.0), _more(inlet_c=58.0), _more(inlet_thd=0.25)),
    ),
    "doubt": (
        _usual,
        (
            _more(utility_doubtful=1),
            _more(bus_doubtful=1),
            _more(inlet_doubtful=1),
            _more(current_doubtful=1),
            _more(utility_doubtful=1, bus_doubtful=1, inlet_doubtful=1, current_doubtful=1),
        ),
    ),
    "surge": (
        _usual,
        (
            _more(surges=1, surge_v=420.0),
            _more(surges=3, surge_v=900.0),
            _more(surges=1, surge_v=3100.0),
            _more(spd_failed=1),
        ),
    ),
    "buttons": (_usual, (TEST, LEVER, _more(local_test=1, local_disconnect=1))),
}
"""Each group: how it usually is, and what may befall it."""
