"""The simulated homes of an event: each one customer of the record, at its real place, with its real outages.

Homes are seats (`seats`) drawn evenly without replacement, so places and restorations are met in proportion to
their customers. What stands in a home is drawn from the tables in `homes`. Three homes carry a fault, and say so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.dtypes import dtype_of
from bptm.terms.codes import BackupKind
from bptm.terms.core_codes import NEVER_TICKS, TICKS_PER_S
from bptm.terms.core_home import OUTAGES_MAX, SETUP_FIELDS
from bptm.twin.event import OutageEvent, utc_text
from bptm.twin.homes import SOURCES, Draws, equip, furnish
from bptm.twin.seats import SeatGroup, seat

SETUP_DTYPE: np.dtype[Any] = dtype_of(SETUP_FIELDS)

METERS_MAX = 11_000
JOIN_S = 60
"""An outage already under way at the start of a replay begins this much after it, so that every meter starts with
power, joins, and tells of the loss."""

MERGE_S = 60
"""Outages nearer than this are one: the record is no finer."""

FAULT_OUTAGE_S = 4 * 3600
"""A home with a planted fault has an outage at least this long, where the event has such homes: its owner takes up
to twenty minutes, and faults take their time to show."""
FAULT_START_S = (10 * 60, 20 * 60)

SUN_FROM_H, SUN_TO_H = 11.0, 14.0
"""Local hours in which a forgotten solar array surely produces more than a home on backup takes."""

FORGOTTEN_SOLAR_W = 6000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePlace:
    """A home as people name it."""

    meter_id: str
    place: str
    region: str
    lat: float
    lon: float
    backup: BackupKind
    medical: bool
    note: str
    """The planted fault in words; empty in all homes but three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """All homes of a replay. `setups` and `places` run alike: home 0 is `BPTM-000001`."""

    setups: NDArray[np.void]
    """Records of `terms.core_home.SETUP_FIELDS`; tick 0 is the `from_s` they were made with."""
    places: tuple[HomePlace, ...]
    start_tick_of_day: int
    """Local time of tick 0, in ticks after midnight, by the mean longitude of the homes."""
    faults: tuple[tuple[str, str], ...]
    """Meter id and words of each planted fault."""
    faults_left_out: tuple[str, ...]
    """Words of those that found no home: there are fewer homes than faults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    words: str
    kind: BackupKind
    needs_sun: bool
    plant: Callable[[NDArray[np.void], int], None]


def _weld(setups: NDArray[np.void], home: int) -> None:
    setups["u_weld"][home] = 3


def _stick(setups: NDArray[np.void], home: int) -> None:
    setups["u_feedback_stuck_closed"][home] = 1


def _forget_solar(setups: NDArray[np.void], home: int) -> None:
    setups["solar_w"][home] = FORGOTTEN_SOLAR_W
    setups["load_side_generation"][home] = 1


FAULTS = (
    _Fault(
        words="welded contact: both poles of the utility contactor stay closed",
        kind=BackupKind.PORTABLE,
        needs_sun=False,
        plant=_weld,
    ),
    _Fault(
        words="lying feedback: the utility contactor's feedback reads closed whatever it does",
        kind=BackupKind.PORTABLE,
        needs_sun=False,
        plant=_stick,
    ),
    _Fault(
        words="forgotten solar: an array on the premise bus that nobody switches off",
        kind=BackupKind.INVERTER,
        needs_sun=True,
        plant=_forget_solar,
    ),
)


def make_population(event: OutageEvent, meters: int, seed: int, from_s: int) -> Population:
    """Make the homes of a replay. Same arguments, same homes to the bit.

    Args:
        event: What happened.
        meters: How many homes, 1 to 11,000, at most the event's customers.
        seed: Any whole number from 0.
        from_s: Start of the replay, Unix seconds, inside the event; tick 0.

    Raises:
        ValueError: Arguments outside these bounds, in one sentence.
    """
    groups = _seen_from(event, from_s)
    customers = sum(group.seats for group in groups)
    if not 1 <= meters <= METERS_MAX:
        msg = f"meters is {meters}: give 1 to {METERS_MAX}"
        raise ValueError(msg)
    if meters > customers:
        msg = f"meters is {meters}, but event {event.name} has {customers} customers: give at most that many"
        raise ValueError(msg)
    if seed < 0:
        msg = f"seed is {seed}: give a whole number from 0"
        raise ValueError(msg)
    draws = Draws(seed, meters)
    homes = _drawn(groups, draws)
    setups = np.zeros(meters, dtype=SETUP_DTYPE)
    for home, group in enumerate(homes):
        _set_outages(setups, home, group, from_s)
    mean_lon = float(np.mean([group.lon for group in homes]))
    zone_s = round(mean_lon / 15.0) * 3600
    longest_tick, longest_ticks = _longest(setups, (event.end_s - from_s) * TICKS_PER_S)
    furnish(setups, draws, _local_hour_h(longest_tick, from_s + zone_s))
    notes = _plant_faults(setups, draws, longest_tick, longest_ticks, from_s + zone_s)
    places = tuple(_place(home, group, setups, notes) for home, group in enumerate(homes))
    return Population(
        setups=setups,
        places=places,
        start_tick_of_day=(from_s + zone_s) % 86400 * TICKS_PER_S,
        faults=tuple((places[home].meter_id, words) for home, words in sorted(notes.items())),
        faults_left_out=tuple(fault.words for fault in FAULTS if fault.words not in notes.values()),
    )


def _seen_from(event: OutageEvent, from_s: int) -> list[SeatGroup]:
    """Seats with an outage left at or after the start of the replay."""
    if not event.start_s <= from_s < event.end_s:
        msg = f"start {utc_text(from_s)} lies outside event {event.name}: give one from {utc_text(event.start_s)} to "
        msg += f"before {utc_text(event.end_s)}"
        raise ValueError(msg)
    groups = seat(event.blocks)
    return [g for g in groups if any(o.on_s is None or o.on_s > from_s + JOIN_S for o in g.outages)]


def _drawn(groups: list[SeatGroup], draws: Draws) -> list[SeatGroup]:
    """The group of each home's seat."""
    ends = np.cumsum(np.array([group.seats for group in groups], dtype=np.int64))
    numbers = draws.distinct(int(ends[-1]))
    return [groups[index] for index in np.searchsorted(ends, numbers, side="right").tolist()]


