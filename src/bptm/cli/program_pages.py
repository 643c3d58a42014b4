"""`bptm program pages`: worked examples of every part of the desk, from what ships, for a console that has none yet."""

import contextlib
import io
import os
import shutil
import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from bptm.cli.asked import UsageError, check_range
from bptm.cli.program_give import note
from bptm.whole_file import write_whole

if TYPE_CHECKING:
    from bptm.twin.event import OutageEvent

INPUTS = "inputs"
OUTAGES, SNAPSHOTS = "shutoff-2019-outages.csv", "shutoff-2019-snapshots.csv"
DEENERGISED = "shutoff-2019-deenergised.csv"
"""The shutoff's own outages, which alone belong into a report on it."""
SNAPSHOT_EVERY_S = 600
"""As the public map was read from which the facts come."""
NICE_MAX = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A page to be made.

    Attributes:
        page: Its file's name; what stands before the first hyphen is the part of the desk it belongs to.
        words: The words of the command, without what names its output.
        made_of: What it is made of, which the page says under its title.
    """

    page: str
    words: tuple[str, ...]
    made_of: str


FACTS = "Made of the facts of counties and the assumptions that ship with bptm, not of a utility's own tables."
EVENT = (
    "Made of the shutoff of October 2019 as it ships with bptm: places and customers rebuilt from the public outage "
    "map, with what the map called unknown at first counted as the shutoff it became. By the map's own causes the "
    "peak of 27 October is 964,747 customers and the median shutoff 40.9 h."
)


def first_pages() -> dict[str, str]:
    """The page that takes a second, for the console's first moment, by file name."""
    from bptm.program.duck import Tables
    from bptm.program.page import worked_example
    from bptm.program.rank import Asked, rank_from
    from bptm.program.rank_page import rank_page
    from bptm.terms.refusals import Refused

    with Tables() as tables:
        found = rank_from(tables, Asked(weights={}))
    # What ships is accepted, as tests/program/test_rank.py shows.
    assert not isinstance(found, Refused)
    page = rank_page(found, "Opportunity areas by county", ("bptm", "program", "rank"))
    with worked_example(FACTS):
        return {"rank.html": page.html()}


def background_command(folder: Path) -> tuple[str, ...]:
    """What makes all examples in a process of its own, giving way to everything else."""
    return (sys.executable, "-P", "-m", "bptm.cli", "program", "pages", "--out", str(folder), "--nice", str(NICE_MAX))


def pages(
    *,
    out: Path,
    again: Annotated[bool, Parameter(negative="")] = False,
    nice: int = 0,
) -> int:
    """Make worked examples of every part of the desk from what ships, a page each.

    Counties and assumptions that ship, the public facts of the shutoff of October 2019, and homes drawn by a seed,
    which the pages say. Each page names the command that makes it again.

    Args:
        out: Folder for the pages; the console shows the folder programme of its data directory.
        again: Also make those that are there already.
        nice: How far the work gives way to others, 0 to 19.
    """
    check_range("--nice", nice, 0, NICE_MAX)
    os.nice(nice)
    # Asked to stop, it leaves like any command does: what the engine had on disk goes with it.
    signal.signal(signal.SIGTERM, _leave)
    try:
        (out / INPUTS).mkdir(parents=True, exist_ok=True)
        _write_inputs(out / INPUTS)
    except OSError as error:
        msg = f"--out {out}: cannot be written ({error.strerror}); name a folder of yours"
        raise UsageError(msg) from error
    failed = 0
    for one in examples(out / INPUTS):
        if again or not (out / one.page).exists():
            failed += not _make(one, out)
    print(f"{out}: {len(list(out.glob('*.html')))} pages")
    return 1 if failed else 0


def _leave(_number: int, _frame: object) -> None:
    sys.exit(143)


