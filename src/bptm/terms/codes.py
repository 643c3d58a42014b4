"""Enumerations made from the integer constants of the core, and the words people read.

The core knows only integers (`core_codes`). Hosts use these enums; they cannot drift, since they are built
from the same names. `MODE_ON_UTILITY` becomes `Mode.ON_UTILITY`.
"""

from enum import IntEnum

from bptm.terms import core_codes as c


class Mode(IntEnum):
    """Mode of the transfer function (ANSI device 83)."""

    OFF = c.MODE_OFF
    ON_UTILITY = c.MODE_ON_UTILITY
    DARK = c.MODE_DARK
    TO_BACKUP = c.MODE_TO_BACKUP
    ON_BACKUP = c.MODE_ON_BACKUP
    TO_UTILITY = c.MODE_TO_UTILITY
    BACKUP_BLOCKED = c.MODE_BACKUP_BLOCKED
    LOCKED_OUT = c.MODE_LOCKED_OUT
    TEST = c.MODE_TEST
    DISCONNECTED = c.MODE_DISCONNECTED


class FedBy(IntEnum):
    """What feeds the premise bus."""

    NONE = c.FED_BY_NONE
    UTILITY = c.FED_BY_UTILITY
    BACKUP = c.FED_BY_BACKUP
    LOAD_SIDE = c.FED_BY_LOAD_SIDE


class Contact(IntEnum):
    """Position of a contactor by its feedback. Unknown is unsafe."""

    OPEN = c.CONTACT_OPEN
    CLOSED = c.CONTACT_CLOSED
    UNKNOWN = c.CONTACT_UNKNOWN


class Event(IntEnum):
    """What a meter reports as having happened."""

    STARTED = c.EVENT_STARTED
    MODE_CHANGED = c.EVENT_MODE_CHANGED
    FED_BY_CHANGED = c.EVENT_FED_BY_CHANGED
    LAST_GASP = c.EVENT_LAST_GASP
    HELD = c.EVENT_HELD
    HOLD_RELEASED = c.EVENT_HOLD_RELEASED
    BACKUP_QUALIFIED = c.EVENT_BACKUP_QUALIFIED
    BACKUP_GONE = c.EVENT_BACKUP_GONE
    ENGINE_STILL_RUNNING = c.EVENT_ENGINE_STILL_RUNNING
    RESET_LOCALLY = c.EVENT_RESET_LOCALLY
    OVERLOAD = c.EVENT_OVERLOAD
    REVERSE_POWER = c.EVENT_REVERSE_POWER
    CONTACT_DISAGREES = c.EVENT_CONTACT_DISAGREES
    SENSE_DOUBTED = c.EVENT_SENSE_DOUBTED
    REFERENCE_LOST = c.EVENT_REFERENCE_LOST
    U_OPENED_DARK = c.EVENT_U_OPENED_DARK
    TEST_PASSED = c.EVENT_TEST_PASSED
    FLAP_HOLD = c.EVENT_FLAP_HOLD
    ENGINE_MAY_STOP = c.EVENT_ENGINE_MAY_STOP
    SURGE = c.EVENT_SURGE
    SPD_FAILED = c.EVENT_SPD_FAILED
    LOAD_HIGH = c.EVENT_LOAD_HIGH
    SOURCE_HUNTS = c.EVENT_SOURCE_HUNTS
    TURNED_DOWN = c.EVENT_TURNED_DOWN
    ISLANDED = c.EVENT_ISLANDED