def _set_outages(setups: NDArray[np.void], home: int, group: SeatGroup, from_s: int) -> None:
    """Write a seat's outages as ticks, merged where they touch, at most `OUTAGES_MAX`."""
    spans: list[list[int]] = []
    for outage in group.outages:
        off_tick = (max(outage.off_s, from_s + JOIN_S) - from_s) * TICKS_PER_S
        on_tick = NEVER_TICKS if outage.on_s is None else (outage.on_s - from_s) * TICKS_PER_S
        if on_tick <= off_tick:
            continue
        if spans and off_tick - spans[-1][1] < MERGE_S * TICKS_PER_S:
            spans[-1][1] = max(spans[-1][1], on_tick)
        else:
            spans.append([off_tick, on_tick])
    while len(spans) > OUTAGES_MAX:
        # Rare: close the shortest return, which changes least of what this customer lived through.
        at = min(range(len(spans) - 1), key=lambda i: spans[i + 1][0] - spans[i][1])
        spans[at : at + 2] = [[spans[at][0], spans[at + 1][1]]]
    setups["outages"][home] = len(spans)
    for index, (off_tick, on_tick) in enumerate(spans):
        setups["utility_off_tick"][home, index] = off_tick
        setups["utility_on_tick"][home, index] = on_tick


def _longest(setups: NDArray[np.void], end_tick: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Start and length of each home's longest outage, as far as the event goes."""
    off = setups["utility_off_tick"]
    lasts = np.minimum(setups["utility_on_tick"], end_tick) - off
    lasts[np.arange(OUTAGES_MAX)[None, :] >= setups["outages"][:, None]] = 0
    longest = lasts.argmax(axis=1)
    rows = np.arange(len(setups))
    return off[rows, longest], lasts[rows, longest]


def _local_hour_h(tick: NDArray[np.int64], local_from_s: int) -> NDArray[np.float64]:
    return ((local_from_s + tick // TICKS_PER_S) % 86400) / 3600.0


def _plant_faults(
    setups: NDArray[np.void],
    draws: Draws,
    longest_tick: NDArray[np.int64],
    longest_ticks: NDArray[np.int64],
    local_from_s: int,
) -> dict[int, str]:
    """Plant each fault in a home of its own, where it will show: a long outage and a source that starts early.

    A home drawn without the right source is given one. Where no home suits, the home with the longest outage is
    taken. With fewer homes than faults, the first faults are planted.
    """
    notes: dict[int, str] = {}
    hour_h = _local_hour_h(longest_tick, local_from_s)
    until_sun_s = np.mod(SUN_FROM_H - hour_h, 24.0) * 3600.0
    suits_sun = until_sun_s + (SUN_TO_H - SUN_FROM_H) * 3600.0 <= longest_ticks / TICKS_PER_S
    for fault in FAULTS[: len(setups)]:
        free = np.ones(len(setups), dtype=np.bool_)
        free[list(notes)] = False
        suits = free & (longest_ticks >= FAULT_OUTAGE_S * TICKS_PER_S)
        if fault.needs_sun and (suits & suits_sun).any():
            suits &= suits_sun
        luck, haste = draws.even(), draws.even()
        if suits.any():
            home = int(np.where(suits, luck, 2.0).argmin())
        else:
            home = int(np.where(free, longest_ticks, -1).argmax())
        chosen = np.arange(len(setups)) == home
        source = next(source for source in SOURCES if source.kind is fault.kind)
        equip(setups, draws, source, chosen, np.zeros(len(setups)))
        soon, late = FAULT_START_S
        setups["backup_start_ticks"][home] = (soon + int((late - soon) * haste[home])) * TICKS_PER_S
        # The only trouble of this home shall be the one that it is named for.
        setups["heavy_left_on"][home] = 0
        fault.plant(setups, home)
        notes[home] = fault.words
    return notes


def _place(home: int, group: SeatGroup, setups: NDArray[np.void], notes: dict[int, str]) -> HomePlace:
    north, east = ("N" if group.lat >= 0 else "S"), ("E" if group.lon >= 0 else "W")
    return HomePlace(
        meter_id=f"BPTM-{home + 1:06d}",
        place=f"{group.region}, {abs(group.lat):.4f} {north} {abs(group.lon):.4f} {east}",
        region=group.region,
        lat=group.lat,
        lon=group.lon,
        backup=BackupKind(int(setups["backup_kind"][home])),
        medical=bool(setups["medical"][home]),
        note=notes.get(home, ""),
    )
