"""From cycles to blocks of twelve, and from blocks to energy in registers. Core Python.

Energy is the sum over all samples, each counted once; windows only divide it. So no error of a window, of frequency or
of synchronism reaches a register: a sample's part before a crossing goes to one cycle and its part after it to the
next. A block's sign decides between in and out, and its source is what fed the bus throughout.
"""

from math import sqrt

from bptm.controller.metrology_angles import direction
from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.core_metrology import (
    BLOCK_L1_ESTIMATED,
    BLOCK_L1_LOST,
    BLOCK_L2_ESTIMATED,
    BLOCK_L2_LOST,
    BLOCK_NOT_SYNCHRONOUS,
    BLOCK_OFFSET,
    FUND_COUNT,
    FUND_I1,
    FUND_I2,
    FUND_IM,
    FUND_P1,
    FUND_P2,
    FUND_Q1,
    FUND_Q2,
    FUND_RE,
    FUND_V1,
    FUND_V2,
    FUNDAMENTALS,
    REGISTER_ROLL,
    SUM_B1,
    SUM_B1B1,
    SUM_B1B2,
    SUM_B1C,
    SUM_B1I1,
    SUM_B1S,
    SUM_B2,
    SUM_B2B2,
    SUM_B2C,
    SUM_B2I2,
    SUM_B2S,
    SUM_CROSS,
    SUM_I1,
    SUM_I1C,
    SUM_I1I1,
    SUM_I1S,
    SUM_I2,
    SUM_I2C,
    SUM_I2I2,
    SUM_I2S,
    SUM_ONE,
    SUMS,
)

BLOCK_CYCLES = 12
"""IEC 61000-4-30: 12 cycles at 60 Hz."""


def root(x):
    """Square root of what rounding may have made negative."""
    return sqrt(x) if x > 0.0 else 0.0


def join_cycle(a, whole):
    """Adds the cycle to the block; of a whole one also its fundamental. `a.cycle` is left as it is."""
    for k in range(SUMS):
        a.block[k] += a.cycle[k]
    if whole == 0:
        # Four half-cycles without a crossing pass for two cycles.
        a.block_cycles += 2
        a.block_flags |= BLOCK_NOT_SYNCHRONOUS
        return
    a.block_cycles += 1
    weight = 2.0 / a.cycle[SUM_ONE]
    v1c = a.cycle[SUM_B1C]
    v1s = a.cycle[SUM_B1S]
    v2c = a.cycle[SUM_B2C]
    v2s = a.cycle[SUM_B2S]
    i1c = a.cycle[SUM_I1C]
    i1s = a.cycle[SUM_I1S]
    i2c = a.cycle[SUM_I2C]
    i2s = a.cycle[SUM_I2S]
    a.fundamental[FUND_V1] += weight * (v1c * v1c + v1s * v1s)
    a.fundamental[FUND_V2] += weight * (v2c * v2c + v2s * v2s)
    a.fundamental[FUND_I1] += weight * (i1c * i1c + i1s * i1s)
    a.fundamental[FUND_I2] += weight * (i2c * i2c + i2s * i2s)
    a.fundamental[FUND_P1] += weight * (v1c * i1c + v1s * i1s)
    a.fundamental[FUND_P2] += weight * (v2c * i2c + v2s * i2s)
    a.fundamental[FUND_Q1] += weight * (v1c * i1s - v1s * i1c)
    a.fundamental[FUND_Q2] += weight * (v2c * i2s - v2s * i2c)
    a.fundamental[FUND_RE] += weight * (v1c * v2c + v1s * v2s)
    a.fundamental[FUND_IM] += weight * (v1c * v2s - v1s * v2c)
    a.fundamental[FUND_COUNT] += a.cycle[SUM_ONE]


def find_offsets(a, g):
    """Offsets of the four metered channels: the means over a whole number of cycles."""
    count = a.block[SUM_ONE]
    for k in range(4):
        x = a.block[SUM_B1 + k] / count
        a.mean[k] = x
        limit = g.offset_v if k < 2 else g.offset_a
        if x > limit or x < -limit:
            a.block_flags |= BLOCK_OFFSET


def mean_product(a, product, x, y, offset_x, offset_y):
    """Mean of a product of two channels over the block, each less its offset."""
    count = a.block[SUM_ONE]
    return (product - offset_x * y - offset_y * x) / count + offset_x * offset_y


def mean_square(a, k, square):
    """Mean square of metered channel k over the block, less its offset."""
    x = a.block[SUM_B1 + k]
    return mean_product(a, a.block[square], x, x, a.mean[k], a.mean[k])


def ratio(x, y, floor):
    """X over y, or 0 where y is not above `floor`."""
    return x / y if y > floor else 0.0


def distortion(square, fundamental, floor):
    """All but the fundamental over the fundamental, from mean squares; 0 where there is hardly anything."""
    return root((square - fundamental) / fundamental) if fundamental > floor * floor else 0.0


