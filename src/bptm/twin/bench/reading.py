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
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from bptm.twin.bench.catalogue import sections
from bptm.twin.bench.faults import Fault, ScenarioError, nearest, shown
from bptm.twin.bench.reading_changes import read_changes
from bptm.twin.bench.reading_judged import Origins, judge_whole
from bptm.twin.bench.reading_loads import read_loads
from bptm.twin.bench.reading_replay import read_replay
from bptm.twin.bench.reading_sweep import RawSweep, read_sweep
from bptm.twin.bench.reading_values import (
    Faults,
    Layer,
    Stands,
    check_settings,
    controller_values,
    known_key,
    number_of,
    section_values,
    table_of,
    text_of,
)
from bptm.twin.bench.scenario import Change, Load, Number, Replay, Scenario
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
_TOP = ("title", "about", "shows", "base", "duration_s", "may_break", "controller", "sweep", "replay", "load", "at")
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
    controller_at: dict[str, Layer] = field(default_factory=dict[str, Layer])
    setup_at: dict[str, Stands] = field(default_factory=dict[str, Stands])
    changes: list[tuple[Change, Stands]] = field(default_factory=list[tuple[Change, Stands]])
    loads: list[tuple[Load, Stands]] = field(default_factory=list[tuple[Load, Stands]])
    sweep: RawSweep | None = None
    replay: Replay | None = None
    replay_at: Layer | None = None


def read_scenario(folder: Path) -> Scenario:
    """The scenario in a folder.

    Raises:
        ScenarioError: Anything about it is wrong; it carries every fault.
    """
    faults = Faults()
    file = folder / "scenario.toml"
    layers = _layers(faults, file)
    if not layers:
        raise ScenarioError(faults.found)
    # What a base that cannot be read would have given is not missed beside that.
    is_whole = not faults.found
    own = layers[-1]
    parts = _Parts()
    for layer in layers:
        _read_layer(faults, layer, parts)
    if is_whole:
        _read_needed(faults, own, layers, parts)
    controller = check_settings(faults, parts.controller, lambda name: parts.controller_at.get(name, own).file)
    parts.changes.sort(key=lambda told: told[0].at_s)
    scenario = Scenario(
        name=folder.resolve().name,
        title=parts.texts.get("title", ""),
        about=parts.texts.get("about", ""),
        shows=parts.shows,
        duration_s=parts.duration_s or 0.0,
        setup={section: dict(parts.setup.get(section, {})) for section in sections()},
        controller=controller,
        changes=tuple(change for change, _stands in parts.changes),
        sweep=None,
        replay=parts.replay,
        may_break=parts.may_break,
        folder=folder,
        loads=tuple(load for load, _stands in parts.loads),
        layers=tuple(layer.file for layer in layers),
    )
    origins = Origins(
        own=own,
        setup=parts.setup_at,
        controller=parts.controller_at,
        changes=tuple(stands for _change, stands in parts.changes),
        loads=tuple(stands for _load, stands in parts.loads),
        replay=parts.replay_at or own,
        sweep=parts.sweep,
        settings=parts.controller,
    )
    scenario = judge_whole(faults, scenario, origins, is_whole=is_whole)
    if faults.found:
        raise ScenarioError(dict.fromkeys(faults.found))
    return scenario


def _read_needed(faults: Faults, own: Layer, layers: list[Layer], parts: _Parts) -> None:
    """What every scenario has, in its own file or in a base."""
    for key, remedy in (
        ("title", "Say in one line what is played."),
        ("duration_s", "Say how many seconds are played."),
    ):
        if not any(key in layer.tables for layer in layers):
            faults.add(own, (), f"no {key}", f"{key} in the file or in a base", remedy)
    happens = {"at", "replay", "load"}
    if not parts.changes and not any(happens.intersection(layer.tables) for layer in layers):
        faults.add(own, (), "nothing that happens", "at least one [[at]]", "Say what changes, and when.")


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


def _read_layer(faults: Faults, layer: Layer, parts: _Parts) -> None:
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
        elif key in ("sweep", "replay", "load", "at"):
            _read_story(faults, layer, key, value, parts)
        elif key == "controller":
            table = table_of(faults, layer, place, value)
            if table is not None:
                values = controller_values(faults, layer, place, table)
                parts.controller.update(values)
                parts.controller_at.update(dict.fromkeys(values, layer))
        elif key in sections():
            table = table_of(faults, layer, place, value)
            if table is not None:
                values = section_values(faults, layer, place, table, running=False)
                parts.setup.setdefault(key, {}).update(values)
                for name in values:
                    parts.setup_at.pop(name, None)
                    parts.setup_at[name] = Stands(layer=layer, place=())
        elif key != "base":
            known_key(faults, layer, place, known)


def _read_story(faults: Faults, layer: Layer, key: str, value: object, parts: _Parts) -> None:
    if key == "at":
        parts.changes += read_changes(faults, layer, value)
    elif key == "sweep":
        parts.sweep = read_sweep(faults, layer, value)
    elif key == "load":
        for load, label, stands in read_loads(faults, layer, value):
            parts.loads.append((load, stands))
            if label:
                # Expectations and sweeps call it by this; what it moves is the load itself.
                parts.changes.append((Change(at_s=load.at_s, label=label), stands))
    else:
        parts.replay = read_replay(faults, layer, value)
        parts.replay_at = layer


def _shows(faults: Faults, layer: Layer, value: object) -> tuple[str, ...]:
    items = _listed(value)
    shows = tuple(item for item in items if isinstance(item, str) and item)
    if len(shows) < len(items):
        faults.add(layer, ("shows",), shown(value), "a list of texts", 'Write shows = ["H16", "LAW-6"].')
    for word in shows:
        wrong_hazard = word[:1] == "H" and word[1:].isdigit() and not _HAZARD.match(word)
        wrong_law = word.startswith("LAW-") and word not in LAWS
        if wrong_hazard or wrong_law:
            faults.add(layer, ("shows",), shown(word), "H1 to H38 or LAW-1 to LAW-15", "Name one that exists.")
    return shows


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _may_break(faults: Faults, layer: Layer, value: object, parts: _Parts) -> None:
    table = table_of(faults, layer, ("may_break",), value)
    for law, reason in (table or {}).items():
        place = ("may_break", law)
        if known_key(faults, layer, place, LAWS):
            text = text_of(faults, layer, place, reason)
            if text is not None:
                parts.may_break[law] = text
