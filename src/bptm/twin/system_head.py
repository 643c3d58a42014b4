"""The simulated head-end and its store: the real reducers and codecs, a store that crashes and fills up.

What is committed is a value; a crash throws away everything else. Whether a batch was committed before the crash is
drawn, so both kinds of death are met: stored and not acknowledged, and neither.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey

from bptm.operations.alarms import Raised
from bptm.operations.commands import CommandLife, CommandState, issue, refuse_unsent
from bptm.operations.picture import MeterPicture, PictureStep, heard, issued, ticked
from bptm.operations.unmet import cannot_hear
from bptm.terms.codes import Action
from bptm.terms.messages import COMMAND_LIFE_MAX_S, Command, Receipt, Upward
from bptm.wire.cbor import decode_upward
from bptm.wire.cose import hash_of, key_id_of, open_receipt, seal_command
from bptm.wire.errors import WireError
from bptm.wire.session import Arrival, arrival_of

AGAIN_EVERY_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the store holds: everything a new head-end process begins with."""

    seqs: tuple[int, ...]
    pictures: tuple[MeterPicture, ...]
    command_seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One message in the ledger."""

    home: int
    message: Upward
    receipts: tuple[Receipt, ...]


@dataclass(slots=True)
class Head:
    """One head-end over its store."""

    meter_ids: list[str]
    medical: list[bool]
    keys: list[EllipticCurvePublicKey]
    key: EllipticCurvePrivateKey
    start_s: int
    chance: random.Random
    crash_fraction: float = 0.002
    """Of batches: the process dies in the middle. Own choice: many times a day."""
    kept: Kept = field(init=False)
    ledger: list[Stored] = field(default_factory=list[Stored])
    seqs: list[int] = field(default_factory=list[int])
    pictures: list[MeterPicture] = field(default_factory=list[MeterPicture])
    command_seqs: list[int] = field(default_factory=list[int])
    sealed: dict[tuple[int, int], bytes] = field(default_factory=dict[tuple[int, int], bytes])
    full_until_s: int = 0
    sent_again_s: int = 0
    counts: Counter[str] = field(default_factory=Counter[str])
    _waiting: list[Stored] = field(default_factory=list[Stored])
    _touched: set[int] = field(default_factory=set[int])

    def __post_init__(self) -> None:
        """An empty store."""
        count = len(self.meter_ids)
        self.kept = Kept(seqs=(0,) * count, pictures=(MeterPicture(),) * count, command_seqs=(0,) * count)
        self.restart()

    def restart(self) -> None:
        """A new process: it knows what is stored, and nothing else."""
        self.seqs = list(self.kept.seqs)
        self.pictures = list(self.kept.pictures)
        self.command_seqs = list(self.kept.command_seqs)
        self._waiting = []
        self._touched = set()

    def take(self, home: int, body: bytes) -> None:
        """Bytes that came up on a meter's own topic."""
        try:
            message = decode_upward(body)
        except WireError:
            self.counts["unreadable"] += 1
            return
        if message.meter_id != self.meter_ids[home]:
            self.counts["unreadable"] += 1
            return
        place = arrival_of(self.seqs[home], message.seq)
        self._touched.add(home)
        if place is not Arrival.NEXT:
            self.counts["duplicates" if place is Arrival.DUPLICATE else "gaps"] += 1
            return
        self.seqs[home] = message.seq
        receipts = self._receipts(home, message)
        step = heard(self.pictures[home], message, receipts, medical=self.medical[home], start_s=self.start_s)
        self._note(home, step)
        self._waiting.append(Stored(home=home, message=message, receipts=receipts))

    def _receipts(self, home: int, message: Upward) -> tuple[Receipt, ...]:
        found: list[Receipt] = []
        for sealed in message.receipts:
            try:
                found.append(open_receipt(sealed, self.keys[home]))
            except WireError:
                self.counts["receipts_not_verified"] += 1
        return tuple(found)

    def _note(self, home: int, step: PictureStep) -> None:
        self.pictures[home] = step.picture
        for change in step.alarms:
            self.counts["alarms_raised" if isinstance(change, Raised) else "alarms_cleared"] += 1

    def tick(self, now_s: int) -> None:
        """Event time passes."""
        for home, picture in enumerate(self.pictures):
            self._note(home, ticked(picture, now_s, medical=self.medical[home]))

    def commit(self, now_s: int) -> dict[int, int]:
        """One transaction; returns how far each meter heard from may be told that it is stored."""
        if now_s < self.full_until_s:
            # Disk full: nothing is stored and nobody is told; the process reads its store again.
            self.counts["refused_by_disk"] += 1
            self.restart()
            return {}
        dies = self.chance.random() < self.crash_fraction and bool(self._waiting)
        if dies and self.chance.random() < 0.5:  # noqa: PLR2004  before or after the commit
            self.counts["crashes"] += 1
            self.restart()
            return {}
        touched = sorted(self._touched)
        self.ledger += self._waiting
        self.kept = Kept(seqs=tuple(self.seqs), pictures=tuple(self.pictures), command_seqs=tuple(self.command_seqs))
        self._waiting = []
        self._touched = set()
        if dies:
            self.counts["crashes"] += 1
            self.restart()
            return {}
        return {home: self.seqs[home] for home in touched}

    def order(self, home: int, action: Action, hold_s: int, now_s: int) -> bytes | None:
        """An operator's command: refused at the desk, or stored and then sealed to be sent; None when not sent."""
        picture = self.pictures[home]
        seq = self.command_seqs[home] + 1
        command = Command(
            meter_id=self.meter_ids[home],
            seq=seq,
            action=action,
            issued_s=now_s,
            expires_s=now_s + COMMAND_LIFE_MAX_S,
            nonce=self.chance.randbytes(16),
            hold_s=hold_s,
        )
        refused = cannot_hear(picture.state, now_s)
        sealed: bytes | None = None
        if refused is not None:
            life, _effects = refuse_unsent(command, refused, now_s)
        else:
            sealed = seal_command(command, self.key, key_id=key_id_of(self.key.public_key()))
            life, _effects = issue(command, hash_of(sealed))
        self.pictures[home] = issued(picture, life)
        self.command_seqs[home] = seq
        self.commit(now_s)
        if self.kept.command_seqs[home] != seq:
            # Not stored, so never sent: it does not exist.
            self.counts["commands_not_stored"] += 1
            return None
        self.counts["commands"] += 1
        if sealed is not None:
            self.sealed[home, seq] = sealed
        return sealed

    def send_again(self, now_s: int, send: Callable[[int, bytes], None]) -> None:
        """Commands without an answer, as the very same bytes."""
        if now_s - self.sent_again_s < AGAIN_EVERY_S:
            return
        self.sent_again_s = now_s
        for home, picture in enumerate(self.pictures):
            for life in picture.lives:
                if life.state is CommandState.ISSUED and now_s <= life.command.expires_s:
                    send(home, self.sealed[home, life.command.seq])

    def lives(self) -> list[tuple[int, CommandLife]]:
        """Every command that was ever stored."""
        return [(home, life) for home, picture in enumerate(self.pictures) for life in picture.lives]

    def digest(self) -> str:
        """Of the ledger and of every command's end. Signatures are left out: they are drawn by OpenSSL."""
        whole = hashlib.sha256()
        for one in self.ledger:
            m = one.message
            answers = tuple((r.command_seq, r.at_s, r.accepted, r.unmet) for r in one.receipts)
            whole.update(repr((one.home, m.seq, m.at_s, m.boots, m.command_seq, m.reports, answers)).encode())
        for home, life in self.lives():
            whole.update(repr((home, life.command.seq, life.state, life.ended_s, life.reason)).encode())
        return whole.hexdigest()
