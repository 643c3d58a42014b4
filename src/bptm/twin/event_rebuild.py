"""Turns the changes of an outage map into blocks of customers: where, how many, off when, on when.

The map counts customers by outage, and the utility splits, merges and renumbers outages all the time, most of
all while it inspects lines. So customers are followed as *lots* that move from outage to outage:

1. An outage that vanishes and is back under its own number in under 60 minutes was never away (a scrape gap).
2. Customers that leave an outage wait in *limbo*. An outage that grows or appears first takes from limbo the
   customers that can be its own (`_Offers`); only what limbo cannot give went off anew.
3. Customers who have been in limbo for 60 minutes returned when they left.

The rules and what they get right and wrong are measured in docs/explanation/event.md.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from bptm.twin.event_log import PSPS, UNKNOWN_CAUSE, Change, OutageFacts
from bptm.twin.near import distances_km

GAP_S = 3600
"""Customers missing for less than this and then back never returned."""

START_SANE_S = 3600
"""A record's start this long before it is first seen, or less, is believed; the map is late, not hours late."""

SAME_PLACE_KM = 3.0
"""Without a common start, customers move between outage numbers no further apart than this. Nine in ten that
keep their exact number move less."""

SAME_START_KM = 25.0
"""With the start of the record equal to the second, they are parts of one circuit. 99 in 100 are nearer."""

OTHER_START_KM = 5.0
"""What a different start adds to a distance, so that a circuit's own parts are preferred."""

LAG_KM_PER_S = 1.0 / 60
"""What each second in limbo adds to a distance: customers who left just now are preferred."""

