"""Measures the planner's desk: whole country ranked and 100,000 premises sited, 10^5 draws, 10^5 homes, outage rows.

    python scripts/bench_program.py [--rows 1000000] [--nri FILE] [--million]

CPU seconds and the largest resident memory of each command as a process of its own, beside what is aimed at. Without
the national table of the shared folder the shipped counties are ranked, and that is said.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import bench_outages

NATIONAL = Path(__file__).parents[2] / "shared" / "data" / "fema-nri" / "nri_future_risk_2024_counties.csv"


def measured(words: list[str]) -> tuple[float, float, str]:
    """CPU seconds, resident memory in MB (of the largest child so far) and output of a command of the desk."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(  # noqa: S603 (our own interpreter)
        [sys.executable, "-m", "bptm.cli", "program", *words], capture_output=True, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu_s, after.ru_maxrss / 1024, done.stdout


def told(what: str, cpu_s: float, aim: str, more: str = "") -> None:
    """One line of the table."""
    sys.stdout.write(f"{what:<58} {cpu_s:6.1f} CPU s   {aim:<22} {more}\n")
    sys.stdout.flush()


def main() -> None:
    """Runs every command once."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--rows", type=int, default=1_000_000, help="outage rows; 10000000 is what the aim is about")
    asked.add_argument("--nri", type=Path, default=NATIONAL)
    asked.add_argument("--million", action="store_true", help="also site a million premises")
    given = asked.parse_args()
    national = ["--nri", str(given.nri), "--weights", "wildfire,hurricane"] if given.nri.is_file() else []
    rank_s, _mb, said = measured(["rank", *national, "--json"])
    counties = len(json.loads(said)["counties"])
    told(f"rank: {counties:,} counties" + ("" if national else " (those that ship)"), rank_s, "")
    limits = ["--meters", "5000", "--budget", "6500000", "--crew-hours", "7500", "--floor", "medical_baseline=0.2"]
    for homes in (100_000, *((1_000_000,) if given.million else ())):
        site_s, mb, said = measured(["site", "--synthetic", str(homes), *limits, "--json"])
        gap = json.loads(said)["plan"]["gap_fraction"]
        told(f"site: {homes:,} premises", site_s, "", f"gap {gap:.4%}, {mb:,.0f} MB so far")
        if homes == 100_000:  # noqa: PLR2004 (the size the aim names)
            told("rank and site together", rank_s + site_s, "aim: under 10 s")
    told("value: 100,000 draws of six options", measured(["value", "--json"])[0], "aim: under 10 s")
    told("survive: 100,000 homes of seven kinds", measured(["survive", "--json"])[0], "aim: under 10 s")
    with tempfile.TemporaryDirectory(prefix="bptm-bench-") as folder:
        path = Path(folder) / "outages.csv"
        bench_outages.make(path, given.rows)
        size_mb = path.stat().st_size / 1e6
        words = ["outages", "--outages", str(path), "--customers", "5500000", "--memory-mb", "800", "--json"]
        cpu_s, mb, said = measured(words)
        read = json.loads(said)["rows_read"]
        told(f"outages: {read:,} rows, {size_mb:,.0f} MB", cpu_s, "aim: bounded memory", f"{mb:,.0f} MB at most")


if __name__ == "__main__":
    main()
