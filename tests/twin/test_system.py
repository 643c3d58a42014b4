"""The whole system in one thread: it holds, it is the same again, and each invariant can fail."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from bptm.operations import picture
from bptm.terms.messages import Receipt
from bptm.twin.system import System, result_of, run
from bptm.twin.system_head import Head
from bptm.wire.command_gate import Admitted, judge
from bptm.wire.cose import hash_of, open_receipt, read_unverified_command, take_apart
from bptm.wire.session import Arrival


def test_the_whole_system_holds_and_is_the_same_again() -> None:
    """LAW-10: loss, duplication, reordering, partition, replay, forgery, crashes and full disks; seed 3, 12 homes."""
    first, second = (run(homes=12, hours=4.0, seed=3).as_json() for _time in range(2))
    assert first["faults"] == []
    assert first == second
    counts = first["counts"]
    for name in ("packets_lost", "packets_doubled", "duplicates", "gaps", "unreadable", "attacks_refused", "transfers"):
        assert counts[name] > 0, name
    assert first["commands"].keys() <= {"proven", "refused", "expired", "unknown"}
    assert first["commands"]["refused"] > 0


def test_another_seed_is_another_run() -> None:
    """The digest is of what happened."""
    assert run(homes=3, hours=1.5, seed=1).digest != run(homes=3, hours=1.5, seed=2).digest


def faults_of(seed: int = 3) -> str:
    system = System(12, 4.0, seed)
    system.head.crash_fraction = 0.05
    system.run(lambda _minute: None)
    return "\n".join(result_of(system).faults)


def tells_before_it_stores(head: Head, now_s: int) -> dict[int, int]:
    """Acknowledges what is not committed; a crash then loses it."""
    before = dict(enumerate(head.seqs))
    Head_commit(head, now_s)
    return {home: seq for home, seq in before.items() if seq}


Head_commit = Head.commit


def takes_everything(_stored_seq: int, _seq: int) -> Arrival:
    return Arrival.NEXT


def reads_every_receipt_as_an_acceptance(sealed: bytes, key: EllipticCurvePublicKey) -> Receipt:
    return replace(open_receipt(sealed, key), accepted=True, unmet=())


def gate_without_signature(encoded: bytes, **facts: Any) -> object:
    verdict = judge(encoded, **facts)
    if verdict is None or isinstance(verdict, Admitted):
        return verdict
    command = read_unverified_command(take_apart(encoded))
    return Admitted(command=command, command_hash=hash_of(encoded), handled_seq=facts["handled_seq"])


def forgets_alarms(*_words: object, **_more: object) -> Any:
    return picture.AlarmState(), ()


BREAKS: tuple[tuple[str, str, Callable[..., Any], str], ...] = (
    ("bptm.twin.system_head.Head.commit", "acknowledged", tells_before_it_stores, "is told that message"),
    ("bptm.twin.system_head.arrival_of", "twice", takes_everything, "stored twice"),
    ("bptm.twin.system_head.open_receipt", "proven", reads_every_receipt_as_an_acceptance, "was never carried out"),
    ("bptm.twin.world.judge", "forged", gate_without_signature, "carried out"),
    ("bptm.operations.alarms.on_message", "alarms", forgets_alarms, "no alarm stands"),
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "broken", "said"), [(row[0], row[2], row[3]) for row in BREAKS], ids=[row[1] for row in BREAKS]
)
def test_each_invariant_can_fail(
    place: str, broken: Callable[..., Any], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part broken on purpose is found: acknowledging too early, counting twice, proving lightly, trusting anybody."""
    monkeypatch.setattr("bptm.twin.system.WELDED_FRACTION", 0.5)
    # Few homes for a few hours: enough commands that some forged one finds a meter that can obey.
    monkeypatch.setattr("bptm.twin.system.COMMANDS_A_HOME_DAY", 60.0)
    monkeypatch.setattr(place, broken)
    assert said in faults_of()
