"""All that the head-end keeps of one meter, and the order in which a message changes it.

Pure: a picture and what was learnt go in; the picture after it and what is to be stored come out. A message counts its
time first, then its receipts, then its reports, then its alarms: whether a deadline has passed must not depend on
which of clock and message came sooner.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from bptm.operations import alarms as alarm_rules
from bptm.operations import commands
from bptm.operations.alarms import AlarmState, Change
from bptm.operations.commands import CommandLife, RaiseUnknown, StoreCommand
from bptm.operations.fleet import MeterState, hear
from bptm.terms.messages import Receipt, Upward


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterPicture:
    """One meter. A new one is `MeterPicture()`."""

    state: MeterState = field(default_factory=MeterState)
    alarms: AlarmState = field(default_factory=AlarmState)
    lives: tuple[CommandLife, ...] = ()
    """Its commands, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureStep:
    """A picture after something was learnt, and what of it is to be stored."""

    picture: MeterPicture
    alarms: tuple[Change, ...] = ()
    lives: tuple[CommandLife, ...] = ()


def heard(
    picture: MeterPicture, message: Upward, receipts: Iterable[Receipt], *, medical: bool, start_s: int
) -> PictureStep:
    """What a message changes.

    Args:
        picture: Of its meter.
        message: Given once, in the order of the meter's numbers.
        receipts: Those in it whose signature holds.
        medical: The home is on the medical baseline list.
        start_s: Where the ticks of reports begin.
    """
    step = PictureStep(picture=replace(picture, state=hear(picture.state, message, start_s=start_s)))
    step = _lived(step, lambda life: commands.on_tick(life, message.at_s))
    for receipt in receipts:
        step = _lived(step, lambda life, r=receipt: commands.on_receipt(life, r))
    step = _lived(step, lambda life: commands.on_message(life, message, start_s=start_s))
    after, changes = alarm_rules.on_message(step.picture.alarms, message, medical=medical, start_s=start_s)
    return replace(step, picture=replace(step.picture, alarms=after), alarms=(*step.alarms, *changes))


def ticked(picture: MeterPicture, now_s: int, *, medical: bool) -> PictureStep:
    """What the passing of event time changes; everything made up to `now_s` was heard, or will not be in time."""
    step = _lived(PictureStep(picture=picture), lambda life: commands.on_tick(life, now_s))
    after, changes = alarm_rules.on_clock(step.picture.alarms, picture.state, now_s, medical=medical)
    return replace(step, picture=replace(step.picture, alarms=after), alarms=(*step.alarms, *changes))


def issued(picture: MeterPicture, life: CommandLife) -> MeterPicture:
    """A command was issued, or refused before it was sent."""
    return replace(picture, lives=(*picture.lives, life))


def _lived(step: PictureStep, change: Callable[[CommandLife], commands.Step]) -> PictureStep:
    """Every command of the meter after something was learnt; alarms of commands in doubt with it."""
    picture = step.picture
    board = picture.alarms
    lives: list[CommandLife] = []
    told: list[Change] = list(step.alarms)
    stored: list[CommandLife] = list(step.lives)
    for life in picture.lives:
        after, effects = change(life)
        lives.append(after)
        for effect in effects:
            changes: tuple[Change, ...] = ()
            if isinstance(effect, StoreCommand):
                stored.append(effect.life)
            elif isinstance(effect, RaiseUnknown):
                board, changes = alarm_rules.on_command_unknown(board, life.command.seq, effect.at_s, effect.text)
            else:
                board, changes = alarm_rules.on_command_known(board, life.command.seq, effect.at_s, effect.text)
            told += changes
    return PictureStep(
        picture=replace(picture, alarms=board, lives=tuple(lives)), alarms=tuple(told), lives=tuple(stored)
    )
