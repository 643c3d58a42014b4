"""Reads `expected.toml`: what ought to come of a scenario, with tolerances and the origin of each expectation.

[[expect]]
name = "U opens within 0.16 s once a leg is above 1.20 pu"
origin = "domain.md H16"
from = "the neutral breaks"
to = "u opens"
at_most_s = 0.3
"""

import math
import re
from collections.abc import Mapping
from typing import cast

from bptm.terms.codes import Cause, Event, Mode
from bptm.twin.bench.catalogue import quantities
from bptm.twin.bench.faults import ScenarioError, nearest, shown
from bptm.twin.bench.reading import LAWS, read_layer
from bptm.twin.bench.reading_values import Faults, Layer, known_key, number_of, table_of, text_of
from bptm.twin.bench.scenario import Expectation, Instant, Kind, Scenario
from bptm.twin.bench.toml_lines import Place

STATISTICS = ("max", "min", "mean", "first", "last", "change")
LAW_WORDS = ("exercised", "not_exercised")
_COMMON = ("name", "origin", "from", "to")
_SPAN = ("at_least_s", "at_most_s", "is_s", "tolerance_s")
_MEASURE = ("measure", "at_least", "at_most", "is", "tolerance", "tolerance_fraction")
_LISTS = ("modes", "exercised", "not_exercised", "events", "no_events")
_KEYS = (*_COMMON, *_SPAN, *_MEASURE, *_LISTS, "mode", "at")
_SHIFT = re.compile(r"^(.*\S)\s+([+-])\s+(\d+(?:\.\d+)?)\s*s?$")
_RUN = re.compile(r"^(u|b) (opens|closes)(?: (\d+))?$")
_NAMED = re.compile(r"^(mode|event) ([A-Z_0-9]+)(?: (\d+))?$")


def read_expected(scenario: Scenario) -> tuple[Expectation, ...]:
    """Every expectation of a scenario.

    Raises:
        ScenarioError: Anything about the file is wrong; it carries every fault.
    """
    faults = Faults()
    file = scenario.folder / "expected.toml"
    layer = read_layer(faults, file)
    if layer is None:
        raise ScenarioError(faults.found)
    for key in layer.tables:
        known_key(faults, layer, (key,), ("expect",))
    listed = layer.tables.get("expect", [])
    items = cast("list[object]", listed) if isinstance(listed, list) else [listed]
    found = [_read(faults, layer, ("expect", index), item, scenario) for index, item in enumerate(items)]
    if not items:
        faults.add(layer, (), "no expectation", "at least one [[expect]]", "Say what ought to come of it.")
    names = [each.name for each in found if each is not None]
    for name in {name for name in names if names.count(name) > 1}:
        faults.add(layer, ("expect",), f"the name {name!r} twice", "names of their own", "Name one otherwise.")
    if faults.found:
        raise ScenarioError(faults.found)
    return tuple(each for each in found if each is not None)


def _read(faults: Faults, layer: Layer, place: Place, item: object, scenario: Scenario) -> Expectation | None:
    table = table_of(faults, layer, place, item)
    if table is None:
        return None
    before = len(faults.found)
    for key in table:
        known_key(faults, layer, (*place, key), _KEYS)
    name = text_of(faults, layer, (*place, "name"), table.get("name", ""))
    origin = text_of(faults, layer, (*place, "origin"), table.get("origin", ""))
    start = _instant(faults, layer, (*place, "from"), table.get("from", "start"), scenario)
    stop = _instant(faults, layer, (*place, "to"), table.get("to", "end"), scenario)
    if len(faults.found) > before or name is None or origin is None or start is None or stop is None:
        return None
    given = [key for key in _LISTS if key in table]
    common = Expectation(name=name, kind=Kind.TIME, origin=origin, start=start, stop=stop)
    if "measure" in table:
        return _measure(faults, layer, place, table, common)
    if "mode" in table:
        return _mode(faults, layer, place, table, common, scenario)
    if len(given) == 1:
        return _list(faults, layer, (*place, given[0]), table, common)
    if len(given) > 1:
        faults.add(layer, place, " and ".join(given), "one of them", "Write an [[expect]] of its own for each.")
        return None
    limits = _limits(faults, layer, place, table, "_s")
    if limits is None or ("from" not in table and "to" not in table):
        needs = f"measure, mode, {', '.join(_LISTS)}, or from and to with a time"
        faults.add(layer, place, "nothing that is expected", needs, "Say what ought to be so.")
        return None
    return Expectation(
        name=name, kind=Kind.TIME, origin=origin, start=start, stop=stop, low=limits[0], high=limits[1], unit="s"
    )


