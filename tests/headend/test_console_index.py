"""The list of meters finds what is there, and says truly how many a region holds."""

import base64
from dataclasses import replace

import numpy as np
import orjson
from console_desk import NOW_S, StandingDesk, place, report, view

from bptm.headend.desk import Clock, MeterView
from bptm.headend.pages.counts import BINS, CountsTrend
from bptm.headend.pages.index import MeterIndex
from bptm.terms.codes import Status


def _desk(*statuses: Status) -> StandingDesk:
    return StandingDesk(meters=[view(status=status, number=number) for number, status in enumerate(statuses)])


def _placed(meter: MeterView, at: str, region: str, note: str = "") -> MeterView:
    return replace(meter, place=place(meter.place.number, at=at, region=region, note=note))


def test_search_finds_by_id_place_region_and_planted_fault_in_any_case() -> None:
    """Each of the four texts alone leads to the one meter that has it."""
    desk = _desk(Status.DARK, Status.DARK)
    desk.meters[1] = _placed(desk.meters[1], "Guerneville", "Sonoma", "welded contact")
    index = MeterIndex(desk)
    for needle in ("000002", "GUERNE", "sonoma", "Welded"):
        assert [found.meter_id for found in index.find(needle, None, 10).places] == ["BPTM-000002"]
    assert index.find("nowhere", None, 10).matches == 0


def test_a_status_filter_narrows_the_search_and_the_limit_only_the_rows() -> None:
    """Three dark of four: all three are counted, two are listed."""
    found = MeterIndex(_desk(Status.DARK, Status.UTILITY, Status.DARK, Status.DARK)).find("", Status.DARK, 2)
    assert (found.matches, [p.number for p in found.places]) == (3, [0, 2])


def test_the_index_follows_meters_that_join() -> None:
    """A meter enrolled after the first search is found by the next one."""
    desk = _desk(Status.UTILITY)
    index = MeterIndex(desk)
    assert index.find("", None, 10).matches == 1
    desk.meters.append(view(status=Status.UTILITY, number=1))
    assert index.find("", None, 10).matches == 2


def test_reach_counts_a_region_and_who_cannot_hear() -> None:
    """One region of three meters: on backup, dark, silent; the other region does not count, `*` counts all."""
    desk = _desk(Status.ON_BACKUP, Status.DARK, Status.SILENT, Status.ON_BACKUP)
    desk.meters[3] = _placed(desk.meters[3], "Redding", "Shasta")
    index = MeterIndex(desk)
    napa, everywhere, nowhere = index.reach("Napa"), index.reach("*"), index.reach("Atlantis")
    assert (napa.meters, napa.on_backup, napa.mute) == (3, 1, 2)
    assert (everywhere.meters, everywhere.on_backup, everywhere.mute) == (4, 2, 2)
    assert nowhere.meters == 0


def test_the_home_to_open_is_on_backup_not_held_and_heard_last() -> None:
    """Of four: one held, one dark, two on backup of which the later heard wins; none when nobody is on backup."""
    desk = StandingDesk(
        meters=[
            view(number=0, values=report(), heard_s=NOW_S - 1, held=True),
            view(number=1, values=report(), heard_s=NOW_S - 900),
            view(number=2, values=report(), heard_s=NOW_S - 300),
            view(number=3, values=report(), heard_s=NOW_S, status=Status.DARK),
        ]
    )
    assert MeterIndex(desk).home_on_backup() == "BPTM-000003"
    assert MeterIndex(_desk(Status.DARK, Status.UTILITY)).home_on_backup() is None


def test_the_map_gets_every_meter_at_its_place() -> None:
    """Ids, places and coordinates decode back to the registry, by number; it is JSON."""
    desk = _desk(Status.DARK, Status.DARK, Status.DARK)
    desk.meters[1] = _placed(desk.meters[1], "Angwin", "Napa")
    points = orjson.loads(orjson.dumps(MeterIndex(desk).map_points(), option=orjson.OPT_NON_STR_KEYS))
    coordinates = np.frombuffer(base64.b64decode(points["coordinates"]), dtype="<f4").reshape(-1, 2)
    place_of = np.frombuffer(base64.b64decode(points["place_of"]), dtype="<u2")
    for number, expected in enumerate(desk.places()):
        assert points["ids"][number] == expected.meter_id
        assert points["places"][place_of[number]] == expected.place
        np.testing.assert_allclose(coordinates[number], [expected.lon, expected.lat], atol=1e-4)


def _clock(at_s: float) -> Clock:
    return Clock(at_s=at_s, speed=60, state="playing", joined=1, meters=1, start_s=0, end_s=90_000)


def test_the_trend_is_bounded_and_starts_anew_on_a_replay() -> None:
    """Noted each second over the whole event it keeps at most one point a bin; going back clears it."""
    counts = dict.fromkeys(Status, 1)
    trend = CountsTrend()
    for at_s in range(0, 90_001, 7):
        trend.note(_clock(at_s), counts)
    assert len(trend.points) <= BINS + 1
    times = [point[0] for point in trend.points]
    assert times == sorted(times)
    before = trend.generation
    trend.note(_clock(50), counts)
    assert (trend.generation, [point[0] for point in trend.points]) == (before + 1, [50])
