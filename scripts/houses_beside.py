"""What every comparison of houses needs: our side by the minute and by use, figures, tables and curves.

Used by `compare_houses.py` (GridLAB-D) and `compare_ochre.py`; nothing of it is for a run of bptm.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.fleet import Fleet, HourlyWeather
from bptm.terms.core_codes import TICKS_PER_S
from bptm.twin.weather import Weather

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("BPTM_SHARED_DATA", ROOT.parent / "shared" / "data"))
PICTURES = ROOT / "docs" / "pictures"
SETTLE_H = 8
MINUTE_TICKS = 60 * TICKS_PER_S
DAY_MIN = 1440
TOP_PART = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One day to compare."""

    name: str
    begin: datetime
    outages_min: tuple[tuple[int, int], ...] = ()
    """Minutes after `begin`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curves:
    """One side of one case, by the minute: powers in kW over (minutes, houses), temperatures in C, mean of all."""

    load_kw: NDArray[Any]
    hvac_kw: NDArray[Any]
    water_kw: NDArray[Any]
    air_c: NDArray[Any]
    tank_c: NDArray[Any]
    """Mean temperature of the water in the tanks; empty without tanks."""

    def rest_kw(self) -> NDArray[Any]:
        """Everything that is neither HVAC nor water."""
        return self.load_kw - self.hvac_kw - self.water_kw


def our_day(
    setups: NDArray[Any],
    weather: Weather,
    case: Case,
    each_minute: Callable[[NDArray[Any], datetime], None] | None = None,
    feed: Callable[[Fleet, int], None] | None = None,
) -> Curves:
    """The same day from the whole twin with its meters.

    Args:
        setups: Houses.
        weather: Of the year.
        case: The day, with its outages.
        each_minute: May change set points of the setups, told the local time; for thermostats that have programs.
        feed: Told the fleet and the minute before it is lived: may say what is used in it.
    """
    setups = setups.copy()
    for at, (off, on) in enumerate(case.outages_min):
        setups["outages"] = at + 1
        setups["utility_off_tick"][:, at] = off * MINUTE_TICKS
        setups["utility_on_tick"][:, at] = on * MINUTE_TICKS
    run = weather.of_run(case.begin, DAY_MIN * 60)
    if each_minute is not None:
        each_minute(setups, case.begin - timedelta(hours=1))
    fleet = Fleet.build(
        setups, 0, HourlyWeather(first_tick=-SETTLE_H * 3600 * TICKS_PER_S, outdoor_c=run.outdoor_c, sun=run.sun)
    )
    uses = ("utility_in_mwticks", "hvac_mwticks", "water_mwticks")
    before = np.zeros((len(uses), len(setups)))
    powers = np.zeros((len(uses), DAY_MIN, len(setups)))
    air_c, tank_c = np.zeros(DAY_MIN), np.zeros(DAY_MIN)
    tanks = setups["element_w"] > 0.0
    for minute in range(DAY_MIN):
        if each_minute is not None:
            each_minute(fleet.setups(), case.begin + timedelta(minutes=minute))
        if feed is not None:
            feed(fleet, minute)
        fleet.advance((minute + 1) * MINUTE_TICKS)
        home = fleet.homes()
        now = np.array([home[name] for name in uses], np.float64)
        powers[:, minute] = (now - before) / (1000.0 * MINUTE_TICKS * 1000.0)
        before = now
        air_c[minute] = home["air_c"].mean()
        if tanks.any():
            water_c = TOP_PART * home["tank_top_c"] + (1.0 - TOP_PART) * home["tank_low_c"]
            tank_c[minute] = water_c[tanks].mean()
    load, hvac, water = powers
    return Curves(
        load_kw=load, hvac_kw=hvac, water_kw=water, air_c=air_c, tank_c=tank_c if tanks.any() else np.zeros(0)
    )


def more(theirs: float, ours: float) -> str:
    """How far ours is above theirs."""
    return f"{ours / theirs - 1:+.1%}" if theirs > 0.0 else "-"


def peak_kw(load_kw: NDArray[Any]) -> float:
    """Highest mean of 15 minutes, all houses together."""
    return float(np.convolve(load_kw.sum(axis=1), np.ones(15) / 15, "valid").max())


DAY_HEAD = "| case | {peer}, kWh | load | HVAC | water | the rest | peak of 15 min |\n|---|---|---|---|---|---|---|"


def day_row(case: Case, theirs: Curves, ours: Curves) -> str:
    """Energy of the day by use, and its peak: ours against theirs."""
    pairs = (
        (theirs.load_kw, ours.load_kw),
        (theirs.hvac_kw, ours.hvac_kw),
        (theirs.water_kw, ours.water_kw),
        (theirs.rest_kw(), ours.rest_kw()),
    )
    cells = [more(float(a.sum()), float(b.sum())) for a, b in pairs]
    cells.append(more(peak_kw(theirs.load_kw), peak_kw(ours.load_kw)))
    return f"| {case.name} | {theirs.load_kw.sum() / 60:.0f} | " + " | ".join(cells) + " |"


RETURN_HEAD = (
    "| case | air when power returns, {peer} / bptm | water then | first 5 min | first 30 min "
    "| HVAC of it | water of it | 3 h |"
    "\n|---|---|---|---|---|---|---|---|"
)


def return_row(case: Case, theirs: Curves, ours: Curves) -> str:
    """What an outage left, and the load after it: ours against theirs."""
    _off, back = case.outages_min[-1]

    def energy(power_kw: NDArray[Any], minutes: int) -> float:
        return float(power_kw[back : back + minutes].sum()) / 60.0

    cells = [f"{theirs.air_c[back - 1]:.1f} / {ours.air_c[back - 1]:.1f} C"]
    cells.append(f"{theirs.tank_c[back - 1]:.1f} / {ours.tank_c[back - 1]:.1f} C" if len(theirs.tank_c) else "-")
    cells += [more(energy(theirs.load_kw, span), energy(ours.load_kw, span)) for span in (5, 30)]
    half_hour = energy(theirs.load_kw, 30)
    for a, b in ((theirs.hvac_kw, ours.hvac_kw), (theirs.water_kw, ours.water_kw)):
        # In points of the whole, so that the two and the rest add up to the error of the half hour.
        cells.append(f"{(energy(b, 30) - energy(a, 30)) / half_hour:+.1%}")
    cells.append(more(energy(theirs.load_kw, 180), energy(ours.load_kw, 180)))
    return f"| {case.name} | " + " | ".join(cells) + " |"


def draw(title: str, peer: str, rows: list[tuple[Case, Curves, Curves]], file: Path) -> None:
    """Curves side by side, one panel a case."""
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415

    columns = 2
    lines = -(-len(rows) // columns)
    made: Any = plt.subplots(
        lines, columns, figsize=(10, 2.5 * lines), sharex=True, layout="constrained", squeeze=False
    )
    figure, grid = made
    hours = np.arange(DAY_MIN) / 60
    smooth = np.ones(5) / 5
    for axes, (case, theirs, ours) in zip(grid.flat, rows, strict=False):
        for off, on in case.outages_min:
            axes.axvspan(off / 60, on / 60, color="#e8ebee", linewidth=0)
        for curves, colour, name in ((theirs, "#d9822b", peer), (ours, "#2b6ca3", "bptm")):
            axes.plot(hours, np.convolve(curves.load_kw.sum(axis=1), smooth, "same"), color=colour, lw=1.1, label=name)
        axes.set_title(case.name, fontsize=10, loc="left")
        axes.set_ylim(bottom=0)
        axes.set_xlim(0, 24)
        axes.set_xticks(range(0, 25, 4))
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    for axes in grid.flat[len(rows) :]:
        axes.set_visible(False)
    grid[0, 0].legend(frameon=False, fontsize=9)
    for axes in grid[:, 0]:
        axes.set_ylabel("kW, 5 min mean")
    for axes in grid[-1]:
        axes.set_xlabel("hour, local standard time")
    figure.suptitle(title, fontsize=11, x=0.01, ha="left")
    figure.savefig(file, dpi=110)
    plt.close(figure)


def tell(peer: str, rows: list[tuple[Case, Curves, Curves]]) -> None:
    """Both tables, as the docs have them."""
    print(DAY_HEAD.format(peer=peer))
    for case, theirs, ours in rows:
        print(day_row(case, theirs, ours))
    returns = [row for row in rows if row[0].outages_min]
    if returns:
        print("\n" + RETURN_HEAD.format(peer=peer))
        for case, theirs, ours in returns:
            print(return_row(case, theirs, ours))
    print(flush=True)
