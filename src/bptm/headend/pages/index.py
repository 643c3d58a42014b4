"""Finding meters: by status, by text, by region; and what the map fetches once. All from the desk's memory."""

import base64
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bptm.headend.desk import Desk, MeterPlace
from bptm.headend.pages.rows import where
from bptm.headend.pages.words import BACKUP_WORDS, STATUS_KEYS
from bptm.terms.codes import STATUS_WORDS, Status


def status_of(byte: int) -> Status:
    """The status in a byte of `Desk.statuses`; a meter without one was never heard."""
    return Status(byte) if byte else Status.SILENT


def base64_of(values: NDArray[np.generic]) -> str:
    """Bytes of an array for the browser."""
    return base64.b64encode(values.tobytes()).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Meters that match a search."""

    matches: int
    places: list[MeterPlace]
    """The first of them, by number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom a command to a region would reach."""

    meters: int
    on_backup: int
    mute: int
    """Silent or dark: they have no power to hear with, or nobody knows."""


class MeterIndex:
    """Search over the registry, kept up with it as meters enrol."""

    def __init__(self, desk: Desk) -> None:
        """An index over all of the desk's meters."""
        self._desk = desk
        self._texts: list[str] = []
        self._regions: NDArray[np.str_] = np.array([], dtype=np.str_)

    def _refresh(self) -> None:
        places = self._desk.places()
        if len(places) != len(self._texts):
            self._texts = [f"{p.meter_id} {p.place} {p.region} {p.note}".casefold() for p in places]
            self._regions = np.array([p.region for p in places], dtype=np.str_)

    def find(self, needle: str, status: Status | None, limit: int) -> Found:
        """Meters whose id, place, region or planted fault contains `needle` and whose status is `status`."""
        self._refresh()
        places = self._desk.places()
        statuses = self._desk.statuses()
        wanted = needle.strip().casefold()
        numbers = [
            number
            for number in (range(len(self._texts)) if status is None else _numbers_of(statuses, status))
            if number < len(self._texts) and wanted in self._texts[number]
        ]
        return Found(matches=len(numbers), places=[places[number] for number in numbers[:limit]])

    def reach(self, region: str) -> Reach:
        """Whom a command to `region` (`*`: all) reaches now."""
        self._refresh()
        statuses = self._desk.statuses()[: len(self._regions)]
        inside = np.ones(len(statuses), dtype=np.bool_) if region == "*" else self._regions[: len(statuses)] == region
        chosen = statuses[inside]
        return Reach(
            meters=int(inside.sum()),
            on_backup=int((chosen == Status.ON_BACKUP).sum()),
            mute=int(np.isin(chosen, (0, int(Status.SILENT), int(Status.DARK))).sum()),
        )

    def home_on_backup(self) -> str | None:
        """A meter that is on backup now, not held and the latest heard of the first 200; None when there is none."""
        places = self._desk.places()
        best: tuple[int, str] | None = None
        for number in _numbers_of(self._desk.statuses(), Status.ON_BACKUP)[:200]:
            view = self._desk.meter(places[number].meter_id)
            if view is None or view.heard_s is None or view.held or view.status is not Status.ON_BACKUP:
                continue
            if best is None or view.heard_s > best[0]:
                best = (view.heard_s, view.place.meter_id)
        return None if best is None else best[1]

    def rows(self, found: Found) -> list[dict[str, object]]:
        """Rows of `meter_list.js`."""
        statuses = self._desk.statuses()
        return [meter_row(place, status_of(int(statuses[place.number]))) for place in found.places]

    def map_points(self) -> dict[str, object]:
        """What `fleet_map.js` fetches once: ids, places and coordinates of all meters, by number."""
        places = self._desk.places()
        names = sorted({place.place for place in places})
        number_of = {name: number for number, name in enumerate(names)}
        coordinates = np.array([(place.lon, place.lat) for place in places], dtype="<f4")
        return {
            "ids": [place.meter_id for place in places],
            "places": names,
            "place_of": base64_of(np.array([number_of[place.place] for place in places], dtype="<u2")),
            "coordinates": base64_of(coordinates),
            "words": {int(status): words for status, words in STATUS_WORDS.items()},
        }


def _numbers_of(statuses: NDArray[np.uint8], status: Status) -> list[int]:
    same = statuses == status
    if status is Status.SILENT:
        same |= statuses == 0
    return [int(number) for number in np.flatnonzero(same)]


def meter_row(place: MeterPlace, status: Status) -> dict[str, object]:
    """One row of the list of meters."""
    return {
        "id": place.meter_id,
        "kind": STATUS_KEYS[status],
        "words": STATUS_WORDS[status],
        "place": where(place),
        "backup": BACKUP_WORDS[place.backup],
        "medical": place.medical,
        "note": place.note,
    }
