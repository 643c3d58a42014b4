"""The utility side: 27, 59 and 47, harm, and whether the utility may be returned to. Core Python.

While a reference is lost (`protection_sense`) half the leg-to-leg voltage stands for each leg: a real loss is still
seen, the lost reference alone never opens U. A doubted utility counts for nothing: no timer runs, `utility_lost`
keeps what it was, and it is not in band (H4: a phantom outage moves nothing).
"""

from bptm.controller.protection_sense import in_band
from bptm.controller.protection_values import difference, higher, lower, only_utility_closed
from bptm.controller.timing import timer


def forget_loss(s):
    """No stage of 27, 59 and 47 counts."""
    s.t_deep = 0
    s.t_low = 0
    s.t_slight = 0
    s.t_over_high = 0
    s.t_over_low = 0
    s.t_legs = 0


def count_loss(s, p, low_v, high_v, legs_wrong, ticks):
    """Counts the stages of 27 and 59, and 47. Returns 1 when one has operated.

    Most scans find none of them picked up, and end here.
    """
    if (
        low_v >= p.lost_deep_v
        and low_v >= p.lost_low_v
        and low_v >= p.lost_slight_v
        and high_v <= p.over_high_v
        and high_v <= p.over_low_v
        and legs_wrong == 0
    ):
        forget_loss(s)
        return 0
    s.t_deep = timer(s, 1 if low_v < p.lost_deep_v else 0, s.t_deep, p.lost_deep_ticks, ticks)
    s.t_low = timer(s, 1 if low_v < p.lost_low_v else 0, s.t_low, p.lost_low_ticks, ticks)
    s.t_slight = timer(s, 1 if low_v < p.lost_slight_v else 0, s.t_slight, p.lost_slight_ticks, ticks)
    s.t_over_high = timer(s, 1 if high_v > p.over_high_v else 0, s.t_over_high, p.over_high_ticks, ticks)
    s.t_over_low = timer(s, 1 if high_v > p.over_low_v else 0, s.t_over_low, p.over_low_ticks, ticks)
    s.t_legs = timer(s, legs_wrong, s.t_legs, p.legs_ticks, ticks)
    if (
        s.t_deep >= p.lost_deep_ticks
        or s.t_low >= p.lost_low_ticks
        or s.t_slight >= p.lost_slight_ticks
        or s.t_over_high >= p.over_high_ticks
        or s.t_over_low >= p.over_low_ticks
        or s.t_legs >= p.legs_ticks
    ):
        return 1
    return 0


def forget_utility(s):
    """No timer on a doubted utility."""
    forget_loss(s)
    s.t_back = 0
    s.t_return = 0
    s.t_slot = 0
    s.utility_in_band = 0
    s.utility_dead = 0


def judge_neutral(s, m, p, ticks):
    """47, broken neutral on the utility side (H16), and the doubt that it leaves.

    Physical: the neutral between the transformer and the premise has come apart, so the legs divide the leg-to-leg
    voltage by their loads: it stays normal (`neutral_l12_low_v` to `neutral_l12_high_v`) while the legs move
    against each other. A swell raises the leg-to-leg voltage with the legs and is left to 59. Four stages, none
    inside the ITIC no-interruption region (LAW-12): a leg above 1.20 pu is outside after 3 ms, one above 1.10 pu
    after 0.5 s; legs apart by more than 24 V with neither above 1.10 pu put the lower below 0.90 pu, which is
    outside after 10 s. Sensor error: 0.5 % of 120 V on each leg moves the difference by 1.2 V. With balanced load
    a broken neutral shows nothing and does no harm.

    `neutral_doubted` is journalled; it ends after `trial_ticks` with U closed, the utility in band, the legs
    together within half of `neutral_v`, and leg currents that differ by `neutral_clear_a`. While the currents are
    alike the count waits.
    """
    low_v = lower(m.utility_l1_v, m.utility_l2_v)
    high_v = higher(m.utility_l1_v, m.utility_l2_v)
    normal = 0
    if s.utility_doubted == 0 and s.t_reference == 0:
        normal = 1 if m.utility_l12_v > p.neutral_l12_low_v and m.utility_l12_v < p.neutral_l12_high_v else 0
    apart = 1 if normal == 1 and high_v - low_v > p.neutral_v else 0
    raised = 1 if normal == 1 and high_v > p.over_low_v else 0
    if apart == 0 and raised == 0:
        s.t_neutral_high = 0
        s.t_neutral_low = 0
        s.t_neutral = 0
        s.t_neutral_slow = 0
        s.utility_neutral = 0
    else:
        far = 1 if normal == 1 and high_v > p.over_high_v else 0
        s.t_neutral_high = timer(s, far, s.t_neutral_high, p.neutral_high_ticks, ticks)
        s.t_neutral_low = timer(s, raised, s.t_neutral_low, p.neutral_low_ticks, ticks)
        s.t_neutral = timer(s, apart * raised, s.t_neutral, p.neutral_ticks, ticks)
        s.t_neutral_slow = timer(s, apart, s.t_neutral_slow, p.neutral_slow_ticks, ticks)
        s.utility_neutral = 0
        if (
            s.t_neutral_high >= p.neutral_high_ticks
            or s.t_neutral_low >= p.neutral_low_ticks
            or s.t_neutral >= p.neutral_ticks
            or s.t_neutral_slow >= p.neutral_slow_ticks
        ):
            s.utility_neutral = 1
    if s.utility_neutral == 1:
        s.neutral_doubted = 1
    if s.neutral_doubted == 1:
        clear_neutral(s, m, p, ticks)
    else:
        s.t_neutral_good = 0


