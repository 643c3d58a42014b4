"""Makes docs/reference/{events,report,records,settings}.md from the code, so that they cannot say anything else.

python scripts/make_reference.py            writes the pages
python scripts/make_reference.py --check    writes nothing; status 1 and a sentence when a page is not current
"""

import argparse
import importlib
import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import cast

import settings_book

from bptm.headend.pages.words import EVENT_WORDS
from bptm.operations.unmet import unmet_of
from bptm.terms import core_codes, core_report
from bptm.terms.codes import CAUSE_WORDS, STATUS_WORDS, Action, BackupKind, Cause, Contact, Event, FedBy, Mode, Status

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
MADE = "<!-- Made by scripts/make_reference.py from the code; do not edit. -->"
FIRST_CAUSE_OF_BACKUP_BLOCKED = core_codes.CAUSE_U_FAILED_TO_OPEN
FIRST_CAUSE_OF_LOCKED_OUT = core_codes.CAUSE_BACKFEED

Fields = tuple[tuple[str, str, str, str], ...]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


def page(title: str, *parts: str) -> str:
    """A page of the reference: title, mark, parts."""
    return "\n\n".join((f"# {title}", MADE, *parts)) + "\n"


def plain(name: str) -> str:
    """A constant's name as words."""
    return name.lower().replace("_", " ")


def code_table(members: Iterable[IntEnum], words: dict[int, str] | None = None) -> str:
    """Number and name of each member, with words where there are any."""
    if words is None:
        return table(("code", "name"), [(int(member), f"`{member.name}`") for member in members])
    return table(("code", "name", "shown as"), [(int(m), f"`{m.name}`", words[int(m)]) for m in members])


def ends_in(cause: Cause) -> str:
    """The lockout that a cause leads to; empty for an ordinary change of mode."""
    if cause >= FIRST_CAUSE_OF_LOCKED_OUT:
        return "`LOCKED_OUT`"
    return "`BACKUP_BLOCKED`" if cause >= FIRST_CAUSE_OF_BACKUP_BLOCKED else ""


def bits(prefix: str) -> list[tuple[str, int]]:
    """Names and values of the constants that begin so, in order of their values."""
    found = [(name, value) for name, value in vars(core_codes).items() if name.startswith(prefix)]
    return sorted(((name.removeprefix(prefix), int(value)) for name, value in found), key=lambda item: item[1])


def events_page() -> str:
    """Every code that a meter uses: modes, events, causes, flags, actions, reasons of refusals."""
    causes = [(int(cause), f"`{cause.name}`", CAUSE_WORDS[cause], ends_in(cause)) for cause in Cause]
    reasons = [
        (value, f"`{name}`", unmet.element, unmet.remedy)
        for name, value in bits("UNMET_")
        for unmet in unmet_of(value, 0.0, 0.0)
    ]
    return page(
        "Codes: modes, events, causes, flags, refusals",
        "A code, once released, is never given another meaning. Words: [glossary](glossary.md).",
        "## Modes (device 83)",
        code_table(Mode),
        "## Events",
        code_table(Event, {int(event): EVENT_WORDS[event] for event in Event}),
        "## Causes",
        "Why a mode changed. A cause with an entry in the last column latches: the two lists of causes are closed.",
        table(("code", "name", "in words", "latches"), causes),
        "## What feeds the premise bus",
        code_table(FedBy),
        "## Position of a contactor, by feedback",
        code_table(Contact),
        "## Flags of a report",
        "One bit each.",
        table(("bit", "name", "meaning"), [(value, f"`{name}`", plain(name)) for name, value in bits("FLAG_")]),
        "## Remote actions",
        "None closes the backup contactor, clears a lockout or waives a permissive (LAW-4).",
        code_table(Action),
        "## Reasons of a refusal",
        "One bit each. A refusal names every one that holds, with the value found and the limit.",
        table(("bit", "name", "what is judged", "remedy"), reasons),
        "## Status at the desk",
        code_table(Status, {int(status): STATUS_WORDS[status] for status in Status}),
        "## Kinds of backup source",
        code_table(BackupKind),
    )


def fields_table(fields: Fields) -> str:
    """A FIELDS table of the core."""
    return table(
        ("field", "type", "unit", "meaning"),
        [(f"`{name}`", f"`{type_}`", unit, meaning) for name, type_, unit, meaning in fields],
    )


def report_page() -> str:
    """What a meter says of itself: the one record behind rows and events."""
    return page(
        "Report: what a meter says of itself",
        "The one record behind telemetry rows and events. On the wire: an array of these values in this order "
        "([decision 0008](../decisions/0008-cbor-and-cose-on-the-wire.md)). Codes: [codes](events.md). "
        f"One watt-hour is {core_report.MWTICKS_PER_WH:,} mW ticks.",
        fields_table(core_report.FIELDS),
    )


