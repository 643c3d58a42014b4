"""The controller's own figures: speed in every runtime, worst tick, size, and the speed of the search.

    python scripts/bench_controller.py [--runs N] [--ticks N] [--json]

Golden vectors (faults and transfers at every turn: the dearest life a controller can have) and an ordinary week (an
outage a day, a load that changes every half minute; strides of at most a second, and as far as nothing can change) go
through each runtime without a trace; CPU time of one core. Runs with observers are left out. Figures of the prototype
stand beside (design section 3), as ratios. Instructions of a tick are callgrind's, on x86-64 code at -O2; sizes are
those of `size`. What this machine lacks is named.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

from bptm.assurance.c_export import c_files
from bptm.assurance.c_replay import replay_files
from bptm.assurance.c_types import Core
from bptm.assurance.firmware import read_core
from bptm.assurance.micropython import micropython_files
from bptm.assurance.replay_plain import FLAG_OBSERVED, replay_timed
from bptm.assurance.runtimes import MissingRuntimeError, c_compiler, micropython_program, write_tree
from bptm.assurance.vectors_changes import BACKUP_GOOD, BACKUP_OFF, GRID_DEAD, GRID_GOOD, load
from bptm.assurance.vectors_format import Run, read_file, write_file
from bptm.assurance.vectors_make import Recorder, make_runs
from bptm.assurance.vectors_plan import Plan
from bptm.assurance.vectors_world import World
from bptm.terms.core_codes import TICKS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

PROTOTYPE_HOME_S = {"numba": 15.8e6, "c -O2": 28e6, "cpython": 0.2e6}
"""Home-seconds a CPU-second of the prototype, by runtime (design section 3); it had no home, and far fewer facts."""
PROTOTYPE_TRANSITIONS = 122e6 / 7
"""A second, on the model of the prototype, far smaller than the shipped controller."""
CORE_FLAGS = ("-std=c99",)
FLOAT_PART = ("-Os", "-mcpu=cortex-m4", "-mthumb", "-mfpu=fpv4-sp-d16", "-mfloat-abi=hard", "-DBPTM_REAL=float")
DAY_S = 86400
DAYS = 7
CANDIDATES = 150
WEEKS = {"week, strides of 1 s": TICKS_PER_S, "week, free strides": 1 << 30}
"""Longest strides of an ordinary week. The prototype stepped by a second; strides as far as nothing can change are the
rule of the design."""
SECONDS_EACH = 2.0
SEARCHED = 12
"""So many faults, each alone, are searched for the speed of the search."""

Row = tuple[str, str, str]


def run_words(words: list[str], folder: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """A program's output; its last line on stderr when it fails."""
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, **more)  # noqa: S603  our own
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip())[-300:]
        msg = f"{' '.join(words[:2])} ended with status {done.returncode}: {said}"
        raise SystemExit(msg)
    return done


def ordinary_week(stride_ticks_max: int) -> Run:
    """A home's week: an outage of three hours each day, a load that changes twice a minute, strides up to a length."""
    draw = Random(1)  # noqa: S311  a simulation, not a secret
    changes: list[tuple[int, Any]] = []
    for day in range(DAYS):
        begun = (day * DAY_S + 3600 * 8) * TICKS_PER_S
        changes += [(begun, GRID_DEAD), (begun + 240 * TICKS_PER_S, BACKUP_GOOD)]
        changes += [(begun + 10800 * TICKS_PER_S, GRID_GOOD), (begun + 12000 * TICKS_PER_S, BACKUP_OFF)]
    for at in range(0, DAYS * DAY_S, 30):
        a = draw.randint(2, 20)
        changes.append((at * TICKS_PER_S, load(float(a), float(a) * 0.75, 210.0 * a)))
    changes.sort(key=lambda change: change[0])
    recorder = Recorder(
        draw=draw,
        world=World(draw=draw, legs_ratio=0.0, exact=True, prompt=True),
        plan=Plan(changes=changes, triggers=[], starts=[], commands=[], settings={}, is_long=True),
        length_ticks=DAYS * DAY_S * TICKS_PER_S,
        stride_ticks_max=stride_ticks_max,
        records_max=1 << 40,
    )
    recorder.configure({})
    recorder.run()
    return recorder.writer.end(flags=0)


