"""An episode of chaos as a scenario of the bench, where one thing has a name in both; what has none is said in it.

Chaos is quasi-static and the bench solves samples, so the bench may find something else than chaos did: a source takes
its time to start, a governor swings, an angle is drawn anew. The report of `--html` is what was lived; this is a
second, finer witness of it.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from bptm.compiled import kernel_chaos_what as w
from bptm.compiled.bench_setup import ACTION_NAMES, KIND_NAMES
from bptm.compiled.kernel_chaos import COMMAND_STEP
from bptm.compiled.kernel_chaos_circuit import NO_LOAD_HZ, NO_LOAD_V
from bptm.compiled.kernel_chaos_faults import (
    SENSE_BUS_L1,
    SENSE_BUS_L2,
    SENSE_INLET_L1,
    SENSE_INLET_L2,
    SENSE_L1_A,
    SENSE_L2_A,
    SENSE_UTILITY_L1,
    SENSE_UTILITY_L2,
    SENSOR_FROZEN,
    SENSOR_HIGH,
    SENSOR_SCALED,
    SENSOR_ZERO,
)
from bptm.terms.core_codes import TICKS_PER_S
from bptm.twin.bench.catalogue import setup_rows
from bptm.twin.bench.reading import DURATION_MAX_S
from bptm.twin.chaos_replay import Story, head_of

BEFORE_S = 30.0
"""Quiet time kept before the first thing that happens; more of it shows nothing."""
AFTER_S = 5.0
BROKEN_OHM = 1e9
SHORT_OHM = 0.01
"""As chaos has it: 100 S."""
_OTHER_OHM = 0.011
"""Feeder and winding of the bench; the rest of a service is its drop."""
_HIGH_GAIN = 1.4
"""Chaos reads 1.25 times the value and 20 V: as much at 120 V."""

Values = dict[str, dict[str, float | str]]


@dataclass(slots=True)
class _Translation:
    """What was translated so far."""

    setup: Values
    notes: list[str] = field(default_factory=list[str])
    moved: dict[tuple[str, str], float | str] = field(default_factory=dict[tuple[str, str], float | str])

    def note(self, words: str) -> Values:
        """Something that the bench cannot play; said once."""
        if words not in self.notes:
            self.notes.append(words)
        return {}

    def at_rest(self, section: str, name: str) -> float | str:
        """What a value was before anything happened."""
        given = self.setup.get(section, {}).get(name)
        if given is not None:
            return given
        row = setup_rows()[section][name]
        return row.names[int(row.default)] if row.names else row.default


def _poles(names: str, value: float | str) -> Callable[[_Translation, int], Values]:
    """A value for each pole of a mask."""
    return lambda _t, x: {"contactors": {f"{names}_l{leg}": value for leg in (1, 2) if x & leg}}


def _to(section: str, name: str, scale: float = 1.0) -> Callable[[_Translation, int], Values]:
    """One value, its argument scaled, within the bench's range."""

    def put(_t: _Translation, x: int) -> Values:
        row = setup_rows()[section][name]
        return {section: {name: min(max(x * scale, row.lowest), row.highest)}}

    return put


def _always(section: str, **values: float | str) -> Callable[[_Translation, int], Values]:
    """The same values whatever the argument."""
    return lambda _t, _x: {section: dict(values)}


def _nothing(words: str) -> Callable[[_Translation, int], Values]:
    return lambda t, _x: t.note(words)


def _utility_on(_t: _Translation, x: int) -> Values:
    angle = x % 1_000_000 * 1e-6 * 2.0 * math.pi
    return {
        "utility": {
            "feeder_on": 1,
            "utility_phase_rad": round(angle, 4),
            "utility_l1_pu": 1.0,
            "utility_l2_pu": 1.0,
            "l1_break_ohm": 0.0,
            "l2_break_ohm": 0.0,
            "legs_in_phase": 0,
            "neutral_ohm": 0.03,
            "utility_hz": 60.0,
        }
    }


def _source_share(t: _Translation, x: int) -> Values:
    rest_v = float(t.at_rest("source", "rated_v"))
    volts = rest_v * x * 0.001
    if not 60.0 <= volts <= 150.0:  # noqa: PLR2004  the range of rated_v
        t.note(f"a source at {volts:.0f} V is played at the bench's limit")
    return {"source": {"rated_v": round(min(max(volts, 60.0), 140.0), 2)}}


