"""What is true of a whole-system run, beside what the head-end believes, and the invariants between them.

- nothing acknowledged is lost: what a meter was told is stored is stored, after every crash;
- nothing is counted twice, nothing is missing, nothing is changed on its way;
- every command ends once, in proven, refused, expired or unknown; never proven without the contacts to show it, never
  refused or expired when the meter carried it out, never carried out twice;
- what an attacker sends again or makes himself is never carried out;
- once the network has healed, the head-end's picture is the truth of the plant, and its alarms are those of it;
- no law of safety is broken.
"""

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.fleet import Fleet
from bptm.operations.alarms import AlarmKind
from bptm.operations.commands import CommandLife, CommandState
from bptm.operations.fleet import status_of
from bptm.terms.codes import Action, Mode, Status
from bptm.terms.core_codes import MODE_BACKUP_BLOCKED, MODE_LOCKED_OUT, TICKS_PER_S
from bptm.terms.messages import REPORT_NAMES
from bptm.twin.system_net import Packet
from bptm.wire.cbor import decode_upward
from bptm.wire.cose import read_unverified_command, take_apart
from bptm.wire.errors import WireError

if TYPE_CHECKING:
    from bptm.twin.system import System

FAULTS_MOST = 1000
NEAR_STEPS = 3
"""A proof is looked for in the truth of this many steps on either side: a report falls between two of them."""
_ENERGIES = tuple(REPORT_NAMES.index(name) for name in ("utility_in_mwticks", "backup_in_mwticks"))


class WatchedFleet(Fleet):
    """The fleet, with an eye on which command it carried out and where the contacts truly are."""

    carried_out = False

    def begin(self) -> None:
        """A packet is about to be heard."""
        self.carried_out = False

    def command(self, home: int, action: int, hold_ticks: int) -> tuple[tuple[int, float, float], ...]:
        """As the fleet's; remembers whether it was carried out."""
        unmet = super().command(home, action, hold_ticks)
        self.carried_out = not unmet
        return unmet

    def may_be_disconnected(self, homes: NDArray[np.bool_]) -> None:
        """Allows the remote disconnection of some homes, as their installers would."""
        self._a["settings"]["remote_disconnect"] = homes

    def poles(self) -> NDArray[np.int8]:
        """Closed poles of U and of B, and whether the feeder lives, three columns: the plant's, not the meter's."""
        home = self._a["home"]
        return np.stack([home["u_poles"], home["b_poles"], home["feeder_on"]], axis=1).astype(np.int8)


