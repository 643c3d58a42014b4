"""Which laws each entry excuses, and which entries bear a lockout out. Written like Core Python.

An excuse is written down with its reason in docs/explanation/device-centuries.md; everything else is asserted while the
fault stands and after it.
"""

from bptm.compiled import kernel_chaos_what as w

L1, L2, L3, L5, L6, L7, L8, L9, L11, L12, L14, L15 = (
    1 << 1, 1 << 2, 1 << 3, 1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 11, 1 << 12, 1 << 14, 1 << 15,
)  # fmt: skip

ALIVE = L7 | L11
"""Liveness: a fault of the device or of a source may end in a lockout that waits for a person; see `WITNESSED`."""

EXCUSED = (
    0,
    0,  # utility off
    0,  # utility on
    ALIVE,  # utility voltage
    ALIVE,  # utility leg lost
    ALIVE,  # utility neutral
    ALIVE,  # utility legs alike
    ALIVE,  # utility frequency
    0,  # source runs
    0,  # source stops
    L11,  # source voltage
    L11,  # source leg lost
    L11,  # source neutral
    L11,  # source legs alike
    L11,  # source frequency
    L11,  # plug
    0,  # load
    L11,  # motor
    ALIVE | L6,  # short circuit: the bus has no legs to judge while it lasts
    ALIVE | L8,  # solar
    ALIVE | L8,  # solar that stays on an island
    ALIVE,  # premise neutral
    L11,  # overload
    ALIVE | L12,  # U welded
    ALIVE | L6 | L12 | L15,  # B welded: the home stays on what is left of the source; U alone can part the two
    ALIVE | L8 | L12,  # U says open
    ALIVE | L8 | L12,  # U says closed
    ALIVE | L8 | L12,  # U says nothing
    ALIVE | L8 | L12,  # B says open
    ALIVE | L8 | L12,  # B says closed
    ALIVE | L8 | L12,  # B says nothing
    ALIVE | L12 | L6,  # U does not move
    L11,  # B does not close
    ALIVE | L12,  # U slow
    ALIVE,  # B slow
    ALIVE | L2 | L6 | L8 | L12,  # U's coil: energy circulates through both contactors
    ALIVE | L2 | L6 | L8 | L12 | L15,  # B's coil
    ALIVE | L8 | L12 | L6 | L15,  # sensor
    ALIVE | L8 | L12 | L6 | L15,  # second sensor
    ALIVE | L6,  # legs swapped
    ALIVE | L6,  # reference lost
    ALIVE,  # comparators
    L11,  # inlet hot
    ALIVE | L8,  # reset
    ALIVE | L8,  # reset in travel
    ALIVE | L8,  # hold-up aged
    0,  # command
    0,  # clock step
    0,  # local reset
    0,  # lever
    0,  # local test
    0,  # service visit
    ALIVE | L8 | L3,  # journal lost
    ALIVE | L8 | L3,  # journal older
    0,  # settled
)
"""Laws that each kind of entry excuses once it has happened, until the service visit: by WHAT_."""

FAULTY_UTILITY = (
    1 << w.WHAT_UTILITY_SHARE | 1 << w.WHAT_UTILITY_LEG_LOST | 1 << w.WHAT_UTILITY_NEUTRAL | 1 << w.WHAT_UTILITY_ALIKE
    | 1 << w.WHAT_UTILITY_HZ
)  # fmt: skip
SENSORS = (
    1 << w.WHAT_SENSOR | 1 << w.WHAT_SENSOR_B | 1 << w.WHAT_LEGS_SWAPPED | 1 << w.WHAT_REFERENCE_LOST | 1 << w.WHAT_COMPARATOR
)  # fmt: skip
U_FAULTS = (
    1 << w.WHAT_U_WELD | 1 << w.WHAT_U_SAYS_OPEN | 1 << w.WHAT_U_SAYS_CLOSED | 1 << w.WHAT_U_SAYS_NOTHING | 1 << w.WHAT_U_STUCK
    | 1 << w.WHAT_U_SLOW | 1 << w.WHAT_U_DRIVEN
)  # fmt: skip
B_FAULTS = (
    1 << w.WHAT_B_WELD | 1 << w.WHAT_B_SAYS_OPEN | 1 << w.WHAT_B_SAYS_CLOSED | 1 << w.WHAT_B_SAYS_NOTHING | 1 << w.WHAT_B_STUCK
    | 1 << w.WHAT_B_SLOW | 1 << w.WHAT_B_DRIVEN
)  # fmt: skip
RESETS = 1 << w.WHAT_RESET | 1 << w.WHAT_RESET_IN_TRAVEL | 1 << w.WHAT_HOLD_UP
JOURNAL = 1 << w.WHAT_JOURNAL_LOST | 1 << w.WHAT_JOURNAL_OLDER
SOURCE_FAULTS = (
    1 << w.WHAT_SOURCE_SHARE | 1 << w.WHAT_SOURCE_LEG_LOST | 1 << w.WHAT_SOURCE_NEUTRAL | 1 << w.WHAT_SOURCE_ALIKE
    | 1 << w.WHAT_SOURCE_HZ | 1 << w.WHAT_PLUG | 1 << w.WHAT_SOURCE_OFF
)  # fmt: skip
LOADS = 1 << w.WHAT_OVERLOAD | 1 << w.WHAT_MOTOR | 1 << w.WHAT_SHORT | 1 << w.WHAT_SOLAR | 1 << w.WHAT_SOLAR_STAYS
NEUTRALS = 1 << w.WHAT_PREMISE_NEUTRAL | 1 << w.WHAT_UTILITY_NEUTRAL | 1 << w.WHAT_SOURCE_NEUTRAL
ANYTHING = (1 << 62) - 1


