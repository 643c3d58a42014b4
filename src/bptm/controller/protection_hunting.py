"""81R: whether the source's frequency or voltage swings. Core Python, whole numbers.

The lowest and highest value of this window and of the one before are kept; windows follow each other every
`hunt_ticks`. A swing that is seen is therefore told at once and forgotten after one to two windows.
"""

from bptm.controller.protection_values import fewer, more, thousandths
from bptm.controller.timing import timer
from bptm.terms.core_codes import CONTACT_OPEN

SETTLED_TICKS = 60
"""A source that has been within its limits this long has started, and the meter's own reading of it has settled: what
swung before says nothing of how it runs. Own choice: 0.5 s; a reading settles in 6 half-cycles (metrology_tracking)."""


def forget_swings(s):
    """No window on a dead, doubted or loaded source."""
    s.t_hunt = 0
    s.swing_low_millihertz = 0
    s.swing_high_millihertz = 0
    s.swing_low_millivolts = 0
    s.swing_high_millivolts = 0
    s.past_low_millihertz = 0
    s.past_high_millihertz = 0
    s.past_low_millivolts = 0
    s.past_high_millivolts = 0
    s.source_hunts = 0


def begin_window(s, millihertz, millivolts):
    """A window that has seen this value only."""
    s.swing_low_millihertz = millihertz
    s.swing_high_millihertz = millihertz
    s.swing_low_millivolts = millivolts
    s.swing_high_millivolts = millivolts


def close_window(s):
    """This window becomes the one before."""
    s.past_low_millihertz = s.swing_low_millihertz
    s.past_high_millihertz = s.swing_high_millihertz
    s.past_low_millivolts = s.swing_low_millivolts
    s.past_high_millivolts = s.swing_high_millivolts


def saw_one_value(s):
    """1 when both windows have seen the same single value."""
    if s.swing_low_millihertz != s.swing_high_millihertz or s.swing_low_millivolts != s.swing_high_millivolts:
        return 0
    if s.past_low_millihertz != s.swing_low_millihertz or s.past_high_millihertz != s.swing_high_millihertz:
        return 0
    if s.past_low_millivolts != s.swing_low_millivolts or s.past_high_millivolts != s.swing_high_millivolts:
        return 0
    return 1


def judge_swings(s, m, p, settled, ticks):
    """81R: whether the source hunts (`source_hunts`).

    Physical: within the last one to two windows the frequency swung by more than `hunt_hz`, peak to peak, or the
    leg-to-leg voltage by more than `hunt_share` of 240 V. A sine of 0.5 Hz rms is 1.41 Hz peak to peak (domain.md
    2.11), whatever its rate above one swing in two windows. Judged while the source is unloaded: a droop of 3.4 Hz
    under a load step would show as well, and swings keep a source from being accepted, they never end a supply.
    Resolution 1 mHz and 1 mV. A constant input is calm.

    `settled` is 1 in the scan in which the source has been within its limits for `SETTLED_TICKS`: the windows begin
    anew, so that a start (0 Hz until there is a reading, an engine running up) is no swing for half a minute. Every
    swing in the rest of `accept_ticks`, within the limits or out of them, counts.
    """
    if s.inlet_dead == 1 or s.inlet_doubted == 1 or s.b_contact != CONTACT_OPEN:
        if s.swing_high_millivolts != 0:
            forget_swings(s)
        return
    # One more than read, so that 0 says that no window has begun.
    millihertz = thousandths(m.inlet_hz) + 1
    millivolts = thousandths(m.inlet_l12_v) + 1
    if s.swing_high_millivolts == 0 or settled == 1:
        begin_window(s, millihertz, millivolts)
        close_window(s)
        s.t_hunt = 0
    s.swing_low_millihertz = fewer(s.swing_low_millihertz, millihertz)
    s.swing_high_millihertz = more(s.swing_high_millihertz, millihertz)
    s.swing_low_millivolts = fewer(s.swing_low_millivolts, millivolts)
    s.swing_high_millivolts = more(s.swing_high_millivolts, millivolts)
    s.source_hunts = 0
    if saw_one_value(s) == 1:
        # Where windows begin and end makes no difference now: no host has to wake for it.
        s.t_hunt = 0
        return
    s.t_hunt = timer(s, 1, s.t_hunt, p.hunt_ticks, ticks)
    if s.t_hunt >= p.hunt_ticks:
        s.t_hunt = 0
        close_window(s)
        begin_window(s, millihertz, millivolts)
        if p.hunt_ticks < s.wake_ticks:
            s.wake_ticks = p.hunt_ticks
    swing_millihertz = more(s.swing_high_millihertz, s.past_high_millihertz) - fewer(
        s.swing_low_millihertz, s.past_low_millihertz
    )
    swing_millivolts = more(s.swing_high_millivolts, s.past_high_millivolts) - fewer(
        s.swing_low_millivolts, s.past_low_millivolts
    )
    if swing_millihertz > thousandths(p.hunt_hz) or swing_millivolts > thousandths(240.0 * p.hunt_share):
        s.source_hunts = 1
