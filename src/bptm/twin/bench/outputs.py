"""What a played scenario is written to: its report, and records of its waveforms.

    WriteError      a file cannot be written; the text says which, why, and what to do

In `--all` each process of the pool writes what it has played, since its traces stay there.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bptm.twin.bench.comtrade_writer import WaveFormat, write_comtrade
from bptm.twin.bench.run import Result
from bptm.whole_file import write_whole


class WriteError(Exception):
    """A file that cannot be written; the text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be written of a scenario.

    Attributes:
        command: The words that play it again, for the report.
        made_at: Date and time, as the host's clock said.
        html: File of the report; None for none.
        waves: Directory of the waveforms; None for none.
        wave_format: How those are written.
    """

    command: str
    made_at: str
    html: Path | None = None
    waves: Path | None = None
    wave_format: WaveFormat = WaveFormat.BINARY


@contextmanager
def sentence(option: str, place: Path, what: str) -> Generator[None]:
    """A failure to write as a sentence."""
    try:
        yield
    except OSError as error:
        msg = f"{option} {place}: cannot be written ({error.strerror or error}); name {what} of yours"
        raise WriteError(msg) from error


def make(option: str, directory: Path) -> None:
    """Makes a directory that is written into.

    Raises:
        WriteError: It cannot be made.
    """
    with sentence(option, directory, "a directory"):
        directory.mkdir(parents=True, exist_ok=True)


def check_places(wanted: Wanted) -> None:
    """Refuses places that cannot be written to, before anything is played.

    Raises:
        WriteError: With the place.
    """
    if wanted.html is not None:
        was_there = wanted.html.exists()
        with sentence("--html", wanted.html, "a file"):
            # Opened to add: what an earlier run left there stays until there is something better.
            wanted.html.open("a", encoding="utf-8").close()
            if not was_there:
                wanted.html.unlink()
    if wanted.waves is not None:
        make("--comtrade", wanted.waves)


def write_outputs(result: Result, wanted: Wanted) -> None:
    """Writes what is wanted.

    Raises:
        WriteError: Something cannot be written.
    """
    if wanted.html is not None:
        write_report(result, wanted.html, wanted)
    if wanted.waves is not None:
        with sentence("--comtrade", wanted.waves, "a directory"):
            write_waves(result, wanted.waves, wanted.wave_format)


def write_report(result: Result, file: Path, wanted: Wanted) -> None:
    """Writes the report.

    Raises:
        WriteError: It cannot be written.
    """
    from bptm.twin.bench.report import Provenance, report_page  # noqa: PLC0415  only where one is written

    page = report_page(result, Provenance(command=wanted.command, made_at=wanted.made_at))
    with sentence("--html", file, "a file"):
        write_whole(file, page)


def write_waves(result: Result, directory: Path, wave_format: WaveFormat) -> list[Path]:
    """Every window of every run as a record of its own: SCENARIO-NN, in a sweep SCENARIO-VALUE-NN.

    Returns:
        The files that a reader opens.

    Raises:
        OSError: One cannot be written.
    """
    written: list[Path] = []
    for run in result.runs:
        stem = result.scenario.name if run.value is None else f"{result.scenario.name}-{run.value:.15g}"
        written += [
            write_comtrade(directory / f"{stem}-{number:02d}", window, stem, wave_format)
            for number, window in enumerate(run.windows, start=1)
        ]
    return written


def write_index(results: list[Result], directory: Path, wanted: Wanted) -> None:
    """Writes the page that leads to the reports of many scenarios.

    Raises:
        WriteError: It cannot be written.
    """
    from bptm.twin.bench.report import Provenance, index_page  # noqa: PLC0415  only where one is written

    pages = [(result, f"{result.scenario.name}.html") for result in results]
    page = index_page(pages, Provenance(command=wanted.command, made_at=wanted.made_at))
    with sentence("--html", directory, "a directory"):
        write_whole(directory / "index.html", page)
