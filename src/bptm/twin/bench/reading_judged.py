"""What each line of a scenario allows and the whole does not: physics, instants, loads that add up, a sweep's runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bptm.compiled.bench_setup import JUDGED_TOGETHER, SetupFault, faults_of
from bptm.twin.bench.catalogue import flat, setup_rows
from bptm.twin.bench.faults import Fault
from bptm.twin.bench.loads import steps_of
from bptm.twin.bench.placing import Target, setting_of, swept, target_of
from bptm.twin.bench.reading_changes import row_is_coded
from bptm.twin.bench.reading_replay import is_within, judge_replay
from bptm.twin.bench.reading_sweep import RawSweep, resolve_sweep, told_of_values
from bptm.twin.bench.reading_values import Faults, Layer, Stands, check_settings
from bptm.twin.bench.scenario import Number, Scenario


@dataclass(slots=True, kw_only=True)
class Origins:
    """Where the parts of a scenario stand.

    Attributes:
        own: The scenario's own file.
        setup: By name of a value of the setup.
        controller: By name of a setting, in ticks where it is a time.
        changes: One for each change of the scenario, in the same order.
        loads: One for each measured load.
        replay: The file with `[replay]`.
        sweep: As it was written; None where there is none that could be read.
        settings: Settings of the controller with their lines.
    """

    own: Layer
    setup: Mapping[str, Stands]
    controller: Mapping[str, Layer]
    changes: tuple[Stands, ...]
    loads: tuple[Stands, ...]
    replay: Layer
    sweep: RawSweep | None
    settings: Mapping[str, tuple[Number, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What a judgement may rely on.

    Attributes:
        unread: Names of values that could not be read: what depends on them waits for their correction.
        has_duration: Whether the length of the run is known.
        replay_s: From when to when a record stands in for the utility; None for never.
        replay_is_known: Whether that could be found out.
    """

    unread: frozenset[str] = field(default_factory=frozenset[str])
    has_duration: bool = True
    replay_s: tuple[float, float] | None = None
    replay_is_known: bool = True


def judge_whole(faults: Faults, scenario: Scenario, origins: Origins, *, is_whole: bool) -> Scenario:
    """The scenario with its sweep resolved; every fault that can be told is added.

    Args:
        faults: What is wrong with its lines.
        scenario: As far as it could be read, without its sweep.
        origins: Where its parts stand.
        is_whole: False where a base could not be read, so that its values are not known.
    """
    unread = frozenset(faults.names() | (set[str]() if is_whole else {"base"}))
    has_duration = scenario.duration_s > 0.0
    replay_s, replay_is_known = None, "replay" not in unread
    if scenario.replay is not None:
        duration_s = scenario.duration_s if has_duration else None
        replay_s = judge_replay(faults, origins.replay, scenario.replay, duration_s)
        replay_is_known = replay_s is not None
    known = _Known(unread=unread, has_duration=has_duration, replay_s=replay_s, replay_is_known=replay_is_known)
    _judge_labels(faults, scenario, origins)
    if origins.sweep is None:
        faults.found += _judged(scenario, origins, known)
        return scenario
    return _judge_sweep(faults, origins.sweep, scenario, origins, known)


def _judge_sweep(faults: Faults, raw: RawSweep, scenario: Scenario, origins: Origins, known: _Known) -> Scenario:
    """Every run of a sweep, judged as a scenario of its own."""
    sweep = resolve_sweep(faults, raw, scenario)
    if sweep is None:
        # What is wrong whatever is swept is told beside the values that cannot be played.
        faults.found += _judged(scenario, origins, known)
        return scenario
    target = target_of(sweep.path)
    assert target is not None
    each = [
        _judged(swept(scenario, sweep.path, value), origins, known)
        + _judged_settings(origins, target, value)
        + _judged_ramp(scenario, origins, target)
        for value in sweep.values
    ]
    faults.found += told_of_values(raw, each)
    return replace(scenario, sweep=sweep)


def _judge_labels(faults: Faults, scenario: Scenario, origins: Origins) -> None:
    seen: set[str] = set()
    for change, stands in zip(scenario.changes, origins.changes, strict=True):
        if change.label in seen:
            found, needs = f"the label {change.label!r} twice", "labels of their own"
            faults.add(stands.layer, (*stands.place, "label"), found, needs, "Name one otherwise.")
        if change.label:
            seen.add(change.label)


def _judged(scenario: Scenario, origins: Origins, known: _Known) -> list[Fault]:
    """What is wrong with a scenario that is played once."""
    found = _judged_physics(scenario, origins, known)
    if known.has_duration:
        found += _judged_instants(scenario, origins)
    found += _judged_loads(scenario, origins)
    if known.replay_is_known:
        found += _judged_replay(scenario, origins, known)
    return found


def _fault(stands: Stands, key: str, found: str, needs: str, remedy: str) -> Fault:
    faults = Faults()
    faults.add(stands.layer, (*stands.place, *key.split(".")), found, needs, remedy)
    return faults.found[0]


def _judged_physics(scenario: Scenario, origins: Origins, known: _Known) -> list[Fault]:
    """What each range allows and no home can be: at the start, and after each change."""
    if "kind" in known.unread or "base" in known.unread:
        return []
    now = flat(scenario.setup)
    stands = dict(origins.setup)
    at_start = _impossible(now, known)
    found = [_of_setup(fault, now, stands, origins, "at the start") for fault in at_start]
    told = {(fault.name, fault.needs) for fault in at_start}
    order = sorted(range(len(scenario.changes)), key=lambda index: scenario.changes[index].at_s)
    for index in order:
        change = scenario.changes[index]
        values = flat(change.values)
        now |= values
        for name in values:
            stands.pop(name, None)
            stands[name] = origins.changes[index]
        if not JUDGED_TOGETHER.intersection(values):
            continue
        when = f"after {change.label or f'{change.at_s:g} s'}"
        for fault in _impossible(now, known):
            if (fault.name, fault.needs) not in told:
                told.add((fault.name, fault.needs))
                found.append(_of_setup(fault, now, stands, origins, when))
    return found


