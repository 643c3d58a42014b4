"""The homes of an event: real places and outages in proportion to customers, and the same homes for the same seed."""

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptm.terms.codes import BackupKind
from bptm.terms.core_codes import NEVER_TICKS, TICKS_PER_S
from bptm.terms.core_home import OUTAGES_MAX
from bptm.twin.event import OutageEvent, load_shipped
from bptm.twin.event_rebuild import Spell
from bptm.twin.homes import HABITS, SOURCES, Draws
from bptm.twin.near import distances_km
from bptm.twin.population import FAULTS, METERS_MAX, SETUP_DTYPE, Population, make_population
from bptm.twin.seats import SAME_SEATS_KM, Outage, SeatGroup, seat

START_S = 1_572_132_600


@pytest.fixture(scope="module")
def event() -> OutageEvent:
    return load_shipped()


@pytest.fixture(scope="module")
def large(event: OutageEvent) -> Population:
    return make_population(event, METERS_MAX, 7, event.start_s)


def small_event(*blocks: Spell, hours: int = 48) -> OutageEvent:
    return OutageEvent(
        name="small", title="", source="", start_s=START_S, end_s=START_S + 3600 * hours, blocks=tuple(blocks)
    )


def block(
    customers: int, off_h: float, on_h: float | None, lat: float = 38.5, lon: float = -122.5, cause: str = "psps"
) -> Spell:
    return Spell(
        lat=lat,
        lon=lon,
        region="Town",
        customers=customers,
        off_s=START_S + int(3600 * off_h),
        on_s=None if on_h is None else START_S + int(3600 * on_h),
        cause=cause,
    )


