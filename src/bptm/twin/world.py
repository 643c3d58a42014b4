"""Everything of the simulation that must not be lost: fleet, numbering, pending reports, commands heard.

Event time in, numbered messages out. Nothing here knows of sockets, files or wall time, so a replay gives the
same messages whatever the host did in between.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from numpy.typing import NDArray

from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.messages import Command, Receipt, UnmetValue, Upward
from bptm.twin.checkpoint import ANSWERED_DTYPE, METER_DTYPE, Checkpoint, Message, Progress
from bptm.twin.messages import Draft, close_all, compose, no_reports
from bptm.wire.cbor import encode_upward
from bptm.wire.command_gate import ANSWERED_HASHES_KEPT, Admitted, Answered, Declined, judge
from bptm.wire.cose import key_id_of, seal_receipt


class FleetLike(Protocol):
    """What is asked of `compiled.fleet.Fleet`."""

    @property
    def tick(self) -> int:
        """Event time."""
        ...

    def advance(self, until_tick: int) -> NDArray[np.void]:
        """Reports made before `until_tick`, by home, tick, as made."""
        ...

    def command(self, home: int, action: int, hold_ticks: int) -> tuple[tuple[int, float, float], ...]:
        """Every unmet condition: its bit, the value found, the value needed. Empty when carried out."""
        ...

    def powered(self) -> NDArray[np.bool_]:
        """Meters that have power now."""
        ...

    def read_now(self, home: int) -> NDArray[np.void]:
        """One row of how a home is now."""
        ...

    def next_change_tick(self) -> int:
        """When an outage next starts or ends, or a source starts."""
        ...

    def to_bytes(self) -> bytes:
        """The whole state."""
        ...

    def ledger(self) -> NDArray[np.void]:
        """What the circuit says happened, one record a home."""
        ...


class SigningKeys(Protocol):
    """Where the meters' keys are (`keys.KeyRing`)."""

    def signing_key(self, home: int) -> EllipticCurvePrivateKey:
        """Private key of a home."""
        ...


class World:
    """The meters of one run, in event time."""

    def __init__(  # noqa: PLR0913 - six plain values, none of which belong together
        self,
        fleet: FleetLike,
        *,
        meter_ids: Sequence[str],
        start_s: int,
        utility_key: EllipticCurvePublicKey,
        keys: SigningKeys,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """As in `checkpoint`, whose fleet `fleet` is; or new.

        Args:
            fleet: The homes.
            meter_ids: Their meters' names, by home.
            start_s: Event time of tick 0.
            utility_key: Key that commands are signed with.
            keys: The meters' own keys.
            checkpoint: Where to go on.

        Raises:
            ValueError: The checkpoint's clock is ahead of its fleet by more than it may be.
        """
        self.fleet = fleet
        self._meter_ids = meter_ids
        self._start_s = start_s
        self._utility_key = utility_key
        self._keys = keys
        self._answered: dict[int, list[bytes]] = {}
        if checkpoint is None:
            self.meters: NDArray[np.void] = np.zeros(len(meter_ids), METER_DTYPE)
            self._pending = no_reports()
            return
        self.meters = checkpoint.meters
        self._pending = checkpoint.pending
        for record in checkpoint.answered:
            self._answered.setdefault(int(record["home"]), []).append(record["command_hash"].tobytes())
        if checkpoint.progress.tick > fleet.tick:
            drafts, self._pending = compose(self._pending, fleet.advance(checkpoint.progress.tick))
            if drafts:
                msg = f"{len(drafts)} messages lie between the fleet of the checkpoint and its clock; expected none"
                raise ValueError(msg)

    @property
    def tick(self) -> int:
        """Event time in ticks."""
        return self.fleet.tick

    @property
    def at_s(self) -> int:
        """Event time in whole seconds."""
        return self._start_s + self.fleet.tick // TICKS_PER_S

    @property
    def messages_sent(self) -> int:
        """How many messages were numbered so far."""
        return int(self.meters["seq"].sum())

    def number(self, reports: NDArray[np.void]) -> list[Message]:
        """The messages that these reports, straight from the fleet, close."""
        drafts, self._pending = compose(self._pending, reports)
        return [self._numbered(draft) for draft in drafts]

    def hear(self, home: int, sealed: bytes) -> Message | None:
        """A command came to a meter that has power. Returns the message with its receipt; None when there is none."""
        meter = self.meters[home]
        verdict = judge(
            sealed,
            meter_id=self._meter_ids[home],
            utility_key=self._utility_key,
            handled_seq=int(meter["command_seq"]),
            now_s=self.at_s,
            answered=self._answered.get(home, ()),
        )
        match verdict:
            case None | Answered():
                return None
            case Declined(command_seq=command_seq, unmet=unmet):
                pass
            case Admitted(command=command):
                command_seq = command.seq
                unmet = self._asked(home, command)
        self._remember(home, verdict.command_hash)
        meter["command_seq"] = verdict.handled_seq
        receipt = Receipt(
            meter_id=self._meter_ids[home],
            command_seq=command_seq,
            command_hash=verdict.command_hash,
            at_s=self.at_s,
            accepted=not unmet,
            unmet=unmet,
        )
        key = self._keys.signing_key(home)
        answer = seal_receipt(receipt, key, key_id=key_id_of(key.public_key()))
        return self._numbered(Draft(home=home, tick=self.tick, starts=0, reports=()), receipts=(answer,))

    def finish(self) -> list[Message]:
        """The last message of every meter that has power: what is pending, and how it is now."""
        homes: list[int] = np.flatnonzero(self.fleet.powered()).tolist()
        drafts, self._pending = close_all(self._pending, homes, self.fleet.read_now, self.tick)
        return [self._numbered(draft) for draft in drafts]

    def checkpoint(self, progress: Progress) -> Checkpoint:
        """Everything as it is now, as values that later changes do not reach."""
        return Checkpoint(
            progress=progress,
            fleet=self.fleet.to_bytes(),
            pending=self._pending,
            meters=self.meters.copy(),
            answered=self._answered_array(),
        )

    def _asked(self, home: int, command: Command) -> tuple[UnmetValue, ...]:
        unmet = self.fleet.command(home, int(command.action), command.hold_s * TICKS_PER_S)
        return tuple(UnmetValue(code=code, found=found, needs=needs) for code, found, needs in unmet)

    def _remember(self, home: int, command_hash: bytes) -> None:
        kept = self._answered.setdefault(home, [])
        kept.append(command_hash)
        del kept[:-ANSWERED_HASHES_KEPT]

    def _answered_array(self) -> NDArray[np.void]:
        rows: list[tuple[Any, ...]] = [
            (home, np.frombuffer(command_hash, np.uint8))
            for home, hashes in self._answered.items()
            for command_hash in hashes
        ]
        return np.array(rows, ANSWERED_DTYPE)

    def _numbered(self, draft: Draft, receipts: tuple[bytes, ...] = ()) -> Message:
        meter = self.meters[draft.home]
        meter["seq"] += 1
        meter["boots"] += draft.starts
        seq = int(meter["seq"])
        body = encode_upward(
            Upward(
                meter_id=self._meter_ids[draft.home],
                seq=seq,
                at_s=self._start_s + draft.tick // TICKS_PER_S,
                boots=int(meter["boots"]),
                command_seq=int(meter["command_seq"]),
                reports=draft.reports,
                receipts=receipts,
            )
        )
        return draft.home, seq, body
