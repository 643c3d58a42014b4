"""The summary plot of a fleet run: what was used, by what it was fed, and how many homes stood without."""

from pathlib import Path
from typing import Any, cast

import numpy as np

from bptm.twin.fleet_run import FleetResult

_IN_MW_FROM_W = 2e6
_INK = "#22303c"
_COLOURS = {"utility_w": "#2b6ca3", "backup_w": "#d9822b", "solar_w": "#e3c23c"}
_NAMES = {"utility_w": "utility", "backup_w": "backup sources", "solar_w": "solar"}


def draw_summary(result: FleetResult, file: Path) -> None:
    """Draws load by source above, homes without utility below, on one axis of local time."""
    import matplotlib as mpl  # noqa: PLC0415  half a second that only this shall pay

    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415
    from matplotlib import dates  # noqa: PLC0415

    plan, rows = result.plan, result.intervals
    at: Any = np.append(rows["begins_at"], rows["begins_at"][-1] + np.timedelta64(int(rows["lasts_s"][-1]), "s"))
    largest_w = float(rows["load_w"].max())
    scale, unit = (1e6, "MW") if largest_w >= _IN_MW_FROM_W else (1e3, "kW")
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(9.0, 5.6), sharex=True, height_ratios=(2.2, 1.0), layout="constrained"
    )
    floor = np.zeros(len(at))
    for name, colour in _COLOURS.items():
        if not rows[name].any():
            continue
        top = floor + np.append(rows[name], rows[name][-1]) / scale
        above.fill_between(at, floor, top, step="post", color=colour, linewidth=0, label=_NAMES[name])
        floor = top
    above.set_ylabel(f"mean power, {unit}")
    above.set_ylim(bottom=min(0.0, float(floor.min())))
    title = f"{plan.homes:,} homes, {plan.hours:g} h from {plan.start:%Y-%m-%d %H:%M} local standard time"
    above.set_title(
        f"{title}, seed {plan.seed}",
        loc="left",
        fontsize=11,
        color=_INK,
    )
    above.legend(loc="upper left", frameon=False, ncols=3, fontsize=9)
    for name, label, colour in (
        ("feeder_dead_homes", "without their feeder", "#7d8a97"),
        ("dark_homes", "of these dark", "#22303c"),
    ):
        below.step(at, np.append(rows[name], rows[name][-1]), where="post", color=colour, label=label, linewidth=1.2)
    below.set_ylabel("homes")
    below.set_ylim(0, 1.3 * max(1, int(rows["feeder_dead_homes"].max())))
    below.legend(loc="upper left", frameon=False, ncols=2, fontsize=9)
    locator = dates.AutoDateLocator()
    below.xaxis.set_major_locator(locator)
    below.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))
    below.set_xlim(at[0], at[-1])
    for axes in (above, below):
        axes.grid(axis="y", color="#d8dee4", linewidth=0.6)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    cast("Any", figure).savefig(file, dpi=120)
    plt.close(figure)
