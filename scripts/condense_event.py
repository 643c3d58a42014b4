"""Makes the condensed table of an event from a raw change log of a utility's outage map.

    python scripts/condense_event.py RAW OUT

The shipped table src/bptm/twin/events/pge_2019_10_26.csv was made by this script from
changes_2019-10-26.csv.gz; a test makes it again and demands the same bytes. The rules stand in
docs/explanation/event.md, in short in the table itself, and in full in `bptm.twin.event_rebuild`.
"""

import argparse
import dataclasses
import sys
from pathlib import Path

from bptm.twin import event

TITLE = "Safety shutoff in PG&E's territory, 26 to 29 October 2019, until its customers were restored"
SOURCE = "simonw/pge-outages-pre-2024 @ d156153 (PG&E's public outage map every 10 minutes), Apache-2.0"
NAMED = {"changes_2019-10-26": (event.SHIPPED_NAME, TITLE, SOURCE)}
"""Name, title and source of the logs that we know, by the file's name."""
REMARKS = (
    "",
    "Facts condensed by scripts/condense_event.py; one row is customers who lost power together and got it back",
    "together. Times are minutes after start_utc; a row without on_min was still out at end_utc.",
    "start: an hour before planned-shutoff (psps) customers first rise by 5 % of their peak within an hour.",
    "end: an hour after they stay below 1 % of their peak.",
    "off: the record's own start where at most an hour before first seen, else the snapshot that first shows them.",
    "on: the first snapshot that no longer shows them. Customers missing for under 60 minutes and then back, under",
    "the same number or at the same place under another, never returned; nor did those who only changed numbers.",
    "cause: psps where the record ever says so of these customers. Other causes: only within 2 km of a psps row, and",
    "not of a single customer.",
)


def main() -> int:
    """Read the log, write the table. 2 when the log cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", type=Path, help="change log, .csv or .csv.gz")
    parser.add_argument("out", type=Path, help="table to write")
    parser.add_argument("--name", help="in place of the file's name")
    parser.add_argument("--title", help="in place of one made from the file's name and the event's times")
    parser.add_argument("--source", help="where the log comes from, and its licence")
    asked = parser.parse_args()
    try:
        raw = event.load_raw(asked.raw)
    except event.EventFileError as failure:
        print(failure, file=sys.stderr)
        return 2
    name, title, source = NAMED.get(raw.name, (raw.name, raw.title, raw.source))
    named = dataclasses.replace(raw, name=asked.name or name, title=asked.title or title, source=asked.source or source)
    text = event.write_table(named, REMARKS)
    asked.out.write_text(text, encoding="utf-8", newline="\n")
    print(f"{asked.out}: {len(named.blocks)} rows, {len(text) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