def _source_hz(t: _Translation, x: int) -> Values:
    hertz = min(max(float(t.at_rest("source", "rated_hz")) + x * 0.001, 46.0), 70.0)
    knee_hz = min(57.5, hertz - 1.0)
    return {"source": {"rated_hz": round(hertz, 3), "knee_hz": knee_hz, "stall_hz": min(40.0, knee_hz - 1.0)}}


def _load(_t: _Translation, x: int) -> Values:
    return {
        "premise": {
            "resistive_l1_w": x % 100_000,
            "resistive_l2_w": x // 100_000 % 100_000,
            "resistive_l12_w": x // 10_000_000_000,
        }
    }


def _travel(contactor: str) -> Callable[[_Translation, int], Values]:
    def put(_t: _Translation, x: int) -> Values:
        travel_s = round(min(x / TICKS_PER_S, 0.6), 4)
        return {"contactors": {f"{contactor}_open_s": travel_s, f"{contactor}_close_s": travel_s}}

    return put


_CHANNELS = {
    SENSE_UTILITY_L1: "utility_l1",
    SENSE_UTILITY_L2: "utility_l2",
    SENSE_BUS_L1: "bus_l1",
    SENSE_BUS_L2: "bus_l2",
    SENSE_INLET_L1: "inlet_l1",
    SENSE_INLET_L2: "inlet_l2",
    SENSE_L1_A: "current_l1",
    SENSE_L2_A: "current_l2",
}


