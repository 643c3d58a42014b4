"""The numbered stream: whatever the network and crashes do, every message is stored once and in order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bptm.wire.errors import WireError
from bptm.wire.session import Arrival, Receiver, Uplink, arrival_of


class _BadNetwork(RuleBasedStateMachine):
    """A meter and a head-end with a network between them that loses, repeats, reorders; either side may crash.

    The meter's checkpoint is what `to_bytes` gave after the last push; what was acknowledged since may be forgotten,
    what was pushed may not. The head-end's store is what its transactions wrote.
    """

    def __init__(self) -> None:
        super().__init__()
        self.uplink = Uplink()
        self.window = 4
        self.checkpoint = self.uplink.to_bytes()
        self.pushed: list[bytes] = []
        self.stored: list[bytes] = []
        self.receiver = Receiver()
        self.upward: list[tuple[int, bytes]] = []
        self.downward: list[int] = []

    @initialize(window=st.integers(1, 5), limit=st.integers(1, 6))
    def begin(self, window: int, limit: int) -> None:
        self.window, self.limit = window, limit
        self.uplink = Uplink(window_count=window, backlog_limit_count=limit)

    @rule()
    def push(self) -> None:
        if self.uplink.full:
            return
        seq = self.uplink.next_seq
        payload = b"message %d" % seq
        self.uplink.push(seq, payload)
        self.pushed.append(payload)
        self.checkpoint = self.uplink.to_bytes()

    @rule()
    def send(self) -> None:
        self.upward.extend(self.uplink.take(0.0))

    @rule(data=st.data())
    @precondition(lambda self: bool(self.upward))
    def deliver_up(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.upward) - 1))
        seq, payload = self.upward[at] if data.draw(st.booleans()) else self.upward.pop(at)
        if self.receiver.accept(seq) is Arrival.NEXT:
            self.stored.append(payload)
        self.downward.append(self.receiver.ack_seq)

    @rule(data=st.data())
    @precondition(lambda self: bool(self.downward))
    def deliver_down(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.downward) - 1))
        seq = self.downward[at] if data.draw(st.booleans()) else self.downward.pop(at)
        self.uplink.acknowledge(seq, 0.0)

    @rule()
    def lose_everything_under_way(self) -> None:
        self.upward.clear()
        self.downward.clear()
        self.uplink.rewind()

    @rule()
    def crash_the_meter(self) -> None:
        self.uplink = Uplink.from_bytes(self.checkpoint, window_count=self.window, backlog_limit_count=self.limit)

    @rule()
    def crash_the_head_end(self) -> None:
        self.receiver = Receiver(len(self.stored))

    @invariant()
    def stored_is_a_prefix_of_what_was_made(self) -> None:
        assert self.stored == self.pushed[: len(self.stored)]

    @invariant()
    def what_is_not_stored_is_kept(self) -> None:
        kept = [payload for _seq, payload in self.uplink.rows()]
        assert self.pushed[self.uplink.acked_seq :] == kept
        assert self.uplink.acked_seq <= len(self.stored)
        assert len(kept) <= self.limit

    def teardown(self) -> None:
        """Once the network behaves, everything arrives."""
        self.upward.clear()
        for _ in range(len(self.pushed) + 1):
            self.uplink.rewind()
            for seq, payload in self.uplink.take(0.0):
                if self.receiver.accept(seq) is Arrival.NEXT:
                    self.stored.append(payload)
            self.uplink.acknowledge(self.receiver.ack_seq, 0.0)
        assert self.stored == self.pushed
        assert self.uplink.unacked_count == 0


TestEveryMessageIsStoredOnceAndInOrder = _BadNetwork.TestCase
TestEveryMessageIsStoredOnceAndInOrder.settings = settings(max_examples=100, stateful_step_count=40)


def test_a_window_and_no_more_is_under_way() -> None:
    """The next message leaves when an acknowledgement makes room."""
    uplink = Uplink(window_count=2)
    for seq in (1, 2, 3):
        uplink.push(seq, b"%d" % seq)
    assert [seq for seq, _ in uplink.take(0.0)] == [1, 2]
    assert uplink.take(0.0) == []
    assert uplink.acknowledge(1, 0.0) == 1
    assert uplink.take(0.0) == [(3, b"3")]


def test_a_full_backlog_says_so_and_still_loses_nothing() -> None:
    """`full` at the limit; a push beyond it is kept all the same."""
    uplink = Uplink(backlog_limit_count=2)
    uplink.push(1, b"a")
    assert not uplink.full
    uplink.push(2, b"b")
    assert uplink.full
    uplink.push(3, b"last gasp")
    assert [payload for _, payload in uplink.rows()] == [b"a", b"b", b"last gasp"]
    uplink.take(0.0)
    uplink.acknowledge(2, 0.0)
    assert not uplink.full


def test_a_message_out_of_its_number_is_the_callers_bug() -> None:
    """Neither a repetition nor a hole gets in."""
    uplink = Uplink()
    uplink.push(1, b"a")
    for seq in (0, 1, 3):
        with pytest.raises(ValueError, match="the next one is 2"):
            uplink.push(seq, b"x")


@given(st.integers(2, 1 << 53))
def test_an_acknowledgement_of_what_was_never_made_is_refused(seq: int) -> None:
    """A head-end that knows more than the meter has another past: said, not swallowed."""
    uplink = Uplink()
    uplink.push(1, b"a")
    with pytest.raises(WireError, match="the newest message is 1"):
        uplink.acknowledge(seq, 0.0)
    assert uplink.unacked_count == 1


def test_an_old_acknowledgement_frees_nothing() -> None:
    """Cumulative: the highest one counts, whatever comes after it."""
    uplink = Uplink(acked_seq=4)
    uplink.push(5, b"a")
    for seq in (0, 3, 4):
        assert uplink.acknowledge(seq, 0.0) == 0
    assert uplink.acknowledge(5, 0.0) == 1


def test_silence_after_sending_sends_again_and_progress_starts_the_wait_anew() -> None:
    """Acknowledgements travel at QoS 0: a lost one must not stop a meter for ever."""
    uplink = Uplink(window_count=2)
    for seq in (1, 2, 3):
        uplink.push(seq, b"%d" % seq)
    assert not uplink.rewind_if_overdue(1000.0, 10.0)
    uplink.take(100.0)
    assert not uplink.rewind_if_overdue(109.9, 10.0)
    uplink.acknowledge(1, 109.0)
    assert uplink.acknowledge(1, 118.0) == 0, "an acknowledgement heard twice is no progress"
    assert not uplink.rewind_if_overdue(118.9, 10.0)
    assert uplink.rewind_if_overdue(119.0, 10.0)
    assert [seq for seq, _ in uplink.take(119.0)] == [2, 3]
    uplink.acknowledge(3, 120.0)
    assert not uplink.rewind_if_overdue(1e9, 10.0)


@given(acked_seq=st.integers(0, 1 << 53), backlog=st.lists(st.binary(max_size=50), max_size=6))
def test_a_session_survives_its_checkpoint(acked_seq: int, backlog: list[bytes]) -> None:
    """Round trip of the stored form; nothing counts as sent afterwards."""
    before = Uplink(acked_seq=min(acked_seq, (1 << 53) - 1), backlog=backlog)
    before.take(0.0)
    after = Uplink.from_bytes(before.to_bytes())
    assert (after.acked_seq, list(after.rows())) == (before.acked_seq, list(before.rows()))
    assert after.take(0.0) == list(before.rows())


@given(stored=st.binary(max_size=60), cut=st.integers(0, 40))
def test_a_damaged_checkpoint_is_refused(stored: bytes, cut: int) -> None:
    """Garbage, and every cut of a good one."""
    good = Uplink(acked_seq=3, backlog=[b"abc", b"", b"defgh"]).to_bytes()
    with pytest.raises(WireError, match="stored session"):
        Uplink.from_bytes(good[: min(cut, len(good) - 1)])
    with pytest.raises(WireError, match="stored session"):
        Uplink.from_bytes(b"\x07" + stored)


@given(stored_seq=st.integers(0, 100), seq=st.integers(1, 120))
def test_exactly_the_next_number_is_taken(stored_seq: int, seq: int) -> None:
    """Duplicates and gaps are told apart, and neither moves what is stored."""
    receiver = Receiver(stored_seq)
    arrival = receiver.accept(seq)
    assert arrival is arrival_of(stored_seq, seq)
    assert (arrival is Arrival.NEXT) == (seq == stored_seq + 1)
    assert (arrival is Arrival.DUPLICATE) == (seq <= stored_seq)
    assert receiver.ack_seq == stored_seq + (arrival is Arrival.NEXT)
    assert (receiver.duplicate_count, receiver.gap_count) == (arrival is Arrival.DUPLICATE, arrival is Arrival.GAP)


def test_senseless_limits_are_refused() -> None:
    """A backlog or window of nothing would wait for ever."""
    for make in (
        lambda: Uplink(backlog_limit_count=0),
        lambda: Uplink(window_count=0),
        lambda: Uplink(acked_seq=-1),
    ):
        with pytest.raises(ValueError, match="must be >= 1"):
            make()