def _limits(
    faults: Faults, layer: Layer, place: Place, table: Mapping[str, object], suffix: str
) -> tuple[float | None, float | None] | None:
    """Least and most: from `at_least` and `at_most`, or from `is` and a tolerance."""
    numbers: dict[str, float] = {}
    for key in ("at_least", "at_most", "is", "tolerance"):
        if key + suffix in table:
            number = number_of(faults, layer, (*place, key + suffix), table[key + suffix])
            numbers[key] = math.nan if number is None else number
    if "tolerance_fraction" in table and "is" in numbers:
        share = number_of(faults, layer, (*place, "tolerance_fraction"), table["tolerance_fraction"], (0.0, 1.0, ""))
        numbers["tolerance"] = abs(numbers["is"]) * (share or 0.0)
    if "is" in numbers:
        if "tolerance" not in numbers:
            faults.add(layer, (*place, "is" + suffix), "no tolerance", "a tolerance", f"Write tolerance{suffix} = ...")
            return None
        return numbers["is"] - numbers["tolerance"], numbers["is"] + numbers["tolerance"]
    if not numbers:
        return None
    low, high = numbers.get("at_least"), numbers.get("at_most")
    if low is not None and high is not None and low > high:
        faults.add(layer, (*place, "at_least" + suffix), shown(low), f"at most {high:g}", "Exchange the two.")
    return low, high


def _measure(
    faults: Faults, layer: Layer, place: Place, table: Mapping[str, object], common: Expectation
) -> Expectation | None:
    words = str(table["measure"]).split()
    here = (*place, "measure")
    known = quantities()
    if len(words) != 2 or words[0] not in STATISTICS:  # noqa: PLR2004  statistic and quantity
        needs = f"{', '.join(STATISTICS)} and a quantity"
        faults.add(layer, here, shown(table["measure"]), needs, 'Write measure = "max bus_l1_v".')
        return None
    if words[1] not in known:
        faults.add(layer, here, shown(words[1]), "a quantity of the trace", nearest(words[1], known))
        return None
    limits = _limits(faults, layer, place, table, "")
    if limits is None:
        faults.add(layer, place, "no limit", "at_least, at_most, or is and tolerance", "Say which values pass.")
        return None
    return Expectation(
        name=common.name,
        kind=Kind.MEASURE,
        origin=common.origin,
        words=(words[1],),
        start=common.start,
        stop=common.stop,
        statistic=words[0],
        low=limits[0],
        high=limits[1],
        unit=known[words[1]].unit,
    )


def _mode(  # noqa: PLR0913, PLR0917  the place of the fault, and what is judged
    faults: Faults,
    layer: Layer,
    place: Place,
    table: Mapping[str, object],
    common: Expectation,
    scenario: Scenario,
) -> Expectation | None:
    at = _instant(faults, layer, (*place, "at"), table.get("at", "end"), scenario)
    word = _word(faults, layer, (*place, "mode"), table["mode"], Kind.MODES)
    if at is None or word is None:
        return None
    return Expectation(name=common.name, kind=Kind.MODE, origin=common.origin, words=(word,), start=at, stop=at)


def _list(
    faults: Faults, layer: Layer, place: Place, table: Mapping[str, object], common: Expectation
) -> Expectation | None:
    key = str(place[-1])
    value = table[key]
    kind = Kind.LAWS if key in LAW_WORDS else Kind(key)
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    words = [_word(faults, layer, place, item, kind) for item in items]
    if None in words or not words:
        return None
    return Expectation(
        name=common.name,
        kind=kind,
        origin=common.origin,
        words=tuple(word for word in words if word is not None),
        start=common.start,
        stop=common.stop,
        statistic=key,
    )


def _word(faults: Faults, layer: Layer, place: Place, item: object, kind: Kind) -> str | None:
    """A mode with or without its cause, a law or an event, by its name."""
    word = str(item)
    if kind is Kind.MODES:
        mode, _colon, cause = word.partition(":")
        if mode in Mode.__members__ and (not cause or cause in Cause.__members__):
            return word
        wrong, known = (cause, Cause.__members__) if mode in Mode.__members__ else (mode, Mode.__members__)
        faults.add(layer, place, shown(wrong), "MODE or MODE:CAUSE", nearest(wrong, known))
        return None
    names = LAWS if kind is Kind.LAWS else tuple(Event.__members__)
    if word in names:
        return word
    faults.add(layer, place, shown(word), "a law" if kind is Kind.LAWS else "an event", nearest(word, names))
    return None


def _instant(faults: Faults, layer: Layer, place: Place, value: object, scenario: Scenario) -> Instant | None:
    """An instant in words, checked as far as it can be before the run."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        number = number_of(faults, layer, place, value, (0.0, scenario.duration_s, "s"))
        return None if number is None else Instant(words=f"{number:g}")
    words, shift_s = str(value), 0.0
    labels = [change.label for change in scenario.changes if change.label]
    match = _SHIFT.match(words)
    if match and words not in labels:
        words = match.group(1)
        shift_s = float(match.group(3)) * (1 if match.group(2) == "+" else -1)
    named = _NAMED.match(words)
    is_known = words in labels or words in ("start", "end") or _RUN.match(words) is not None
    if named:
        members = Mode.__members__ if named.group(1) == "mode" else Event.__members__
        is_known = named.group(2) in members
    if not is_known:
        needs = (
            "seconds, start, end, a label, `mode NAME`, `event NAME`, `u opens`, `u closes`, `b opens` or `b closes`"
        )
        faults.add(layer, place, shown(value), needs, nearest(words, labels) if labels else "No change has a label.")
        return None
    return Instant(words=words, shift_s=shift_s)