def describe_voltage(a, y):
    """Voltages of the block."""
    square_1 = mean_square(a, 0, SUM_B1B1)
    square_2 = mean_square(a, 1, SUM_B2B2)
    both = mean_product(a, a.block[SUM_B1B2], a.block[SUM_B1], a.block[SUM_B2], a.mean[0], a.mean[1])
    y.l1_v = root(square_1)
    y.l2_v = root(square_2)
    y.l12_v = root(square_1 + square_2 - 2.0 * both)
    y.l1_v_crest = ratio(sqrt(a.peak[0]), y.l1_v, 1.0)
    y.l2_v_crest = ratio(sqrt(a.peak[1]), y.l2_v, 1.0)
    if a.fundamental[FUND_COUNT] > 0.0:
        count = a.fundamental[FUND_COUNT]
        y.l1_v_thd = distortion(square_1, a.fundamental[FUND_V1] / count, 1.0)
        y.l2_v_thd = distortion(square_2, a.fundamental[FUND_V2] / count, 1.0)
        y.legs_rad = direction(a.fundamental[FUND_IM], a.fundamental[FUND_RE])
    else:
        y.l1_v_thd = 0.0
        y.l2_v_thd = 0.0
        y.legs_rad = 0.0


def describe_current(a, g, y):
    """Currents of the block."""
    square_1 = mean_square(a, 2, SUM_I1I1)
    square_2 = mean_square(a, 3, SUM_I2I2)
    y.l1_a = root(square_1)
    y.l2_a = root(square_2)
    y.l1_a_crest = ratio(sqrt(a.peak[2]), y.l1_a, g.start_a)
    y.l2_a_crest = ratio(sqrt(a.peak[3]), y.l2_a, g.start_a)
    if a.fundamental[FUND_COUNT] > 0.0:
        count = a.fundamental[FUND_COUNT]
        y.l1_a_thd = distortion(square_1, a.fundamental[FUND_I1] / count, g.start_a)
        y.l2_a_thd = distortion(square_2, a.fundamental[FUND_I2] / count, g.start_a)
    else:
        y.l1_a_thd = 0.0
        y.l2_a_thd = 0.0


def turned_power(lead, active, reactive):
    """What the current sensor's lead takes from the fundamental's active power; to be added."""
    return -0.5 * lead * lead * active - (lead - lead * lead * lead / 6.0) * reactive


def describe_power(a, g, y):
    """Powers of the block: two elements, and as a form 2S meter would have it."""
    b1 = a.block[SUM_B1]
    b2 = a.block[SUM_B2]
    i1 = a.block[SUM_I1]
    i2 = a.block[SUM_I2]
    p1 = mean_product(a, a.block[SUM_B1I1], b1, i1, a.mean[0], a.mean[2])
    p2 = mean_product(a, a.block[SUM_B2I2], b2, i2, a.mean[1], a.mean[3])
    crossed = mean_product(a, a.block[SUM_CROSS], b1, i2, a.mean[0], a.mean[3])
    crossed += mean_product(a, 0.0, b2, i1, a.mean[1], a.mean[2])
    y.form2s_w = 0.5 * (p1 + p2 - crossed)
    active_1 = p1
    active_2 = p2
    if a.fundamental[FUND_COUNT] > 0.0:
        count = a.fundamental[FUND_COUNT]
        active_1 = a.fundamental[FUND_P1] / count
        active_2 = a.fundamental[FUND_P2] / count
        a.reactive_1_var = a.fundamental[FUND_Q1] / count
        a.reactive_2_var = a.fundamental[FUND_Q2] / count
    turned_1 = turned_power(g.l1_lead_rad, active_1, a.reactive_1_var)
    turned_2 = turned_power(g.l2_lead_rad, active_2, a.reactive_2_var)
    y.l1_w = p1 + turned_1
    y.l2_w = p2 + turned_2
    y.form2s_w += turned_1 + turned_2
    y.premise_w = y.l1_w + y.l2_w
    y.l1_var = 0.0
    y.l2_var = 0.0
    if a.fundamental[FUND_COUNT] > 0.0:
        y.l1_var = a.reactive_1_var - turned_power(g.l1_lead_rad, -a.reactive_1_var, active_1)
        y.l2_var = a.reactive_2_var - turned_power(g.l2_lead_rad, -a.reactive_2_var, active_2)
    y.l1_va = y.l1_v * y.l1_a
    y.l2_va = y.l2_v * y.l2_a
    y.l1_factor = ratio(y.l1_w, y.l1_va, 0.1)
    y.l2_factor = ratio(y.l2_w, y.l2_va, 0.1)


def flag_legs(a, g, y):
    """Which leg of the block was estimated, and which has no value: its energy is then lost, not invented."""
    limit = g.estimated_fraction * a.block[SUM_ONE]
    for leg in range(2):
        bad = a.block_bad[leg] + a.block_bad[leg + 2]
        unfit = ((a.block_unfit >> leg) & 1) + ((a.block_unfit >> (leg + 2)) & 1)
        saturated = ((a.block_saturated >> leg) & 1) + ((a.block_saturated >> (leg + 2)) & 1)
        if unfit > 0 or bad > limit:
            a.block_flags |= BLOCK_L1_LOST if leg == 0 else BLOCK_L2_LOST
        elif bad > 0 or saturated > 0:
            a.block_flags |= BLOCK_L1_ESTIMATED if leg == 0 else BLOCK_L2_ESTIMATED
    y.flags = a.block_flags


