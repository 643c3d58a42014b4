"""The life of a command, from issue to exactly one end.

    issued ──► accepted ──► proven        voltages and both contact feedbacks say so
      │           └───────► unknown       not proved in time: unsafe
      ├──────► refused                    by the meter's signed receipt, or before it was sent
      ├──────► expired                    only when it is known that it was not executed
      └──────► unknown                    no word in time: unsafe

Pure: a life and what was learnt go in; the life after it and the effects come out. Nothing leaves an end state;
what is learnt later about an unknown command clears its alarm and is added to its reason.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from bptm.operations.evidence import proof_of
from bptm.operations.fleet import REPORT_INTERVAL_S, at_s_of
from bptm.operations.unmet import refused_for
from bptm.terms import core_codes as c
from bptm.terms.codes import Action
from bptm.terms.messages import Command, Receipt, Report, Upward
from bptm.terms.refusals import Refused

ANSWER_WITHIN_S = REPORT_INTERVAL_S
"""After its expiry, no word for this long makes a command unknown: one report interval."""

HOLD_PROVEN_WITHIN_S = REPORT_INTERVAL_S
"""A hold, or a disconnection, shows in the next report."""

RETURN_WITHIN_S = 1800
"""A return may wait this long for a steady utility and its slot: 300 s and 5 to 15 minutes, with room."""


class CommandState(StrEnum):
    """How far a command has come; the last four are its ends."""

    ISSUED = "issued"
    ACCEPTED = "accepted"
    PROVEN = "proven"
    REFUSED = "refused"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


END_STATES = frozenset((CommandState.PROVEN, CommandState.REFUSED, CommandState.EXPIRED, CommandState.UNKNOWN))


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLife:
    """One command and how far it has come."""

    command: Command
    command_hash: bytes
    """SHA-256 of what was sent; empty when it never was."""
    state: CommandState
    accepted_s: int | None = None
    """The meter's event time of its acceptance."""
    ended_s: int | None = None
    reason: str = ""
    """Refused: every reason. Proven: the evidence. Expired and unknown: what is missing."""
    refused: Refused | None = None
    in_doubt: bool = False
    """Ended as unknown, and nothing since has told what became of it: its alarm stands."""

    @property
    def ended(self) -> bool:
        """Whether this is the end."""
        return self.state in END_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCommand:
    """The life has changed: store it."""

    life: CommandLife


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseUnknown:
    """Nobody can say whether the command was executed: raise the alarm."""

    life: CommandLife
    at_s: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearUnknown:
    """It is known now what became of an unknown command: clear its alarm."""

    life: CommandLife
    at_s: int
    text: str


Effect = StoreCommand | RaiseUnknown | ClearUnknown
Step = tuple[CommandLife, tuple[Effect, ...]]


def issue(command: Command, command_hash: bytes) -> Step:
    """A command that is about to be sent: store it first."""
    life = CommandLife(command=command, command_hash=command_hash, state=CommandState.ISSUED)
    return life, (StoreCommand(life=life),)


def refuse_unsent(command: Command, refused: Refused, now_s: int) -> Step:
    """A command that the head-end itself refuses; it is never sent."""
    life = CommandLife(
        command=command,
        command_hash=b"",
        state=CommandState.REFUSED,
        ended_s=now_s,
        reason=refused.sentence(),
        refused=refused,
    )
    return life, (StoreCommand(life=life),)


def on_receipt(life: CommandLife, receipt: Receipt) -> Step:
    """A receipt whose signature holds for this meter's key. One for another command changes nothing."""
    if (
        receipt.meter_id != life.command.meter_id
        or receipt.command_seq != life.command.seq
        or receipt.command_hash != life.command_hash
        or not life.command_hash
    ):
        return life, ()
    if life.state is CommandState.ISSUED:
        if receipt.accepted:
            return _changed(replace(life, state=CommandState.ACCEPTED, accepted_s=receipt.at_s))
        refused = refused_for(receipt.unmet)
        expired = any(value.code & c.UNMET_EXPIRED for value in receipt.unmet)
        state = CommandState.EXPIRED if expired else CommandState.REFUSED
        return _changed(replace(life, state=state, ended_s=receipt.at_s, reason=refused.sentence(), refused=refused))
    if life.in_doubt and life.accepted_s is None:
        if receipt.accepted:
            # Known to have been accepted, late; still to be proved by a report.
            return _changed(replace(life, accepted_s=receipt.at_s))
        return _resolved(life, receipt.at_s, f"The meter refused it: {refused_for(receipt.unmet).sentence()}")
    return life, ()