class Cause(IntEnum):
    """Why a mode changed."""

    NONE = c.CAUSE_NONE
    UTILITY_LOST = c.CAUSE_UTILITY_LOST
    UTILITY_RESTORED = c.CAUSE_UTILITY_RESTORED
    BACKUP_READY = c.CAUSE_BACKUP_READY
    BACKUP_LOST = c.CAUSE_BACKUP_LOST
    OVERLOAD = c.CAUSE_OVERLOAD
    TRANSFER_DONE = c.CAUSE_TRANSFER_DONE
    START = c.CAUSE_START
    LOCAL_RESET = c.CAUSE_LOCAL_RESET
    SOURCE_REMOVED = c.CAUSE_SOURCE_REMOVED
    UTILITY_FOLLOWS_BUS = c.CAUSE_UTILITY_FOLLOWS_BUS
    UTILITY_HARMFUL = c.CAUSE_UTILITY_HARMFUL
    TEST_ASKED = c.CAUSE_TEST_ASKED
    TEST_PASSED = c.CAUSE_TEST_PASSED
    DISCONNECT_ASKED = c.CAUSE_DISCONNECT_ASKED
    RECONNECT_ASKED = c.CAUSE_RECONNECT_ASKED
    U_FAILED_TO_OPEN = c.CAUSE_U_FAILED_TO_OPEN
    B_FAILED_TO_CLOSE = c.CAUSE_B_FAILED_TO_CLOSE
    OVERLOAD_REPEATED = c.CAUSE_OVERLOAD_REPEATED
    REVERSE_POWER = c.CAUSE_REVERSE_POWER
    LOAD_SIDE_SOURCE = c.CAUSE_LOAD_SIDE_SOURCE
    U_DISAGREES = c.CAUSE_U_DISAGREES
    CONTACT_DOUBTED = c.CAUSE_CONTACT_DOUBTED
    SOURCE_FAILS_UNDER_LOAD = c.CAUSE_SOURCE_FAILS_UNDER_LOAD
    FOLLOWED_REPEATEDLY = c.CAUSE_FOLLOWED_REPEATEDLY
    SHORT_CIRCUIT = c.CAUSE_SHORT_CIRCUIT
    BACKUP_LEGS_WRONG = c.CAUSE_BACKUP_LEGS_WRONG
    BACKUP_NEUTRAL = c.CAUSE_BACKUP_NEUTRAL
    INLET_HOT = c.CAUSE_INLET_HOT
    INLET_UNMATED = c.CAUSE_INLET_UNMATED
    TEST_FAILED = c.CAUSE_TEST_FAILED
    BACKUP_OVERVOLTAGE = c.CAUSE_BACKUP_OVERVOLTAGE
    JOURNAL_LOST = c.CAUSE_JOURNAL_LOST
    BACKFEED = c.CAUSE_BACKFEED
    B_FAILED_TO_OPEN = c.CAUSE_B_FAILED_TO_OPEN
    B_WELDED = c.CAUSE_B_WELDED
    U_FAILED_TO_CLOSE = c.CAUSE_U_FAILED_TO_CLOSE
    CONTACT_UNKNOWN = c.CAUSE_CONTACT_UNKNOWN
    PREMISE_NEUTRAL = c.CAUSE_PREMISE_NEUTRAL
    HARM_REPEATED = c.CAUSE_HARM_REPEATED
    JOURNAL_LOST_OPEN = c.CAUSE_JOURNAL_LOST_OPEN


class Action(IntEnum):
    """Remote actions. None closes the backup contactor, clears a lockout or waives a permissive (LAW-4)."""

    HOLD_RETURN = c.ACTION_HOLD_RETURN
    ALLOW_RETURN = c.ACTION_ALLOW_RETURN
    DISCONNECT = c.ACTION_DISCONNECT
    RECONNECT = c.ACTION_RECONNECT


class BackupKind(IntEnum):
    """Kind of backup source a home has."""

    NONE = c.BACKUP_NONE
    PORTABLE = c.BACKUP_PORTABLE
    INVERTER = c.BACKUP_INVERTER
    STANDBY = c.BACKUP_STANDBY
    BATTERY = c.BACKUP_BATTERY
    EV = c.BACKUP_EV


class Status(IntEnum):
    """What the utility's desk says of a meter, from what the meter said and when it last said it."""

    UTILITY = 1
    DARK = 2
    ON_BACKUP = 3
    TRANSFERRING = 4
    LOCKED_OUT = 5
    SILENT = 6