def clear_neutral(s, m, p, ticks):
    """Ends `neutral_doubted` once the neutral has carried current and held the legs together, or by local reset."""
    held = 0
    if only_utility_closed(s) == 1 and s.utility_in_band == 1 and s.t_reference == 0:
        apart_v = difference(m.utility_l1_v, m.utility_l2_v)
        held = 1 if apart_v < 0.5 * p.neutral_v and s.utility_neutral == 0 else 0
    if held == 0:
        s.t_neutral_good = 0
    elif s.current_doubted == 0 and difference(m.l1_a, m.l2_a) > p.neutral_clear_a:
        s.t_neutral_good = timer(s, 1, s.t_neutral_good, p.trial_ticks, ticks)
    if s.t_neutral_good >= p.trial_ticks or (m.local_reset == 1 and s.utility_neutral == 0):
        s.neutral_doubted = 0
        s.t_neutral_good = 0


def judge_utility(s, m, p, ticks):
    """27 in three stages, 59 in two, 47 by leg-to-leg voltage; and whether the utility may be returned to.

    `utility_lost` picks up on the worse leg, and resets when both legs are above `back_v` and the legs stand
    against each other. No stage operates inside the ITIC no-interruption region (LAW-12). Missing leg with a
    ghost voltage, 120 V on both hots and legs in phase all show as a leg-to-leg voltage below `legs_ratio` of the
    sum (domain.md 2.6). `utility_harmful`: 59 stage 1, or a broken neutral: U has to open even without a backup.
    """
    if s.utility_doubted == 1:
        forget_utility(s)
        judge_neutral(s, m, p, ticks)
        s.utility_harmful = 0
        return
    low_v = lower(m.utility_l1_v, m.utility_l2_v)
    high_v = higher(m.utility_l1_v, m.utility_l2_v)
    legs_wrong = 1 if m.utility_l12_v < p.legs_ratio * (m.utility_l1_v + m.utility_l2_v) else 0
    s.utility_in_band = in_band(m, p)
    if s.t_reference > 0:
        low_v = 0.5 * m.utility_l12_v
        high_v = low_v
        legs_wrong = 0
        s.utility_in_band = (
            1
            if low_v > p.return_low_v
            and high_v < p.return_high_v
            and m.utility_hz > p.return_low_hz
            and m.utility_hz < p.return_high_hz
            else 0
        )
    s.utility_dead = 1 if high_v < p.dead_v else 0
    operated = count_loss(s, p, low_v, high_v, legs_wrong, ticks)
    back = 1 if low_v > p.back_v and high_v < p.over_low_v and legs_wrong == 0 else 0
    s.t_back = timer(s, back, s.t_back, p.back_ticks, ticks)
    if operated == 1:
        s.utility_lost = 1
    elif s.t_back >= p.back_ticks:
        s.utility_lost = 0
    judge_neutral(s, m, p, ticks)
    s.utility_harmful = 1 if s.utility_neutral == 1 or s.t_over_high >= p.over_high_ticks else 0
    await_return(s, p, ticks)


def await_return(s, p, ticks):
    """How long the utility has been steady within the limits of return, and this meter's own delay.

    A utility that comes and goes must be steady for longer (`ways.may_return`).
    """
    steady_ticks = p.return_ticks
    if s.flaps >= p.flap_count and p.flap_hold_ticks > steady_ticks:
        steady_ticks = p.flap_hold_ticks
    s.t_return = timer(s, s.utility_in_band, s.t_return, steady_ticks, ticks)
    if s.utility_in_band == 1 and s.t_return < p.return_ticks and p.return_ticks - s.t_return < s.wake_ticks:
        s.wake_ticks = p.return_ticks - s.t_return
    s.t_slot = timer(s, s.utility_in_band, s.t_slot, s.slot_ticks, ticks)
    # The short delay of a failed backup must also wake the host.
    if s.utility_in_band == 1 and s.t_return < p.return_bypass_ticks:
        if p.return_bypass_ticks - s.t_return < s.wake_ticks:
            s.wake_ticks = p.return_bypass_ticks - s.t_return
