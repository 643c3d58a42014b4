"""`python scripts/compare_ochre.py`: ours beside OCHRE's all-electric example, same weather and outages.

The peer is found by `BPTM_OCHRE_PYTHON`, a Python with the package `ochre-nrel`. A picture goes to docs/pictures,
tables for docs/explanation/house.md to standard output. `--keep FILE` keeps what the peer answered, or reads it.

What the house *is* comes from the peer in two ways. The numbers of our three nodes, one set for summer and winter, are
fitted to its air on other days, on which it was heated or cooled in steps of six hours, and on the days before the
first outage. Capacity and power of the heat pump are read from the minutes of a normal day in which it ran. Outages are
in neither.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from houses_beside import DAY_MIN, MINUTE_TICKS, PICTURES, ROOT, Case, Curves, draw, our_day, tell
from numpy.typing import NDArray

from bptm.compiled.compiler import compile_beside
from bptm.compiled.fleet import HOME_DTYPE, SETUP_DTYPE, Fleet
from bptm.plant import house as core_house
from bptm.plant.house_use import PLUGS
from bptm.terms.core_codes import NEVER_TICKS
from bptm.terms.core_home import HEAT_PUMP
from bptm.twin.weather import Weather, upright_sun
from bptm.twin.weather_files import HOURS, Hours

SIZES = (
    (0.45, 18.9, 23.5), (0.55, 20.0, 24.4), (0.4, 21.0, 25.0), (0.7, 19.4, 23.9), (0.5, 20.5, 25.5),
    (0.6, 18.5, 24.8), (0.35, 20.2, 24.1), (0.5, 21.5, 23.2),
)  # fmt: skip
"""Each house: size of its heat pump against the example's, its heating and cooling set points."""
SEASONS = (("2018-07-16", "2018-06-20", 17, 3.0), ("2018-01-15", "2018-02-01", 8, 0.0))
"""First day, first day of the steps, hour at which outages end, how much lower set points are: a cool house."""
NORMAL_DAY, SHORT_DAY, LONG_DAY = 2, 3, 5
RUNS_W = 200.0
Ratio = Callable[[float], float]
HOUSE: Any = core_house
"""Core Python has no annotations."""


def outages(end_h: int) -> list[list[int]]:
    """Two hours on one day and six on another, minutes after the start."""
    return [
        [SHORT_DAY * DAY_MIN + (end_h - 2) * 60, SHORT_DAY * DAY_MIN + end_h * 60],
        [LONG_DAY * DAY_MIN + (end_h - 6) * 60, LONG_DAY * DAY_MIN + end_h * 60],
    ]


def job() -> dict[str, Any]:
    """A week of July and one of January; before, on other days, one house heated or cooled in steps of six hours."""
    seasons: list[dict[str, Any]] = []
    for start, known, end_h, lower_c in SEASONS:
        houses = [
            {"size": size, "shift_days": 7 * n, "heat_set_c": heat_c - lower_c, "cool_set_c": cool_c - lower_c}
            for n, (size, heat_c, cool_c) in enumerate(SIZES)
        ]
        steps = {
            "start": known,
            "days": 4,
            "size": 0.6,
            "heat_set_c": 20.0,
            "cool_set_c": 24.0 - lower_c,
            "rest_min": 360,
        }
        seasons.append({"steps": steps, "start": start, "days": 6, "outages": outages(end_h), "houses": houses})
    return {"seasons": seasons}


