"""Stories of golden runs for the observers: what diagnosis, advice, guide and ledger can say, each told once.

Readings have no noise here, and one that belongs to a circuit is made by it: a load step moves the voltages of its leg
by the ohms that the story has. The observers' delays are near their lowest, so that a run of 20,000 ticks holds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bptm.assurance.vectors_changes import (
    BACKUP_GOOD,
    BACKUP_OFF,
    GRID_DEAD,
    GRID_GOOD,
    Change,
    backup,
    grid,
    joined,
    side,
)
from bptm.assurance.vectors_stories import Trigger, Word
from bptm.assurance.vectors_world import USUALLY, World
from bptm.terms import core_advice as a
from bptm.terms import core_guide as g
from bptm.terms.core_codes import (
    BACKUP_BATTERY,
    BACKUP_EV,
    BACKUP_INVERTER,
    BACKUP_NONE,
    BACKUP_STANDBY,
    MODE_DARK,
    MODE_ON_BACKUP,
    MODE_ON_UTILITY,
)

STEPS = 16
"""Load steps of a circuit: enough for every regression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedStory:
    """What happens, by the time since a mode was entered, and what it needs."""

    triggers: tuple[Trigger, ...]
    settings: Mapping[str, float] = field(default_factory=dict[str, float])
    observed: Mapping[str, float] = field(default_factory=dict[str, float])
    """Settings of the observers, by letter and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """What lies between a source and the bus, in ohms: one leg, the neutral, pole 1 of the contactor."""

    name: str
    """`utility` or `inlet`."""
    volts: float
    leg_ohm: float = 0.0625
    neutral_ohm: float = 0.0625
    pole_ohm: float = 0.0

    def feeds(self, l1_a: float, l2_a: float) -> Change:
        """Readings under these leg currents, all of them active."""
        neutral_v = (l1_a - l2_a) * self.neutral_ohm
        l1_v = self.volts - l1_a * self.leg_ohm - neutral_v
        l2_v = self.volts - l2_a * self.leg_ohm + neutral_v
        bus_v = l1_v - l1_a * self.pole_ohm
        values = {
            f"{self.name}_l1_v": l1_v, f"{self.name}_l2_v": l2_v, f"{self.name}_l12_v": l1_v + l2_v,
            "bus_l1_v": bus_v, "bus_l2_v": l2_v, "bus_l12_v": bus_v + l2_v, "l1_a": l1_a, "l2_a": l2_a,
            "l1_w": l1_a * bus_v, "l2_w": l2_a * l2_v, "l1_var": 0.0, "l2_var": 0.0,
            "premise_w": l1_a * bus_v + l2_a * l2_v,
        }  # fmt: skip
        return lambda world: world.more.update(values)

    def steps(self, mode: int, from_ticks: int, every_ticks: int, count: int = STEPS) -> tuple[Trigger, ...]:
        """Load steps on leg 1, and smaller ones on leg 2."""
        return tuple(
            Trigger(
                mode=mode,
                after_ticks=from_ticks + number * every_ticks,
                change=self.feeds(13.0 if number % 2 else 3.0, 4.0 + number % 3),
            )
            for number in range(count)
        )


def _plain(world: World) -> None:
    """Readings are the world's own again."""
    world.more.clear()
    world.more.update(USUALLY)


def reads(**values: float) -> Change:
    """These readings, whatever is."""
    return lambda world: world.more.update(values)


def at(mode: int, after_ticks: int, *changes: Change | Word) -> tuple[Trigger, ...]:
    """What comes so long after a mode was entered."""
    return tuple(Trigger(mode=mode, after_ticks=after_ticks, change=change) for change in changes)


OUTAGE = (*at(MODE_ON_UTILITY, 100, GRID_DEAD), *at(MODE_DARK, 60, BACKUP_GOOD))
"""The utility is lost and a source started, once."""
QUICK: dict[str, float] = {"accept_ticks": 240, "return_ticks": 600, "slot_window_ticks": 0}
"""Controller: a source is accepted, a utility returned to, within seconds."""
FAST_STEPS: dict[str, float] = {
    "dp.block_ticks": 12,
    "dp.settle_utility_ticks": 6,
    "dp.settle_backup_ticks": 60,
    "dp.steps_min": 5.0,
}


