"""What settings owe each other: one line a rule, for `settings_file`.

A rule is a comparison of sums and products of settings, with the reason for it. To add one, add its line; to bring in
another table of settings, add it to `SECTIONS`. A name alone means the first section that has it; `section.name` says
which. A rule `section.name == other` says that the first is a copy: left out, it follows the other.
"""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache

from bptm.terms import (
    core_advice_settings,
    core_diagnosis_settings,
    core_guide_settings,
    core_ledger_settings,
    core_metrology,
    core_settings,
)
from bptm.terms.core_plant import HOLD_UP_TICKS

Number = int | float
SettingRow = tuple[str, str, str, str, Number, Number, Number, str]
"""Name, type, unit, meaning, default, lowest, highest, source."""

SECTIONS: tuple[tuple[str, tuple[SettingRow, ...]], ...] = (
    ("controller", core_settings.SETTINGS),
    ("metrology", core_metrology.SETTINGS),
    ("ledger", core_ledger_settings.SETTINGS),
    ("diagnosis", core_diagnosis_settings.SETTINGS),
    ("advice", core_advice_settings.SETTINGS),
    ("guide", core_guide_settings.SETTINGS),
)
"""Section of a settings file, and its table."""


def ride_ticks(leg_v: float) -> int:
    """How long the ITIC curve has equipment ride through a leg of just less than this voltage, in ticks.

    0 % for 20 ms, 70 % for 0.5 s, 80 % for 10 s, 90 % for ever (here: 2^31 ticks), on 120 V.

    Source: ITIC (CBEMA) curve, revised 2000; domain.md 2.3.
    """
    for above_v, ticks in ((108.0, 2**31), (96.0, 1200), (84.0, 60)):
        if leg_v > above_v:
            return ticks
    return 3


def swell_ride_ticks(leg_v: float) -> int:
    """The same for just more than this voltage: 110 % for ever, 120 % for 0.5 s, beyond it 3 ms at most.

    Source: ITIC (CBEMA) curve, revised 2000; domain.md 2.3.
    """
    for below_v, ticks in ((132.0, 2**31), (144.0, 60)):
        if leg_v < below_v:
            return ticks
    return 1


_FUNCTIONS: Mapping[str, Callable[[float], int]] = {"ride_ticks": ride_ticks, "swell_ride_ticks": swell_ride_ticks}
_OPERATORS: Mapping[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}
_CONSTANTS: Mapping[str, Number] = {"HOLD_UP_TICKS": HOLD_UP_TICKS}

