"""The whole system in one thread and virtual time: real controllers, messages, signatures and reducers.

Homes run in the compiled fleet; `world.World` makes their messages and judges commands, `wire.session` keeps and
repeats them, `system_net` loses them, `system_head` reduces and stores them. Nothing here knows a socket or the wall
clock; all chance comes from one seed.

What is asserted stands in `system_truth`.
"""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from numpy.typing import NDArray

from bptm.compiled.fleet import SETUP_DTYPE
from bptm.operations.fleet import MeterState
from bptm.terms.codes import Action
from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.core_home import OUTAGES_MAX
from bptm.terms.messages import Ack, Command
from bptm.twin.homes import Draws, furnish
from bptm.twin.system_head import Head
from bptm.twin.system_net import Network, Packet, Way
from bptm.twin.system_truth import Truth, WatchedFleet
from bptm.twin.world import World
from bptm.wire.cbor import decode_ack, encode_ack
from bptm.wire.cose import key_id_of, seal_command
from bptm.wire.errors import WireError
from bptm.wire.session import Uplink

STEP_S = 5
START_S = 1_700_000_000
HEAL_S = 3600
"""At the end the network is whole for an hour: longer than any report interval, patience or proof takes."""
TICK_EVERY_S = 60
COMMANDS_A_HOME_DAY = 12.0
OUTAGES_A_DAY = 4.0
PATIENCE_S = 60.0
WELDED_FRACTION = 0.03
LYING_FRACTION = 0.03
DEAD_FRACTION = 0.02
"""Meters whose radio dies for good in the middle of the run."""
FULL_DISKS_A_DAY = 4.0


@dataclass(slots=True, kw_only=True)
class SystemResult:
    """What a run gave."""

    seed: int
    homes: int
    hours: float
    digest: str = ""
    faults: list[str] = field(default_factory=list[str])
    counts: dict[str, int] = field(default_factory=dict[str, int])
    commands: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def command(self) -> str:
        """The one command that runs it again."""
        return f"bptm fleet --system --homes {self.homes} --hours {self.hours:g} --seed {self.seed}"

    def as_json(self) -> dict[str, Any]:
        """For `--json`; the same for the same seed."""
        return {
            "seed": self.seed,
            "homes": self.homes,
            "hours": self.hours,
            "digest": self.digest,
            "counts": self.counts,
            "commands": self.commands,
            "faults": self.faults,
            "again": self.command,
        }

    def as_text(self) -> str:
        """For a person."""
        lines = [f"{self.homes} homes x {self.hours:g} h, seed {self.seed}; ledger {self.digest[:16]}"]
        lines += [f"  {name.replace('_', ' '):28} {count:,}" for name, count in sorted(self.counts.items())]
        lines.append("  commands ended as " + ", ".join(f"{n} {state}" for state, n in sorted(self.commands.items())))
        lines += [f"  DOES NOT HOLD: {fault}" for fault in self.faults[:20]]
        lines.append(f"  {len(self.faults)} things do not hold" + (f"; again: {self.command}" if self.faults else ""))
        return "\n".join(lines)


class _Keys:
    """Keys of the meters, drawn from the seed: a simulation's, never a real meter's."""

    def __init__(self, seed: int, homes: int) -> None:
        self._keys = [_key(f"meter {seed} {home}") for home in range(homes)]

    def signing_key(self, home: int) -> EllipticCurvePrivateKey:
        return self._keys[home]


def _key(name: str) -> EllipticCurvePrivateKey:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:31], "big") + 1
    return derive_private_key(number, SECP256R1())


def setups_of(homes: int, hours: float, seed: int) -> NDArray[np.void]:
    """Homes with outages many times a day, some with a fault."""
    draws = Draws(seed, homes)
    setups = np.zeros(homes, SETUP_DTYPE)
    furnish(setups, draws, np.full(homes, 12.0))
    chance = np.random.default_rng(seed + 1)
    end_s = hours * 3600 - HEAL_S
    for home in range(homes):
        count = min(OUTAGES_MAX, 1 + int(chance.poisson(OUTAGES_A_DAY * hours / 24)))
        edges = np.sort(chance.integers(60, max(2 * 60, int(end_s)), 2 * count)) * TICKS_PER_S
        off, on = edges[0::2], edges[1::2]
        setups["outages"][home] = count
        setups["utility_off_tick"][home, :count] = off
        setups["utility_on_tick"][home, :count] = np.maximum(on, off + 10 * TICKS_PER_S)
    # An outage that would begin inside the one before it is pushed behind it.
    for home in range(homes):
        for i in range(1, int(setups["outages"][home])):
            least = setups["utility_on_tick"][home, i - 1] + 10 * TICKS_PER_S
            setups["utility_off_tick"][home, i] = max(setups["utility_off_tick"][home, i], least)
            least = setups["utility_off_tick"][home, i] + 10 * TICKS_PER_S
            setups["utility_on_tick"][home, i] = max(setups["utility_on_tick"][home, i], least)
    lucky = chance.random(homes)
    setups["u_weld"] = np.where(lucky < WELDED_FRACTION, 3, 0)
    lies = (lucky >= WELDED_FRACTION) & (lucky < WELDED_FRACTION + LYING_FRACTION)
    setups["u_feedback_stuck_closed"] = lies
    # People start what has to be started soon, so that there is something to see.
    setups["backup_start_ticks"] = np.minimum(setups["backup_start_ticks"], 20 * 60 * TICKS_PER_S)
    return setups