class Truth:
    """What happened, from the plant and from the meters' side."""

    def __init__(self, system: "System") -> None:
        """Nothing yet."""
        self._system = system
        self.faults: list[str] = []
        self.made_count = 0
        self.attacks = 0
        self.attacks_refused = 0
        self._made: dict[tuple[int, int], bytes] = {}
        self._acked: dict[int, int] = {}
        self._ordered: dict[tuple[int, int], bytes] = {}
        self._carried_out: defaultdict[tuple[int, int], int] = defaultdict(int)
        self._told: set[int] = set()
        self._poles: list[tuple[int, NDArray[np.int8]]] = []

    def fault(self, text: str) -> None:
        """Something does not hold."""
        if len(self.faults) < FAULTS_MOST:
            self.faults.append(text)

    def made(self, home: int, seq: int, body: bytes) -> None:
        """A meter made a message."""
        self.made_count += 1
        self._made[home, seq] = body

    def acknowledged(self, home: int, seq: int) -> None:
        """The head-end is about to tell a meter that everything up to here is stored."""
        if self._system.head.kept.seqs[home] < seq:
            stored = self._system.head.kept.seqs[home]
            self.fault(f"{self._name(home)} is told that message {seq} is stored; stored is {stored}")
        self._acked[home] = max(self._acked.get(home, 0), seq)

    def ordered(self, home: int, sealed: bytes) -> None:
        """The head-end stored a command and is about to send it."""
        command = read_unverified_command(take_apart(sealed))
        self._ordered[home, command.seq] = sealed

    def commanded(self, packet: Packet, carried_out: bool) -> None:  # noqa: FBT001 - a fact
        """A packet came to a meter's command gate."""
        if not carried_out:
            self.attacks_refused += packet.forged
            return
        try:
            seq = read_unverified_command(take_apart(packet.body)).seq
        except WireError:
            self.fault(f"{self._name(packet.home)} carried out what is no command")
            return
        if self._ordered.get((packet.home, seq)) != packet.body:
            self.fault(f"{self._name(packet.home)} carried out command {seq}, which the utility never gave")
        self._carried_out[packet.home, seq] += 1

    def watch(self, now_s: int) -> None:
        """The end of a step."""
        self._poles.append((now_s, self._system.fleet.poles()))
        for home, seq in self._acked.items():
            stored = self._system.head.kept.seqs[home]
            if stored < seq and home not in self._told:
                self._told.add(home)
                self.fault(f"{self._name(home)}: message {seq} was acknowledged and is lost: stored is {stored}")

    def judge(self, now_s: int) -> None:
        """Everything, at the end."""
        self._judge_ledger(now_s)
        for home, life in self._system.head.lives():
            self._judge_command(home, life)
        self._judge_pictures(now_s)
        ledger = self._system.fleet.ledger()
        for home in np.flatnonzero((ledger["violations"] != 0) | (ledger["unsafe_ticks"] != 0)).tolist():
            broken = int(ledger["violations"][home])
            if broken & ~(1 << 7) or int(ledger["unsafe_ticks"][home]):
                # A contactor that is welded or lies cannot always return: that law is chaos's matter.
                self.fault(f"{self._name(home)} broke laws {[law for law in range(16) if broken >> law & 1]}")

    def _name(self, home: int) -> str:
        return self._system.ids[home]

    def _judge_ledger(self, now_s: int) -> None:
        system = self._system
        seen: set[tuple[int, int]] = set()
        last = [0] * system.homes
        for one in system.head.ledger:
            key = (one.home, one.message.seq)
            if key in seen:
                self.fault(f"{self._name(one.home)}: message {one.message.seq} is stored twice")
            seen.add(key)
            if one.message.seq != last[one.home] + 1:
                self.fault(f"{self._name(one.home)}: message {one.message.seq} follows {last[one.home]}")
            last[one.home] = one.message.seq
            if decode_upward(self._made[key]) != one.message:
                self.fault(f"{self._name(one.home)}: message {one.message.seq} is stored otherwise than it was made")
        powered = system.fleet.powered()
        for home in range(system.homes):
            made = int(system.world.meters["seq"][home])
            if powered[home] and not system.is_dead(home, now_s) and last[home] != made:
                self.fault(f"{self._name(home)}: {made} messages made, {last[home]} stored after the network healed")

    def _judge_command(self, home: int, life: CommandLife) -> None:
        seq = life.command.seq
        name = f"{self._name(home)} command {seq} ({life.command.action.name})"
        times = self._carried_out[home, seq]
        if times > 1:
            self.fault(f"{name} was carried out {times} times")
        if not life.ended:
            self.fault(f"{name} never ended: {life.state.value}")
        elif life.state is CommandState.PROVEN and not times:
            self.fault(f"{name} is proven and was never carried out")
        elif life.state in {CommandState.REFUSED, CommandState.EXPIRED} and times:
            self.fault(f"{name} is {life.state.value} and was carried out")
        elif life.state is CommandState.PROVEN and life.ended_s is not None:
            self._judge_proof(home, life, name, life.ended_s)

    def _judge_proof(self, home: int, life: CommandLife, name: str, at_s: int) -> None:
        """Proven by the meter's report; was it true of the contacts?"""
        first_s = self._poles[0][0]
        step_s = self._poles[1][0] - first_s if len(self._poles) > 1 else 1
        middle = (at_s - first_s) // step_s
        near = self._poles[max(0, middle - NEAR_STEPS) : middle + NEAR_STEPS + 1]
        if life.command.action in {Action.HOLD_RETURN, Action.DISCONNECT}:
            if all(poles[home, 0] != 0 for _at_s, poles in near):
                self.fault(f"{name} is proven at {at_s} s, and U was closed")
        elif all(poles[home, 2] == 1 and poles[home, 0] != 3 for _at_s, poles in near):  # noqa: PLR2004  both poles
            self.fault(f"{name} is proven at {at_s} s with a live utility, and U was not closed")

    def _judge_pictures(self, now_s: int) -> None:
        system = self._system
        modes = system.fleet.mode()
        powered = system.fleet.powered()
        ledger = system.fleet.ledger()
        for home in range(system.homes):
            state = system.state_of(home)
            alarms = system.head.pictures[home].alarms
            if system.is_dead(home, now_s) or not powered[home]:
                known = state.heard_s is None or state.gasped or status_of(state, now_s + 86400) is Status.SILENT
                if not known:
                    self.fault(f"{self._name(home)} is mute and shown as {status_of(state, now_s + 86400).name}")
                continue
            if state.report is None or state.mode is not Mode(int(modes[home])):
                self.fault(f"{self._name(home)} is in mode {Mode(int(modes[home])).name}, shown as {state.mode}")
                continue
            registers = [int(state.report[place]) for place in _ENERGIES]
            true = [int(ledger[f"register_{name}"][home]) for name in ("utility_in_mwticks", "backup_in_mwticks")]
            if registers != true:
                self.fault(f"{self._name(home)} has registers {true}, shown as {registers}")
            locked = int(modes[home]) == MODE_LOCKED_OUT
            if alarms.has(AlarmKind.LOCKED_OUT) != locked:
                self.fault(f"{self._name(home)} locked out: {locked}; its alarm stands: {not locked}")
            if int(modes[home]) == MODE_BACKUP_BLOCKED and not alarms.standing:
                self.fault(f"{self._name(home)} has its backup blocked, and no alarm stands")
            if alarms.has(AlarmKind.SILENT_ON_BACKUP):
                self.fault(f"{self._name(home)} was heard, and still has its alarm of silence")
            if now_s - (state.report_at_s or 0) > 2 * TICKS_PER_S:
                self.fault(f"{self._name(home)} was last seen {now_s - (state.report_at_s or 0)} s before the end")
