"""What each key means of the JSON that bench, proof, vectors and device-centuries print; a test holds it to the code."""

# ruff: noqa: E501 (a table of sentences)

BENCH: dict[str, str] = {
    "scenario": "its name",
    "passed": "every expectation met, no law broken, no run ended early",
    "laws_held": "no law was broken, those left out that the scenario shows broken",
    "expectations": "each `name`, `expected` and `measured` in words, `passed`, `judged` (false when the run ended before it could be), `origin` of the expectation",
    "laws_broken": "first breach of each law: `law`, `at_s`, `words`",
    "laws_exercised": "laws that had something to judge",
    "controller": "name of the controller that sat on the bench",
    "controller_hash": "hash of its source; empty for one whose source is not ours",
    "runs": "1, or how many values the sweep has",
    "seconds": "length of a run",
    "seed": "of noise and point on wave",
    "ended": "why a controller of somebody else ended a run early; null when none did",
    "files": "file that was played to its SHA-256",
    "answers": "of a controller of somebody else: `count`, `total_s`, `median_s`, `worst_s`, `worst_half_cycle`; null for ours",
}

BENCH_ALL: dict[str, str] = {
    "total": "scenarios played",
    "passed": "how many passed",
    "failed": "how many did not",
    "controller": "which played",
    "scenarios": "each as above",
}

BENCH_REFUSED: dict[str, str] = {
    "file": "where the fault is",
    "line": "its line",
    "key": "the key",
    "found": "what stands there",
    "needs": "what may stand there",
    "remedy": "what to do, with the nearest valid key",
}

PROVE: dict[str, str] = {
    "laws": "each `id`, `method`, `status` (`proved`, `searched`, `sampled`, `failed`), `links` (what is linked to what, and what is not), `seconds`",
    "states": "states that the search visited, summed over sets of faults and hardware",
    "transitions": "transitions that it followed",
    "faults": "kinds of faults",
    "fault_sets": "sets of faults times builds of the hardware for which the search speaks",
    "fault_sets_visited": "of these, those that were visited; the others are the same as one of them",
    "claim": "the claim of LAW-1, with every smallest set of faults that breaks it",
    "failing": "each such set: faults, hardware, what is bad, and why it is as it is",
    "mutants": "broken controllers: `made`, `killed`, and those that `survived`, each with the reason",
    "quick": "whether pairs and broken controllers were left out",
    "invariant": "the clauses that hold for all time, in words",
    "refuted": "claims that do not hold, with a state that shows it",
    "not_shown": "what none of the three looks at",
    "seconds": "by the wall clock",
    "ok": "no law failed and every broken controller is accounted for",
}

VECTORS: dict[str, str] = {
    "hash": "SHA-256 of the traces of the first runtime",
    "identical": "whether every runtime that ran has the same",
    "first_difference": "first run in which two differ; null when none does",
    "runtimes": "name to `available`, `hash`, `modes_hash` (of modes and timers alone), `seconds`, `reason` (why it did not run)",
    "vectors": "`seed`, `runs`, `ticks`, `records`, `bytes`, `seconds` to make them",
    "coverage": "group of codes to code to how often it was reached",
}

CHAOS: dict[str, str] = {
    "seed": "of everything that happened",
    "controller": "which lived",
    "lives": "homes",
    "life_days": "days of each",
    "device_centuries": "centuries lived, all homes together",
    "stress_centuries": "of these, in episodes with faults",
    "cpu_s": "CPU time",
    "device_centuries_per_cpu_h": "centuries by CPU hour",
    "stress_centuries_per_cpu_h": "the same of those under stress",
    "episodes": "episodes with faults",
    "outages": "losses of the utility",
    "outages_per_device_day": "their rate",
    "transfers": "changes of source",
    "resets": "restarts of a meter",
    "scans": "scans of the controller",
    "checked": "law to the hours in which it was judged",
    "happened": "kind of fault to how often",
    "causes_reached": "causes of a mode that occurred, in words",
    "law_violations": "how many",
    "violations": "each `seed`, `home`, `tick`, `at_s`, `laws`, `seen`, `wanted`, `story`, `hazard`, `interlock`, `script`, and `replay`: the command that lives it again",
    "digest": "of all lives: the same for the same seed",
}

SYSTEM: dict[str, str] = {
    "seed": "of everything that happened",
    "homes": "real controllers",
    "hours": "simulated",
    "digest": "of the ledger: the same for the same seed",
    "counts": "what was sent, lost, doubled, refused, stored",
    "commands": "state to how many commands ended in it",
    "faults": "what does not hold, in sentences",
    "again": "the command that does it again",
}

PAGE: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("`bptm bench SCENARIO --json`", "Status 1 when it did not pass.", BENCH),
    ("`bptm bench --all --json`", "Status 1 when one failed.", BENCH_ALL),
    ("A scenario that is refused", "`played` is false and `faults` lists each; status 2.", BENCH_REFUSED),
    ("`bptm prove --json`", "Status 1 when a law failed or a broken controller lives.", PROVE),
    ("`bptm firmware vectors DIR --json`", "Status 1 when two runtimes differ.", VECTORS),
    ("`bptm fleet --chaos --json`", "Status 1 when a law was broken. Of a fleet: [what it leaves](fleet.md).", CHAOS),
    ("`bptm fleet --system --json`", "Status 1 when something does not hold.", SYSTEM),
)