def ask_peer(python: str) -> list[dict[str, Any]]:
    """Everything, in OCHRE: about ten CPU minutes."""
    done = subprocess.run(  # noqa: S603 - the peer that the person named
        [python, "-W", "ignore", str(ROOT / "scripts" / "house_peer_ochre.py")],
        input=json.dumps(job()), stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit("OCHRE failed; its last words stand above")
    return json.loads(done.stdout)


def weather_of(epw: Path) -> Weather:
    """A year of hours from an EPW file: temperature of the hour's end, sun of the hour before it."""
    hours = Hours(latitude=39.8, hour_mean=True)
    with epw.open(encoding="utf-8", errors="replace") as lines:
        for at, row in enumerate(row for row in csv.reader(lines) if len(row) > 20 and row[0].isdigit()):  # noqa: PLR2004
            place = (at + 1) % HOURS
            hours.outdoor_c[place], hours.sun[place] = float(row[6]), float(row[13])
            hours.beam[place], hours.diffuse[place] = float(row[14]), float(row[15])
    hours.known[:] = True
    return Weather(name=epw.name, outdoor_c=hours.outdoor_c, sun=upright_sun(hours), known=hours.known)


def with_their_air(weather: Weather, start: datetime, outdoor_c: list[float]) -> Weather:
    """The same with the outdoor air that the peer really used."""
    own = weather.outdoor_c.copy()
    first = weather.hour(start)
    own[first : first + len(outdoor_c) // 60] = outdoor_c[::60]
    return replace(weather, outdoor_c=own)


def series_of(
    curves: dict[str, list[float]], weather: Weather, start: datetime, minutes: int
) -> dict[str, NDArray[Any]]:
    """Air of a house and everything that moves it, by the minute."""
    first = weather.hour(start)
    hours = minutes // 60 + 2
    one = {name: np.array(values[:minutes]) for name, values in curves.items()}
    return {
        "air_c": one["air_c"],
        "outdoor_c": one["outdoor_c"],
        "sun": np.interp(np.arange(minutes) / 60.0, np.arange(hours), weather.sun[first : first + hours]),
        "given_w": one["people_w"] + one["inside_w"] + one["heat_w"] - np.abs(one["cool_w"]),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Days of the peer without an outage, from whose air the house is found."""

    series: dict[str, NDArray[Any]]
    ground_c: float


NODES = (
    ("loss_per_k", 60.0), ("shell_in_per_k", 150.0), ("shell_out_per_k", 150.0), ("shell_joule_per_k", 5e6),
    ("link_per_k", 1000.0), ("air_joule_per_k", 1.5e6), ("mass_joule_per_k", 12e6), ("ground_per_k", 30.0),
    ("solar_m2", 2.0), ("face_rise_k", 3.0), ("face_sky_k", 2.0),
)  # fmt: skip
"""What the fit finds, all above zero, and where it begins."""


def envelope(all_known: list[Known]) -> tuple[dict[str, float], list[float]]:
    """Our house fitted to the peer's air from heat known, both seasons at once; and how well each of them, in K rms."""
    nodes: Any = compile_beside((("house_nodes", Path(__file__).with_name("house_nodes.py")),))
    setups, homes = np.zeros(1, SETUP_DTYPE), np.zeros(1, HOME_DTYPE)

    def lived(x: NDArray[Any]) -> list[NDArray[Any]]:
        for (name, _begin), value in zip(NODES, np.exp(x[: len(NODES)]).tolist(), strict=True):
            setups[name] = value
        errors: list[NDArray[Any]] = []
        for known, (mass_c, shell_c) in zip(all_known, x[len(NODES) :].reshape(-1, 2).tolist(), strict=True):
            one = known.series
            homes["air_c"], homes["mass_c"], homes["shell_c"] = one["air_c"][0], mass_c, shell_c
            setups["ground_c"] = known.ground_c
            found = np.zeros(len(one["air_c"]))
            nodes.follow(homes, setups, one["outdoor_c"], one["sun"], one["given_w"], found)
            errors.append((found - one["air_c"])[::5])
        return errors

    masses = np.repeat([float(known.series["air_c"][0]) for known in all_known], 2)
    begin = np.concatenate([np.log([value for _name, value in NODES]), masses])
    x = least_squares(lambda x: np.concatenate(lived(x)), begin)
    found = {name: float(value) for (name, _begin), value in zip(NODES, np.exp(x[: len(NODES)]), strict=True)}
    return found, [float(np.sqrt(np.mean(error**2))) for error in lived(x)]


def least_squares(error: Callable[[NDArray[Any]], NDArray[Any]], begin: NDArray[Any]) -> NDArray[Any]:
    """Levenberg and Marquardt's way down from `begin`."""
    x, damping = begin, 1e-2
    now = error(x)
    for _turn in range(60):
        slope = np.stack([(error(x + 1e-4 * unit) - now) / 1e-4 for unit in np.eye(len(x))], axis=1)
        square = slope.T @ slope
        step = np.linalg.solve(square + damping * np.diag(np.diag(square) + 1e-9), -slope.T @ now)
        there = error(x + step)
        if there @ there < now @ now:
            small = now @ now - there @ there < 1e-5 * (now @ now)
            x, now, damping = x + step, there, damping / 3.0
            if small:
                break
        else:
            damping *= 5.0
    return x


def plate(curves: dict[str, list[float]]) -> dict[str, float]:
    """A heat pump's capacity and power as its plate has them, in W, and its thermostat: from a normal day's minutes."""
    day = slice(NORMAL_DAY * DAY_MIN, (NORMAL_DAY + 1) * DAY_MIN)
    one = {name: np.array(values)[day] for name, values in curves.items()}
    found = {"cool_capacity_w": 0.0, "cool_rated_w": 0.0, "heat_capacity_w": 0.0, "heat_rated_w": 0.0}
    ratios: tuple[tuple[str, Ratio, Ratio], ...] = (
        ("cool", HOUSE.cool_ratio, HOUSE.cool_power_ratio),
        ("heat", HOUSE.heat_ratio, HOUSE.heat_power_ratio),
    )
    for kind, capacity, power in ratios:
        runs = (np.abs(one[f"{kind}_w"]) > RUNS_W) & (one["strips"] == 0.0)
        if runs.any():
            outdoor_c: list[float] = one["outdoor_c"][runs].tolist()
            given = np.abs(one[f"{kind}_w"][runs]) / np.array([capacity(c) for c in outdoor_c], np.float64)
            found[f"{kind}_capacity_w"] = float(np.median(given))
            used = 1000.0 * one[kind][runs] / np.array([power(c) for c in outdoor_c], np.float64)
            found[f"{kind}_rated_w"] = float(np.median(used))
            # Where it really starts and stops: the middle is up to 0.3 K from the set point that it was given.
            turns = np.diff(runs.astype(np.int64))
            on_c, off_c = (float(np.median(one["air_c"][:-1][turns == turn])) for turn in (1, -1))
            found |= {f"{kind}_set_c": 0.5 * (on_c + off_c), "deadband_c": abs(on_c - off_c)}
    return found


def our_setups(season: dict[str, Any], houses: list[dict[str, float]], house: dict[str, float]) -> NDArray[Any]:
    """The same houses in our terms."""
    setups = np.zeros(len(SIZES), SETUP_DTYPE)
    for n, (found, one) in enumerate(zip(season["houses"], houses, strict=True)):
        curves, facts = found["curves"], found["facts"]
        rest_w = 1000.0 * float(np.mean(
            np.array(curves["load"]) - np.array(curves["cool"]) - np.array(curves["heat"]) - np.array(curves["water"])
        ))  # fmt: skip
        litres = float(np.sum(curves["litres"])) / (len(curves["litres"]) / DAY_MIN)
        values = {
            "seed": 977 * n + 3, "house": 1, "utility_v": 120.0, "service_ohm": 0.001, "inlet_rating_a": 30.0,
            "backup_rating_w": 1.0, "backup_start_ticks": NEVER_TICKS, "backup_run_ticks": NEVER_TICKS,
            "backup_gap_ticks": NEVER_TICKS, "essential_fraction": 1.0, "medical": 1, "floor_m2": 111.0,
            "heat_kind": HEAT_PUMP, "sensible_fraction": 1.0, "deadband_c": 1.0, "heat_set_c": one["heat_set_c"],
            "cool_set_c": one["cool_set_c"], "aux_w": facts["strips_w"], "min_off_ticks": 0, "restart_ticks": 0,
            "tank_joule_per_k": facts["tank_joule_per_k"], "tank_loss_per_k": facts["tank_loss_per_k"],
            "element_w": facts["element_w"], "tank_set_c": facts["tank_set_c"], "inlet_c": facts["inlet_c"],
            "draws_count": 40.0, "draw_l": litres / 40.0, "box_joule_per_k": 150e3,
            "daily_w": rest_w / float(np.mean(PLUGS[:24])),
        } | plate(curves) | house  # fmt: skip
        for name, value in values.items():
            setups[n][name] = value
    return setups


def all_houses(season: dict[str, Any], day: int, *names: str) -> NDArray[Any]:
    """One day of all houses by the minute, shape (minutes, houses): the sum of these curves."""
    span = slice(day * DAY_MIN, (day + 1) * DAY_MIN)
    return np.stack([sum(np.array(one["curves"][name][span]) for name in names) for one in season["houses"]], axis=1)


def their_curves(season: dict[str, Any], day: int) -> Curves:
    """One day of all houses."""
    all_of = partial(all_houses, season, day)
    return Curves(
        load_kw=all_of("load"),
        hvac_kw=all_of("cool", "heat"),
        water_kw=all_of("water"),
        air_c=all_of("air_c").mean(axis=1),
        tank_c=all_of("tank_c").mean(axis=1),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """What was asked of the peer, what it answered, and its weather."""

    asked: dict[str, Any]
    answer: dict[str, Any]
    weather: Weather
    """With the outdoor air that the peer used in these days."""
    known: list[Known]

    @property
    def start(self) -> datetime:
        """First day."""
        return datetime.fromisoformat(self.asked["start"])


def season_of(asked: dict[str, Any], answer: dict[str, Any], weather: Weather) -> Season:
    """One season, with its days of steps and the days before the first outage of two houses."""
    steps = asked["steps"]
    known_start, start = datetime.fromisoformat(steps["start"]), datetime.fromisoformat(asked["start"])
    used = with_their_air(weather, start, answer["houses"][0]["curves"]["outdoor_c"])
    there = with_their_air(weather, known_start, answer["steps"]["outdoor_c"])
    stepped = series_of(answer["steps"], there, known_start, steps["days"] * DAY_MIN)
    known = [Known(series=stepped, ground_c=ground_c(weather, known_start))]
    for one in answer["houses"][:2]:
        lived = series_of(one["curves"], used, start, SHORT_DAY * DAY_MIN)
        known.append(Known(series=lived, ground_c=ground_c(weather, start)))
    return Season(asked=asked, answer=answer, weather=used, known=known)


def ground_c(weather: Weather, day: datetime) -> float:
    """The ground of a day."""
    return float(weather.ground_c[weather.hour(day) // 24])


def their_use(answer: dict[str, Any], day: int) -> Callable[[Fleet, int], None]:
    """Gives our houses, minute by minute, the plugs, the water and the heat inside that theirs had on a day."""
    all_of = partial(all_houses, answer, day)
    uses_w = 1000.0 * (all_of("load") - all_of("cool") - all_of("heat") - all_of("water"))
    # What ours does not take for the heat of its plugs comes from people, one for all the heat at this hour.
    people_w = all_of("inside_w") + all_of("people_w") - HOUSE.HEAT_OF_PLUGS * uses_w
    litres = all_of("litres")

    def feed(fleet: Fleet, minute: int) -> None:
        setups, homes = fleet.setups(), fleet.homes()
        # The only thing that a comparison has to say to a house's state: the draw that begins now.
        homes.flags.writeable = True
        setups["daily_w"] = setups["draws_count"] = 0.0
        setups["base_w"] = uses_w[minute]
        setups["people"] = people_w[minute] / HOUSE.HEAT_OF_PERSON_W / HOUSE.at_home_share(minute * MINUTE_TICKS)
        homes["draw_left_l"] = litres[minute]

    return feed


def compare(season: Season, house: dict[str, float], end_h: int) -> list[tuple[Case, Curves, Curves]]:
    """A season's three days."""
    setups = our_setups(season.answer, season.asked["houses"], house)
    setups["ground_c"] = ground_c(season.weather, season.start)
    rows: list[tuple[Case, Curves, Curves]] = []
    for day, hours in ((NORMAL_DAY, 0), (SHORT_DAY, 2), (LONG_DAY, 6)):
        name = "July" if season.start.month > 6 else "January"  # noqa: PLR2004 - summer
        begin = (season.start + timedelta(days=day)).replace(year=2001)
        out = ((end_h * 60 - hours * 60, end_h * 60),) if hours else ()
        case = Case(
            name=f"{name}, {hours} h to {end_h} h" if hours else f"{name}, no outage", begin=begin, outages_min=out
        )
        rows.append(
            (
                case,
                their_curves(season.answer, day),
                our_day(setups, season.weather, case, feed=their_use(season.answer, day)),
            )
        )
    return rows


def main() -> None:
    """Both seasons."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--keep", type=Path, help="file that keeps the peer's answer")
    asked = words.parse_args()
    python = os.environ.get("BPTM_OCHRE_PYTHON", "")
    if not python or not Path(python).is_file():
        sys.exit('set BPTM_OCHRE_PYTHON to a Python that has OCHRE (pip install ochre-nrel "pyarrow<20")')
    if asked.keep and asked.keep.is_file():
        answer = json.loads(asked.keep.read_text(encoding="utf-8"))
    else:
        answer = ask_peer(python)
        if asked.keep:
            asked.keep.write_text(json.dumps(answer), encoding="utf-8")
    found = sorted(Path(python).parents[1].glob("lib/python3*/site-packages/ochre/defaults/Weather/*.epw"))
    weather = weather_of(found[0])
    seasons = [season_of(asked, found, weather) for asked, found in zip(job()["seasons"], answer, strict=True)]
    house, errors_k = envelope([known for season in seasons for known in season.known])
    told = json.dumps({name: float(f"{value:.3g}") for name, value in house.items()})
    print(f"{told}, rms {', '.join(f'{error:.2f}' for error in errors_k)} K", file=sys.stderr)
    rows: list[tuple[Case, Curves, Curves]] = []
    for season, (_start, _known, end_h, _lower) in zip(seasons, SEASONS, strict=True):
        rows += compare(season, house, end_h)
    tell("OCHRE", rows)
    draw(f"{len(SIZES)} houses, Denver: OCHRE's example house and ours", "OCHRE", rows, PICTURES / "house-ochre.png")


if __name__ == "__main__":
    main()