RECORD_TITLES = {
    ("core_device", "MEASURED_FIELDS"): "Measured values",
    ("core_device", "DEVICE_FIELDS"): "The device",
    ("core_device", "INTERLOCK_INPUT_FIELDS"): "The interlock's inputs",
    ("core_device", "INTERLOCK_FIELDS"): "The interlock",
    ("core_metrology", "WAVE_FIELDS"): "Metrology: samples of a half-cycle",
    ("core_metrology", "READING_FIELDS"): "Metrology: readings of a half-cycle",
    ("core_metrology", "BLOCK_FIELDS"): "Metrology: values of a block",
    ("core_metrology", "ENERGY_FIELDS"): "Metrology: registers",
    ("core_metrology", "QUALITY_FIELDS"): "Metrology: voltage events",
    ("core_metrology", "METER_FIELDS"): "Metrology: what the meter remembers",
    ("core_home", "SETUP_FIELDS"): "A simulated home, as set up",
    ("core_plant", "FIELDS"): "A simulated home, as it goes",
    ("core_bench_trace", "TRUE_FIELDS"): "Waveform bench: true values of a half-cycle",
    ("core_bench_trace", "TOLD_FIELDS"): "Waveform bench: what the controller tells",
    ("core_bench_trace", "LAW_FIELDS"): "Waveform bench: checkers of the laws",
    ("core_bench_state", "PLANT_FIELDS"): "Waveform bench: state of the home",
}
"""Headings of the records, in their order on the page. A record without one stands at the end, under its own name."""


def record_tables() -> dict[tuple[str, str], Fields]:
    """Every FIELDS table of the core but the report's and those of settings, by module and name."""
    found: dict[tuple[str, str], Fields] = {}
    for path in sorted(settings_book.TERMS.glob("core_*.py")):
        module = importlib.import_module(f"bptm.terms.{path.stem}")
        for name, value in vars(module).items():
            own = f"\n{name} = " in path.read_text(encoding="utf-8")
            settings = name == "FIELDS" and hasattr(module, "SETTINGS")
            if name.endswith("FIELDS") and own and not settings and path.stem != "core_report":
                found[path.stem, name] = cast("Fields", value)
    return found


def records_page() -> str:
    """The other records of the core."""
    tables = record_tables()
    order = [*(key for key in RECORD_TITLES if key in tables), *(key for key in tables if key not in RECORD_TITLES)]
    parts: list[str] = []
    for module, name in order:
        room = module.removeprefix("core_").upper()
        own = name.removesuffix("FIELDS").strip("_").removeprefix(room).strip("_")
        plain_name = plain(f"{room}: {own}" if own else room).capitalize()
        title = RECORD_TITLES.get((module, name), plain_name)
        parts += [f"## {title} (`terms/{module}.py`)", fields_table(tables[module, name])]
    return page(
        "Records of the core",
        "Each table is the only declaration of its record: NumPy types, C structures and the prover's "
        "variables are made from it ([decision 0002](../decisions/0002-core-python.md)).",
        *parts,
    )


_HOW_SETTINGS_READ = """\
Every threshold and delay, {count} in all, with its origin and how far that origin may be trusted. Delays are kept in
ticks of 1/120 s and shown as time; per unit (pu) is of 120 V. The column *trust* is looked up by the script that makes
this page, in [facts of the field](domain.md): `[S..]` published, with *weak* where it is a forum, a reseller or a
repost; `[OK]` general knowledge of the field, not checked against the paid text of the standard; `[D]` derived there;
*own law* a law of [this project](../explanation/architecture.md#the-laws); *of the place* known only where the meter
stands; *as 1.3* a section of marked facts none of which states this very number; *own choice* what no standard and no
vendor gives. {own} of the {count} are our own choice. Why each is what it is: [defaults](../explanation/defaults.md).
The settings of the processes are in [processes](processes.md#settings-of-the-children)."""


def settings_page() -> str:
    """Every threshold and delay of the controller, in the groups of the source."""
    book = settings_book.BOOK.read_text(encoding="utf-8")
    groups = settings_book.groups()
    every = [setting for group in groups for setting in group.settings]
    own = sum(settings_book.trust(setting, book) == settings_book.OWN for setting in every)
    parts: list[str] = []
    module = ""
    for group in groups:
        if group.module != module:
            module = group.module
            parts.append(f"## In `terms/{module}.py`")
        parts += [f"### {group.heading}", table(SETTINGS_HEAD, [settings_row(s, book) for s in group.settings])]
    return page("Settings of the controller", _HOW_SETTINGS_READ.format(count=len(every), own=own), *parts)


SETTINGS_HEAD = ("setting", "meaning", "default", "as kept", "lowest", "highest", "origin", "trust")


def settings_row(setting: settings_book.Setting, book: str) -> tuple[str, ...]:
    """One setting: values as people say them, the default also as the code keeps it."""
    kept = f"{setting.default:.12g} {setting.unit}".rstrip()
    return (
        f"`{setting.name}`",
        setting.meaning,
        settings_book.shown(setting, setting.default),
        kept,
        settings_book.shown(setting, setting.lowest),
        settings_book.shown(setting, setting.highest),
        settings_book.origin_text(setting, book),
        settings_book.trust(setting, book),
    )


def pages() -> dict[str, str]:
    """Every page by its file name."""
    return {
        "events.md": events_page(),
        "records.md": records_page(),
        "report.md": report_page(),
        "settings.md": settings_page(),
    }


def main() -> int:
    """Writes or checks the pages."""
    parser = argparse.ArgumentParser(description="Makes the reference pages from the code.")
    parser.add_argument("--check", action="store_true", help="write nothing; say which pages are not current")
    parser.add_argument("--to", type=Path, default=REFERENCE, metavar="DIR", help="where the pages stand")
    asked = parser.parse_args()
    folder: Path = asked.to
    stale = [
        name
        for name, text in pages().items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]
    if asked.check:
        if stale:
            print(f"not current: {', '.join(stale)}; run `python scripts/make_reference.py`", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (folder / name).write_text(pages()[name], encoding="utf-8")
        print(f"wrote {folder / name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