VAGUE_CAUSES = frozenset({UNKNOWN_CAUSE, "investigating"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """Customers who lost power together and got it back together."""

    lat: float
    lon: float
    region: str
    customers: int
    off_s: int
    on_s: int | None
    """Missing when they were still out where the log ends."""
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What a log says, once customers have been followed through it."""

    spells: tuple[Spell, ...]
    times_s: tuple[int, ...]
    """Every snapshot with a change, ascending."""
    psps_customers: tuple[int, ...]
    """Customers under outages labelled as planned shutoff at each snapshot, scrape gaps filled."""


@dataclass(slots=True, kw_only=True)
class _Lot:
    """Customers of one outage who went off at one time."""

    customers: int
    off_s: int
    cause: str


@dataclass(slots=True, kw_only=True)
class _Outage:
    name: str
    facts: OutageFacts
    cause: str
    lots: list[_Lot] = field(default_factory=list[_Lot])
    customers: int = 0

    def take(self, customers: int) -> list[_Lot]:
        """Remove customers, those longest off first. The map does not say which; crews restore in order."""
        taken: list[_Lot] = []
        self.customers -= customers
        while customers:
            lot = self.lots[0]
            if lot.customers <= customers:
                taken.append(self.lots.pop(0))
                customers -= lot.customers
            else:
                taken.append(_Lot(customers=customers, off_s=lot.off_s, cause=lot.cause))
                lot.customers -= customers
                customers = 0
        return taken

    def give(self, lots: Iterable[_Lot]) -> None:
        """Add customers, who now carry this outage's cause."""
        for lot in lots:
            lot.cause = _sharper(lot.cause, self.cause)
            self.customers += lot.customers
            self.lots.append(lot)
        self.lots.sort(key=lambda lot: lot.off_s)

    def label(self, cause: str) -> None:
        """The record now names this cause."""
        self.cause = cause
        for lot in self.lots:
            lot.cause = _sharper(lot.cause, cause)


def _sharper(before: str, now: str) -> str:
    """Cause of customers that were under one label and now are under another.

    A planned shutoff stays one: the map labels it hours late, and a broken line found on patrol does not undo it.
    """
    if before == PSPS or now in VAGUE_CAUSES:
        return before if before not in VAGUE_CAUSES else now
    return now


@dataclass(slots=True, kw_only=True)
class _Absent:
    """Customers who left an outage, as its facts were when they left."""

    left_s: int
    shown_s: int
    """The last snapshot that showed them."""
    name: str
    facts: OutageFacts
    customers: int
    lots: list[_Lot]


class _Limbo:
    """Customers who left an outage less than `GAP_S` ago, and may yet turn out to be under another number."""

    def __init__(self) -> None:
        self.absent: list[_Absent] = []

    def add(self, absent: _Absent) -> None:
        self.absent.append(absent)

    def returned(self, before_s: int) -> Iterator[_Absent]:
        """Those who left at or before an instant: they have returned, and leave limbo."""
        kept: list[_Absent] = []
        for absent in self.absent:
            if not absent.lots:
                continue
            if absent.left_s <= before_s:
                yield absent
            else:
                kept.append(absent)
        self.absent = kept


class _Offers:
    """Everyone in limbo at one snapshot, as columns: what each costs an outage that grew."""

    def __init__(self, absent: list[_Absent], now_s: int) -> None:
        self._names = np.array([a.name for a in absent], dtype=np.str_)
        self._lats = np.array([a.facts.lat for a in absent], dtype=np.float64)
        self._lons = np.array([a.facts.lon for a in absent], dtype=np.float64)
        # A missing start equals no other: no record is from before 1970.
        starts = [-1 if a.facts.start_s is None else a.facts.start_s for a in absent]
        self._start_s = np.array(starts, dtype=np.int64)
        self._shown_s = np.array([a.shown_s for a in absent], dtype=np.int64)
        self._lag_s = now_s - np.array([a.left_s for a in absent], dtype=np.int64)

    def to(self, outage: _Outage) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Places in limbo of those who can be this outage's customers, and how far each is from being them.

        An outage's own customers cost nothing. Otherwise the distance counts, more so with another start and
        with time in limbo. With another start the outage must have begun while they were still shown as out: one
        that began later is new trouble.
        """
        start_s = outage.facts.start_s
        away_km = distances_km(outage.facts.lat, outage.facts.lon, self._lats, self._lons)
        near = away_km <= SAME_PLACE_KM
        if start_s is None:
            same = np.zeros(len(near), dtype=np.bool_)
        else:
            same = (self._start_s == start_s) & (away_km <= SAME_START_KM)
            near &= self._shown_s >= start_s
        own = self._names == outage.name
        cost_km = away_km + np.where(same, 0.0, OTHER_START_KM) + self._lag_s * LAG_KM_PER_S
        cost_km[own] = 0.0
        possible = np.flatnonzero(own | same | near)
        return possible, cost_km[possible]


def without_gaps(changes: Iterable[Change]) -> list[Change]:
    """The same changes, but an outage away for less than `GAP_S` stayed. Order in time is kept."""
    kept: list[Change | None] = []
    gone: dict[str, tuple[int, int]] = {}
    for change in changes:
        if change.customers is None:
            gone[change.outage] = (len(kept), change.at_s)
        elif change.facts is not None and change.outage in gone:
            index, gone_s = gone.pop(change.outage)
            if change.at_s - gone_s < GAP_S:
                kept[index] = None
        kept.append(change)
    return [change for change in kept if change is not None]


def _last_of_each(changes: Iterable[Change]) -> list[Change]:
    """The last change of each outage within one snapshot, with the facts of an earlier one when it has none.

    A scrape writes one row an outage, but a log that says more within one instant must not count anybody twice.
    """
    last: dict[str, Change] = {}
    for change in changes:
        before = last.get(change.outage)
        if change.customers is None and before is not None and before.facts is not None:
            # New and gone at one instant: nobody was shown.
            last[change.outage] = replace(change, customers=0, facts=before.facts)
        elif change.facts is None and before is not None:
            last[change.outage] = replace(change, facts=before.facts)
        else:
            last[change.outage] = change
    return list(last.values())


class _Replay:
    """Follows customers through a log, snapshot by snapshot."""

    def __init__(self) -> None:
        self.outages: dict[str, _Outage] = {}
        self.limbo = _Limbo()
        self.spells: dict[tuple[float, float, str, int, int | None, str], int] = defaultdict(int)
        self.shown_s = 0

    def snapshot(self, now_s: int, changes: list[Change]) -> None:
        """Bring everything to the next snapshot."""
        for absent in self.limbo.returned(now_s - GAP_S):
            self._end(absent.facts, absent.lots, absent.left_s)
        grown: list[tuple[_Outage, int]] = []
        for change in _last_of_each(changes):
            outage = self._outage(change)
            more = (change.customers or 0) - outage.customers
            if more < 0:
                self._leave(outage, -more, now_s)
            elif more > 0:
                grown.append((outage, more))
            if change.customers is None:
                del self.outages[change.outage]
        self._grow(grown, now_s)
        self.shown_s = now_s

    def finish(self) -> None:
        """The log ends: who left, returned; who is out, stays out."""
        for absent in self.limbo.returned(self.shown_s):
            self._end(absent.facts, absent.lots, absent.left_s)
        for outage in self.outages.values():
            self._end(outage.facts, outage.lots, None)

    def _outage(self, change: Change) -> _Outage:
        """The outage of a change, with its facts and label brought up to date."""
        outage = self.outages.get(change.outage)
        if outage is None:
            assert change.facts is not None, "read_changes lets only known outages change"
            outage = _Outage(name=change.outage, facts=change.facts, cause=change.cause)
            self.outages[change.outage] = outage
        elif change.customers is not None:
            outage.facts = change.facts or outage.facts
            outage.label(change.cause)
        return outage

    def _leave(self, outage: _Outage, customers: int, now_s: int) -> None:
        lots = outage.take(customers)
        absent = _Absent(
            left_s=now_s,
            shown_s=self.shown_s,
            name=outage.name,
            facts=outage.facts,
            customers=customers,
            lots=lots,
        )
        self.limbo.add(absent)

    def _grow(self, grown: list[tuple[_Outage, int]], now_s: int) -> None:
        """Give each outage that grew its customers: from limbo, cheapest first, and the rest anew."""
        wanted = [more for _outage, more in grown]
        pairs: list[tuple[float, int, int]] = []
        if self.limbo.absent:
            offers = _Offers(self.limbo.absent, now_s)
            for to, (outage, _more) in enumerate(grown):
                sources, costs_km = offers.to(outage)
                pairs += [(km, to, at) for at, km in zip(sources.tolist(), costs_km.tolist(), strict=True)]
        for _km, to, at in sorted(pairs):
            self._move(self.limbo.absent[at], grown[to][0], wanted, to)
        for (outage, _more), customers in zip(grown, wanted, strict=True):
            if customers:
                off_s = _off_s(outage.facts.start_s, now_s)
                outage.give((_Lot(customers=customers, off_s=off_s, cause=outage.cause),))

    @staticmethod
    def _move(absent: _Absent, outage: _Outage, wanted: list[int], to: int) -> None:
        """Move as many customers as the one has and the other wants."""
        customers = min(wanted[to], absent.customers)
        if not customers:
            return
        source = _Outage(
            name=absent.name, facts=absent.facts, cause=outage.cause, lots=absent.lots, customers=absent.customers
        )
        outage.give(source.take(customers))
        absent.customers -= customers
        wanted[to] -= customers

    def _end(self, facts: OutageFacts, lots: Iterable[_Lot], on_s: int | None) -> None:
        for lot in lots:
            key = (round(facts.lat, 4), round(facts.lon, 4), facts.region, lot.off_s, on_s, lot.cause)
            self.spells[key] += lot.customers


def _off_s(start_s: int | None, seen_s: int) -> int:
    """When customers first seen now lost power: the record's start where that is sane."""
    if start_s is not None and 0 <= seen_s - start_s <= START_SANE_S:
        return start_s
    return seen_s


def rebuild(changes: Iterable[Change]) -> Rebuilt:
    """Follow the customers of a whole log.

    Args:
        changes: In the order of the log, as `event_log.read_changes` gives them.
    """
    replay = _Replay()
    times_s: list[int] = []
    psps_customers: list[int] = []
    for now_s, together in groupby(without_gaps(changes), key=lambda change: change.at_s):
        replay.snapshot(now_s, list(together))
        times_s.append(now_s)
        psps_customers.append(sum(o.customers for o in replay.outages.values() if o.cause == PSPS))
    replay.finish()
    spells = (
        Spell(lat=lat, lon=lon, region=region, customers=customers, off_s=off_s, on_s=on_s, cause=cause)
        for (lat, lon, region, off_s, on_s, cause), customers in replay.spells.items()
    )
    return Rebuilt(spells=tuple(spells), times_s=tuple(times_s), psps_customers=tuple(psps_customers))
