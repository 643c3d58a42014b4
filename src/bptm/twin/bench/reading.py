"""Reads a scenario's folder: taken whole, or refused whole with every fault at once.

    title = "Broken neutral on the service"
    base = "portable"
    [utility]
    neutral_ohm = 0.03
    [controller]
    return_s = 10
    [[at]]
    at_s = 5.0
    label = "the neutral breaks"
    utility.neutral_ohm = 25.0

What neither the file nor its base names stands at its default. The keys are in docs/reference/bench-scenario.md.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from bptm.compiled.bench_setup import faults_of
from bptm.twin.bench.catalogue import flat, sections, setup_rows
from bptm.twin.bench.faults import Fault, ScenarioError, nearest, shown
from bptm.twin.bench.reading_changes import read_changes, read_replay, read_sweep
from bptm.twin.bench.reading_values import (
    Faults,
    Layer,
    check_settings,
    controller_values,
    known_key,
    number_of,
    section_values,
    table_of,
    text_of,
)
from bptm.twin.bench.scenario import Change, Number, Replay, Scenario, Sweep
from bptm.twin.bench.toml_lines import Lines, lines_of

SCENARIOS = Path(__file__).parent / "scenarios"
"""The scenarios that come with the package."""

BASES = SCENARIOS / "base"
"""What they share, one file a base."""

BASE_DEPTH_MAX = 5
BYTES_MAX = 200_000
DURATION_MAX_S = 7200.0
"""Two hours at waveform rate: longer stories are told with shorter delays."""

LAWS = tuple(f"LAW-{number}" for number in range(1, 16))
_TOP = ("title", "about", "shows", "base", "duration_s", "may_break", "controller", "sweep", "replay", "at")
_HAZARD = re.compile(r"H([1-9]|[12]\d|3[0-8])$")


def scenario_names() -> list[str]:
    """Names of the scenarios that come with the package, in order."""
    return sorted(file.parent.name for file in SCENARIOS.glob("*/scenario.toml"))


def folder_of(name: str) -> Path:
    """The folder that a name or a path means.

    Raises:
        ScenarioError: Neither a scenario of the package nor a folder with a scenario.
    """
    path = Path(name)
    if (SCENARIOS / name / "scenario.toml").is_file() and "/" not in name:
        return SCENARIOS / name
    if path.name == "scenario.toml" and path.is_file():
        return path.parent
    if (path / "scenario.toml").is_file():
        return path
    found = "a folder without scenario.toml" if path.is_dir() else "no such scenario or folder"
    remedy = nearest(path.name, scenario_names())
    raise ScenarioError(
        [Fault(file=path, line=0, key="scenario", found=found, needs="a scenario's name or folder", remedy=remedy)]
    )


@dataclass(slots=True, kw_only=True)
class _Parts:
    """What the layers gave, the later over the earlier."""

    texts: dict[str, str] = field(default_factory=dict[str, str])
    shows: tuple[str, ...] = ()
    duration_s: float | None = None
    may_break: dict[str, str] = field(default_factory=dict[str, str])
    setup: dict[str, dict[str, Number]] = field(default_factory=dict[str, dict[str, Number]])
    controller: dict[str, tuple[Number, int]] = field(default_factory=dict[str, tuple[Number, int]])
    controller_file: dict[str, Path] = field(default_factory=dict[str, Path])
    setup_at: dict[tuple[str, str], tuple[Path, int]] = field(default_factory=dict[tuple[str, str], tuple[Path, int]])
    changes: list[Change] = field(default_factory=list[Change])
    sweep: Sweep | None = None
    replay: Replay | None = None


def read_scenario(folder: Path) -> Scenario:
    """The scenario in a folder.

    Raises:
        ScenarioError: Anything about it is wrong; it carries every fault.
    """
    faults = Faults()
    file = folder / "scenario.toml"
    layers = _layers(faults, file)
    parts = _Parts()
    for layer in layers:
        _read_layer(faults, layer, parts, layer is layers[-1])
    own = layers[-1] if layers else Layer(file=file, tables={}, lines=Lines(at={}))
    if layers:
        for key in ("title",):
            if key not in parts.texts:
                faults.add(own, (), f"no {key}", f"a line {key} = ...", "Say in one line what is played.")
        if parts.duration_s is None:
            faults.add(own, (), "no duration_s", "a line duration_s = ...", "Say how many seconds are played.")
    controller = check_settings(faults, parts.controller, lambda name: parts.controller_file.get(name, file))
    setup = {section: dict(parts.setup.get(section, {})) for section in sections()}
    if not faults.found:
        _judge_physics(faults, own, parts, setup)
        _judge_changes(faults, own, parts)
    if faults.found:
        raise ScenarioError(faults.found)
    return Scenario(
        name=folder.resolve().name,
        title=parts.texts["title"],
        about=parts.texts.get("about", ""),
        shows=parts.shows,
        duration_s=parts.duration_s or 0.0,
        setup=setup,
        controller=controller,
        changes=tuple(sorted(parts.changes, key=lambda change: change.at_s)),
        sweep=parts.sweep,
        replay=parts.replay,
        may_break=parts.may_break,
        folder=folder,
    )


def _layers(faults: Faults, file: Path) -> list[Layer]:
    """The file and its bases, the base first."""
    found: list[Layer] = []
    seen: set[Path] = set()
    while True:
        if file.resolve() in seen or len(found) >= BASE_DEPTH_MAX:
            faults.add(found[-1], ("base",), "a base that leads back to itself", "a base", "Take one of them out.")
            break
        seen.add(file.resolve())
        layer = read_layer(faults, file)
        if layer is None:
            break
        found.append(layer)
        base = layer.tables.get("base")
        if base is None:
            break
        following = _base_file(faults, layer, base)
        if following is None:
            break
        file = following
    return found[::-1]


def _base_file(faults: Faults, layer: Layer, base: object) -> Path | None:
    if not isinstance(base, str):
        faults.add(layer, ("base",), shown(base), "the name of a base", 'Write base = "portable".')
        return None
    own = layer.file.parent / f"{base}.toml"
    shipped = BASES / f"{base}.toml"
    for file in (own, shipped):
        if file.is_file() and file.resolve() != layer.file.resolve():
            return file
    remedy = nearest(base, sorted(path.stem for path in BASES.glob("*.toml")))
    faults.add(layer, ("base",), shown(base), f"a base, or a file {base}.toml beside it", remedy)
    return None


def read_layer(faults: Faults, file: Path) -> Layer | None:
    """A TOML file with its lines; None, and a fault, when it is none."""
    empty = Layer(file=file, tables={}, lines=Lines(at={}))
    try:
        raw = file.read_bytes()
    except OSError as error:
        faults.add(empty, (), f"nothing to read ({error.strerror})", "a TOML file", "Put it there.")
        return None
    if len(raw) > BYTES_MAX:
        faults.add(empty, (), f"{len(raw)} bytes", f"at most {BYTES_MAX}", "Name a scenario's file.")
        return None
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        tables = cast("dict[str, object]", tomllib.loads(text))
    except UnicodeDecodeError as error:
        faults.add(empty, (), f"byte {error.start} that is no UTF-8", "UTF-8 text", "Save it as UTF-8.")
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        at = Lines(at={(): int(line.group(1)) if line else raw.count(b"\n") + 1})
        layer = Layer(file=file, tables={}, lines=at)
        faults.add(
            layer, (), " ".join(str(error).split()), "TOML", "Correct this line; the others are read when it is."
        )
    except RecursionError:
        faults.add(empty, (), "values nested too deep to read", "TOML", "Write it flat.")
    else:
        return Layer(file=file, tables=tables, lines=lines_of(text))
    return None


def _read_layer(faults: Faults, layer: Layer, parts: _Parts, is_own: bool) -> None:  # noqa: FBT001
    known = (*_TOP, *sections())
    for key, value in layer.tables.items():
        place = (key,)
        if key in ("title", "about"):
            text = text_of(faults, layer, place, value)
            if text is not None:
                parts.texts[key] = text
        elif key == "shows":
            parts.shows = _shows(faults, layer, value)
        elif key == "duration_s":
            parts.duration_s = number_of(faults, layer, place, value, (0.1, DURATION_MAX_S, "s"))
        elif key == "may_break":
            _may_break(faults, layer, value, parts)
        elif key in ("sweep", "replay", "at"):
            _read_story(faults, layer, key, value, parts)
        elif key == "controller":
            table = table_of(faults, layer, place, value)
            if table is not None:
                values = controller_values(faults, layer, place, table)
                parts.controller.update(values)
                parts.controller_file.update(dict.fromkeys(values, layer.file))
        elif key in sections():
            table = table_of(faults, layer, place, value)
            if table is not None:
                values = section_values(faults, layer, place, table, running=False)
                parts.setup.setdefault(key, {}).update(values)
                for name in values:
                    parts.setup_at[key, name] = (layer.file, layer.lines.of((key, name)))
        elif key != "base":
            known_key(faults, layer, place, known)
    if is_own and "at" not in layer.tables and "replay" not in layer.tables and not parts.changes:
        faults.add(layer, (), "nothing that happens", "at least one [[at]]", "Say what changes, and when.")


def _read_story(faults: Faults, layer: Layer, key: str, value: object, parts: _Parts) -> None:
    if key == "at":
        parts.changes += read_changes(faults, layer, value)
    elif key == "sweep":
        parts.sweep = read_sweep(faults, layer, value)
    else:
        parts.replay = read_replay(faults, layer, value)


def _shows(faults: Faults, layer: Layer, value: object) -> tuple[str, ...]:
    items = cast("list[object]", value) if isinstance(value, list) else cast("list[object]", [value])
    shows = tuple(item for item in items if isinstance(item, str) and item)
    if len(shows) < len(items):
        faults.add(layer, ("shows",), shown(value), "a list of texts", 'Write shows = ["H16", "LAW-6"].')
    for word in shows:
        wrong_hazard = word[:1] == "H" and word[1:].isdigit() and not _HAZARD.match(word)
        wrong_law = word.startswith("LAW-") and word not in LAWS
        if wrong_hazard or wrong_law:
            faults.add(layer, ("shows",), shown(word), "H1 to H38 or LAW-1 to LAW-15", "Name one that exists.")
    return shows


def _may_break(faults: Faults, layer: Layer, value: object, parts: _Parts) -> None:
    table = table_of(faults, layer, ("may_break",), value)
    for law, reason in (table or {}).items():
        place = ("may_break", law)
        if known_key(faults, layer, place, LAWS):
            text = text_of(faults, layer, place, reason)
            if text is not None:
                parts.may_break[law] = text


def _judge_physics(faults: Faults, own: Layer, parts: _Parts, setup: Mapping[str, Mapping[str, Number]]) -> None:
    """What each range allows and no home can be."""
    now = flat(setup)
    states = [("as set up", dict(now))]
    for change in sorted(parts.changes, key=lambda change: change.at_s):
        now.update(flat(change.values))
        states.append((f"after {change.label or f'{change.at_s:g} s'}", dict(now)))
    told: set[tuple[str, str]] = set()
    for when, state in states:
        for fault in faults_of(state):
            if (fault.name, fault.why) in told:
                continue
            told.add((fault.name, fault.why))
            section = fault.section
            file, line = parts.setup_at.get((section, fault.name), (own.file, own.lines.of((section,))))
            key = f"{section}.{fault.name}"
            found = f"{state.get(fault.name, setup_rows()[section][fault.name].default):g} ({when})"
            faults.found.append(
                Fault(file=file, line=line, key=key, found=found, needs="a home that can be", remedy=fault.why)
            )


def _judge_changes(faults: Faults, own: Layer, parts: _Parts) -> None:
    duration_s = parts.duration_s or 0.0
    labels = [change.label for change in parts.changes if change.label]
    for index, change in enumerate(parts.changes):
        place = ("at", index, "at_s")
        if change.at_s > duration_s:
            remedy = "Make the run longer, or the change earlier."
            faults.add(own, place, f"{change.at_s:g} s", f"at most duration_s, {duration_s:g} s", remedy)
        if change.label and labels.count(change.label) > 1:
            faults.add(own, place, f"the label {change.label!r} twice", "labels of their own", "Name one otherwise.")
    if parts.sweep is not None:
        first = parts.sweep.path.rsplit(".", 2)
        names = [path for path in (parts.sweep.path.removesuffix(".at_s"), ".".join(first[:-2])) if path]
        in_setup = first[0] in sections() or first[0] == "controller"
        if not in_setup and not any(name in labels for name in names):
            faults.add(own, ("sweep", "path"), shown(parts.sweep.path), "a key or a label", nearest(names[0], labels))