def outages_of(population: Population, home: int) -> list[tuple[int, int]]:
    """Off and on of one home, seconds after the start."""
    setup = population.setups[home]
    pairs = zip(setup["utility_off_tick"].tolist(), setup["utility_on_tick"].tolist(), strict=True)
    return [(off // TICKS_PER_S, on // TICKS_PER_S) for off, on in list(pairs)[: int(setup["outages"])]]


# --- Seats -----------------------------------------------------------------------------------------------------


def test_a_place_shut_off_twice_has_customers_who_were_off_twice() -> None:
    """300 of 500 go off again a kilometre away; 100 elsewhere are other customers."""
    groups = seat([block(500, 1, 5), block(300, 20, 30, lat=38.509), block(100, 21, 30, lat=38.6)])
    assert [(group.seats, len(group.outages)) for group in groups] == [(300, 2), (200, 1), (100, 1)]


def test_a_seat_that_is_still_out_is_not_taken_again() -> None:
    groups = seat([block(500, 1, 25), block(100, 2, None), block(300, 20, 30)])
    assert [group.seats for group in groups] == [500, 100, 300]


blocks_of_an_event = st.lists(
    st.tuples(
        st.integers(1, 50),
        st.integers(0, 40),
        st.one_of(st.none(), st.integers(1, 30)),
        st.sampled_from([38.5, 38.51, 38.52, 60.0, 70.0]),
        st.sampled_from([-122.5, -122.48, 179.99, -180.0]),
    ),
    max_size=30,
).map(
    lambda rows: [
        block(customers, off, None if lasts is None else off + lasts, lat, lon)
        for customers, off, lasts, lat, lon in sorted(rows, key=lambda row: row[1])
    ]
)


@given(blocks=blocks_of_an_event)
def test_every_customer_of_every_block_has_a_seat_of_his_own(blocks: list[Spell]) -> None:
    """Seats with each outage add up to the block's customers; nobody is off twice at once."""
    groups = seat(blocks)
    seated: dict[Outage, int] = {}
    for group in groups:
        assert group.seats > 0
        for earlier, later in pairwise(group.outages):
            assert earlier.on_s is not None
            assert earlier.on_s <= later.off_s
        for outage in group.outages:
            seated[outage] = seated.get(outage, 0) + group.seats
    wanted: dict[Outage, int] = {}
    for one in blocks:
        outage = Outage(off_s=one.off_s, on_s=one.on_s, cause=one.cause)
        wanted[outage] = wanted.get(outage, 0) + one.customers
    assert seated == wanted


@given(blocks=blocks_of_an_event)
def test_free_seats_nearby_are_used_before_new_ones(blocks: list[Spell]) -> None:
    """Against the plain way: every seat of its own, every block looking at all of them."""
    plain: list[SeatGroup] = []
    for one in blocks:
        outage = Outage(off_s=one.off_s, on_s=one.on_s, cause=one.cause)
        free = [s for s in plain if s.free_at(one.off_s)]
        lats, lons = np.array([s.lat for s in free]), np.array([s.lon for s in free])
        away_km = distances_km(one.lat, one.lon, lats, lons).tolist() if free else []
        near = sorted((km, k) for k, km in enumerate(away_km) if km <= SAME_SEATS_KM)
        for _km, k in near[: one.customers]:
            free[k].outages = (*free[k].outages, outage)
        plain += [
            SeatGroup(lat=one.lat, lon=one.lon, region="Town", seats=1, outages=(outage,))
            for _ in range(one.customers - len(near[: one.customers]))
        ]
    assert sum(group.seats for group in seat(blocks)) == len(plain)


# --- Homes -----------------------------------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_homes_to_the_bit(event: OutageEvent) -> None:
    one, two = (make_population(event, 300, 5, event.start_s) for _ in range(2))
    assert one.setups.tobytes() == two.setups.tobytes()
    assert one.places == two.places
    other = make_population(event, 300, 6, event.start_s)
    assert other.setups.tobytes() != one.setups.tobytes()


def test_the_homes_of_a_seed_stay_the_same_from_release_to_release(event: OutageEvent) -> None:
    """A stored run is continued by making its homes again, so a change here breaks every stored run: say so."""
    setups = make_population(event, 200, 1, event.start_s).setups
    names = ("seed", "utility_off_tick", "utility_on_tick", "backup_start_ticks", "base_w", "u_weld", "solar_w")
    digest = hashlib.sha256(b"".join(np.ascontiguousarray(setups[name]).tobytes() for name in names)).hexdigest()
    assert digest[:16] == "663ec9a5993b4103"


def test_homes_are_out_in_proportion_to_customers(event: OutageEvent, large: Population) -> None:
    """At every tenth hour, within five standard errors of 11,000 draws."""
    customers = sum(group.seats for group in seat(event.blocks))
    off, on = large.setups["utility_off_tick"], large.setups["utility_on_tick"]
    used = np.arange(OUTAGES_MAX)[None, :] < large.setups["outages"][:, None]
    for hour in range(2, 121, 10):
        at_s = event.start_s + 3600 * hour
        tick = 3600 * hour * TICKS_PER_S
        ours = float((used & (off <= tick) & (on > tick)).any(axis=1).mean())
        real = int(event.customers_out([at_s])[0]) / customers
        assert abs(ours - real) < 5 * (0.25 / METERS_MAX) ** 0.5


def test_homes_stand_at_the_places_of_the_record(event: OutageEvent, large: Population) -> None:
    places = {(one.region, one.lat, one.lon) for one in event.blocks}
    assert {(home.region, home.lat, home.lon) for home in large.places} <= places
    assert [home.meter_id for home in large.places[:2]] == ["BPTM-000001", "BPTM-000002"]
    assert len(large.places) == len(large.setups) == METERS_MAX


def test_a_partial_restoration_returns_that_share_of_the_homes() -> None:
    """600 of 1,000 customers return after 10 hours: of 500 homes 300, give or take five standard errors."""
    population = make_population(small_event(block(600, 1, 10), block(400, 1, 20)), 500, 3, START_S)
    returned = sum(outages_of(population, home) == [(3600, 36000)] for home in range(500))
    assert 300 - 40 < returned < 300 + 40
    assert all(outages_of(population, home)[0][1] in {36000, 72000} for home in range(500))


def test_all_customers_of_a_small_event_can_have_meters() -> None:
    """Without replacement: each customer once."""
    population = make_population(small_event(block(60, 1, 10), block(40, 1, 20)), 100, 3, START_S)
    assert sum(outages_of(population, home) == [(3600, 36000)] for home in range(100)) == 60


def test_outages_are_ascending_and_at_least_a_minute_apart(large: Population) -> None:
    for home in range(0, METERS_MAX, 7):
        outages = outages_of(large, home)
        assert 1 <= len(outages) <= OUTAGES_MAX
        flat = [moment for pair in outages for moment in pair]
        assert flat == sorted(flat)
        assert all(later[0] - earlier[1] >= 60 for earlier, later in pairwise(outages))


def test_more_outages_than_a_home_can_hold_close_the_shortest_returns() -> None:
    """Twenty outages of an hour, 61 minutes apart and more and more: twelve are left, from first off to last on."""
    offs_h = np.cumsum([1.0] + [1.0 + 0.1 * (n + 1) for n in range(19)])
    blocks = [block(1, off_h, off_h + 1) for off_h in offs_h.tolist()]
    outages = outages_of(make_population(small_event(*blocks), 1, 1, START_S), 0)
    assert len(outages) == OUTAGES_MAX
    assert outages[0] == (3600, blocks[8].on_s - START_S if blocks[8].on_s else None)
    assert outages[-1][1] == (blocks[-1].on_s or 0) - START_S


def test_an_outage_under_way_at_the_start_begins_a_minute_after_it(event: OutageEvent) -> None:
    """So every meter joins with power. Whoever is back by then is not drawn."""
    from_s = event.start_s + 30 * 3600
    population = make_population(event, 500, 1, from_s)
    firsts = [outages_of(population, home)[0] for home in range(500)]
    assert all(off >= 60 and on > off for off, on in firsts)
    assert sum(off == 60 for off, _on in firsts) > 250


def test_a_home_that_was_out_at_the_end_never_returns() -> None:
    population = make_population(small_event(block(5, 1, None)), 5, 1, START_S)
    assert population.setups["utility_on_tick"][:, 0].tolist() == [NEVER_TICKS] * 5


def test_homes_differ_in_the_shares_of_the_table(large: Population) -> None:
    """Within two in a hundred; the rest have no source."""
    kinds = large.setups["backup_kind"]
    for source in SOURCES:
        assert float((kinds == source.kind).mean()) == pytest.approx(source.share_fraction, abs=0.02)
    assert float((kinds == BackupKind.NONE).mean()) > 0.1
    assert float(large.setups["medical"].mean()) == pytest.approx(HABITS.medical_fraction, abs=0.02)
    assert [home.backup for home in large.places] == [BackupKind(kind) for kind in kinds.tolist()]


def test_every_home_is_physically_possible(large: Population) -> None:
    setups = large.setups
    assert setups.dtype == SETUP_DTYPE
    assert ((setups["utility_v"] >= 118) & (setups["utility_v"] <= 123)).all()
    assert ((setups["service_ohm"] >= 0.03) & (setups["service_ohm"] <= 0.08)).all()
    has = setups["backup_kind"] != BackupKind.NONE
    assert np.isin(setups["inlet_rating_a"], [30, 50]).all()
    assert (setups["backup_rating_w"][has] <= 240 * setups["inlet_rating_a"][has]).all()
    assert (setups["backup_start_ticks"][has] > 0).all()
    assert (setups["backup_start_ticks"][~has] == NEVER_TICKS).all()
    for name in ("cycling_on_ticks", "cycling_off_ticks", "heavy_on_ticks", "heavy_off_ticks"):
        assert (setups[name] > 0).all()
    essential_w = setups["essential_fraction"] * (setups["base_w"] + setups["daily_w"]) + setups["cycling_w"]
    assert (essential_w[has] < setups["backup_rating_w"][has]).all()
    assert ((setups["seed"] >= 0) & (setups["seed"] < 2**31)).all()


def test_a_hand_started_source_waits_for_the_morning_in_most_homes() -> None:
    """The same homes, off at two in the afternoon and at one at night, local time by longitude (UTC - 8)."""
    hour = {}
    for name, off_h in (("day", 22.5), ("night", 9.5)):
        population = make_population(small_event(block(2000, off_h, None)), 2000, 4, START_S)
        by_hand = np.isin(population.setups["backup_kind"], [s.kind for s in SOURCES if s.by_hand])
        hour[name] = population.setups["backup_start_ticks"][by_hand] / TICKS_PER_S / 3600
    assert np.median(hour["day"]) < 1.5
    assert np.median(hour["night"]) > 5.0
    assert 0.25 < float((hour["night"] < 4).mean()) < 0.45


def test_local_time_is_that_of_the_longitude(event: OutageEvent, large: Population) -> None:
    """23:30 UTC is 15:30 in California's standard time."""
    assert event.start_s == START_S
    assert large.start_tick_of_day == (15 * 3600 + 30 * 60) * TICKS_PER_S


# --- Planted faults --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_three_homes_carry_a_named_fault_that_can_show(event: OutageEvent, seed: int) -> None:
    """Each has an outage of hours and a source running within twenty minutes of its start."""
    population = make_population(event, 200, seed, event.start_s)
    setups = population.setups
    assert population.faults_left_out == ()
    assert sorted(words for _meter, words in population.faults) == sorted(fault.words for fault in FAULTS)
    assert [home.note for home in population.places if home.note] == [words for _meter, words in population.faults]
    planted = (setups["u_weld"] != 0, setups["u_feedback_stuck_closed"] != 0, setups["solar_w"] > 0)
    assert [int(one.sum()) for one in planted] == [1, 1, 1]
    homes = [int(np.flatnonzero(one)[0]) for one in planted]
    assert len(set(homes)) == 3
    kinds = [BackupKind.PORTABLE, BackupKind.PORTABLE, BackupKind.INVERTER]
    for home, kind in zip(homes, kinds, strict=True):
        assert population.places[home].backup is kind
        assert 600 * TICKS_PER_S <= setups["backup_start_ticks"][home] <= 1200 * TICKS_PER_S
        assert max(min(on, event.end_s) - off for off, on in outages_of(population, home)) >= 4 * 3600
    day_s = population.start_tick_of_day // TICKS_PER_S
    sunny = [
        second
        for off, on in outages_of(population, homes[2])
        for second in range(off + 1200, min(on, event.end_s - event.start_s), 600)
        if 11 * 3600 <= (second + day_s) % 86400 < 14 * 3600
    ]
    assert len(sunny) >= 6


def test_the_faults_of_different_seeds_stand_in_different_homes(event: OutageEvent) -> None:
    found = {make_population(event, 200, seed, event.start_s).faults for seed in range(6)}
    assert len(found) == 6


@pytest.mark.parametrize("meters", [1, 2, 3])
def test_fewer_homes_than_faults_carry_the_first_and_say_what_is_left_out(event: OutageEvent, meters: int) -> None:
    population = make_population(event, meters, 2, event.start_s)
    assert {words for _meter, words in population.faults} == {fault.words for fault in FAULTS[:meters]}
    assert population.faults_left_out == tuple(fault.words for fault in FAULTS[meters:])


def test_without_a_long_outage_the_faults_stand_in_the_longest() -> None:
    population = make_population(small_event(block(50, 1, 1.2), block(3, 1, 2)), 53, 1, START_S)
    homes = [int(meter[5:]) - 1 for meter, _words in population.faults]
    assert [outages_of(population, home) for home in homes] == [[(3600, 7200)]] * 3


# --- Refusals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("meters", "seed", "start_h", "sentence"),
    [
        (0, 1, 0, "meters is 0: give 1 to 11000"),
        (11_001, 1, 0, "meters is 11001: give 1 to 11000"),
        (101, 1, 0, "event small has 100 customers: give at most that many"),
        (10, -1, 0, "seed is -1: give a whole number from 0"),
        (10, 1, -1, "start 2019-10-26T22:30Z lies outside event small: give one from 2019-10-26T23:30Z to before"),
        (10, 1, 48, "start 2019-10-28T23:30Z lies outside event small"),
    ],
)
def test_arguments_out_of_bounds_are_refused_in_one_sentence(
    meters: int, seed: int, start_h: int, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_population(small_event(block(100, 1, 10)), meters, seed, START_S + 3600 * start_h)


def test_a_start_after_the_last_return_is_refused() -> None:
    with pytest.raises(ValueError, match="event small has 0 customers"):
        make_population(small_event(block(100, 1, 10)), 1, 1, START_S + 3600 * 11)


@given(seed=st.integers(0, 2**64), homes=st.integers(1, 40), more=st.integers(0, 40))
def test_distinct_numbers_are_distinct(seed: int, homes: int, more: int) -> None:
    numbers = Draws(seed, homes).distinct(homes + more).tolist()
    assert len(set(numbers)) == homes
    assert min(numbers) >= 0
    assert max(numbers) < homes + more
