"""Measures `bptm program outages` on ten million outages: CPU time and the largest resident memory of its process.

    python scripts/bench_outages.py [--rows 10000000] [--form csv|gz|parquet] [--memory-mb 800]

The rows are made by the engine itself, seeded, with some bad ones of each kind; nothing is kept.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from bptm.program.duck import Tables, quoted

CIRCUITS = 3_000


def make(path: Path, rows: int) -> None:
    """Writes `rows` outages; one in a thousand has its end before its start, one in two thousand no customers."""
    with Tables() as tables:
        tables.run("SELECT setseed(0.42)")
        chosen = (
            "SELECT 'O-' || i AS outage, start_utc, "  # noqa: S608
            "start_utc + to_seconds(CASE WHEN i % 1000 = 7 THEN -60 ELSE 30 + round(-ln(random()) * 9000)::INT END) "
            "AS last_seen_utc, CASE WHEN i % 2000 = 11 THEN 'NA' ELSE (1 + round(-ln(random()) * "
            "80)::INT)::VARCHAR END "
            "AS customers_max, CASE WHEN i % 10 = 3 THEN 'psps' WHEN i % 10 = 4 THEN 'scheduled' ELSE 'equipment' END "
            f"AS cause, 'circuit ' || (i * 7919 % {CIRCUITS}) AS region FROM (SELECT i, TIMESTAMPTZ '2015-01-01' "
            f"+ to_seconds((random() * 189000000)::BIGINT) AS start_utc FROM range({rows}) t(i))"
        )
        form = "(FORMAT parquet)" if path.suffix == ".parquet" else "(FORMAT csv, HEADER)"
        tables.run(f"COPY ({chosen}) TO {quoted(str(path))} {form}")


def main() -> None:
    """Makes the file, runs the command as a process of its own, prints what it took."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=10_000_000)
    asked.add_argument("--form", choices=("csv", "gz", "parquet"), default="csv")
    asked.add_argument("--memory-mb", type=int, default=800)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="bptm-bench-") as folder:
        path = Path(folder) / {"csv": "o.csv", "gz": "o.csv.gz", "parquet": "o.parquet"}[given.form]
        make(path, given.rows)
        command = [sys.executable, "-m", "bptm.cli", "program", "outages", "--outages", str(path), "--json"]
        command += ["--customers", "5500000", "--memory-mb", str(given.memory_mb), "--refused", f"{folder}/refused.csv"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = json.loads(done.stdout)
        report = {
            "rows": given.rows,
            "file_mb": round(path.stat().st_size / 1e6),
            "memory_limit_mb": given.memory_mb,
            "peak_resident_mb": round(used.ru_maxrss / 1024),
            "cpu_s": round(used.ru_utime + used.ru_stime, 1),
            "rows_read": result["rows_read"],
            "rows_refused": result["rows_refused"],
            "saidi_minutes": result["saidi_minutes"],
        }
    sys.stdout.write(json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