def on_message(life: CommandLife, message: Upward, *, start_s: int) -> Step:
    """A message of the meter, after its receipts: may show that the command expired unheard, or prove its effect.

    Args:
        life: The command so far.
        message: Given once, in the order of the meter's numbers. One of another meter changes nothing.
        start_s: Where the ticks of reports begin.
    """
    if message.meter_id != life.command.meter_id:
        return life, ()
    if life.accepted_s is not None and (life.state is CommandState.ACCEPTED or life.in_doubt):
        for report in message.reports:
            life, effects = _on_report(life, report, start_s=start_s)
            if effects:
                return life, effects
        return life, ()
    # A meter refuses what is past its expiry, and handles commands in the order of their numbers: when its own clock
    # is past the expiry and it has not handled this one, it never will execute it.
    if message.at_s > life.command.expires_s and message.command_seq < life.command.seq:
        reason = (
            f"Not executed: at {message.at_s} s, past the expiry at {life.command.expires_s} s, the meter had handled "
            f"commands up to {message.command_seq} and this is {life.command.seq}."
        )
        if life.state is CommandState.ISSUED:
            return _changed(replace(life, state=CommandState.EXPIRED, ended_s=message.at_s, reason=reason))
        if life.in_doubt:
            return _resolved(life, message.at_s, reason)
    return life, ()


def on_tick(life: CommandLife, now_s: int) -> Step:
    """Everything made up to `now_s` was heard: what was due by then and did not come is unknown.

    It ended when it was due, not when somebody looked, so that the same event ends the same at any speed.
    """
    if life.state is CommandState.ISSUED:
        due_s = life.command.expires_s + ANSWER_WITHIN_S
        if now_s <= due_s:
            return life, ()
        return _unknown(
            life,
            due_s,
            f"No word from the meter until {due_s} s, {ANSWER_WITHIN_S} s past the expiry of the command: it may or "
            "may not have been executed. Treat the home as unsafe until it is heard.",
        )
    if life.state is CommandState.ACCEPTED and life.accepted_s is not None:
        due_s = life.accepted_s + proof_within_s(life.command.action)
        if now_s <= due_s:
            return life, ()
        missing = life.reason or "no report since"
        return _unknown(
            life,
            due_s,
            f"Accepted at {life.accepted_s} s but not proved until {due_s} s: {missing}. Treat the home as unsafe "
            "until its voltages and contacts are known.",
        )
    return life, ()


def proof_within_s(action: Action) -> int:
    """How long after its acceptance an action may stay without proof."""
    if action in {Action.HOLD_RETURN, Action.DISCONNECT}:
        return HOLD_PROVEN_WITHIN_S
    return REPORT_INTERVAL_S + RETURN_WITHIN_S


def _on_report(life: CommandLife, report: Report, *, start_s: int) -> Step:
    at_s = at_s_of(report, start_s)
    if life.accepted_s is None or at_s < life.accepted_s:
        return life, ()
    proof = proof_of(life.command.action, report)
    if life.state is CommandState.ACCEPTED:
        if proof.proved:
            return _changed(replace(life, state=CommandState.PROVEN, ended_s=at_s, reason=proof.words))
        # Kept for the sentence should the time run out; not worth a row in the store.
        return replace(life, reason=proof.words), ()
    if life.in_doubt and proof.proved:
        return _resolved(life, at_s, f"Its effect was proved late: {proof.words}")
    return life, ()


def _changed(life: CommandLife) -> Step:
    return life, (StoreCommand(life=life),)


def _unknown(life: CommandLife, due_s: int, reason: str) -> Step:
    after = replace(life, state=CommandState.UNKNOWN, ended_s=due_s, reason=reason, in_doubt=True)
    return after, (StoreCommand(life=after), RaiseUnknown(life=after, at_s=due_s, text=reason))


def _resolved(life: CommandLife, at_s: int, what: str) -> Step:
    after = replace(life, in_doubt=False, reason=f"{life.reason} Later, at {at_s} s: {what}")
    return after, (StoreCommand(life=after), ClearUnknown(life=after, at_s=at_s, text=what))