def _service(circuit: Circuit) -> ObservedStory:
    return ObservedStory(triggers=circuit.steps(MODE_ON_UTILITY, 60, 60), observed=FAST_STEPS)


def _source(*steps: Trigger) -> ObservedStory:
    return ObservedStory(triggers=(*OUTAGE, *steps), settings=QUICK, observed=FAST_STEPS)


def _service_stories() -> tuple[ObservedStory, ...]:
    """Service and contacts of the utility side."""
    return (
        _service(Circuit(name="utility", volts=121.0, leg_ohm=0.3125)),
        _service(Circuit(name="utility", volts=121.0, neutral_ohm=0.3125)),
        _service(Circuit(name="utility", volts=121.0, neutral_ohm=0.8125)),
        _service(Circuit(name="utility", volts=121.0, pole_ohm=0.015625)),
        # A weak neutral that is mended: its finding ends.
        ObservedStory(
            triggers=(
                *Circuit(name="utility", volts=121.0, neutral_ohm=0.3125).steps(MODE_ON_UTILITY, 60, 60),
                *Circuit(name="utility", volts=121.0).steps(MODE_ON_UTILITY, 60 + 60 * STEPS, 60, 3 * STEPS),
            ),
            observed=FAST_STEPS,
        ),
    )


def _cord_stories() -> tuple[ObservedStory, ...]:
    """Cord, plug and contacts of the backup side."""
    good = Circuit(name="inlet", volts=122.0)
    hot = Circuit(name="inlet", volts=122.0, neutral_ohm=0.4375)
    return (
        _source(*Circuit(name="inlet", volts=123.0, leg_ohm=0.375, neutral_ohm=0.375).steps(MODE_ON_BACKUP, 60, 90)),
        _source(*Circuit(name="inlet", volts=122.0, neutral_ohm=0.8125).steps(MODE_ON_BACKUP, 60, 90)),
        _source(*Circuit(name="inlet", volts=122.0, pole_ohm=0.0625).steps(MODE_ON_BACKUP, 60, 90)),
        _source(
            *good.steps(MODE_ON_BACKUP, 60, 90),
            *hot.steps(MODE_ON_BACKUP, 60 + 90 * STEPS, 90, 2 * STEPS),
        ),
    )


def _leg_stories() -> tuple[ObservedStory, ...]:
    """Legs that stand wrong, on either side; voltage out of its ranges; legs unevenly loaded."""
    wrong_grids = (grid(120.0, 3.0), grid(120.0, 119.5, 0.02))
    wrong_sources = (
        backup(120.0, 3.0),
        backup(120.0, 119.5, 0.02),
        backup(230.0, 118.0, 0.3203125),
        backup(120.0, 119.5, 0.8671875),
    )
    fast: dict[str, float] = {"dp.legs_ticks": 12}
    return (
        *(ObservedStory(triggers=at(MODE_ON_UTILITY, 100, change), observed=fast) for change in wrong_grids),
        *(ObservedStory(triggers=at(MODE_ON_UTILITY, 100, change), observed=fast) for change in wrong_sources),
        ObservedStory(
            triggers=(*at(MODE_ON_UTILITY, 100, grid(112.5, 113.0)), *at(MODE_ON_UTILITY, 9000, GRID_GOOD)),
            observed={"dp.range_a_ticks": 7200},
        ),
        ObservedStory(triggers=at(MODE_ON_UTILITY, 100, grid(108.5, 109.0)), observed={"dp.range_b_ticks": 600}),
        ObservedStory(
            triggers=(*OUTAGE, *at(MODE_ON_BACKUP, 60, Circuit(name="inlet", volts=122.0).feeds(14.0, 2.0))),
            settings=QUICK,
            observed={"dp.unbalanced_ticks": 600, "dp.legs_high_a": 10.0, "gp.idle_a": 0.5},
        ),
    )


