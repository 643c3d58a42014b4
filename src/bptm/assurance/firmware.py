"""`bptm firmware`: the controller out of Python, and the proof that it is the same controller everywhere."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from bptm.assurance.c_bench import bench_files
from bptm.assurance.c_export import c_files
from bptm.assurance.c_infer import infer
from bptm.assurance.c_replay import replay_files
from bptm.assurance.c_source import PACKAGE, UnsupportedError, read_modules
from bptm.assurance.c_types import Core
from bptm.assurance.micropython import micropython_files
from bptm.assurance.runtimes import Outcome, replay_everywhere, write_tree
from bptm.assurance.vectors_format import write_file
from bptm.assurance.vectors_make import Coverage, make_runs
from bptm.assurance.vectors_reach import observed_codes
from bptm.terms import core_codes

RUNS_MAX = 100_000
TICKS_MAX = 10_000_000
TICKS_MIN = 100


class FirmwareError(Exception):
    """It cannot be done here; the text is one sentence."""


def read_core(package: Path = PACKAGE) -> Core:
    """The shipped source with its types.

    Raises:
        FirmwareError: Some of it has no translation.
    """
    try:
        return infer(read_modules(package))
    except UnsupportedError as error:
        raise FirmwareError(str(error)) from error


def export(directory: Path, package: Path = PACKAGE) -> list[str]:
    """Writes C, its replay, its bench client, and the MicroPython tree; returns the names written.

    Raises:
        FirmwareError: Not translatable, or the directory holds C files of others or cannot be written.
    """
    core = read_core(package)
    try:
        texts = c_files(core) | replay_files(core) | bench_files()
    except UnsupportedError as error:
        raise FirmwareError(str(error)) from error
    texts |= {f"micropython/{name}": text for name, text in micropython_files(core).items()}
    try:
        strange = sorted(path.name for path in directory.glob("*.[ch]") if path.name not in texts)
        if strange:
            msg = f"{directory} holds {strange[0]}, which is not ours and would be compiled too; name another directory"
            raise FirmwareError(msg)
        write_tree(directory, texts)
    except OSError as error:
        msg = f"{directory}: cannot be written ({error.strerror}); name another directory"
        raise FirmwareError(msg) from error
    return sorted(texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorsReport:
    """A set of golden vectors and what each runtime made of it."""

    seed: int
    runs: int
    ticks: int
    records: int
    size_bytes: int
    made_in_s: float
    coverage: Coverage
    outcomes: list[Outcome]

    @property
    def agreed(self) -> bool:
        """Whether all runtimes that ran have the same digests."""
        ran = [outcome.digests for outcome in self.outcomes if outcome.digests]
        return all(digests == ran[0] for digests in ran)

    def first_difference(self) -> int | None:
        """The first run in which two runtimes differ."""
        ran = [outcome.digests for outcome in self.outcomes if outcome.digests]
        return next((run for run in range(self.runs) if len({tuple(d[run : run + 1]) for d in ran}) > 1), None)

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "hash": self.outcomes[0].whole,
            "identical": self.agreed,
            "first_difference": self.first_difference(),
            "runtimes": {
                outcome.runtime: {
                    "available": bool(outcome.digests) and not outcome.missing,
                    "hash": outcome.whole if outcome.digests else None,
                    "modes_hash": outcome.modes if outcome.digests else None,
                    "seconds": round(outcome.seconds, 2),
                    "reason": outcome.missing or None,
                }
                for outcome in self.outcomes
            },
            "vectors": {
                "seed": self.seed,
                "runs": self.runs,
                "ticks": self.ticks,
                "records": self.records,
                "bytes": self.size_bytes,
                "seconds": round(self.made_in_s, 2),
            },
            "coverage": self.reached(),
        }

    def lines(self) -> list[str]:
        """For reading."""
        made = f"{self.runs} runs, {self.ticks} ticks in {self.records} records, {self.size_bytes} bytes"
        said = [f"{made}, made in {self.made_in_s:.1f} s"]
        for outcome in self.outcomes:
            found = outcome.missing or f"{outcome.whole}  in {outcome.seconds:.1f} s"
            said.append(f"{outcome.runtime:<12} {found}")
        unreached = [name for group in self.reached().values() for name, count in group.items() if count == 0]
        said.append(f"not reached: {', '.join(unreached) or 'nothing'}")
        if self.agreed:
            ran = sum(1 for outcome in self.outcomes if not outcome.missing)
            said.append(f"all {ran} runtimes that ran have the same trace")
        else:
            said.append(f"traces differ, first in run {self.first_difference()}")
        return said

    def reached(self) -> dict[str, dict[str, int]]:
        """How often each mode, cause, event and reason of refusal was reached; 0 for one that was not.

        Of the codes of the observers: in how many runs.
        """
        return {
            "modes": _named("MODE_", self.coverage.modes),
            "causes": _named("CAUSE_", self.coverage.causes, without=("CAUSE_NONE",)),
            "events": _named("EVENT_", self.coverage.events),
            "refusals": _named("UNMET_", _by_value(self.coverage.unmet), without=_NOT_THE_CONTROLLERS),
            "observers": {name: self.coverage.observed.get(name, 0) for name in observed_codes()},
        }


_NOT_THE_CONTROLLERS = (
    "UNMET_EXPIRED",
    "UNMET_REPLAYED",
    "UNMET_WRONG_METER",
    "UNMET_BAD_SIGNATURE",
    "UNMET_NOT_YET_VALID",
)
"""Reasons that the gate before the controller gives (`wire.command_gate`)."""


def _by_value(bits: dict[int, int]) -> dict[int, int]:
    return {1 << bit: count for bit, count in bits.items()}


def _named(prefix: str, counts: dict[int, int], without: tuple[str, ...] = ()) -> dict[str, int]:
    codes = cast("dict[str, Any]", vars(core_codes))
    names = {name: int(value) for name, value in codes.items() if name.startswith(prefix) and name not in without}
    return {name: counts.get(value, 0) for name, value in names.items()}


def make_vectors(directory: Path, *, runs: int, ticks: int, seed: int) -> VectorsReport:
    """Makes vectors, writes them, and replays them in every runtime.

    Args:
        directory: Where `vectors.bin` goes.
        runs: How many.
        ticks: The longest, in ticks.
        seed: Same seed, same vectors.

    Raises:
        FirmwareError: The source has no translation, or the directory cannot be written.
    """
    core = read_core()
    processes = max(1, len(os.sched_getaffinity(0)))
    begun_s = time.perf_counter()
    made, coverage = make_runs(seed, runs, ticks, processes)
    try:
        size_bytes = write_file(directory, made)
    except OSError as error:
        msg = f"{directory}: cannot be written ({error.strerror}); name another directory"
        raise FirmwareError(msg) from error
    made_in_s = time.perf_counter() - begun_s
    return VectorsReport(
        seed=seed,
        runs=runs,
        ticks=sum(run.ticks for run in made),
        records=sum(run.records for run in made),
        size_bytes=size_bytes,
        made_in_s=made_in_s,
        coverage=coverage,
        outcomes=replay_everywhere(core, directory, runs, processes),
    )
