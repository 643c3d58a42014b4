"""A whole naive controller: an automatic transfer switch as one would write it in an afternoon.

It looks at the leg-to-leg voltage only, believes that a contactor has done what it was told, waits fixed times, knows
no lockout, and closes the utility when it starts. Written like the real one, so that it sits on the same bench. Its
thresholds are those of a common residential switch (domain.md 1.3: fail below 65 %, restore above 80 %).
"""

from typing import Any

from bptm.terms.core_codes import (
    CAUSE_BACKUP_READY,
    CAUSE_NONE,
    CAUSE_START,
    CAUSE_TRANSFER_DONE,
    CAUSE_UTILITY_LOST,
    CAUSE_UTILITY_RESTORED,
    EVENT_MODE_CHANGED,
    EVENT_STARTED,
    FED_BY_BACKUP,
    FED_BY_UTILITY,
    MODE_DARK,
    MODE_ON_BACKUP,
    MODE_ON_UTILITY,
    MODE_TO_BACKUP,
    MODE_TO_UTILITY,
    ORDER_CLOSE,
    ORDER_OPEN,
)

FAIL_V = 156.0
"""65 % of 240 V."""
RESTORE_V = 192.0
"""80 % of 240 V."""
DELAY_TICKS = 3
"""25 ms: a relay on the mains."""
STEADY_TICKS = 240
"""2 s of voltage count as a source."""
GAP_TICKS = 12
"""100 ms between the two contactors, from the order, whatever became of it."""


def _enter(s: Any, mode: int, cause: int) -> None:
    s.mode = mode
    s.cause = cause
    s.t_mode = 0
    s.events |= 1 << EVENT_MODE_CHANGED


def start(s: Any, k: Any, m: Any, p: Any) -> None:  # noqa: ARG001  as every controller
    """Closes the utility: that is where a home belongs."""
    s.mode, s.cause, s.latched = MODE_ON_UTILITY, CAUSE_START, CAUSE_NONE
    s.t_mode = s.t_low = s.t_back = s.t_accept = 0
    s.events = 1 << EVENT_STARTED
    k.u_out, k.b_out = ORDER_CLOSE, ORDER_OPEN


def scan(s: Any, k: Any, m: Any, r: Any, p: Any, ticks: int) -> None:  # noqa: ARG001  as every controller
    """One half-cycle: two voltages, two delays, two relays."""
    s.events = 0
    s.mode_before = s.mode
    s.t_mode += ticks
    s.t_low = s.t_low + ticks if m.utility_l12_v < FAIL_V else 0
    s.t_back = s.t_back + ticks if m.utility_l12_v > RESTORE_V else 0
    s.t_accept = s.t_accept + ticks if m.inlet_l1_v + m.inlet_l2_v > RESTORE_V else 0
    if s.mode == MODE_ON_UTILITY:
        k.u_out, k.b_out = ORDER_CLOSE, ORDER_OPEN
        if s.t_low >= DELAY_TICKS:
            _enter(s, MODE_DARK, CAUSE_UTILITY_LOST)
    elif s.mode == MODE_DARK:
        if s.t_back >= STEADY_TICKS:
            _enter(s, MODE_TO_UTILITY, CAUSE_UTILITY_RESTORED)
        elif s.t_accept >= STEADY_TICKS:
            _enter(s, MODE_TO_BACKUP, CAUSE_BACKUP_READY)
    elif s.mode == MODE_TO_BACKUP:
        k.u_out = ORDER_OPEN
        if s.t_mode >= GAP_TICKS:
            k.b_out = ORDER_CLOSE
            _enter(s, MODE_ON_BACKUP, CAUSE_TRANSFER_DONE)
    elif s.mode == MODE_ON_BACKUP:
        if s.t_back >= STEADY_TICKS:
            _enter(s, MODE_TO_UTILITY, CAUSE_UTILITY_RESTORED)
    elif s.mode == MODE_TO_UTILITY:
        k.b_out = ORDER_OPEN
        if s.t_mode >= GAP_TICKS:
            k.u_out = ORDER_CLOSE
            _enter(s, MODE_ON_UTILITY, CAUSE_TRANSFER_DONE)
    s.fed_by = FED_BY_BACKUP if k.b_out == ORDER_CLOSE else FED_BY_UTILITY
    added = int(max(0.0, m.premise_w) * 1000.0) * ticks
    if s.fed_by == FED_BY_BACKUP:
        s.backup_in_mwticks += added
    else:
        s.utility_in_mwticks += added


def command(s: Any, p: Any, action: int, hold_ticks: int) -> int:  # noqa: ARG001  as every controller
    """Knows no remote action."""
    return 1