def _engine_stories() -> tuple[ObservedStory, ...]:
    """A source that hunts, starves, runs on, or goes at once; solar behind it."""
    falling = Circuit(name="inlet", volts=121.0)
    windows: dict[str, float] = {
        "dp.window_ticks": 600,
        "dp.watch_begin_ticks": 0,
        "dp.fall_windows": 3,
        "dp.fall_w": 100.0,
    }

    def hunts(world: World) -> None:
        world.swing_hz = 0.75

    return (
        ObservedStory(
            triggers=at(MODE_ON_UTILITY, 100, joined(BACKUP_GOOD, hunts)),
            observed={"dp.window_ticks": 600},
        ),
        ObservedStory(
            triggers=(
                *OUTAGE,
                *(
                    trigger
                    for window in range(1, 9)
                    for trigger in at(
                        MODE_ON_BACKUP, 600 * window, backup(122.0 - window, 121.5 - window, hz=61.0 - 0.25 * window)
                    )
                ),
            ),
            settings=QUICK,
            observed={"dp.window_ticks": 600, "dp.fuel_hz": 0.5, "dp.fuel_v": 1.0},
        ),
        ObservedStory(
            triggers=(*at(MODE_ON_UTILITY, 100, BACKUP_GOOD), *at(MODE_ON_UTILITY, 8000, BACKUP_OFF)),
            observed={"dp.run_on_ticks": 7200, "gp.cool_ticks": 600},
        ),
        # Gone at once, twice: a bonded neutral; then it carries.
        ObservedStory(
            triggers=(
                *at(MODE_ON_UTILITY, 100, GRID_DEAD),
                *(Trigger(mode=MODE_DARK, after_ticks=60, change=BACKUP_GOOD, times=9),),
                *(Trigger(mode=MODE_ON_BACKUP, after_ticks=30, change=BACKUP_OFF, times=2),),
            ),
            settings=QUICK,
            observed={"dp.carried_ticks": 1200},
        ),
        ObservedStory(
            triggers=(
                *OUTAGE,
                *at(MODE_ON_BACKUP, 30, backup(121.0, 120.5, hz=60.0)),
                *(
                    trigger
                    for window in range(10)
                    for trigger in at(
                        MODE_ON_BACKUP, 60 + 600 * window, falling.feeds(14.0 - 0.75 * window, 13.0 - 0.75 * window)
                    )
                ),
            ),
            settings=QUICK,
            observed=windows,
        ),
        ObservedStory(
            triggers=(
                *OUTAGE,
                *at(MODE_ON_BACKUP, 200, reads(l1_w=-300.0, l2_w=-250.0, premise_w=-550.0)),
                *at(MODE_ON_BACKUP, 800, _plain),
            ),
            settings=QUICK | {"reverse_ticks": 600},
            observed={"dp.reverse_ticks": 12, "gp.solar": 1, "gp.steady_ticks": 12},
        ),
    )


def _said(*words: Word) -> tuple[Trigger, ...]:
    return tuple(
        Trigger(mode=MODE_ON_UTILITY, after_ticks=20 + number, change=word) for number, word in enumerate(words)
    )


def _every_step(mode: int, after_ticks: int) -> tuple[Trigger, ...]:
    return at(mode, after_ticks, *(Word("declare", step) for step in range(-1, g.GUIDE_STEPS)))


GUIDED: dict[str, float] = {"gp.steady_ticks": 12, "gp.cool_ticks": 240, "gp.solar": 1, "gp.forget_ticks": 7200}
"""Settings of the guide under which an outage of a story is long enough for every step."""


def _back() -> tuple[Trigger, ...]:
    return at(MODE_ON_BACKUP, 1500, joined(_plain, GRID_GOOD))