class System:
    """One run."""

    def __init__(self, homes: int, hours: float, seed: int) -> None:
        """Everything drawn from the seed; nothing has run yet."""
        self.homes, self.hours, self.seed = homes, hours, seed
        self.chance = random.Random(seed)  # noqa: S311 - a simulation
        self.ids = [f"BPTM-{home + 1:06d}" for home in range(homes)]
        setups = setups_of(homes, hours, seed)
        self.fleet = WatchedFleet.build(setups, 0)
        self.fleet.may_be_disconnected(np.arange(homes) % 2 == 0)
        keys = _Keys(seed, homes)
        utility = _key(f"utility {seed}")
        self.forger = _key(f"forger {seed}")
        self.world = World(self.fleet, meter_ids=self.ids, start_s=START_S, utility_key=utility.public_key(), keys=keys)
        self.uplinks = [Uplink() for _ in range(homes)]
        self.net = Network(homes, self.chance)
        self.head = Head(
            meter_ids=self.ids,
            medical=[bool(one) for one in setups["medical"]],
            keys=[keys.signing_key(home).public_key() for home in range(homes)],
            key=utility,
            start_s=START_S,
            chance=self.chance,
        )
        self.truth = Truth(self)
        self.dead_at_s = [
            START_S + self.chance.randrange(int(hours * 3600)) if self.chance.random() < DEAD_FRACTION else None
            for _ in range(homes)
        ]
        self.healed = False
        self._powered: NDArray[np.bool_] = np.zeros(homes, np.bool_)

    def run(self, tell: Callable[[int], None]) -> None:
        """To its end, and what it came to."""
        steps = int(self.hours * 3600) // STEP_S
        heal_step = max(1, steps - HEAL_S // STEP_S)
        for step in range(1, steps + 1):
            now_s = START_S + step * STEP_S
            if step == heal_step:
                self._heal()
            self._meters(step * STEP_S * TICKS_PER_S, now_s)
            self._network(now_s)
            self._operators(now_s)
            self._head(now_s)
            self.truth.watch(now_s)
            if step % 12 == 0:
                tell(step * STEP_S // 60)
        self._last_words(START_S + steps * STEP_S)

    def _heal(self) -> None:
        self.healed = True
        self.net.heal()
        self.head.crash_fraction = 0.0
        self.head.full_until_s = 0

    def is_dead(self, home: int, now_s: int) -> bool:
        """Whether a meter's radio has died for good."""
        dead_at_s = self.dead_at_s[home]
        return dead_at_s is not None and now_s >= dead_at_s

    def _can_talk(self, home: int, now_s: int) -> bool:
        return bool(self._powered[home]) and not self.net.is_cut(home, now_s) and not self.is_dead(home, now_s)

    def _meters(self, tick: int, now_s: int) -> None:
        """Homes live on; what they have to say goes into their backlogs and on its way."""
        was_powered = self._powered
        reports = self.fleet.advance(tick)
        # A meter that died within this step could still send its last gasp.
        self._powered = self.fleet.powered() | was_powered
        for home, seq, body in self.world.number(reports):
            self._keep(home, seq, body)
        for home in range(self.homes):
            uplink = self.uplinks[home]
            if uplink.unacked_count and self._can_talk(home, now_s):
                uplink.rewind_if_overdue(now_s, PATIENCE_S)
                for _seq, body in uplink.take(now_s):
                    self.net.send(Packet(way=Way.UP, home=home, body=body), now_s)
        self._powered = self.fleet.powered()

    def _keep(self, home: int, seq: int, body: bytes) -> None:
        self.truth.made(home, seq, body)
        self.uplinks[home].push(seq, body)

    def _network(self, now_s: int) -> None:
        """What has arrived is heard."""
        if not self.healed:
            for home in self.net.cut_some(now_s, STEP_S):
                self.uplinks[home].rewind()
        for packet in self.net.arrivals(now_s):
            if packet.way is Way.UP:
                self.head.take(packet.home, packet.body)
            elif not self._can_talk(packet.home, now_s):
                self.net.lost += 1
            elif packet.way is Way.ACK:
                self._acked(packet)
            else:
                self._commanded(packet)

    def _acked(self, packet: Packet) -> None:
        try:
            seq = decode_ack(packet.body).seq
            self.uplinks[packet.home].acknowledge(seq, self.world.at_s)
        except WireError as problem:
            if not packet.forged:
                self.truth.fault(f"{self.ids[packet.home]} cannot use its head-end's acknowledgement: {problem}")

    def _commanded(self, packet: Packet) -> None:
        self.fleet.begin()
        message = self.world.hear(packet.home, packet.body)
        self.truth.commanded(packet, self.fleet.carried_out)
        if message is not None:
            self._keep(*message)

    def _operators(self, now_s: int) -> None:
        """Commands at random, and an attacker who listens."""
        if not self.healed:
            for home in range(self.homes):
                if self.chance.random() < COMMANDS_A_HOME_DAY * STEP_S / 86400:
                    self._order(home, now_s)
            if self.chance.random() < FULL_DISKS_A_DAY * STEP_S / 86400:
                self.head.full_until_s = now_s + self.chance.randrange(10, 600)

        def send(home: int, sealed: bytes) -> None:
            self.net.send(Packet(way=Way.COMMAND, home=home, body=sealed), now_s)

        self.head.send_again(now_s, send)

    def _order(self, home: int, now_s: int) -> None:
        action = self.chance.choice((Action.HOLD_RETURN, Action.ALLOW_RETURN, Action.DISCONNECT, Action.RECONNECT))
        hold_s = self.chance.choice((1, 300, 1800, 4 * 3600, 30 * 3600))
        sealed = self.head.order(home, action, hold_s, now_s)
        if sealed is None:
            return
        self.truth.ordered(home, sealed)
        self.net.send(Packet(way=Way.COMMAND, home=home, body=sealed), now_s)
        if self.chance.random() < self.net.weather.replayed_fraction:
            self._attack(home, sealed, now_s)

    def _attack(self, home: int, sealed: bytes, now_s: int) -> None:
        """The same bytes later or to another meter, or a command of the attacker's own making."""
        kind = self.chance.randrange(3)
        at_s = now_s + self.chance.randrange(1, 4 * 3600)
        if kind == 1:
            home = self.chance.randrange(self.homes)
        elif kind == 2:  # noqa: PLR2004  the third kind
            command = Command(
                meter_id=self.ids[home],
                seq=self.head.command_seqs[home] + self.chance.randrange(1, 1000),
                action=self.chance.choice(tuple(Action)),
                issued_s=at_s,
                expires_s=at_s + 60,
                nonce=self.chance.randbytes(16),
                hold_s=3600,
            )
            sealed = seal_command(command, self.forger, key_id=key_id_of(self.forger.public_key()))
        self.truth.attacks += 1
        self.net.send_later(Packet(way=Way.COMMAND, home=home, body=sealed, forged=True), at_s)

    def _head(self, now_s: int) -> None:
        if now_s % TICK_EVERY_S < STEP_S:
            self.head.tick(now_s)
        for home, seq in self.head.commit(now_s).items():
            self.truth.acknowledged(home, seq)
            self.net.send(Packet(way=Way.ACK, home=home, body=encode_ack(Ack(seq=seq))), now_s)

    def _last_words(self, now_s: int) -> None:
        """Every meter that lives says how it is, and is heard; then all is judged."""
        for home, seq, body in self.world.finish():
            self._keep(home, seq, body)
        for second in range(now_s, now_s + 3 * int(PATIENCE_S), STEP_S):
            for home in range(self.homes):
                if self._can_talk(home, second):
                    self.uplinks[home].rewind_if_overdue(second, PATIENCE_S)
                    for _seq, body in self.uplinks[home].take(second):
                        self.net.send(Packet(way=Way.UP, home=home, body=body), second)
            self._network(second)
            self._head(second)
        self.truth.judge(now_s)

    def state_of(self, home: int) -> MeterState:
        """What the head-end knows of a meter."""
        return self.head.pictures[home].state


def run(*, homes: int, hours: float, seed: int, tell: Callable[[int], None] = lambda _minute: None) -> SystemResult:
    """One run of the whole system; the same arguments give the same answer."""
    system = System(homes, hours, seed)
    system.run(tell)
    return result_of(system)


def result_of(system: System) -> SystemResult:
    """What a system that has run came to."""
    truth, head, net = system.truth, system.head, system.net
    commands: dict[str, int] = {}
    for _home, life in head.lives():
        commands[life.state.value] = commands.get(life.state.value, 0) + 1
    ledger = system.fleet.ledger()
    return SystemResult(
        seed=system.seed,
        homes=system.homes,
        hours=system.hours,
        digest=head.digest(),
        faults=truth.faults,
        commands=commands,
        counts={
            **head.counts,
            "messages_made": truth.made_count,
            "messages_stored": len(head.ledger),
            "packets_sent": net.sent,
            "packets_lost": net.lost,
            "packets_doubled": net.doubled,
            "garbage_sent": net.garbage,
            "attacks": truth.attacks,
            "attacks_refused": truth.attacks_refused,
            "transfers": int(ledger["transfers"].sum()),
            "starts": int(ledger["starts"].sum()),
            "dead_radios": sum(1 for home in range(system.homes) if system.dead_at_s[home] is not None),
        },
    )