def examples(inputs: Path) -> tuple[Example, ...]:
    """All worked examples."""
    outages, snapshots = str(inputs / OUTAGES), str(inputs / SNAPSHOTS)
    drawn = ("--seed", "2026", "--synthetic")
    return (
        Example(page="rank.html", words=("rank",), made_of=FACTS),
        Example(page="rank-california.html", words=("rank", "--profile", "california"), made_of=FACTS),
        Example(page="rank-north-carolina.html", words=("rank", "--profile", "north-carolina"), made_of=FACTS),
        Example(
            page="outages-shutoff-2019.html",
            words=("outages", "--outages", outages, "--snapshots", snapshots, "--profile", "california"),
            made_of=EVENT,
        ),
        Example(
            page="site-california.html",
            words=(
                "site", "--profile", "california", *drawn, "40000", "--meters", "2000", "--budget", "2600000",
                "--crew-hours", "3000", "--floor", "medical_baseline=0.2", "--floor", "low_income=0.4",
            ),
            made_of=FACTS,
        ),
        Example(
            page="site-north-carolina.html",
            words=(
                "site", "--profile", "north-carolina", *drawn, "20000", "--meters", "1000", "--budget", "1250000",
                "--crew-hours", "1400", "--floor", "medical_baseline=0.15", "--floor", "low_income=0.4",
            ),
            made_of=FACTS,
        ),
        Example(page="value-average.html", words=("value", "--customer", "average"), made_of=FACTS),
        Example(page="value-medical.html", words=("value", "--customer", "medical"), made_of=FACTS),
        Example(page="survive-shutoff-2019.html", words=("survive", "--outages", outages), made_of=EVENT),
        Example(
            page="report-shutoff-2019.html",
            words=("report", "--profile", "california", "--template", "ca-psps-post-event",
                   "--outages", str(inputs / DEENERGISED)),
            made_of=EVENT,
        ),
    )  # fmt: skip


def _make(one: Example, out: Path) -> bool:
    """Makes a page with the very command that it will name; says why when it could not."""
    from bptm.cli import run
    from bptm.program.page import worked_example

    beside = out / INPUTS / "report"
    is_report = one.words[0] == "report"
    words = ["program", *one.words, *(("--out", str(beside)) if is_report else ("--html", str(out / one.page)))]
    said = io.StringIO()
    # A page takes the command that made it from the process's own words.
    sys.argv = ["bptm", *words]
    with worked_example(one.made_of), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        status = run(words)
    if status == 0 and is_report:
        shutil.copyfile(beside / f"{one.words[one.words.index('--template') + 1]}.html", out / one.page)
    if status != 0:
        why = (said.getvalue().strip().splitlines() or ["nothing was said"])[-1]
        note(f"{one.page} could not be made: {why.removeprefix('bptm: ')}")
    return status == 0


def _write_inputs(folder: Path) -> None:
    """The facts of the event that ships, as the two tables that a utility would have of it.

    The public map names places and no circuits: the column is called circuit so that a report can be filled, and each
    value says that it is a place.
    """
    from bptm.twin.event import load_shipped
    from bptm.twin.event_log import PSPS

    event = load_shipped()
    rows = [
        f'{number},"{block.region} (place)",{_utc(block.off_s)},{"" if block.on_s is None else _utc(block.on_s)},'
        f"{block.customers},{block.cause}"
        for number, block in enumerate(event.blocks, 1)
    ]
    header = "outage,circuit,start,end,customers,cause"
    _lines(folder / OUTAGES, header, rows)
    _lines(folder / DEENERGISED, header, [row for row in rows if row.endswith(f",{PSPS}")])
    _lines(folder / SNAPSHOTS, "snapshot_utc,customers_out,psps_customers_out", _snapshots(event))


def _snapshots(event: "OutageEvent") -> Sequence[str]:
    from bptm.twin.event_log import PSPS

    times_s = list(range(event.start_s, event.end_s + 1, SNAPSHOT_EVERY_S))
    return [
        f"{_utc(at_s)},{everyone},{shutoff}"
        for at_s, everyone, shutoff in zip(
            times_s, event.customers_out(times_s), event.customers_out(times_s, PSPS), strict=True
        )
    ]


def _utc(at_s: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%MZ")


def _lines(path: Path, header: str, rows: Iterable[str]) -> None:
    write_whole(path, "\n".join([header, *rows, ""]))