def whole_part(e, k, x):
    """Adds x milliwatt-ticks to carry k and takes out its whole part, towards zero."""
    c = e.carry[k] + x
    n = int(c) if c >= 0.0 else -int(-c)
    e.carry[k] = c - n
    return n


def turned_over(register):
    """A register after a sum: at its end it begins again, as a dial does."""
    return register - REGISTER_ROLL if register >= REGISTER_ROLL else register


def register_reactive(e, feed, n, x):
    """N units of reactive energy into the quadrant that its sign and that of the active energy x make."""
    if x >= 0.0:
        if n >= 0:
            e.quadrant_1_mvarticks[feed] = turned_over(e.quadrant_1_mvarticks[feed] + n)
        else:
            e.quadrant_4_mvarticks[feed] = turned_over(e.quadrant_4_mvarticks[feed] - n)
    elif n >= 0:
        e.quadrant_2_mvarticks[feed] = turned_over(e.quadrant_2_mvarticks[feed] + n)
    else:
        e.quadrant_3_mvarticks[feed] = turned_over(e.quadrant_3_mvarticks[feed] - n)


def register_block(a, g, y, e):
    """Puts the block's energy into the registers of its source, leg by leg; below the starting current nothing."""
    scale = 1000.0 * TICKS_PER_S / g.rate_hz * a.block[SUM_ONE]
    feed = a.feed
    x1 = 0.0
    x2 = 0.0
    x2s = 0.0
    reactive = 0.0
    lost = y.flags & (BLOCK_L1_LOST | BLOCK_L2_LOST)
    if y.l1_a >= g.start_a and y.flags & BLOCK_L1_LOST == 0:
        x1 = y.l1_w * scale
        reactive += y.l1_var * scale
    if y.l2_a >= g.start_a and y.flags & BLOCK_L2_LOST == 0:
        x2 = y.l2_w * scale
        reactive += y.l2_var * scale
    if lost == 0 and (y.l1_a >= g.start_a or y.l2_a >= g.start_a):
        x2s = y.form2s_w * scale
    n = whole_part(e, 0, x1 + x2)
    if n >= 0:
        e.in_mwticks[feed] = turned_over(e.in_mwticks[feed] + n)
    else:
        e.out_mwticks[feed] = turned_over(e.out_mwticks[feed] - n)
    n = whole_part(e, 1, x1)
    if n >= 0:
        e.l1_in_mwticks[feed] = turned_over(e.l1_in_mwticks[feed] + n)
    else:
        e.l1_out_mwticks[feed] = turned_over(e.l1_out_mwticks[feed] - n)
    n = whole_part(e, 2, x2)
    if n >= 0:
        e.l2_in_mwticks[feed] = turned_over(e.l2_in_mwticks[feed] + n)
    else:
        e.l2_out_mwticks[feed] = turned_over(e.l2_out_mwticks[feed] - n)
    n = whole_part(e, 3, x2s)
    if n >= 0:
        e.form2s_in_mwticks[feed] = turned_over(e.form2s_in_mwticks[feed] + n)
    else:
        e.form2s_out_mwticks[feed] = turned_over(e.form2s_out_mwticks[feed] - n)
    register_reactive(e, feed, whole_part(e, 4, reactive), x1 + x2)
    ticks = int(a.block[SUM_ONE] * TICKS_PER_S / g.rate_hz + 0.5)
    if lost != 0:
        e.lost_ticks += ticks
    elif y.flags & (BLOCK_L1_ESTIMATED | BLOCK_L2_ESTIMATED) != 0:
        e.estimated_ticks += ticks


def begin_block(a):
    """An empty block."""
    for k in range(SUMS):
        a.block[k] = 0.0
    for k in range(FUNDAMENTALS):
        a.fundamental[k] = 0.0
    for k in range(4):
        a.peak[k] = 0.0
        a.block_bad[k] = 0
    a.block_cycles = 0
    a.block_flags = 0
    a.block_unfit = 0
    a.block_saturated = 0


def end_block(a, g, y, e, flags):
    """Values and energy of the block under way, and an empty one after it."""
    if a.block[SUM_ONE] > 0.0:
        a.block_flags |= flags
        if a.block_flags == 0:
            find_offsets(a, g)
        flag_legs(a, g, y)
        y.blocks += 1
        y.feed = a.feed
        y.length_s = a.block[SUM_ONE] / g.rate_hz
        y.frequency_hz = a.block_cycles / y.length_s if y.flags & BLOCK_NOT_SYNCHRONOUS == 0 else 0.0
        describe_voltage(a, y)
        describe_current(a, g, y)
        describe_power(a, g, y)
        register_block(a, g, y, e)
        for k in range(4):
            # A mean beyond an offset's limit belongs to the load: it must not be taken off the next partial block.
            if y.flags & BLOCK_OFFSET != 0:
                a.mean[k] = 0.0
    begin_block(a)
