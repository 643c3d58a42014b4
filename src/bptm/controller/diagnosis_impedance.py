"""What the regressions say: service, neutral, cord, plug and contacts, in ohms with 95 % intervals. Core Python.

A finding is raised when the whole interval is beyond the limit, and ends when the whole interval is inside it.
Between the two nothing changes. Record: d DIAGNOSIS.
"""

from math import sqrt

from bptm.controller.diagnosis_findings import describe, end, find, magnitude
from bptm.controller.diagnosis_fit import UNKNOWN_OHM, reach_ohm, student
from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.core_diagnosis import (
    CONFIDENCE_LIKELY,
    CONFIDENCE_MEASURED,
    DAYS,
    FEED_BACKUP,
    FEED_UTILITY,
    FINDING_B_CONTACT,
    FINDING_CORD_NEUTRAL,
    FINDING_CORD_THIN,
    FINDING_PLUG_HEATS,
    FINDING_SERVICE_LEG,
    FINDING_SERVICE_NEUTRAL,
    FINDING_SERVICE_NEUTRAL_RISING,
    FINDING_SERVICE_NEUTRAL_SEVERE,
    FINDING_U_CONTACT,
    FIT_B1,
    FIT_SERVICE_DIFFERENCE,
    FIT_SERVICE_SUM,
    FIT_SOURCE_DIFFERENCE,
    FIT_SOURCE_SUM,
    FIT_U1,
)

DAY_TICKS = 86400 * TICKS_PER_S

NEUTRAL_FLOOR_OHM = 0.01
"""A neutral is taken as at least this when it is asked how many times it has risen; own choice: below it is noise."""


def enough(d, p, k):
    """1 when a regression has steps enough to be judged."""
    return 1 if d.fit_weight[k] >= p.steps_min and d.fit_freedom[k] >= 1.0 else 0


def neutral_of(d, k):
    """Resistance of the neutral from the pair of regressions that begins at k: half of the difference's more."""
    return 0.5 * (d.fit_ohm[k + 1] - d.fit_ohm[k])


def neutral_reach_of(d, p, k):
    """Half of its 95 % interval: the two regressions have errors of their own."""
    freedom = d.fit_freedom[k] if d.fit_freedom[k] < d.fit_freedom[k + 1] else d.fit_freedom[k + 1]
    if freedom < 1.0:
        return UNKNOWN_OHM
    a = d.fit_error_ohm[k]
    b = d.fit_error_ohm[k + 1]
    gain_ohm = p.gain_share * (magnitude(d.fit_ohm[k]) + magnitude(d.fit_ohm[k + 1]))
    return 0.5 * (student(freedom) * sqrt(a * a + b * b) + gain_ohm)


def judge_limit(d, code, value, reach, third, limit, confidence):
    """Raises or ends a finding by a value with its interval. `third` is kept with it."""
    if value - reach > limit:
        find(d, code, confidence)
    elif value + reach < limit:
        end(d, code)
    if d.active[code] == 1:
        describe(d, code, value, reach, third, limit)


def remember_neutral(d, p, ticks):
    """Before a step that may end this stretch: the neutral as it stood at the end of each day before."""
    if enough(d, p, FIT_SERVICE_SUM) == 0 or enough(d, p, FIT_SERVICE_DIFFERENCE) == 0:
        return
    today = (d.tick + ticks - 1) // DAY_TICKS
    if d.neutral_day == 0:
        d.neutral_first_day = today
        d.neutral_day = today + 1
        return
    missed = today + 1 - d.neutral_day
    if missed > DAYS:
        missed = DAYS
    for i in range(missed):
        place = (today - missed + i) % DAYS
        d.neutral_ohm[place] = neutral_of(d, FIT_SERVICE_SUM)
        d.neutral_reach_ohm[place] = neutral_reach_of(d, p, FIT_SERVICE_SUM)
    d.neutral_day = today + 1


def judge_rise(d, p, neutral, reach):
    """The service neutral against what it was 30 days ago; a rise that stands is held against where it rose from."""
    code = FINDING_SERVICE_NEUTRAL_RISING
    today = d.tick // DAY_TICKS
    was = d.third[code]
    if d.active[code] == 0:
        if d.neutral_day == 0 or today - d.neutral_first_day < DAYS - 1:
            return
        place = (today - DAYS + 1) % DAYS
        was = d.neutral_ohm[place] + d.neutral_reach_ohm[place]
    if was < NEUTRAL_FLOOR_OHM:
        was = NEUTRAL_FLOOR_OHM
    limit = p.neutral_rise * was
    if limit < p.neutral_least_ohm:
        limit = p.neutral_least_ohm
    judge_limit(d, code, neutral, reach, was, limit, CONFIDENCE_MEASURED)


def judge_service(d, p):
    """Utility side: leg with its transformer, and neutral."""
    k = FIT_SERVICE_SUM
    if enough(d, p, k) == 0:
        return
    leg = d.fit_ohm[k]
    judge_limit(
        d, FINDING_SERVICE_LEG, leg, reach_ohm(d, p, k), d.fit_reactance_ohm[k], p.service_leg_ohm, CONFIDENCE_MEASURED
    )
    if enough(d, p, FIT_SERVICE_DIFFERENCE) == 0:
        return
    neutral = neutral_of(d, k)
    reach = neutral_reach_of(d, p, k)
    judge_limit(d, FINDING_SERVICE_NEUTRAL, neutral, reach, leg, p.neutral_ohm, CONFIDENCE_MEASURED)
    judge_limit(d, FINDING_SERVICE_NEUTRAL_SEVERE, neutral, reach, leg, p.neutral_severe_ohm, CONFIDENCE_MEASURED)
    judge_rise(d, p, neutral, reach)


