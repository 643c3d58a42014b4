"""Makes docs/reference/{events,report,records,settings}.md from the code, so that they cannot say anything else.

python scripts/make_reference.py            writes the pages
python scripts/make_reference.py --check    writes nothing; status 1 and a sentence when a page is not current
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path

from bptm.headend.pages.words import EVENT_WORDS
from bptm.operations.unmet import unmet_of
from bptm.terms import core_codes, core_device, core_home, core_metrology, core_plant, core_report, core_settings
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


def records_page() -> str:
    """The other records of the core."""
    return page(
        "Records of the core",
        "Each table is the only declaration of its record: NumPy types, and later C structures and the prover's "
        "variables, are made from it ([decision 0002](../decisions/0002-core-python.md)).",
        "## Measured values (`terms/core_device.py`)",
        fields_table(core_device.MEASURED_FIELDS),
        "## The device (`terms/core_device.py`)",
        fields_table(core_device.DEVICE_FIELDS),
        "## The interlock's inputs (`terms/core_device.py`)",
        fields_table(core_device.INTERLOCK_INPUT_FIELDS),
        "## The interlock (`terms/core_device.py`)",
        fields_table(core_device.INTERLOCK_FIELDS),
        "## Metrology: samples of a half-cycle (`terms/core_metrology.py`)",
        fields_table(core_metrology.WAVE_FIELDS),
        "## Metrology: readings of a half-cycle",
        fields_table(core_metrology.READING_FIELDS),
        "## Metrology: values of a block",
        fields_table(core_metrology.BLOCK_FIELDS),
        "## Metrology: registers",
        fields_table(core_metrology.ENERGY_FIELDS),
        "## Metrology: voltage events",
        fields_table(core_metrology.QUALITY_FIELDS),
        "## Metrology: what the meter remembers",
        fields_table(core_metrology.METER_FIELDS),
        "## A simulated home, as set up (`terms/core_home.py`)",
        fields_table(core_home.SETUP_FIELDS),
        "## A simulated home, as it goes (`terms/core_plant.py`)",
        fields_table(core_plant.FIELDS),
    )


def settings_page() -> str:
    """Every threshold and delay of the controller."""
    rows = [
        (f"`{name}`", unit, meaning, default, lowest, highest, source)
        for name, _type, unit, meaning, default, lowest, highest, source in (
            *core_settings.SETTINGS,
            *core_metrology.SETTINGS,
        )
    ]
    return page(
        "Settings of the controller",
        "Every threshold and delay, with its origin. `domain.md` is [facts of the field](domain.md); *own choice* "
        "marks a number that no standard and no vendor gives. 120 ticks are one second. The settings of the processes "
        "are in [processes](processes.md#settings-of-the-children).",
        table(("setting", "unit", "meaning", "default", "lowest", "highest", "origin"), rows),
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