def _impossible(setup: Mapping[str, float], known: _Known) -> list[SetupFault]:
    return [fault for fault in faults_of(setup) if not known.unread.intersection(fault.among)]


def _of_setup(
    fault: SetupFault, now: Mapping[str, float], stands: Mapping[str, Stands], origins: Origins, when: str
) -> Fault:
    """A fault of the setup where it was brought about: at the last of the values that was written."""
    written = [name for name in stands if name in fault.among]
    name = written[-1] if written else fault.name
    if fault.name in stands and not stands[name].place:
        name = fault.name
    where = stands.get(name, Stands(layer=origins.own, place=()))
    row = setup_rows()[fault.section][fault.name]
    unit = f" {row.unit}" if row.unit else ""
    default = "" if fault.name in now else ", as it is where nothing is given"
    remedy = f"{fault.because[:1].upper()}{fault.because[1:]}." if fault.because else "Choose a value within."
    return Fault(
        file=where.layer.file,
        line=where.layer.lines.of((*where.place, _section_of(name), name)),
        key=f"{fault.section}.{fault.name}",
        found=f"{fault.value:g}{unit}{default} ({when})",
        needs=fault.needs,
        remedy=remedy,
    )


def _section_of(name: str) -> str:
    return next(section for section, rows in setup_rows().items() if name in rows)


def _judged_instants(scenario: Scenario, origins: Origins) -> list[Fault]:
    """Changes and loads that come after the end of the run."""
    ends_s = scenario.duration_s
    told = [
        (change.at_s, stands)
        for change, stands in zip(scenario.changes, origins.changes, strict=True)
        # A key let go after the end is held until then.
        if not stands.lets_go
    ]
    remedy = "Make the run longer, or the change earlier."
    found = [
        _fault(stands, "at_s", f"{at_s:g} s", f"at most duration_s, {ends_s:g} s", remedy)
        for at_s, stands in told
        if at_s > ends_s and stands.place[0] != "load"
    ]
    remedy = "Make the run longer, or the load earlier."
    return found + [
        _fault(stands, "at_s", f"{load.at_s:g} s", f"less than duration_s, {ends_s:g} s", remedy)
        for load, stands in zip(scenario.loads, origins.loads, strict=True)
        if load.at_s >= ends_s
    ]


def _judged_loads(scenario: Scenario, origins: Origins) -> list[Fault]:
    """Loads that add up to more than a setting takes, and a ramp beside one."""
    found: list[Fault] = []
    rows = setup_rows()["premise"]
    for name, steps in steps_of(scenario).items():
        stands = next(each for load, each in zip(scenario.loads, origins.loads, strict=True) if load.onto == name)
        at = int(steps.watts.argmax())
        most_w, highest_w = float(steps.watts[at]), rows[name].highest
        if most_w > highest_w:
            words = f"{most_w:g} W on {name} at {float(steps.times_s[at]):g} s, its own power and its loads together"
            remedy = "Scale a load down, or put one onto another setting."
            found.append(_fault(stands, "onto", words, f"at most {highest_w:g} W", remedy))
        for change, where in zip(scenario.changes, origins.changes, strict=True):
            if change.ramp_s > 0.0 and name in change.values.get("premise", {}):
                words = f"a ramp of {name}, which has a measured load"
                remedy = "Change it at once, or put the load onto another setting."
                found.append(_fault(where, "ramp_s", words, "a setting without one", remedy))
    return found


def _judged_replay(scenario: Scenario, origins: Origins, known: _Known) -> list[Fault]:
    """`utility.replay = 1` where no record stands in for the utility: 0 V would be played."""
    told: list[tuple[float, Stands]] = []
    if scenario.setup.get("utility", {}).get("replay") == 1:
        told.append((0.0, origins.setup.get("replay", Stands(layer=origins.own, place=()))))
    told += [
        (change.at_s, stands)
        for change, stands in zip(scenario.changes, origins.changes, strict=True)
        if change.values.get("utility", {}).get("replay") == 1
    ]
    needs = "a record at that instant"
    if known.replay_s is not None:
        needs = f"{known.replay_s[0]:g} to {known.replay_s[1]:g} s, where [replay] has a record"
    remedy = "Leave it out: [replay] puts its record in place from its first sample to its last. Without one it is 0 V."
    return [
        _fault(stands, "utility.replay", f"1 at {at_s:g} s", needs, remedy)
        for at_s, stands in told
        if not is_within(at_s, known.replay_s)
    ]


def _judged_settings(origins: Origins, target: Target, value: float) -> list[Fault]:
    """The rules between settings, with one value of a sweep in its place."""
    if target.section != "controller":
        return []
    name, number = setting_of(target.name, value)
    faults = Faults()
    line = origins.sweep.line if origins.sweep is not None else 0
    settings = {**origins.settings, name: (number, line)}
    check_settings(faults, settings, lambda each: origins.controller.get(each, origins.own).file)
    return faults.found


def _judged_ramp(scenario: Scenario, origins: Origins, target: Target) -> list[Fault]:
    """A choice that a sweep would take along a ramp."""
    if not target.label or not target.section or not row_is_coded(target.section, target.name):
        return []
    return [
        _fault(stands, "ramp_s", "a ramp of a kind", "a ramp of numbers", "Change the kind at once.")
        for change, stands in zip(scenario.changes, origins.changes, strict=True)
        if change.label == target.label and change.ramp_s > 0.0
    ]