def speeds(
    core: Core, folder: Path, sets: dict[str, Path], missing: list[str]
) -> dict[str, dict[str, tuple[float, float]]]:
    """Scans and home-seconds a CPU-second, by runtime and set."""
    programs: dict[str, Callable[[Path], tuple[float, float, float]]] = {
        "cpython": lambda path: replay_timed(str(path), 40)
    }
    try:
        c_compiler()
        for level in ("-O2", "-O0"):
            program = build_c(core, folder / f"c{level}", (level,))
            programs[f"c {level}"] = lambda path, program=program: timed(program, path)
    except MissingRuntimeError as error:
        missing.append(str(error))
    programs["numba"] = numba_timed
    try:
        interpreter = micropython_program()
        write_tree(folder / "micropython", micropython_files(core))

        def in_micropython(path: Path) -> tuple[float, float, float]:
            # A week is one run of two megabytes, more than the heap that the interpreter takes by itself.
            words = [interpreter, "-X", "heapsize=16M", "replay.py", str(path), "time", "40"]
            return three(run_words(words, folder / "micropython").stdout)

        programs["micropython"] = in_micropython
    except MissingRuntimeError as error:
        missing.append(str(error))
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for name, measure in programs.items():
        for kind, path in sets.items():
            records, ticks, seconds = measure(path)
            found.setdefault(name, {})[kind] = records / seconds, ticks / TICKS_PER_S / seconds
    return found


def three(text: str) -> tuple[float, float, float]:
    """Records, ticks and seconds as a replay prints them."""
    records, ticks, seconds = text.split()
    return float(records), float(ticks), float(seconds)


def build_c(core: Core, folder: Path, flags: tuple[str, ...], own: tuple[str, ...] = ()) -> Path:
    """The exported C with its replay; `own` are flags of the core alone, without the replay."""
    write_tree(folder, c_files(core) | replay_files(core))
    header = Path(__file__).parents[1] / "src/bptm/assurance/firmware_c/replay_measure.h"
    shutil.copy(header, folder)
    replay = {"replay.c", "sha256.c"}
    sources = sorted(path.name for path in folder.glob("*.c") if path.name not in replay)
    run_words([c_compiler(), *CORE_FLAGS, *flags, *own, "-c", *sources], folder)
    objects = [name.removesuffix(".c") + ".o" for name in sources]
    run_words([c_compiler(), *CORE_FLAGS, *flags, *sorted(replay), *objects, "-lm", "-o", "replay"], folder)
    return folder / "replay"


def timed(program: Path, vectors: Path) -> tuple[float, float, float]:
    """Records, ticks and CPU seconds of as many replays as a clock can measure."""
    once = three(run_words([str(program), str(vectors), "time", "1"], vectors).stdout)
    times = max(1, int(SECONDS_EACH / max(once[2], 1e-3)))
    return three(run_words([str(program), str(vectors), "time", str(times)], vectors).stdout)


def numba_timed(vectors: Path) -> tuple[float, float, float]:
    """The same, compiled by numba; compilation is not counted."""
    from bptm.compiled.replay import CompiledReplay  # noqa: PLC0415  only this figure needs it

    compiled = CompiledReplay()
    runs = [run for run in read_file(vectors) if not run.flags & FLAG_OBSERVED]
    compiled.run_untraced(runs[0].ops)
    records = ticks = 0
    begun_s = time.process_time()
    while time.process_time() - begun_s < SECONDS_EACH:
        for run in runs:
            records += compiled.run_untraced(run.ops)
    taken_s = time.process_time() - begun_s
    # The file does not keep the ticks; those of the plain replay do.
    once = replay_ticks(vectors)
    ticks = once[1] * records / once[0]
    return records, ticks, taken_s


def replay_ticks(vectors: Path) -> tuple[int, int]:
    """Records and ticks of a set, counted from its operations."""
    from bptm.assurance.replay_plain import Device, NoTrace, carry_out, runs_of  # noqa: PLC0415  beside its only use

    class Counter(Device):
        """Carries nothing out."""

        records: int = 0
        ticks: int = 0

        def scan(self, ticks: int) -> None:
            """One scan."""
            self.ticks += ticks
            self.records += 1

        def start(self) -> None:
            """A start is a record."""
            self.records += 1

        def command(self, _action: int, _ticks: int) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
            """So is a command."""
            self.records += 1

    records: int = 0
    ticks: int = 0
    for ops, flags in runs_of(str(vectors), 0, 1 << 30):
        if flags & FLAG_OBSERVED:
            continue
        counter = Counter(0)
        counter.trace = NoTrace()
        carry_out(ops, counter)
        records, ticks = records + counter.records, ticks + counter.ticks
    return records, ticks