def learn_source(d, p):
    """First values of source and cord, once they are known well enough. Returns 1 when there are such."""
    if d.source_first_known == 1:
        return 1
    if reach_ohm(d, p, FIT_SOURCE_SUM) > p.learned_ohm or reach_ohm(d, p, FIT_SOURCE_DIFFERENCE) > p.learned_ohm:
        return 0
    d.source_sum_ohm = d.fit_ohm[FIT_SOURCE_SUM]
    d.source_difference_ohm = d.fit_ohm[FIT_SOURCE_DIFFERENCE]
    d.source_first_known = 1
    return 1


def judge_source(d, p):
    """Backup side: cord, its neutral, and a plug that grows hot.

    A source whose voltage droops with its load looks like a thin cord in the sum of the legs, not in their difference;
    a cord shows in both, three times as much in the difference when its neutral has the gauge of its legs. So the
    lower of the two is the cord's.
    """
    if enough(d, p, FIT_SOURCE_SUM) == 0 or enough(d, p, FIT_SOURCE_DIFFERENCE) == 0:
        return
    total = d.fit_ohm[FIT_SOURCE_SUM]
    total_reach = reach_ohm(d, p, FIT_SOURCE_SUM)
    difference = d.fit_ohm[FIT_SOURCE_DIFFERENCE]
    difference_reach = reach_ohm(d, p, FIT_SOURCE_DIFFERENCE)
    if total < difference / 3.0:
        judge_limit(d, FINDING_CORD_THIN, total, total_reach, difference, p.cord_ohm, CONFIDENCE_LIKELY)
    else:
        judge_limit(
            d, FINDING_CORD_THIN, difference / 3.0, difference_reach / 3.0, total, p.cord_ohm, CONFIDENCE_LIKELY
        )
    neutral = neutral_of(d, FIT_SOURCE_SUM)
    reach = neutral_reach_of(d, p, FIT_SOURCE_SUM)
    judge_limit(d, FINDING_CORD_NEUTRAL, neutral, reach, total, p.cord_neutral_ohm, CONFIDENCE_MEASURED)
    if learn_source(d, p) == 0:
        return
    first = p.commissioned_ohm if p.commissioned_ohm > 0.0 else d.source_sum_ohm
    rise = total - first
    rise_reach = total_reach
    # A hot neutral blade shows twice in the difference, a hot leg once as in the sum.
    if (difference - d.source_difference_ohm) * 0.5 - difference_reach * 0.5 > rise - rise_reach:
        rise = (difference - d.source_difference_ohm) * 0.5
        rise_reach = difference_reach * 0.5
    judge_limit(d, FINDING_PLUG_HEATS, rise, rise_reach, first, p.plug_rise_ohm, CONFIDENCE_LIKELY)


def pole_reach_of(d, p, k, side):
    """Half of a pole's 95 % interval. Two sensors of different gain see a part of the leg's own fall as the pole's."""
    fall_ohm = 0.5 * (magnitude(d.fit_ohm[side]) + magnitude(d.fit_ohm[side + 1]))
    return reach_ohm(d, p, k) + p.gain_share * fall_ohm


def learn_pole(d, p, k, side):
    """The first value of a pole, once it is known well enough."""
    if d.pole_first_known[k - FIT_U1] == 1 or enough(d, p, k) == 0:
        return
    if pole_reach_of(d, p, k, side) <= p.contact_learned_ohm:
        d.pole_first_known[k - FIT_U1] = 1
        d.pole_first_ohm[k - FIT_U1] = d.fit_ohm[k]


def worn_from(d, p, k, limit):
    """What a pole is judged by: its alarm, or how many times its first value it has become, whichever is less."""
    if d.pole_first_known[k - FIT_U1] == 0:
        return limit
    risen = p.contact_rise * d.pole_first_ohm[k - FIT_U1]
    if risen < 0.5 * limit:
        risen = 0.5 * limit
    return risen if risen < limit else limit


def judge_poles(d, m, p, k, side, code, limit):
    """Both poles of a contactor: the one whose interval lies higher. Its heat at this load is I^2 R."""
    learn_pole(d, p, k, side)
    learn_pole(d, p, k + 1, side)
    worse = k
    if enough(d, p, k) == 0:
        worse = k + 1
    elif enough(d, p, k + 1) == 1:
        low_ohm = d.fit_ohm[k] - pole_reach_of(d, p, k, side)
        if d.fit_ohm[k + 1] - pole_reach_of(d, p, k + 1, side) > low_ohm:
            worse = k + 1
    if enough(d, p, worse) == 0:
        return
    current_a = m.l1_a if worse == k else m.l2_a
    value = d.fit_ohm[worse]
    reach = pole_reach_of(d, p, worse, side)
    judge_limit(
        d, code, value, reach, current_a * current_a * value, worn_from(d, p, worse, limit), CONFIDENCE_MEASURED
    )
    if d.active[code] == 1:
        d.place[code] = worse - k + 1


def judge_step(d, m, p):
    """After a step: everything that the regressions of this side say."""
    if d.feed == FEED_UTILITY:
        judge_service(d, p)
        judge_poles(d, m, p, FIT_U1, FIT_SERVICE_SUM, FINDING_U_CONTACT, p.u_contact_ohm)
    elif d.feed == FEED_BACKUP:
        judge_source(d, p)
        judge_poles(d, m, p, FIT_B1, FIT_SOURCE_SUM, FINDING_B_CONTACT, p.b_contact_ohm)
