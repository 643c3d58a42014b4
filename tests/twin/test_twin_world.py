"""The simulation's own state: real fleet, real commands, real receipts, in event time."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from bptm.compiled.fleet import REPORT_DTYPE as FLEET_REPORT_DTYPE
from bptm.compiled.fleet import Fleet
from bptm.terms import core_codes as c
from bptm.terms.codes import Action
from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.messages import Command, Receipt, Upward
from bptm.twin.checkpoint import Message, Progress
from bptm.twin.event import load_shipped
from bptm.twin.messages import REPORT_DTYPE
from bptm.twin.population import make_population
from bptm.twin.start import hash_of_setups
from bptm.twin.world import World
from bptm.wire.cbor import decode_upward
from bptm.wire.cose import hash_of, key_id_of, open_receipt, seal_command

EVENT = load_shipped()
POPULATION = make_population(EVENT, 6, 11, EVENT.start_s)
START_SECOND = POPULATION.start_tick_of_day // TICKS_PER_S
METER_IDS = [place.meter_id for place in POPULATION.places]
UTILITY_KEY = generate_private_key(SECP256R1())
HOURS = 10
NOWHERE = Progress(tick=0, stepped_s=0, lockstep=False, ended=False, wall_s=0.0)


class Keys:
    """A key for each home."""

    def __init__(self) -> None:
        self.keys = [generate_private_key(SECP256R1()) for _ in METER_IDS]

    def signing_key(self, home: int) -> EllipticCurvePrivateKey:
        """Key of a home."""
        return self.keys[home]


KEYS = Keys()


def new_world() -> World:
    return World(
        Fleet.build(POPULATION.setups, START_SECOND),
        meter_ids=METER_IDS,
        start_s=EVENT.start_s,
        utility_key=UTILITY_KEY.public_key(),
        keys=KEYS,
    )


def restored(world: World, *, tick: int | None = None) -> World:
    """The world after its process was killed and started again."""
    kept = world.checkpoint(replace(NOWHERE, tick=world.tick if tick is None else tick))
    return World(
        Fleet.from_bytes(POPULATION.setups, kept.fleet),
        meter_ids=METER_IDS,
        start_s=EVENT.start_s,
        utility_key=UTILITY_KEY.public_key(),
        keys=KEYS,
        checkpoint=kept,
    )


def by_home(messages: list[Message]) -> list[Message]:
    return sorted(messages, key=lambda message: (message[0], message[1]))


def played(world: World, ticks: list[int]) -> list[Message]:
    messages: list[Message] = []
    for tick in ticks:
        messages += world.number(world.fleet.advance(tick))
    return messages


def sealed(home: int, seq: int, at_s: int, **changes: object) -> bytes:
    command = Command(
        meter_id=METER_IDS[home],
        seq=seq,
        action=Action.HOLD_RETURN,
        issued_s=at_s,
        expires_s=at_s + 60,
        nonce=bytes(12),
    )
    command = replace(command, **changes)
    return seal_command(command, UTILITY_KEY, key_id=key_id_of(UTILITY_KEY.public_key()))


def answer(world: World, home: int, body: bytes) -> tuple[Upward, Receipt]:
    message = world.hear(home, body)
    assert message is not None
    upward = decode_upward(message[2])
    (receipt,) = upward.receipts
    return upward, open_receipt(receipt, KEYS.keys[home].public_key())


def test_reports_have_the_form_of_the_fleet() -> None:
    """The two declarations of a report with its home are one."""
    assert REPORT_DTYPE == FLEET_REPORT_DTYPE


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(1, HOURS * 3600 * TICKS_PER_S), max_size=12), saves=st.sets(st.integers(0, 11)))
def test_messages_are_the_same_however_time_is_cut_and_wherever_the_process_dies(
    cuts: list[int], saves: set[int]
) -> None:
    """Real fleet, ten hours: one call, or random quanta with restarts from a checkpoint between: equal to the byte."""
    end_tick = HOURS * 3600 * TICKS_PER_S
    whole = by_home(played(new_world(), [end_tick]))
    world = new_world()
    cut: list[Message] = []
    for number, tick in enumerate([*sorted(cuts), end_tick]):
        cut += played(world, [tick])
        if number in saves:
            world = restored(world)
    assert by_home(cut) == whole
    assert len(whole) > HOURS * len(METER_IDS)


def test_numbers_have_no_gap_and_times_do_not_go_back() -> None:
    """Each meter counts 1, 2, 3 ...; at_s never falls; boots rises with each start."""
    messages = played(new_world(), [hour * 3600 * TICKS_PER_S for hour in range(1, HOURS + 1)])
    for home in range(len(METER_IDS)):
        told = [decode_upward(body) for number, _seq, body in messages if number == home]
        assert [one.seq for one in told] == list(range(1, len(told) + 1))
        assert all(a.at_s <= b.at_s and a.boots <= b.boots for a, b in pairwise(told))
        assert told[0].boots == 1


def test_a_clock_ahead_of_its_fleet_is_caught_up_in_silence() -> None:
    """A checkpoint of progress alone: the fleet plays what lies between again and nothing is said twice."""
    until = 2 * 3600 * TICKS_PER_S
    world, straight = new_world(), new_world()
    played(world, [until])
    played(straight, [until])
    later = until + 30 * TICKS_PER_S
    caught_up = restored(world, tick=later)
    assert caught_up.tick == later
    quiet = played(straight, [later])
    assert quiet == []
    assert by_home(played(caught_up, [3 * until])) == by_home(played(straight, [3 * until]))


def test_a_command_is_answered_once_at_its_tick_and_its_event_follows() -> None:
    """What the controller cannot do now: a signed refusal with its reason, at that second; sent again: nothing."""
    world = new_world()
    played(world, [600 * TICKS_PER_S])
    body = sealed(0, 1, world.at_s)
    upward, receipt = answer(world, 0, body)
    assert (upward.at_s, upward.command_seq, upward.reports) == (world.at_s, 1, ())
    assert receipt.command_hash == hash_of(body)
    assert not receipt.accepted
    assert [unmet.code for unmet in receipt.unmet] == [c.UNMET_NOT_AWAITING_RETURN]
    assert world.hear(0, body) is None
    played(world, [660 * TICKS_PER_S])
    assert restored(world).hear(0, body) is None


def test_a_home_on_backup_is_held_and_says_so() -> None:
    """On backup the controller takes the hold: an accepted receipt now, the event with the flag in what follows."""
    world = new_world()
    home = None
    for minute in range(1, HOURS * 60):
        played(world, [minute * 60 * TICKS_PER_S])
        rows = [world.fleet.read_now(number)[0] for number in range(len(METER_IDS))]
        found = [number for number, row in enumerate(rows) if row["mode"] == c.MODE_ON_BACKUP]
        if found:
            home = found[0]
            break
    assert home is not None
    _upward, receipt = answer(world, home, sealed(home, 5, world.at_s))
    assert receipt.accepted
    following = [decode_upward(body) for number, _seq, body in played(world, [world.tick + 120]) if number == home]
    assert following
    assert world.fleet.read_now(home)[0]["flags"] & c.FLAG_HELD
    assert all(one.command_seq == 5 for one in following)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"meter_id": "BPTM-999999"}, c.UNMET_WRONG_METER),
        ({"issued_s": EVENT.start_s - 100, "expires_s": EVENT.start_s - 40}, c.UNMET_EXPIRED),
        ({"issued_s": EVENT.start_s + 9999, "expires_s": EVENT.start_s + 10050}, c.UNMET_NOT_YET_VALID),
    ],
)
def test_what_the_gate_declines_is_answered_with_the_reason(changes: dict[str, object], code: int) -> None:
    """Wrong meter, too late, too early: refused with that bit, the controller untouched."""
    world = new_world()
    played(world, [600 * TICKS_PER_S])
    _upward, receipt = answer(world, 0, sealed(0, 1, world.at_s, **changes))
    assert [unmet.code for unmet in receipt.unmet] == [code]


def test_an_old_number_is_a_replay_also_after_a_restart_and_garbage_has_no_answer() -> None:
    """Number 4 handled; 3 is refused as replayed by the world and by its successor; noise is dropped."""
    world = new_world()
    played(world, [600 * TICKS_PER_S])
    answer(world, 0, sealed(0, 4, world.at_s))
    played(world, [601 * TICKS_PER_S])
    for survivor in (world, restored(world)):
        _upward, receipt = answer(survivor, 0, sealed(0, 3, survivor.at_s))
        assert [unmet.code for unmet in receipt.unmet] == [c.UNMET_REPLAYED]
        assert survivor.hear(0, b"\xd2garbage") is None


def test_the_end_takes_along_what_is_pending_from_every_meter_with_power() -> None:
    """The last message of each powered meter ends with a row of now; nothing of theirs is left pending."""
    world = new_world()
    played(world, [7 * 3600 * TICKS_PER_S + 1234])
    sent_before = world.messages_sent
    last = world.finish()
    assert [home for home, _seq, _body in last] == np.flatnonzero(world.fleet.powered()).tolist()
    assert world.messages_sent == sent_before + len(last)
    assert all(decode_upward(body).at_s == world.at_s for _home, _seq, body in last)
    left = world.checkpoint(NOWHERE).pending["home"].tolist()
    assert not set(left) & {home for home, _seq, _body in last}


def test_the_same_seed_makes_the_same_homes_and_another_does_not() -> None:
    """The fingerprint of a run: equal for equal homes, whatever the gaps of the records hold."""
    again = make_population(EVENT, 6, 11, EVENT.start_s)
    other = make_population(EVENT, 6, 12, EVENT.start_s)
    assert hash_of_setups(again.setups) == hash_of_setups(POPULATION.setups)
    assert hash_of_setups(other.setups) != hash_of_setups(POPULATION.setups)
