"""Makes the desk's pages of docs/reference from its own data, so that they cannot say anything else.

assumptions.md, programme-inputs.md, outages.md, survive.md, results.md.

Run `python scripts/make_program_reference.py` after changing an assumption, a layout or a template; with `--check` it
writes nothing and says which page is not current.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import program_json

from bptm.program.assumptions import shipped
from bptm.program.candidates import LAYOUT as CANDIDATES
from bptm.program.event_export import INCIDENTS
from bptm.program.layout import Kind, Layout
from bptm.program.outage_changes import CHANGES
from bptm.program.outage_layout import MAP_RECORD, SNAPSHOTS
from bptm.program.report_inputs import LAYOUTS
from bptm.program.report_template import read_template, shipped_templates
from bptm.program.results import INSTALLS, SURVEY, questions
from bptm.program.site_result import DECISION_COLUMNS
from bptm.program.site_travel import LAYOUT as DEPOTS
from bptm.program.survive import HOMES
from bptm.program.value import customer_types
from bptm.terms.codes import Cause
from bptm.terms.refusals import Refused

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
KINDS = {
    Kind.TEXT: "text",
    Kind.NUMBER: "number",
    Kind.WHOLE: "whole number",
    Kind.TIME: "time, UTC where no zone is given",
    Kind.FLAG: "yes or no",
}


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *[[str(cell).replace("|", "/") for cell in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def assumptions_page() -> str:
    """Every assumption with its range, mark and source, and what each kind of customer changes."""
    known = shipped()
    unsourced = sum(not one.sourced for one in known.values())
    rows = [
        (f"`{key}`", one.meaning, f"{one.value:g}", f"{one.low:g} to {one.high:g}" if one.low < one.high else "fixed",
         one.unit, one.mark, one.source)
        for key, one in known.items()
    ]  # fmt: skip
    kinds = [
        (f"`{name}`", kind.title, kind.interruption_cost, ", ".join(f"`{key}`" for key in kind.assumptions) or "none")
        for name, kind in customer_types().items()
    ]
    about = (
        "Made by `scripts/make_program_reference.py` from `src/bptm/program/assumptions.toml`. Ranges are drawn from a "
        "triangle with its mode at the value. Marks: *published* (found in the source named), *derived* (arithmetic "
        "from marked values), *definition* (true by what the words mean), "
        " *general* (general knowledge, not checked), *claim* (a vendor's), *own choice*. "
        f"{unsourced} of {len(known)} are unsourced, that is none of the first three; "
        "every result says so."
    )
    own = (
        'A file of your own holds what differs: `"siting.meter_usd" = 800`, or a table with `value`, `low`, `high`, '
        "`distribution`, `mark`, `source`. A bare number is taken without a range. An unknown key is refused with the "
        "nearest name."
    )
    parts = [
        "# Assumptions of the programme desk",
        about,
        own,
        table(("key", "stands for", "value", "range", "unit", "mark", "source"), rows),
        "## Kinds of customers",
        table(("name", "kind", "published interruption cost", "assumes differently"), kinds),
    ]
    return "\n\n".join(parts) + "\n"


def layout_table(layout: Layout) -> str:
    """The columns of one input."""
    rows: list[tuple[str, ...]] = []
    for column in layout.columns:
        ends = [
            f"{edge} {number:g}" for edge, number in (("from", column.low), ("to", column.high)) if number is not None
        ]
        also = ", ".join(f"`{name}`" for name in column.also) or "none"
        need = "yes, in each row" if column.value_needed else "yes" if column.needed else "no"
        rows.append((f"`{column.name}`", also, KINDS[column.kind], " ".join(ends), need))
    return table(("column", "also read as", "what", "allowed", "needed"), rows)


def inputs_page() -> str:
    """The columns of every table that site and report read, and the templates."""
    about = (
        "Made by `scripts/make_program_reference.py` from the layouts. Files are CSV (`,` `;` tab or `|`, also "
        "gzipped) or Parquet. Case, blanks and underscores in names do not matter. A row with a fault is refused "
        "with its line and the reason; the others are kept. An empty cell is *not known*, never zero."
    )
    decisions = (
        f"One row a candidate: {', '.join(f'`{name}`' for name in DECISION_COLUMNS)}. `decision` is placed, "
        "not placed, not eligible or cannot be told."
    )
    parts = [
        "# Inputs of siting and reports",
        about,
        "## Candidates (`bptm program site --candidates`)",
        layout_table(CANDIDATES),
        "`existing_backup` is none, portable, standby, battery or ev; another word counts as none.",
        "## Depots (`--depots`)",
        layout_table(DEPOTS),
        "## Decisions (`--decisions`)",
        decisions,
    ]
    for name, layout in LAYOUTS.items():
        parts += [f"## Report: {name} (`bptm program report --{name}`)", layout_table(layout)]
    parts.append("## Templates that ship")
    for name in shipped_templates():
        read = read_template(name)
        if isinstance(read, Refused):
            raise SystemExit(read.sentence())
        rows = [(f"`{one.id}`", one.caption, ", ".join(f"`{need}`" for need in one.needs)) for one in read.tables]
        parts += [f"### {name}", f"{read.about} Source: {read.source}.", table(("table", "shows", "needs"), rows)]
    return "\n\n".join(parts) + "\n"


MADE = "Made by `scripts/make_program_reference.py` from the layouts and `scripts/program_json.py`."
COMMON = (
    "Files are CSV (`,` `;` tab or `|`, also gzipped) or Parquet. A row with a fault is refused with its line and the "
    "reason, and goes to `--refused FILE`; the others count."
)


def keys_table(keys: dict[str, str]) -> str:
    """The keys of a JSON object."""
    return table(("key", "holds"), [(f"`{key}`", meaning) for key, meaning in keys.items()])


def outages_page() -> str:
    """Inputs and JSON of `bptm program outages`."""
    parts = [
        "# `bptm program outages`: inputs and JSON",
        f"{MADE} {COMMON} How it counts: [decision 0042](../decisions/0042-outages-counted-by-customers-and-time.md).",
        "## Outage list (`--outages`)",
        (
            "Names as they are found without a mapping; `--mapping` names them for any other export "
            "([how](../howto/read-outages-and-results.md))."
        ),
        layout_table(MAP_RECORD.layout),
        "## Snapshots (`--snapshots`)",
        layout_table(SNAPSHOTS),
        "## Change log (`--changes`, in place of a list)",
        layout_table(CHANGES),
        "`event` is new, upd or gone.",
        "## JSON",
        "A figure that is not known is null, with its reason under `reasons`.",
        keys_table(program_json.OUTAGES),
    ]
    return "\n\n".join(parts) + "\n"


def survive_page() -> str:
    """Inputs and JSON of `bptm program survive`."""
    parts = [
        "# `bptm program survive`: inputs and JSON",
        (
            f"{MADE} What is drawn: [assumptions](assumptions.md) whose key begins with `survive.`; the model: "
            "[decision 0043](../decisions/0043-survival-by-two-spreads-and-the-twin-beside.md). `--outages` reads an "
            "[outage list](outages.md)."
        ),
        "## The twin's homes (`--twin`)",
        (
            "The folder that `bptm fleet --out` left: `homes.parquet`, and with `--each-home` also "
            "`each_home/*.parquet` (`home`, `interval`, `fed_by`) with `intervals.parquet` (`lasts_s`)."
        ),
        layout_table(HOMES),
        "## JSON",
        keys_table(program_json.SURVIVE),
    ]
    return "\n\n".join(parts) + "\n"


def results_page() -> str:
    """Inputs and JSON of `bptm program results`."""
    parts = [
        "# `bptm program results`: inputs and JSON",
        f"{MADE} {COMMON}",
        (
            "`--events` is what `GET /api/v1/chain/export` of the head-end gives; the console shows a link to "
            "it. It is read an event at a time, its chain is verified again, and a file that was cut off is refused. "
            "`--replay` is what `bptm up --headless --json` printed."
        ),
        "## Installs (`--installs`)",
        layout_table(INSTALLS),
        "## Survey (`--survey`)",
        layout_table(SURVEY),
        table(("question", "asks"), [(f"`{name}`", words) for name, words in questions().items()]),
        "## Incidents",
        "Changes of mode with one of these causes ([codes](events.md)).",
        table(
            ("incident", "causes"),
            [(words, ", ".join(f"`{Cause(cause).name}`" for cause in causes)) for words, causes in INCIDENTS.items()],
        ),
        "## JSON",
        keys_table(program_json.RESULTS),
        "## JSON of a dossier (`--dossier METER`)",
        keys_table(program_json.DOSSIER),
    ]
    return "\n\n".join(parts) + "\n"


def pages() -> dict[str, str]:
    """Every page by its name."""
    return {
        "assumptions.md": assumptions_page(),
        "programme-inputs.md": inputs_page(),
        "outages.md": outages_page(),
        "survive.md": survive_page(),
        "results.md": results_page(),
    }


def main() -> int:
    """Writes the pages, or says which are not current."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a page is not current")
    parser.add_argument("--to", type=Path, default=REFERENCE, metavar="DIR", help="where the pages stand")
    asked = parser.parse_args()
    stale: list[str] = []
    for name, text in pages().items():
        path = asked.to / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not asked.check:
            path.write_text(text, encoding="utf-8")
    if asked.check and stale:
        print(f"not current: {', '.join(stale)}; run python scripts/make_program_reference.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