def _guide_stories() -> tuple[ObservedStory, ...]:
    """The six steps and the way back: as they should go, by what people say, and with a plug that is pulled."""
    nothing_on = reads(l1_a=0.0, l2_a=0.0, l1_w=0.0, l2_w=0.0, premise_w=0.0)
    whole = ObservedStory(
        triggers=(
            *at(MODE_ON_UTILITY, 40, nothing_on),
            *OUTAGE,
            *_every_step(MODE_DARK, 30),
            *at(MODE_ON_BACKUP, 60, nothing_on),
            *at(MODE_ON_BACKUP, 400, reads(l1_a=40.0, l2_a=9.0)),
            *at(MODE_ON_BACKUP, 500, _plain),
            *_back(),
            # Counted from the first time on the utility: by then the home is back on it.
            *at(MODE_ON_UTILITY, 3000, BACKUP_OFF),
            *at(MODE_ON_UTILITY, 3300, reads(inlet_unmated=1)),
            *_every_step(MODE_ON_UTILITY, 3500),
        ),
        settings=QUICK,
        observed=GUIDED,
    )
    # Without a contact at the inlet people say what they did; the plug goes while the source runs.
    said = ObservedStory(
        triggers=(
            *at(MODE_ON_UTILITY, 50, reads(l1_a=0.0, l2_a=0.0)),
            *OUTAGE,
            *_every_step(MODE_DARK, 20),
            *at(MODE_ON_BACKUP, 300, reads(current_doubtful=1)),
            *at(MODE_ON_BACKUP, 500, reads(current_doubtful=0)),
            *_back(),
            *_every_step(MODE_ON_UTILITY, 20),
        ),
        settings=QUICK,
        observed=GUIDED | {"gp.mating_contact": 0},
    )
    pulled = ObservedStory(
        triggers=(
            *at(MODE_ON_UTILITY, 60, reads(inlet_unmated=0, plug_a=20.0)),
            *at(MODE_ON_UTILITY, 100, GRID_DEAD),
            *at(MODE_DARK, 30, backup(122.0, 121.5, hz=61.0)),
            *at(MODE_DARK, 90, reads(inlet_unmated=1)),
            *at(MODE_DARK, 300, reads(inlet_doubtful=1)),
            *at(MODE_DARK, 500, _plain),
            *at(MODE_DARK, 700, side(118.0)),
            *at(MODE_DARK, 900, side(0.0)),
        ),
        settings=QUICK | {"accept_ticks": 20000},
        observed=GUIDED,
    )
    return (whole, said, pulled)


def _guide_refusals() -> tuple[ObservedStory, ...]:
    """The six steps with everything that may lack, with each kind of source, and cut short."""
    wrong = (backup(100.0, 101.0), backup(136.0, 135.0), backup(120.0, 120.0, hz=70.0), backup(120.0, 120.0, 0.02))
    refused = tuple(
        ObservedStory(triggers=(*at(MODE_ON_UTILITY, 100, GRID_DEAD), *at(MODE_DARK, 60, change)), observed=GUIDED)
        for change in (
            *wrong,
            joined(BACKUP_GOOD, reads(inlet_c=120.0)),
            joined(BACKUP_GOOD, reads(inlet_thd=0.5)),
            backup(112.0, 129.0),
        )
    )
    kinds = tuple(
        ObservedStory(
            triggers=(*OUTAGE, *_every_step(MODE_DARK, 30), *_back()),
            settings=QUICK,
            observed=GUIDED | {"gp.backup_kind": kind, "gp.solar": 0, "gp.medical": 1},
        )
        for kind in (BACKUP_NONE, BACKUP_INVERTER, BACKUP_STANDBY, BACKUP_BATTERY, BACKUP_EV)
    )
    blocked = ObservedStory(
        triggers=(*OUTAGE, *at(MODE_ON_BACKUP, 60, reads(inlet_c=120.0))), settings=QUICK, observed=GUIDED
    )
    slow = ObservedStory(
        triggers=(
            *at(MODE_ON_UTILITY, 100, GRID_DEAD),
            *at(MODE_DARK, 10, reads(inlet_unmated=1)),
            *at(MODE_DARK, 20, Word("declare", g.GUIDE_BREAKERS_OFF), Word("declare", g.GUIDE_SOLAR_OFF)),
            *at(MODE_DARK, 200, reads(inlet_unmated=0)),
            *at(MODE_DARK, 600, BACKUP_GOOD),
        ),
        settings=QUICK,
        observed=GUIDED,
    )
    islanded = ObservedStory(
        triggers=(
            *at(MODE_ON_UTILITY, 100, GRID_DEAD),
            *at(MODE_DARK, 600, side(118.0)),
            *at(MODE_DARK, 1500, side(0.0)),
        ),
        settings=QUICK | {"opens_in_dark": 1, "dark_open_ticks": 120},
        observed=GUIDED,
    )
    return (*refused, *kinds, blocked, slow, islanded)