def instructions(core: Core, folder: Path, vectors: Path, missing: list[str]) -> dict[str, float]:
    """Mean and worst instructions of a scan over a set: the most blocks find the candidates, callgrind counts them."""
    if shutil.which("valgrind") is None or not Path("/usr/include/valgrind/callgrind.h").exists():
        missing.append(
            "no valgrind on this machine; install it (Debian: apt-get install valgrind) for instructions a tick"
        )
        return {}
    version = run_words([c_compiler(), "--version"], folder).stdout
    if "Free Software Foundation" not in version:
        missing.append("instructions a tick need gcc, which counts blocks by -fsanitize-coverage=trace-pc")
        return {}
    counting = build_c(core, folder / "blocks", ("-O2", "-DREPLAY_MEASURE"), ("-fsanitize-coverage=trace-pc",))
    blocks = [int(line) for line in run_words([str(counting), str(vectors), "time", "1"], folder).stderr.split()]
    order = sorted(range(len(blocks)), key=lambda scan: -blocks[scan])
    drawn = Random(2).sample(range(len(blocks)), min(CANDIDATES, len(blocks)))  # noqa: S311  a sample, not a secret
    marked = build_c(core, folder / "callgrind", ("-O2", "-DREPLAY_MEASURE", "-DREPLAY_CALLGRIND"))
    worst = _counted(marked, vectors, sorted(order[:CANDIDATES]), folder / "callgrind")
    mean = _counted(marked, vectors, sorted(drawn), folder / "callgrind")
    return {
        "scans": len(blocks),
        "worst": max(worst),
        "mean": sum(mean) / len(mean),
        "worst_blocks": blocks[order[0]],
        "mean_blocks": sum(blocks) / len(blocks),
    }


def _counted(program: Path, vectors: Path, scans: list[int], folder: Path) -> list[int]:
    """Callgrind's count of instructions of these scans."""
    (folder / "scans").write_text("\n".join(map(str, scans)))
    for old in folder.glob("counts*"):
        old.unlink()
    words = ["valgrind", "--tool=callgrind", "--collect-atstart=no", f"--callgrind-out-file={folder / 'counts'}"]
    words += [str(program), str(vectors), "time", "1"]
    run_words(words, folder, env={"REPLAY_SCANS": str(folder / "scans"), "PATH": "/usr/bin:/bin"})
    found: list[int] = []
    for file in folder.glob("counts.*"):
        found += [int(line.split()[1]) for line in file.read_text().splitlines() if line.startswith("totals:")]
    return [count for count in found if count > 0]


def sizes(core: Core, folder: Path, missing: list[str]) -> list[Row]:
    """Code and state: .text, .data and .bss of the safety kernel and of everything; bytes of the records."""
    write_tree(folder, c_files(core))
    kernel = reached_from(core, "controller.scan", "scan")
    rows: list[Row] = []
    for name, compiler, flags in (
        ("x86-64 -Os", "gcc", ("-Os",)),
        ("cortex-m4 -Os, double", "arm-none-eabi-gcc", ("-Os", "-mcpu=cortex-m4", "-mthumb")),
        ("cortex-m4f -Os, float", "arm-none-eabi-gcc", FLOAT_PART),
    ):  # fmt: skip
        if shutil.which(compiler) is None:
            missing.append(f"no {compiler} on PATH: no size for {name} (Debian: apt-get install gcc-arm-none-eabi)")
            continue
        sources = sorted(path.name for path in folder.glob("*.c"))
        run_words([compiler, "-std=c99", *flags, "-c", *sources], folder)
        tool = compiler.replace("gcc", "size")
        for part, stems in (
            ("scan and all it calls", kernel),
            ("interlock alone", {"interlock"}),
            ("everything", None),
        ):
            objects = [name_[:-2] + ".o" for name_ in sources if stems is None or name_[:-2] in stems]
            lines = run_words([tool, "-t", *objects], folder).stdout.splitlines()
            text, data, bss = (int(word) for word in lines[-1].split()[:3])
            rows.append((f"size, {name}: {part}", f"{text:,} B code", f"{data} B data, {bss} B bss"))
    program = "#include <stdio.h>\n" + "".join(f'#include "{path.name}"\n' for path in sorted(folder.glob("core_*.h")))
    structs = sorted(table.struct for table in core.tables_used())
    program += (
        "int main(void) {\n" + "".join(f'printf("{s} %zu\\n", sizeof({s}));\n' for s in structs) + "return 0; }\n"
    )
    (folder / "sizes_main.c").write_text(program)
    run_words([c_compiler(), "-std=c99", "sizes_main.c", "-o", "sizes_main"], folder)
    for line in run_words([str(folder / "sizes_main")], folder).stdout.splitlines():
        struct, size = line.split()
        rows.append((f"record {struct}", f"{int(size):,} B", ""))
    return rows


