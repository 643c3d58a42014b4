"""`bptm firmware`: the controller for other machines, and that it stays the same there."""

import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from bptm.cli.asked import SEED_MAX, UsageError, check_range

app = App(name="firmware", help="The controller as C and MicroPython, and the same trace in every runtime.")


@app.command
def export(directory: Path) -> int:
    """Write the controller as readable C99 and as files for MicroPython.

    Args:
        directory: Where to; cc -std=c99 DIRECTORY/*.c -lm -o replay builds the replay of golden vectors.
    """
    from bptm.assurance import firmware

    try:
        names = firmware.export(directory)
    except firmware.FirmwareError as error:
        raise UsageError(str(error)) from error
    print(f"{len(names)} files in {directory}; cc -std=c99 {directory}/*.c -lm -o replay builds the replay")
    return 0


@app.command
def vectors(
    out: Path,
    *,
    runs: int = 1000,
    ticks: int = 20_000,
    seed: int = 1,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Make golden vectors and replay them in CPython, numba, MicroPython and C; status 1 when traces differ.

    Args:
        out: Directory for the vectors; ./replay OUT prints the same hash.
        runs: How many runs.
        ticks: The longest run, in ticks of 1/120 s.
        seed: Same seed, same vectors.
        json: Print the report as one JSON object, alone on standard output.
    """
    from json import dumps

    from bptm.assurance import firmware

    check_range("--runs", runs, 1, firmware.RUNS_MAX)
    check_range("--ticks", ticks, firmware.TICKS_MIN, firmware.TICKS_MAX)
    check_range("--seed", seed, 0, SEED_MAX)
    try:
        report = firmware.make_vectors(out, runs=runs, ticks=ticks, seed=seed)
    except firmware.FirmwareError as error:
        raise UsageError(str(error)) from error
    print(dumps(report.as_json()) if json else "\n".join(report.lines()))
    return 0 if report.agreed else 1


@app.command(name="settings")
def check_settings(
    file: Path,
    *,
    source: Literal["none", "portable", "inverter", "standby", "battery", "ev"] = "none",
    inlet: float = 30.0,
    source_a: float | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Check a file of settings for a meter; status 1 when it is refused, with every fault at once.

    Args:
        file: TOML with the sections that docs/howto/write-settings.md describes.
        source: The source that the home has: its profile stands where the file says nothing.
        inlet: Ampacity of the inlet, 30 or 50 A.
        source_a: What the source may give on one leg, by its nameplate; as much as the inlet when left out.
        json: Print the outcome as one JSON object, alone on standard output.
    """
    from json import dumps

    from bptm.device.commissioning import Source, commission
    from bptm.terms.codes import BackupKind
    from bptm.terms.settings_file import BYTES_MAX, RefusedSettings, read_settings

    try:
        with file.expanduser().open("rb") as stream:
            raw = stream.read(BYTES_MAX + 1)
    except OSError as error:
        msg = f"{file}: cannot be read ({error.strerror}); name a readable file of settings"
        raise UsageError(msg) from error
    declared = Source(kind=BackupKind[source.upper()], inlet_a=inlet, source_a=inlet if source_a is None else source_a)
    try:
        outcome = read_settings(raw) if declared.kind is BackupKind.NONE else commission(declared, raw)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if isinstance(outcome, RefusedSettings):
        if json:
            print(dumps(outcome.as_json()))
        else:
            for fault in outcome.faults:
                print(f"bptm: {file}: {fault.sentence()}", file=sys.stderr)
        return 1
    count = len(outcome.given)
    print(
        dumps(outcome.as_json())
        if json
        else f"{file}: accepted; {count} setting{'' if count == 1 else 's'} given, the others at "
        f"{'their defaults' if declared.kind is BackupKind.NONE else 'the profile of this source or their defaults'}"
    )
    return 0
