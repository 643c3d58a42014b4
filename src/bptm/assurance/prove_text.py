"""The report of `bptm prove` for reading, and its counter-examples as files."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bptm.assurance.prove import Report
from bptm.assurance.search import HARDWARE, Trace, bad_words, fault_words
from bptm.assurance.timeline import timeline
from bptm.whole_file import write_whole


def table(report: Report) -> str:
    """One line a law, then what fails, the claim, the invariant to review, and the broken controllers."""
    lines = ["law  status    over which links"]
    for law in report.laws:
        lines.append(f"{law.id:<4} {law.status:<9} {law.method}")
        lines += [f"               {link}" for link in law.links]
    lines += ["", "not shown here: " + ", ".join(report.not_shown)]
    lines += ["", "The invariant, for review by a person:", *(f"  {i}. {c}" for i, c in enumerate(report.invariant, 1))]
    lines += ["", "Smallest sets of faults that break something:"]
    builds: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for found in report.failing:
        builds.setdefault((found.faults, found.breaks, found.reason), []).append(found.hardware)
    for (faults, breaks, reason), hardware in builds.items():
        where = "any hardware" if len(hardware) == len(HARDWARE) else ", ".join(hardware)
        lines.append(f"  {where}: {{{faults}}}: {', '.join(breaks)}")
        lines.append(f"      {reason}")
    lines += ["", f"Claim of LAW-1: {report.claim}", ""]
    m = report.mutants
    if not report.quick:
        lines.append(f"broken controllers: {m.made} made, {m.killed} killed, {len(m.survived)} not:")
    lines += [f"  {name}" for name in m.survived]
    lines += [f"refuted: {sentence}" for sentence in report.refuted]
    lines.append(
        f"{report.states:,} states, {report.transitions:,} transitions, {report.faults} faults in "
        f"{report.fault_sets} sets, {report.fault_sets_visited} of them visited, {report.seconds:.0f} s"
    )
    return "\n".join(lines)


def save_traces(traces: tuple[Trace, ...], folder: Path) -> int:
    """Writes each counter-example as a timeline and as a scenario (its states and inputs); returns how many."""
    for number, trace in enumerate(traces, 1):
        name = f"{number:03d}-{'-'.join(bad_words(trace.bad))}-{fault_words(trace.faults)}".replace(" ", "_")
        write_whole(folder / f"{name}.txt", timeline(trace) + "\n")
        write_whole(folder / f"{name}.json", json.dumps(asdict(trace)) + "\n")
    return len(traces)


def load_trace(file: Path) -> Trace:
    """A scenario as `save_traces` wrote it."""
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    content["keys"], content["inputs"] = tuple(content["keys"]), tuple(content["inputs"])
    return Trace(**content)
