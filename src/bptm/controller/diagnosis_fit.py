"""Resistance and reactance by weighted least squares on load steps, with an honest error. Core Python.

The fall of a voltage in a load step is y = R x + X z + noise, where x and z are the steps of active and reactive
current; to the first order in the fall this is the difference of two RMS voltages. Steps have no constant term: what
the source does by itself has mean zero. A step's weight falls with each later one. With weights w the estimate is
b = A^-1 sum(w x y), A = sum(w x x'), and its covariance is s^2 A^-1 B A^-1 with B = sum(w^2 x x'); the sum of weighted
squared residuals has the mean s^2 (sum(w) - trace(A^-1 B)). Record: d DIAGNOSIS; k is FIT_....

Source: least squares with known weights and equal variances; domain.md 2.6 for the circuit.
"""

from math import sqrt

from bptm.controller.diagnosis_findings import magnitude

STUDENT = (
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
)  # fmt: skip
"""Student's t for a two-sided 95 % interval, 1 to 30 degrees of freedom."""

UNKNOWN_OHM = 1000000.0
"""Reach of a value that is not known."""

ALIKE = 0.0001
"""Reactive steps that are, beside their share with the active ones, below 1 % of these tell no reactance."""


def student(freedom):
    """Student's t for a two-sided 95 % interval; above 30 degrees of freedom within 0.002."""
    if freedom < 1.0:
        return STUDENT[0]
    if freedom >= 30.0:
        return 1.96 + 2.46 / freedom
    return STUDENT[int(freedom) - 1]


def reach_ohm(d, p, k):
    """Half of the 95 % interval of a resistance, with what the sensors may be wrong."""
    if d.fit_freedom[k] < 1.0:
        return UNKNOWN_OHM
    return student(d.fit_freedom[k]) * d.fit_error_ohm[k] + p.gain_share * magnitude(d.fit_ohm[k])


def scale_fit(d, k, keep):
    """All steps so far lose weight."""
    d.fit_xx[k] = d.fit_xx[k] * keep
    d.fit_xz[k] = d.fit_xz[k] * keep
    d.fit_zz[k] = d.fit_zz[k] * keep
    d.fit_xy[k] = d.fit_xy[k] * keep
    d.fit_zy[k] = d.fit_zy[k] * keep
    d.fit_yy[k] = d.fit_yy[k] * keep
    d.fit_weight[k] = d.fit_weight[k] * keep
    square = keep * keep
    d.fit_weight2[k] = d.fit_weight2[k] * square
    d.fit2_xx[k] = d.fit2_xx[k] * square
    d.fit2_xz[k] = d.fit2_xz[k] * square
    d.fit2_zz[k] = d.fit2_zz[k] * square


def solve(d, p, k):
    """Estimate and error from the sums."""
    xx = d.fit_xx[k]
    xz = d.fit_xz[k]
    zz = d.fit_zz[k]
    determinant = xx * zz - xz * xz
    # Inverse of A; without reactance when the steps cannot tell it.
    a = 1.0 / xx
    b = 0.0
    c = 0.0
    if determinant > ALIKE * xx * xx:
        a = zz / determinant
        b = -xz / determinant
        c = xx / determinant
    d.fit_ohm[k] = a * d.fit_xy[k] + b * d.fit_zy[k]
    d.fit_reactance_ohm[k] = b * d.fit_xy[k] + c * d.fit_zy[k]
    used = a * d.fit2_xx[k] + 2.0 * b * d.fit2_xz[k] + c * d.fit2_zz[k]
    spare = d.fit_weight[k] - used
    d.fit_freedom[k] = 0.0
    if spare <= 0.01 * d.fit_weight[k]:
        return
    d.fit_freedom[k] = spare * d.fit_weight[k] / d.fit_weight2[k]
    rest = d.fit_yy[k] - d.fit_ohm[k] * d.fit_xy[k] - d.fit_reactance_ohm[k] * d.fit_zy[k]
    variance = rest / spare if rest > 0.0 else 0.0
    least = p.resolution_v * p.resolution_v
    if variance < least:
        variance = least
    d.fit_noise_v[k] = sqrt(variance)
    u = a * d.fit2_xx[k] + b * d.fit2_xz[k]
    v = a * d.fit2_xz[k] + b * d.fit2_zz[k]
    spread = u * a + v * b
    d.fit_error_ohm[k] = sqrt(variance * spread) if spread > 0.0 else 0.0


def judge_surprise(d, p, k, x, z, y):
    """Three steps in a row far off the fit in the same sense: the circuit has changed, older steps lose weight.

    They are held against the fit as it was before the first of them: a step that does not fit widens the noise itself.
    A neighbour's step at the same moment is a surprise too, but seldom thrice in the same sense.
    """
    count = d.fit_surprises[k]
    if count == 0:
        if d.fit_weight[k] < p.steps_min or d.fit_freedom[k] < 1.0:
            return
        d.calm_ohm[k] = d.fit_ohm[k]
        d.calm_reactance_ohm[k] = d.fit_reactance_ohm[k]
        d.calm_error_ohm[k] = d.fit_error_ohm[k]
        d.calm_noise_v[k] = d.fit_noise_v[k]
    rest = y - d.calm_ohm[k] * x - d.calm_reactance_ohm[k] * z
    error = x * d.calm_error_ohm[k]
    allowed = 16.0 * (d.calm_noise_v[k] * d.calm_noise_v[k] + error * error)
    if rest * rest <= allowed:
        count = 0
    elif rest * x > 0.0:
        count = count + 1 if count > 0 else 1
    else:
        count = count - 1 if count < 0 else -1
    if count >= 3 or count <= -3:
        scale_fit(d, k, p.surprise_keep)
        count = 0
    d.fit_surprises[k] = count


def add_step(d, p, k, least_a, x, z, y):
    """Takes one load step of at least this size into a regression."""
    if magnitude(x) < least_a:
        return
    judge_surprise(d, p, k, x, z, y)
    scale_fit(d, k, p.forget)
    d.fit_xx[k] += x * x
    d.fit_xz[k] += x * z
    d.fit_zz[k] += z * z
    d.fit_xy[k] += x * y
    d.fit_zy[k] += z * y
    d.fit_yy[k] += y * y
    d.fit_weight[k] += 1.0
    d.fit_weight2[k] += 1.0
    d.fit2_xx[k] += x * x
    d.fit2_xz[k] += x * z
    d.fit2_zz[k] += z * z
    d.fit_steps[k] += 1
    solve(d, p, k)