CAUSE_WORDS: dict[Cause, str] = {
    Cause.NONE: "no cause",
    Cause.UTILITY_LOST: "utility voltage was lost",
    Cause.UTILITY_RESTORED: "utility voltage is back and steady",
    Cause.BACKUP_READY: "the backup source is steady and within its limits",
    Cause.BACKUP_LOST: "the backup source was lost",
    Cause.OVERLOAD: "the load was more than the backup source may carry",
    Cause.TRANSFER_DONE: "the transfer is complete: both contactors read as ordered",
    Cause.START: "the meter started",
    Cause.LOCAL_RESET: "reset by a person at the meter",
    Cause.SOURCE_REMOVED: "the backup source was stopped or unplugged",
    Cause.UTILITY_FOLLOWS_BUS: "utility voltage followed the premise bus",
    Cause.UTILITY_HARMFUL: "the utility did harm: a leg far too high, or its neutral broken",
    Cause.TEST_ASKED: "a person at the meter asked for a test",
    Cause.TEST_PASSED: "the utility contactor opened and the bus went dead, as a test asks",
    Cause.DISCONNECT_ASKED: "the service was disconnected on request",
    Cause.RECONNECT_ASKED: "the request to disconnect was withdrawn",
    Cause.U_FAILED_TO_OPEN: "the utility contactor did not read open after it was ordered open",
    Cause.B_FAILED_TO_CLOSE: "the backup contactor did not read closed after it was ordered closed",
    Cause.OVERLOAD_REPEATED: "overload on every trial",
    Cause.REVERSE_POWER: "power flowed into the backup source: is there solar on this home?",
    Cause.LOAD_SIDE_SOURCE: "the premise bus stayed live with both contactors open",
    Cause.U_DISAGREES: "the utility contactor's feedback contradicts the measured voltages",
    Cause.CONTACT_DOUBTED: "a contactor's feedback read neither open nor closed while on the utility",
    Cause.SOURCE_FAILS_UNDER_LOAD: "the backup source failed on every trial, just after it took the home",
    Cause.FOLLOWED_REPEATEDLY: "utility voltage followed the premise bus on every trial",
    Cause.SHORT_CIRCUIT: "a short circuit in the home while on backup",
    Cause.BACKUP_LEGS_WRONG: "the backup source's legs stood wrong: one missing, or both in phase",
    Cause.BACKUP_NEUTRAL: "the backup source's neutral is broken",
    Cause.INLET_HOT: "a blade of the inlet grew too hot",
    Cause.INLET_UNMATED: "the plug was not mated and latched",
    Cause.TEST_FAILED: "the premise bus stayed live in a test with the utility contactor reading open",
    Cause.BACKUP_OVERVOLTAGE: "a leg of the backup source was far too high",
    Cause.JOURNAL_LOST: "the meter's journal was lost: nobody knows whether a lockout stood",
    Cause.BACKFEED: "the dead utility side came alive with the backup source: utility contact welded",
    Cause.B_FAILED_TO_OPEN: "the backup contactor did not read open after it was ordered open",
    Cause.B_WELDED: "the inlet was live from the utility: backup contact welded",
    Cause.U_FAILED_TO_CLOSE: "the utility contactor did not read closed after it was ordered closed",
    Cause.CONTACT_UNKNOWN: "a contactor's position was unknown",
    Cause.PREMISE_NEUTRAL: "a broken neutral showed on both sources: it is the home's own",
    Cause.HARM_REPEATED: "the utility did harm at every return",
    Cause.JOURNAL_LOST_OPEN: "the journal was lost and the utility contactor found open: nobody knows why",
}

STATUS_WORDS: dict[Status, str] = {
    Status.UTILITY: "on utility",
    Status.DARK: "dark",
    Status.ON_BACKUP: "on backup",
    Status.TRANSFERRING: "transferring",
    Status.LOCKED_OUT: "locked out",
    Status.SILENT: "silent",
}