RULES: tuple[tuple[str, str], ...] = (
    # 27, 59: the stages of a loss, and the way back.
    ("lost_deep_v < lost_low_v", "27: each later stage is for a shallower sag"),
    ("lost_low_v < lost_slight_v", "27: each later stage is for a shallower sag"),
    ("lost_slight_v < back_v", "27 has to reset above where it operates"),
    ("back_v <= return_low_v", "what is good enough to return to must not count as lost"),
    ("lost_deep_ticks < lost_low_ticks", "27: a deeper sag operates sooner"),
    ("lost_low_ticks < lost_slight_ticks", "27: a deeper sag operates sooner"),
    ("ride_ticks(lost_deep_v) < lost_deep_ticks", "LAW-12: the ITIC curve rides through this"),
    ("ride_ticks(lost_low_v) < lost_low_ticks", "LAW-12: the ITIC curve rides through this"),
    ("ride_ticks(lost_slight_v) < lost_slight_ticks", "LAW-12: the ITIC curve rides through this"),
    ("over_low_v < over_high_v", "59: the second stage is for less"),
    ("over_high_ticks < over_low_ticks", "59: more voltage operates sooner"),
    ("swell_ride_ticks(over_low_v) < over_low_ticks", "LAW-12: the ITIC curve rides through this"),
    ("swell_ride_ticks(over_high_v) < over_high_ticks", "LAW-12: the ITIC curve rides through this"),
    ("return_high_v < over_low_v", "what is good enough to return to must not operate 59"),
    ("dead_v < live_v", "a leg cannot be dead and feed the premise"),
    ("live_v < lost_deep_v", "a leg too low to feed the premise has to count as lost"),
    ("follow_v <= dead_v", "25: a utility above dead must not follow a bus without voltage"),
    # Return.
    ("return_bypass_ticks <= return_ticks", "a failed backup shortens the wait"),
    ("return_ticks <= flap_hold_ticks", "flapping lengthens the wait"),
    # Qualification and loss of the backup source.
    ("failed_v < accept_low_v", "a source that is accepted must not count as failed"),
    ("collapsed_v < failed_v", "the deeper stage is for less voltage"),
    ("collapsed_ticks < failed_ticks", "the deeper stage operates sooner"),
    ("live_v < collapsed_v", "a source too low to feed the premise has to count as collapsed"),
    ("failed_low_hz < accept_low_hz", "a source that is accepted must not count as failed"),
    ("accept_high_hz < failed_high_hz", "a source that is accepted must not count as failed"),
    ("failed_ticks < failed_hz_ticks", "droop recovers by itself: voltage operates sooner than frequency"),
    # Overload.
    ("overload_ratio < overload_high_ratio", "51: the high stage is for more current"),
    ("overload_high_ticks < overload_ticks", "51: more current operates sooner"),
    # Transfer.
    ("dead_time_ticks <= dead_time_motor_ticks", "after motor load the dead time is longer"),
    ("interlock_dead_ticks <= dead_time_ticks", "the interlock would withhold the close that the transfer orders"),
    ("open_ticks <= contact_ticks", "an order to open has to end before the contactor is given up"),
    ("open_ticks <= dead_time_ticks", "an order to open must not stand while the other close is due"),
    ("follow_fresh_ticks <= follow_late_ticks", "25: a fresh utility is judged sooner (decision 0024)"),
    ("medical + opens_in_dark <= 1", "U never opens in the dark in a medical home"),
    (
        "dark_open_ticks + contact_tries * contact_ticks <= HOLD_UP_TICKS - 1200",
        "the opening has to end within the hold-up, less the 10 s that two more operations need",
    ),
    ("gasp_ticks < dark_open_ticks", "the last gasp goes out before stored energy goes into the contactor"),
    # Metrology and controller together.
    ("in_phase_floor_v <= dead_v", "LAW-5: a leg that is alive has to have a phase"),
    ("frozen_floor_v < dead_v", "a converter frozen above dead has to be found"),
    ("1.5 * over_high_v < voltage_full_v", "59 has to see the crest of what it operates on"),
    ("1.5 * overload_high_ratio * limit_a < current_full_a", "51 has to see the crest of what it operates on"),
    ("lost_low_v < sag_pu * nominal_v", "each loss is also a sag in the record of events"),
    # Diagnosis.
    ("range_b_low_v < range_a_low_v", "ANSI C84.1: Range B is the wider"),
    ("range_a_high_v < range_b_high_v", "ANSI C84.1: Range B is the wider"),
    ("neutral_ohm < neutral_severe_ohm", "a warning comes before what is severe"),
    ("watch_begin_ticks < watch_end_ticks", "the window after a restoration has to open before it closes"),
    # What another part needs to know of the controller's settings.
    ("ledger.load_side_ticks == controller.load_side_ticks", "it is one delay"),
    ("advice.limit_a == controller.limit_a", "it is one ampacity"),
    ("guide.limit_a == controller.limit_a", "it is one ampacity"),
    ("guide.medical == controller.medical", "it is one home"),
    ("guide.dead_v == controller.dead_v", "the guide judges as the controller does"),
    ("guide.legs_ratio == controller.legs_ratio", "the guide judges as the controller does"),
    ("guide.accept_low_v == controller.accept_low_v", "the guide judges as the controller does"),
    ("guide.accept_high_v == controller.accept_high_v", "the guide judges as the controller does"),
    ("guide.accept_low_hz == controller.accept_low_hz", "the guide judges as the controller does"),
    ("guide.accept_high_hz == controller.accept_high_hz", "the guide judges as the controller does"),
    ("guide.accept_ticks == controller.accept_ticks", "the guide judges as the controller does"),
)
"""Each comparison, and why it has to hold."""