def _sensor(t: _Translation, x: int) -> Values:
    channel, mode = _CHANNELS.get(x // 10), x % 10
    if channel is None:
        return t.note("a fault of a channel that the bench computes of others (leg to leg, frequency)")
    if mode in {SENSOR_SCALED, SENSOR_HIGH}:
        return {"sensors": {f"{channel}_gain": 0.8 if mode == SENSOR_SCALED else _HIGH_GAIN}}
    return {"sensors": {f"{channel}_sense": {SENSOR_ZERO: "zero", SENSOR_FROZEN: "frozen"}.get(mode, "absent")}}


def _hold_up(_t: _Translation, x: int) -> Values:
    left_s = round(x / TICKS_PER_S, 3)
    return {"meter": {"operation_s": 0.0, "reserve_s": min(10.0, left_s), "hold_up_s": left_s}}


def _command(t: _Translation, x: int) -> Values:
    action = x // COMMAND_STEP
    if not 0 < action < len(ACTION_NAMES):
        return t.note("a message that asks for nothing that exists")
    return {"meter": {"remote_action": ACTION_NAMES[action], "remote_hold_s": x % COMMAND_STEP}}


_RESET = _always("meter", reset=1)


def _reset_and(words: str) -> Callable[[_Translation, int], Values]:
    def put(t: _Translation, x: int) -> Values:
        t.note(words)
        return _RESET(t, x)

    return put


OF: Mapping[int, Callable[[_Translation, int], Values]] = {
    w.WHAT_UTILITY_OFF: _always("utility", feeder_on=0),
    w.WHAT_UTILITY_ON: _utility_on,
    w.WHAT_UTILITY_SHARE: lambda _t, x: {"utility": {"utility_l1_pu": x * 0.001, "utility_l2_pu": x * 0.001}},
    w.WHAT_UTILITY_LEG_LOST: lambda _t, x: {"utility": {f"l{x}_break_ohm": BROKEN_OHM}},
    w.WHAT_UTILITY_NEUTRAL: _to("utility", "neutral_ohm", 0.001),
    w.WHAT_UTILITY_ALIKE: _always("utility", legs_in_phase=1),
    w.WHAT_UTILITY_HZ: _to("utility", "utility_hz", 0.001),
    w.WHAT_SOURCE_ON: _always("source", run=1),
    w.WHAT_SOURCE_OFF: _always("source", run=0),
    w.WHAT_SOURCE_SHARE: _source_share,
    w.WHAT_SOURCE_LEG_LOST: lambda _t, x: {"source": {"legs": f"without_l{x}"}},
    w.WHAT_SOURCE_NEUTRAL: _to("source", "cord_neutral_ohm", 0.001),
    w.WHAT_SOURCE_ALIKE: _always("source", legs="paralleled"),
    w.WHAT_SOURCE_HZ: _source_hz,
    w.WHAT_PLUG: lambda _t, x: {"meter": {"latched": x, "plugged": x}},
    w.WHAT_LOAD: _load,
    w.WHAT_MOTOR: _load,
    w.WHAT_OVERLOAD: _load,
    w.WHAT_SHORT: lambda _t, x: {"premise": {"fault_l1_ohm": SHORT_OHM if x else BROKEN_OHM}},
    w.WHAT_SOLAR: _to("solar", "solar_w"),
    w.WHAT_SOLAR_STAYS: lambda t, x: {
        **t.note("solar whose own protection against islands has failed: the bench's array still leaves one"),
        "solar": {"solar_w": x},
    },
    w.WHAT_PREMISE_NEUTRAL: _to("premise", "panel_neutral_ohm", 0.001),
    w.WHAT_U_WELD: _poles("u_weld", 1),
    w.WHAT_B_WELD: _poles("b_weld", 1),
    w.WHAT_U_SAYS_OPEN: _poles("u_feedback", "open"),
    w.WHAT_U_SAYS_CLOSED: _poles("u_feedback", "closed"),
    w.WHAT_U_SAYS_NOTHING: _poles("u_feedback", "none"),
    w.WHAT_B_SAYS_OPEN: _poles("b_feedback", "open"),
    w.WHAT_B_SAYS_CLOSED: _poles("b_feedback", "closed"),
    w.WHAT_B_SAYS_NOTHING: _poles("b_feedback", "none"),
    w.WHAT_U_STUCK: _always("contactors", u_stuck=1),
    w.WHAT_B_STUCK: _always("contactors", b_stuck=1),
    w.WHAT_U_SLOW: _travel("u"),
    w.WHAT_B_SLOW: _travel("b"),
    w.WHAT_U_DRIVEN: _nothing("a coil of U that is energised without an order"),
    w.WHAT_B_DRIVEN: _nothing("a coil of B that is energised without an order"),
    w.WHAT_SENSOR: _sensor,
    w.WHAT_SENSOR_B: _sensor,
    w.WHAT_LEGS_SWAPPED: _always("sensors", utility_swapped=1),
    w.WHAT_REFERENCE_LOST: _always("sensors", reference_lost=1),
    w.WHAT_COMPARATOR: lambda _t, x: {
        "sensors": {f"comparator_l{leg}_sense": "dead" if x == 1 else "live" for leg in (1, 2)}
    },
    w.WHAT_INLET_HOT: _nothing("a temperature of the inlet that is given: the bench heats its blades by their current"),
    w.WHAT_RESET: _RESET,
    w.WHAT_RESET_IN_TRAVEL: _nothing("a reset that waits for the next travel of a contactor"),
    w.WHAT_HOLD_UP: _hold_up,
    w.WHAT_COMMAND: _command,
    w.WHAT_CLOCK_STEP: _nothing("a clock step: the bench has no clock, and the device counts ticks"),
    w.WHAT_LOCAL_RESET: lambda _t, x: {"meter": {"local_reset": x}},
    w.WHAT_LEVER: lambda _t, x: {"meter": {"local_disconnect": x}},
    w.WHAT_LOCAL_TEST: lambda _t, x: {"meter": {"local_test": x}},
    w.WHAT_JOURNAL_LOST: _reset_and("a journal that is lost at a reset: the bench's keeps"),
    w.WHAT_JOURNAL_OLDER: _reset_and("a journal whose newest copy is corrupt: the bench's keeps"),
    w.WHAT_SETTLED: lambda _t, _x: {},
}
"""What each kind of entry is on the bench; a service visit is written in `_changes`."""

_STORED = ("utility", "premise")
"""Sections that a service visit leaves as they are: the utility is not its business, loads are no fault."""


def _setup_of(story: Story) -> Values:
    """The home as it was drawn."""
    values = story.home_values
    kind = int(values["source_kind"])
    hardware = int(values["interlock"])
    rating_w = values["rating_w"]
    lateral_w = round(min(2.0 * 120.0**2 / values["dead_ohm"], 5e6))
    return {
        "utility": {
            "utility_v": round(values["utility_v"], 2),
            "drop_ohm": round(max(values["service_ohm"] - _OTHER_OHM, 0.005), 4),
            "neutral_ohm": 0.03,
            "neighbours_w": 0,
            "lateral_w": lateral_w,
        },
        "source": {
            "kind": KIND_NAMES[kind],
            "rating_w": rating_w,
            "rated_v": NO_LOAD_V[kind],
            "rated_hz": round(NO_LOAD_HZ[kind] + values["source_own_hz"], 3),
            "breaker_a": round(rating_w / 240.0, 1),
            "start_s": 0.0,
            "warm_s": 0.1,
            "cool_s": 0.0,
        },
        "premise": {"electronic_l1_w": 0, "electronic_l2_w": 0},
        "contactors": {"electrical_interlock": int(hardware == 1), "mechanical_interlock": int(hardware == 2)},  # noqa: PLR2004
        "laws": {"backup_most_s": 175, "return_most_s": 2220},
    }


def _mended(t: _Translation) -> Values:
    """A service visit: whatever a fault has moved is as it was; the source keeps running."""
    values: Values = {}
    for section, name in t.moved:
        if (section not in _STORED or name in {"fault_l1_ohm", "panel_neutral_ohm"}) and name != "run":
            values.setdefault(section, {})[name] = t.at_rest(section, name)
    return values


def _changes(story: Story, t: _Translation) -> Iterator[tuple[float, str, Values]]:
    """Seconds, label and values of each change, in order; the first load goes into the setup."""
    begun_s = story.begun_tick / TICKS_PER_S
    end_s = max(story.tick, story.end_tick) / TICKS_PER_S
    for row in story.script:
        what = w.WHAT_NAMES.index(row.what)
        if row.at_s > end_s:
            return
        if row.at_s <= begun_s and what == w.WHAT_LOAD:
            for section, values in _load(t, row.argument).items():
                t.setup.setdefault(section, {}).update(values)
            continue
        values = _mended(t) if what == w.WHAT_HEALED else OF[what](t, row.argument)
        for section, changed in values.items():
            t.moved.update({(section, name): value for name, value in changed.items()})
        if values:
            yield row.at_s - begun_s, row.what, values
            if what in {w.WHAT_RESET, w.WHAT_JOURNAL_LOST, w.WHAT_JOURNAL_OLDER}:
                yield row.at_s - begun_s + 0.1, "the meter may start", {"meter": {"reset": 0}}


def _value(value: float | str) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return f"{int(value)}" if float(value).is_integer() and abs(value) < 1e9 else f"{value:.10g}"  # noqa: PLR2004


def scenario_toml(story: Story) -> str:
    """Text of `scenario.toml`."""
    t = _Translation(_setup_of(story))
    changes = sorted(_changes(story, t), key=lambda change: change[0])
    first_s = changes[0][0] if changes else 0.0
    cut_s = max(0.0, first_s - BEFORE_S)
    end_s = (max(story.tick, story.end_tick) - story.begun_tick) / TICKS_PER_S - cut_s + AFTER_S
    if not story.begun_whole:
        t.note("the state in which the episode began: the bench begins on the utility")
    if end_s > DURATION_MAX_S:
        t.note(f"what happened after {DURATION_MAX_S:.0f} s")
    duration_s = min(end_s, DURATION_MAX_S)
    shows = [*([story.hazard] if story.hazard.startswith("H") else []), *(f"LAW-{law}" for law in story.laws)]
    lines = [
        f'title = "Home {story.home} of seed {story.seed} in chaos, episode {story.episode}: {story.story}"',
        'about = """Made of a life of chaos; the bench solves it anew, sample by sample, and may find otherwise.',
        head_of(story),
        *(f"Not played: {note}." for note in t.notes),
        '"""',
        f"shows = [{', '.join(_value(word) for word in shows)}]",
        f"duration_s = {duration_s:.3f}",
    ]
    for section, values in t.setup.items():
        lines += ["", f"[{section}]", *(f"{name} = {_value(value)}" for name, value in values.items())]
    if story.settings:
        lines += ["", "[controller]", *(f"{name} = {_value(value)}" for name, value in story.settings.items())]
    excused = [law for law in story.excused if law not in story.laws]
    if excused:
        lines += ["", "[may_break]", *(f'LAW-{law} = "excused in chaos by what happened"' for law in excused)]
    for number, (at_s, label, values) in enumerate(changes, 1):
        if at_s - cut_s > duration_s:
            break
        lines += ["", "[[at]]", f"at_s = {at_s - cut_s:.4f}", f'label = "{number}: {label.replace(".", "")}"']
        lines += [
            f"{section}.{name} = {_value(value)}" for section, part in values.items() for name, value in part.items()
        ]
    return "\n".join(lines) + "\n"


def expected_toml(story: Story) -> str:
    """Text of `expected.toml`: what chaos found broken is put to the test; that it holds is expected anyway."""
    laws = [f"LAW-{law}" for law in story.laws] or ["LAW-9"]
    listed = ", ".join(f'"{law}"' for law in laws)
    return (
        "[[expect]]\n"
        f'name = "{", ".join(laws)} put to the test"\n'
        f'origin = "device-centuries, seed {story.seed}, home {story.home}"\n'
        f"exercised = [{listed}]\n"
    )
