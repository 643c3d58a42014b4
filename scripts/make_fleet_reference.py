"""Makes docs/reference/fleet.md from the columns and laws of `bptm fleet`: the page cannot say anything else.

Run `python scripts/make_fleet_reference.py` after changing a column; with `--check` it writes nothing and says when the
page is not current.
"""

import argparse
import sys
from pathlib import Path

from bptm.twin.fleet_columns import EACH_HOME_COLUMNS, HOME_COLUMNS, INTERVAL_COLUMNS, SUMMARY_KEYS
from bptm.twin.fleet_laws import CHECKED_LAWS
from bptm.twin.fleet_plan import BLOCK_HOMES, SETTLE_H

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "fleet.md"
PARQUET = {
    "i8": "64-bit integer",
    "i4": "32-bit integer",
    "f8": "double",
    "f4": "float",
    "text": "text",
    "time": "timestamp",
}


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


def columns(of: tuple[tuple[str, str, str, str], ...]) -> str:
    """Columns of one file."""
    rows = [(f"`{name}`", PARQUET[type_], unit, meaning) for name, type_, unit, meaning in of]
    return table(("column", "type", "unit", "meaning"), rows)


def page() -> str:
    """The whole page."""
    keys = [(f"`{name}`", type_, unit, meaning) for name, type_, unit, meaning in SUMMARY_KEYS]
    laws = [(law, said) for law, (said, _ticks) in CHECKED_LAWS.items()]
    made = "Made by `scripts/make_fleet_reference.py`. How to run one: [Run a fleet](../howto/run-a-fleet.md)."
    rules = (
        "Positive power flows into the premise. Times are local standard time. The last token of a name is its unit. "
        "Same seed and options, same rows on any number of processes or a cluster; only CPU times differ."
    )
    beside = (
        "`load.png`: load by what fed it, and homes without their feeder. Thermal houses live through "
        f"{SETTLE_H} hours of weather before the run begins."
    )
    each = f"## `each_home/block-NNNNNN.parquet`: one row a home and interval, {BLOCK_HOMES} homes a file"
    parts = [
        "# What a fleet run leaves",
        made,
        rules,
        "## `bptm fleet --json`, and `summary.json`",
        table(("key", "type", "unit", "meaning"), keys),
        "### `checked`",
        "Hours, summed over homes, in which a law could have been broken and was judged at the resolution it needs.",
        table(("law", "judged"), laws),
        "## `homes.parquet`: one row a home",
        columns(HOME_COLUMNS),
        "## `intervals.parquet`: one row an interval, all homes together",
        columns(INTERVAL_COLUMNS),
        each,
        "Only with `--each-home`.",
        columns(EACH_HOME_COLUMNS),
        "## Beside them",
        beside,
    ]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Writes the page, or says that it is not current."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the page is not current")
    parser.add_argument("--to", type=Path, default=PAGE, metavar="FILE", help="where it stands")
    asked = parser.parse_args()
    if asked.to.exists() and asked.to.read_text(encoding="utf-8") == page():
        return 0
    if asked.check:
        print(f"{asked.to} is not current; run python scripts/make_fleet_reference.py", file=sys.stderr)
        return 1
    asked.to.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
