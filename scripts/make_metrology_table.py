"""Makes the table of metrology's accuracy in docs/explanation/metrology.md: algorithm error and hardware budget.

python scripts/make_metrology_table.py            writes the table into the page
python scripts/make_metrology_table.py --check    writes nothing; status 1 and a sentence when it is not current
"""

import argparse
import math
import sys
from dataclasses import replace
from pathlib import Path

from bptm.assurance.metrology_points import (
    FLAT_TOP,
    IDEAL,
    RECTIFIER,
    Channel,
    Hardware,
    Load,
    distorted,
    register,
    resistive,
)

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "metrology.md"
BEGIN = "<!-- Made by scripts/make_metrology_table.py; do not edit. -->"
END = "<!-- End of what is made. -->"
SECONDS = 10.0
CLASS_PERCENT = 0.2
MINUTE_RAD = math.pi / 180.0 / 60.0
LAG_RAD = math.pi / 3

# The reference hardware: our own choice of parts that can be bought, each at its worst sign.
CONVERTER = Hardware(voltage=Channel(bits=18, full=400.0), current=Channel(bits=18, full=600.0))
NOISE = Hardware(voltage=Channel(noise_rms=0.05), current=Channel(noise_rms=0.005))
OFFSET = Hardware(voltage=Channel(offset=0.2), current=Channel(offset=0.05))
RATIO = Hardware(voltage=Channel(ratio_fraction=3e-4), current=Channel(ratio_fraction=5e-4))
PHASE = Hardware(current=Channel(lead_rad=0.6 * MINUTE_RAD))
TEMPERATURE = Hardware(
    voltage=Channel(ratio_fraction=40 * 5e-6), current=Channel(ratio_fraction=40 * 10e-6, lead_rad=0.3 * MINUTE_RAD)
)
ITEMS = {
    "converter": CONVERTER,
    "noise": NOISE,
    "offset": OFFSET,
    "ratio": RATIO,
    "phase": PHASE,
    "temperature": TEMPERATURE,
}


def joined(first: Channel, second: Channel) -> Channel:
    """Both channels' faults in one."""
    return Channel(
        ratio_fraction=first.ratio_fraction + second.ratio_fraction,
        lead_rad=first.lead_rad + second.lead_rad,
        noise_rms=math.hypot(first.noise_rms, second.noise_rms),
        offset=first.offset + second.offset,
        bits=max(first.bits, second.bits),
        full=max(first.full, second.full),
    )


def everything() -> Hardware:
    """All items at once, every sign the worst."""
    total = IDEAL
    for item in ITEMS.values():
        total = replace(total, voltage=joined(total.voltage, item.voltage), current=joined(total.current, item.current))
    return total


def points() -> dict[str, Load]:
    """The test points, by their names in the table."""
    return {
        "full load, 30 A": resistive(60.0, 30.0),
        "light load, 3 A": resistive(60.0, 3.0),
        "30 A at 0.5 lag": resistive(60.0, 30.0, LAG_RAD),
        "class current, 200 A": resistive(60.0, 200.0),
        "starting current, 0.05 A": resistive(60.0, 0.05),
        "30 A at 58.8 Hz": resistive(58.8, 30.0),
        "30 A at 62.5 Hz": resistive(62.5, 30.0),
        "30 A at 0.5 lag, 62.5 Hz": resistive(62.5, 30.0, LAG_RAD),
        "rectifier, 30 A": distorted(60.0, 30.0, FLAT_TOP, RECTIFIER),
        "rectifier, 3 A": distorted(60.0, 3.0, FLAT_TOP, RECTIFIER),
        "rectifier, 30 A at 62.5 Hz": distorted(62.5, 30.0, FLAT_TOP, RECTIFIER),
    }


def error_percent(load: Load, hardware: Hardware) -> float:
    """Registered over true energy, less one, in percent."""
    return 100.0 * register(load, seconds=SECONDS, hardware=hardware).error_fraction


def row(name: str, load: Load) -> tuple[list[str], float]:
    """One line of the table, and its error with all hardware in percent."""
    algorithm_ppm = abs(error_percent(load, IDEAL)) * 1e4
    cells = [name, f"< {max(1, math.ceil(algorithm_ppm))} ppm"]
    cells += [f"{error_percent(load, hardware):+.3f}".replace("-0.000", "+0.000") for hardware in ITEMS.values()]
    total = error_percent(load, everything())
    return [*cells, f"{total:+.2f}"], total


def table() -> str:
    """The table and the line about creep."""
    head = ["test point", "algorithm", *(f"{name} %" for name in ITEMS), "all %"]
    made = [row(name, load) for name, load in points().items()]
    lines = [head, ["---"] * len(head), *(cells for cells, _total in made)]
    worst = max(abs(total) for _cells, total in made)
    idle = register(resistive(60.0, 1e-9), seconds=60.0, hardware=everything()).two_element_ws
    verdict = "within" if worst <= CLASS_PERCENT else "OUTSIDE"
    return "\n".join(
        (
            BEGIN,
            "",
            *("| " + " | ".join(line) + " |" for line in lines),
            "",
            f"Worst of all points with all hardware at its worst sign: {worst:.2f} %, {verdict} class 0.2.",
            f"No load for 60 s through the same hardware: {idle:.0f} W s registered.",
            "",
            END,
        )
    )


def with_table(page: str) -> str:
    """The page with the table put between its marks.

    Raises:
        ValueError: The page has no marks.
    """
    before, begin, rest = page.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        msg = f"{PAGE}: put the lines `{BEGIN}` and `{END}` where the table shall stand"
        raise ValueError(msg)
    return before + table() + after


def main() -> int:
    """Writes or checks the table."""
    parser = argparse.ArgumentParser(description="Makes the table of metrology's accuracy.")
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the table is current")
    asked = parser.parse_args()
    page = PAGE.read_text(encoding="utf-8")
    current = with_table(page)
    if asked.check:
        if current != page:
            print(f"not current: {PAGE.name}; run `python scripts/make_metrology_table.py`", file=sys.stderr)
            return 1
        return 0
    PAGE.write_text(current, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