def witnessed(cause):
    """Kinds of entry of which at least one must have happened for a lockout of this cause; all bits for any (LAW-9)."""
    if cause == 20:
        return U_FAULTS
    if cause == 21:
        return B_FAULTS | U_FAULTS | SENSORS
    if cause == 22:
        return LOADS | SENSORS
    if cause == 23:
        return 1 << w.WHAT_SOLAR | 1 << w.WHAT_SOLAR_STAYS | SENSORS
    if cause == 24:
        return 1 << w.WHAT_SOLAR_STAYS | 1 << w.WHAT_U_WELD | U_FAULTS | B_FAULTS | SENSORS
    if cause == 25:
        return U_FAULTS | SENSORS
    if cause == 26:
        return U_FAULTS | B_FAULTS
    if cause == 27:
        return SOURCE_FAULTS | LOADS | SENSORS | B_FAULTS
    if cause == 28:
        # A live utility that an inverter keeps in phase with by chance, again and again.
        return 1 << w.WHAT_UTILITY_ON | FAULTY_UTILITY | U_FAULTS | SENSORS
    if cause == 29:
        return 1 << w.WHAT_SHORT | LOADS | SENSORS
    if cause == 30:
        return 1 << w.WHAT_SOURCE_LEG_LOST | 1 << w.WHAT_SOURCE_ALIKE | SENSORS | LOADS
    if cause == 31:
        return NEUTRALS | SENSORS | LOADS
    if cause == 32:
        return 1 << w.WHAT_INLET_HOT
    if cause == 33:
        return 1 << w.WHAT_PLUG
    if cause == 34:
        return U_FAULTS | SENSORS | LOADS
    if cause == 35:
        return 1 << w.WHAT_SOURCE_SHARE | NEUTRALS | SENSORS | 1 << w.WHAT_SOLAR | 1 << w.WHAT_SOLAR_STAYS
    if cause == 36 or cause == 47:
        return 1 << w.WHAT_JOURNAL_LOST
    if cause == 40:
        return U_FAULTS | SENSORS
    if cause == 41 or cause == 42:
        return B_FAULTS | SENSORS
    if cause == 43:
        return U_FAULTS | B_FAULTS | SENSORS
    if cause == 44:
        # A reset so short that B has not fallen yet is one.
        return U_FAULTS | B_FAULTS | RESETS
    if cause == 45:
        return NEUTRALS | SENSORS
    if cause == 46:
        return NEUTRALS | 1 << w.WHAT_UTILITY_SHARE | SENSORS
    return 0


def excuse(h):
    """Laws excused by what has happened in this episode; pairs have excuses of their own."""
    x = 0
    for what in range(1, w.WHAT_END):
        if (h.happened >> what) & 1 == 1:
            x |= EXCUSED[what]
    u_lies = 1 if h.happened & (1 << w.WHAT_U_SAYS_OPEN) != 0 else 0
    u_stays = 1 if h.happened & (1 << w.WHAT_U_WELD | 1 << w.WHAT_U_STUCK | 1 << w.WHAT_U_DRIVEN) != 0 else 0
    b_lies = 1 if h.happened & (1 << w.WHAT_B_SAYS_OPEN) != 0 else 0
    b_stays = 1 if h.happened & (1 << w.WHAT_B_WELD | 1 << w.WHAT_B_DRIVEN) != 0 else 0
    driven = 1 if h.happened & (1 << w.WHAT_U_DRIVEN | 1 << w.WHAT_B_DRIVEN) != 0 else 0
    sensed = 1 if h.happened & SENSORS != 0 else 0
    # LAW-1, in the circuit: a pole that stays closed *and* says open, or a coil that closes by itself where no
    # interlock in hardware forbids it. LAW-5's limits are asserted instead.
    if h.interlock < 2 and ((u_lies == 1 and u_stays == 1) or (b_lies == 1 and b_stays == 1)):
        x |= L1 | L14
    if driven == 1 and (h.interlock == 0 or (h.interlock == 1 and (u_lies == 1 or b_lies == 1))):
        x |= L1 | L14
    # LAW-5 itself rests on the utility's sensors: a second fault there takes its eyes.
    if sensed == 1 and (u_stays == 1 or b_stays == 1):
        x |= L5 | L14
    if u_stays == 1 and u_lies == 1:
        x |= L6
    # The mirror of LAW-5 rests on B's feedback: a pole that stays closed beside one whose feedback is wrong.
    if (
        b_stays == 1
        and h.happened & (1 << w.WHAT_B_SAYS_OPEN | 1 << w.WHAT_B_SAYS_CLOSED | 1 << w.WHAT_B_SAYS_NOTHING) != 0
    ):
        x |= L5
    # A feedback that says open before a slow contactor is: the dead time begins too soon, the dead bus still holds.
    if u_lies == 1 and h.happened & (1 << w.WHAT_U_SLOW) != 0:
        x |= L2
    if b_lies == 1 and h.happened & (1 << w.WHAT_B_SLOW) != 0:
        x |= L2
    # A bus that no comparator and no sensor sees: two faults of sensing.
    if h.happened & (1 << w.WHAT_COMPARATOR) != 0 and h.happened & (1 << w.WHAT_SENSOR | 1 << w.WHAT_SENSOR_B) != 0:
        x |= L2
    h.excused = x | h.forgiven
    h.excused_ever |= h.excused