Key = tuple[str, str]
"""Section and name of a setting."""


class Relation(Enum):
    """What a rule asks of its two sides."""

    LESS = "<"
    AT_MOST = "<="
    SAME = "=="


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, taken apart.

    Attributes:
        text: As it stands in `RULES`.
        reason: Why it has to hold.
        keys: Settings in it, in their order.
    """

    text: str
    reason: str
    keys: tuple[Key, ...]
    left: ast.expr
    right: ast.expr
    relation: Relation

    def sides(self, values: Mapping[Key, Number]) -> tuple[Number, Number]:
        """Both sides with these values."""
        return _value(self.left, values), _value(self.right, values)

    def holds(self, values: Mapping[Key, Number]) -> bool:
        """Whether it holds with these values."""
        left, right = self.sides(values)
        match self.relation:
            case Relation.LESS:
                return left < right
            case Relation.AT_MOST:
                return left <= right
            case Relation.SAME:
                return left == right


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of `RULES`.

    Raises:
        ValueError: A line that is no comparison of settings: our own mistake.
    """
    return tuple(_rule(text, reason) for text, reason in RULES)


@cache
def copies() -> dict[Key, Key]:
    """Settings that follow another one where a file does not give them."""
    return {rule.keys[0]: rule.keys[1] for rule in rules() if rule.relation is Relation.SAME}


_RELATIONS: Mapping[type[ast.cmpop], Relation] = {
    ast.Lt: Relation.LESS,
    ast.LtE: Relation.AT_MOST,
    ast.Eq: Relation.SAME,
}


def _rule(text: str, reason: str) -> Rule:
    tree = ast.parse(text, mode="eval").body
    match tree:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _RELATIONS:
            keys = tuple(dict.fromkeys((*_keys(left), *_keys(right))))
            if not keys:
                msg = f"rule {text!r} names no setting"
                raise ValueError(msg)
            return Rule(text=text, reason=reason, keys=keys, left=left, right=right, relation=_RELATIONS[type(op)])
        case _:
            msg = f"rule {text!r} is not one comparison with <, <= or =="
            raise ValueError(msg)


@cache
def _homes() -> dict[str, str]:
    """The first section that has each name."""
    found: dict[str, str] = {}
    for section, table in SECTIONS:
        for row in table:
            found.setdefault(row[0], section)
    return found


def _key(node: ast.expr) -> Key | None:
    """The setting that a node names, if any."""
    known = {(section, row[0]) for section, table in SECTIONS for row in table}
    match node:
        case ast.Name(id=name) if name in _CONSTANTS:
            return None
        case ast.Name(id=name):
            key = (_homes().get(name, ""), name)
        case ast.Attribute(value=ast.Name(id=section), attr=name):
            key = (section, name)
        case _:
            return None
    if key not in known:
        msg = f"a rule names {ast.unparse(node)}, which is no setting"
        raise ValueError(msg)
    return key


def _keys(node: ast.expr) -> tuple[Key, ...]:
    """Settings below a node, from left to right."""
    match node:
        case ast.BinOp(left=left, right=right):
            return (*_keys(left), *_keys(right))
        case ast.Call(args=[argument]):
            return _keys(argument)
        case _:
            key = _key(node)
            return () if key is None else (key,)


def _value(node: ast.expr, values: Mapping[Key, Number]) -> Number:
    value: Number | None = None
    match node:
        case ast.Constant(value=int() | float() as constant):
            value = constant
        case ast.Name(id=name) if name in _CONSTANTS:
            value = _CONSTANTS[name]
        case ast.Name() | ast.Attribute():
            key = _key(node)
            value = None if key is None else values[key]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            value = _OPERATORS[type(op)](_value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name in _FUNCTIONS:
            value = _FUNCTIONS[name](_value(argument, values))
        case _:
            pass
    if value is None:
        msg = f"a rule may only add, subtract and multiply: {ast.unparse(node)}"
        raise ValueError(msg)
    return value