def _advice_stories() -> tuple[ObservedStory, ...]:
    """Appliances declared, named, seen to switch, and every reason why one should wait."""
    kinds = range(a.KIND_OTHER, a.KINDS_OF_APPLIANCE)
    every_kind = _said(
        *(Word("declare_appliance", kind, a.LEG_BOTH if kind % 3 == 0 else 1 + kind % 2) for kind in kinds),
        Word("name_appliance", 0, a.KIND_LIGHTS, 1),
        Word("name_appliance", 1, a.KIND_OTHER, 2),
        Word("name_appliance", 15, a.KIND_OTHER, 99),
        Word("declare_appliance", 99, 7),
        Word("declare_appliance", a.KIND_LIGHTS, a.LEG_1),
        Word("declare_appliance", a.KIND_LIGHTS, a.LEG_2),
        Word("declare_appliance", a.KIND_LIGHTS, a.LEG_2),
        Word("declare_fuel", 128),
        Word("declare_fuel", 512),
    )
    small: dict[str, float] = {"ap.source_w": 3000.0, "ap.settle_ticks": 60, "ap.lock_ticks": 6000}
    source = Circuit(name="inlet", volts=122.0)
    # A refrigerator of 650 W on leg 1 goes on and off; then little is free, and a current is doubtful.
    seen = (
        *at(MODE_ON_BACKUP, 60, source.feeds(2.0, 2.0)),
        *at(MODE_ON_BACKUP, 300, source.feeds(26.0, 2.0)),
        *at(MODE_ON_BACKUP, 320, source.feeds(7.4140625, 2.0)),
        *at(MODE_ON_BACKUP, 600, source.feeds(2.0, 2.0)),
        *at(MODE_ON_BACKUP, 900, source.feeds(9.0, 9.5)),
        *at(MODE_ON_BACKUP, 1300, reads(current_doubtful=1)),
        *at(MODE_ON_BACKUP, 1500, reads(current_doubtful=0)),
    )
    one = _said(Word("declare_appliance", a.KIND_REFRIGERATOR, a.LEG_1))
    several = _said(*(Word("declare_appliance", a.KIND_SPACE_HEATER, 1 + number % 2) for number in range(6)))
    return (
        ObservedStory(triggers=(*every_kind, *OUTAGE, *seen), settings=QUICK, observed=small),
        ObservedStory(triggers=(*one, *OUTAGE, *seen), settings=QUICK, observed=small | {"ap.source_w": 6000.0}),
        ObservedStory(triggers=(*several, *OUTAGE, *seen), settings=QUICK, observed=small | {"ap.source_w": 7000.0}),
        ObservedStory(
            triggers=(*_said(Word("declare_fuel", 26)), *OUTAGE, *seen),
            settings=QUICK,
            observed={"ap.storage_wh": 500.0, "ap.continuous_ticks": 120, "gp.backup_kind": BACKUP_BATTERY},
        ),
    )


def _ledger_stories() -> tuple[ObservedStory, ...]:
    """Clocks set and lost, power lost for a known time and for an unknown one."""
    words = (
        Word("set_clock", 1 << 40), Word("resume_ledger", 2400), Word("set_clock", (1 << 40) + 900_000),
        Word("resume_ledger", -1), Word("set_clock", (1 << 40) + 9_000_000), Word("set_clock", -1),
    )  # fmt: skip
    said = tuple(
        Trigger(mode=MODE_ON_UTILITY, after_ticks=300 + 300 * number, change=word) for number, word in enumerate(words)
    )
    doubted = at(MODE_ON_UTILITY, 2200, reads(current_doubtful=1))
    return (ObservedStory(triggers=(*said, *doubted)),)


OBSERVED_STORIES: tuple[ObservedStory, ...] = (
    *_service_stories(),
    *_cord_stories(),
    *_leg_stories(),
    *_engine_stories(),
    *_guide_stories(),
    *_guide_refusals(),
    *_advice_stories(),
    *_ledger_stories(),
)
"""Told in turn, one each eighth run."""