def reached_from(core: Core, module: str, function: str) -> set[str]:
    """Stems of the files whose functions an entry reaches, with those of their settings."""
    from bptm.assurance.c_types import call_name, calls_in  # noqa: PLC0415  beside its only use

    ahead, seen = [(module, function)], {(module, function)}
    while ahead:
        at = ahead.pop()
        for call in calls_in(core.signatures[at].node):
            target = core.function(core.modules[at[0]], call_name(call))
            if target is not None and target.key not in seen:
                seen.add(target.key)
                ahead.append(target.key)
    return {key[0].rpartition(".")[2] for key in seen} | {"core_settings"}


def search_rate() -> tuple[float, float]:
    """States and transitions a CPU-second of the exhaustive search on one core, for some faults alone.

    Each state is followed whole: nothing is left out that another search followed.
    """
    from bptm.assurance.search import FAULTS, HARDWARE, Explorer, Roots  # noqa: PLC0415  only this figure needs z3's company

    hardware = HARDWARE["no interlock"]
    explorer = Explorer()
    roots = np.array([explorer.root(u_closed=True), explorer.root(u_closed=False)], np.int64)
    # Compiled, or taken from the cache, and with buffers that are wide enough.
    sound = explorer.layer((Roots.fresh(roots),), 0, hardware)
    begun_s = time.process_time()
    layers = [explorer.layer((Roots.fresh(sound.states),), mask, hardware) for _name, mask in FAULTS[:SEARCHED]]
    seconds = time.process_time() - begun_s
    return sum(len(layer.states) for layer in layers) / seconds, sum(layer.transitions for layer in layers) / seconds


def main() -> None:
    """Measures and prints one table."""
    parser = argparse.ArgumentParser(description="Figures of the controller.")
    parser.add_argument("--runs", type=int, default=120, help="golden runs")
    parser.add_argument("--ticks", type=int, default=20000, help="the longest of them")
    parser.add_argument("--json", action="store_true", help="for machines")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bptm-bench-"))
    missing: list[str] = []
    try:
        core = read_core()
        golden, _reached = make_runs(1, asked.runs, asked.ticks, 2)
        sets = {"golden": folder / "golden"} | {name: folder / name for name in WEEKS}
        write_file(sets["golden"], golden)
        for name, stride_ticks_max in WEEKS.items():
            write_file(sets[name], [ordinary_week(stride_ticks_max)])
        rows: list[Row] = []
        for runtime, of_set in sorted(speeds(core, folder, sets, missing).items()):
            beside = PROTOTYPE_HOME_S.get(runtime)
            rows.append(
                (f"{runtime}: golden vectors", f"{of_set['golden'][0] / 1e6:.3f} M scans/s", "faults all the time")
            )
            for name in WEEKS:
                scans, home_s = of_set[name]
                ratio = f", {home_s / beside:.2f} x the prototype's {beside / 1e6:.1f} M" if beside else ""
                rows.append(
                    (f"{runtime}: {name}", f"{scans / 1e6:.3f} M scans/s", f"{home_s / 1e6:.2f} M home-s/s{ratio}")
                )
        counted = instructions(core, folder, sets["golden"], missing)
        if counted:
            rows.append(
                (
                    "instructions a scan, x86-64 -O2",
                    f"{counted['mean']:,.0f} mean",
                    f"worst {counted['worst']:,.0f} of {counted['scans']:,} golden scans",
                )
            )
        rows += sizes(core, folder / "sizes", missing)
        states, transitions = search_rate()
        rows.append(
            (
                f"exhaustive search, {SEARCHED} faults",
                f"{states / 1e3:,.0f} k states/s",
                f"{transitions / 1e6:.1f} M transitions/s, {transitions / PROTOTYPE_TRANSITIONS:.2f} x prototype",
            )
        )
        if asked.json:
            print(json.dumps({"rows": rows, "missing": missing}))
            return
        width = max(len(row[0]) for row in rows)
        for name, value, beside_ in rows:
            print(f"{name:<{width}}  {value:>18}  {beside_}")
        for sentence in missing:
            print(f"not measured: {sentence}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
