"""Makes docs/reference/{bench-scenario,bench-gallery,json}.md from the bench's records and the scenarios' files.

python scripts/make_bench_reference.py            writes the pages
python scripts/make_bench_reference.py --check    writes nothing; status 1 and a sentence when a page is not current
"""

import argparse
import re
import sys

import machine_json
from make_reference import REFERENCE, page, table
from settings_book import BOOK

from bptm.compiled.bench_setup import KIND_NAMES, complete
from bptm.twin.bench.catalogue import quantities, sections, setup_rows
from bptm.twin.bench.controllers import CONTROLLERS
from bptm.twin.bench.reading import LAWS, SCENARIOS, read_scenario, scenario_names
from bptm.twin.bench.report_parts import LAW_WORDS, NOT_OF_A_RUN
from bptm.twin.bench.scenario import Act, Scenario

SCENARIO_HEAD = """What stands in the two files: [Write a scenario](../howto/write-a-scenario.md).
Every value may change during a run unless it says *fixed*; numbers may go along a ramp, choices may not."""
KINDS_HEAD = """**Defaults by kind.** A `kind` sets defaults of its own, which go before those above. A key in a
file goes before both."""
CONTROLLERS_HEAD = """`bptm bench NAME --controller CONTROLLER` plays it with one that is broken on purpose; each breaks
the law named, and often others, somewhere in the set."""

NOT_ELECTRIC = {
    "H11": "no matter of electricity: signed images and settings, `tests/assurance`, `tests/wire`",
    "H27": "cannot be sensed; the guide says it every time",
    "H34": "the bench has no clock and the core counts ticks; clock steps are played in `bptm fleet --chaos`",
    "H38": "no matter of electricity: what is kept, and for how long, in the head-end",
}
"""Hazards that no scenario shows, and why; every other one must have some."""


def hazard_rows(scenarios: list[Scenario]) -> list[tuple[str, str, str]]:
    """Each hazard of the book of facts with the scenarios that show it.

    Raises:
        ValueError: A hazard that electricity can show and no scenario does.
    """
    found: list[tuple[str, str, str]] = []
    for hazard, words in re.findall(r"^\| (H\d+) \| ([^|]+) \|", BOOK.read_text(encoding="utf-8"), re.MULTILINE):
        names = [f"`{each.name}`" for each in scenarios if hazard in each.shows]
        if not names and hazard not in NOT_ELECTRIC:
            msg = f"{hazard} ({words.strip()}) is shown by no scenario"
            raise ValueError(msg)
        found.append((hazard, words.strip(), ", ".join(names) or NOT_ELECTRIC[hazard]))
    return found


def law_rows(scenarios: list[Scenario]) -> list[tuple[str, str, str]]:
    """Each law with the scenarios that are about it; every run is judged by all of them."""
    return [
        (
            law,
            LAW_WORDS[law],
            ", ".join(f"`{each.name}`" for each in scenarios if law in each.shows) or NOT_OF_A_RUN.get(law, "none"),
        )
        for law in LAWS
    ]


def kinds_table() -> str:
    """What each kind of source has where the file gives nothing, key by key where kinds differ."""
    names = [name for name in KIND_NAMES if name != "none"]
    profiles = {name: complete({"kind": float(KIND_NAMES.index(name))}) for name in names}
    rows = [
        (f"`{row.name}`", *(f"{profile[row.name]:g}" for profile in profiles.values()), row.unit)
        for rows_of in setup_rows().values()
        for row in rows_of.values()
        if row.name != "kind" and len({row.default, *(profile[row.name] for profile in profiles.values())}) > 1
    ]
    return table(("key", *(f"`{name}`" for name in names), "unit"), rows)


def scenario_page() -> str:
    """Every key that a scenario may set, and every quantity that an expectation may measure."""
    parts = [
        SCENARIO_HEAD,
        f"Acts: {', '.join(f'`{act.value}`' for act in Act)}.",
    ]
    for section in sections():
        rows = [
            (
                f"`{row.name}`",
                row.meaning + (", *fixed*" if row.is_fixed else ""),
                row.names[int(row.default)] if row.names else f"{row.default:g}",
                ", ".join(f"`{name}`" for name in row.names if name)
                if row.names
                else f"{row.lowest:g} to {row.highest:g}{f' {row.unit}' if row.unit else ''}",
                row.source,
            )
            for row in setup_rows()[section].values()
        ]
        parts += [f"## [{section}]", table(("key", "meaning", "default", "range", "source"), rows)]
        if section == "source":
            parts += [KINDS_HEAD, kinds_table()]
    measured = [(f"`{q.name}`", q.unit, q.meaning) for q in quantities().values()]
    parts += ["## Quantities of `measure`", table(("quantity", "unit", "meaning"), measured)]
    return page("Keys of a scenario", *parts)


def gallery_page() -> str:
    """Every scenario that comes with the package, and every controller that can play it."""
    scenarios = [read_scenario(SCENARIOS / name) for name in scenario_names()]
    rows = [(f"`{each.name}`", each.title, ", ".join(each.shows), f"{each.duration_s:g}") for each in scenarios]
    broken = [(f"`{c.name}`", c.words, c.breaks) for c in CONTROLLERS.values()]
    return page(
        "Scenarios of the bench",
        f"{len(rows)} scenarios come with the package; `bptm bench NAME` plays one, `bptm bench --all` all of them.",
        table(("scenario", "what is played", "shows", "seconds"), rows),
        "## By hazard",
        table(("hazard", "what it is", "scenarios"), hazard_rows(scenarios)),
        "## By law",
        "Every run is judged by every law that has something to judge in it; these scenarios are about it.",
        table(("law", "in short", "scenarios"), law_rows(scenarios)),
        "## Controllers",
        CONTROLLERS_HEAD,
        table(("controller", "what is wrong with it", "law"), broken),
    )


def json_page() -> str:
    """Every key that bench, proof, vectors and device-centuries print for a program."""
    parts = ["Each command prints one object, alone on standard output; words for people go to standard error."]
    for title, words, keys in machine_json.PAGE:
        parts += [f"## {title}", words, table(("key", "meaning"), [(f"`{key}`", said) for key, said in keys.items()])]
    return page("JSON of the bench, the proof and device-centuries", *parts)


PAGES = {"bench-scenario.md": scenario_page, "bench-gallery.md": gallery_page, "json.md": json_page}


def main() -> int:
    """Writes the pages, or says which are not current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale: list[str] = []
    for name, make in PAGES.items():
        file = REFERENCE / name
        text = make()
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            stale.append(name)
            if not check:
                file.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"not current: {', '.join(stale)}; run `python scripts/make_bench_reference.py`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
