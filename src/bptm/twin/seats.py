"""Seats: one customer each, with every outage that customer had in an event.

A record counts customers, it does not name them; a block says that 486 of them were out here, another that 300
were out at the same place a day later. A seat is one of those customers. A block takes seats that are free, the
nearest first and the lowest first, and adds new ones when they do not suffice: so a place that was shut off twice
has customers who were off twice, and not twice the customers.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bptm.twin.event_rebuild import Spell
from bptm.twin.near import KM_PER_DEGREE, distances_km

SAME_SEATS_KM = 2.0
"""Blocks this near may be of the same customers. A rural circuit's devices stand one or two kilometres apart."""

_CELL_DEGREES = SAME_SEATS_KM / KM_PER_DEGREE


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One customer's outage; `on_s` is missing when it outlasted the event."""

    off_s: int
    on_s: int | None
    cause: str


@dataclass(slots=True, kw_only=True)
class SeatGroup:
    """Seats of one place with one history, in order of time."""

    lat: float
    lon: float
    region: str
    seats: int
    outages: tuple[Outage, ...]

    def free_at(self, at_s: int) -> bool:
        """The customers have power."""
        on_s = self.outages[-1].on_s
        return on_s is not None and on_s <= at_s


class _Seating:
    """Groups so far, found by place."""

    def __init__(self) -> None:
        self.groups: list[SeatGroup] = []
        self._cells: dict[tuple[int, int], list[int]] = defaultdict(list)

    def add(self, group: SeatGroup) -> None:
        self._cells[self._row(group.lat), self._column(group.lat, group.lon)].append(len(self.groups))
        self.groups.append(group)

    def free_near(self, block: Spell) -> list[SeatGroup]:
        """Groups that are free when a block goes off, nearest first, then lowest."""
        row = self._row(block.lat)
        found: list[int] = []
        for near_row in (row - 1, row, row + 1):
            # Each row of cells has its own width in degrees, so the columns are asked for row by row.
            west = self._column_in(near_row, block.lon - self._width(near_row))
            east = self._column_in(near_row, block.lon + self._width(near_row))
            for column in range(west, east + 1):
                found += [i for i in self._cells.get((near_row, column), ()) if self.groups[i].free_at(block.off_s)]
        found.sort()
        lats = np.array([self.groups[i].lat for i in found], dtype=np.float64)
        lons = np.array([self.groups[i].lon for i in found], dtype=np.float64)
        away_km = distances_km(block.lat, block.lon, lats, lons)
        return [self.groups[found[k]] for k in np.argsort(away_km, kind="stable") if away_km[k] <= SAME_SEATS_KM]

    @staticmethod
    def _row(lat: float) -> int:
        return math.floor(lat / _CELL_DEGREES)

    @staticmethod
    def _width(row: int) -> float:
        """Degrees of longitude of a cell in a row: as wide as it is high, no wider than a quarter of the earth."""
        edge = math.radians(max(abs(row), abs(row + 1)) * _CELL_DEGREES)
        return min(_CELL_DEGREES / max(math.cos(edge), 1e-6), 90.0)

    def _column_in(self, row: int, lon: float) -> int:
        return math.floor(lon / self._width(row))

    def _column(self, lat: float, lon: float) -> int:
        return self._column_in(self._row(lat), lon)


def seat(blocks: Iterable[Spell]) -> list[SeatGroup]:
    """Seat the customers of every block.

    Args:
        blocks: In order of `off_s`.

    Returns:
        Groups whose seats add up to the customers, each counted once. Groups are in order of first outage.
    """
    seating = _Seating()
    for block in blocks:
        left = block.customers
        outage = Outage(off_s=block.off_s, on_s=block.on_s, cause=block.cause)
        for group in seating.free_near(block):
            if not left:
                break
            taken = min(left, group.seats)
            left -= taken
            if taken < group.seats:
                # The lowest seats are taken; the rest keep their history in a group of their own.
                seating.add(
                    SeatGroup(
                        lat=group.lat,
                        lon=group.lon,
                        region=group.region,
                        seats=group.seats - taken,
                        outages=group.outages,
                    )
                )
                group.seats = taken
            group.outages = (*group.outages, outage)
        if left:
            seating.add(SeatGroup(lat=block.lat, lon=block.lon, region=block.region, seats=left, outages=(outage,)))
    return seating.groups
