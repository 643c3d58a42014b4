"""Two motors: stator, leakage and a rotor whose flux has a life of its own. Core Python.

A capacitor-run motor is taken as one with two equal windings a quarter turn apart: the circuit has the first, and the
second sees the same voltage a quarter period later (an all-pass filter). The flux F (times 377, so in volts; d in the
circuit's winding, q in the other) turns with the rotor, dies with its open-circuit time constant and is renewed by the
currents. Starting current, running current, residual voltage after opening (falling in voltage and in frequency) and
the blow of a close out of phase come from one model:

    v = (Rs + Rr) i + L' di/dt - F / (w0 T) + j (w / w0) F        dF/dt = w0 Rr i - F / T + j w F
    2 H d(speed)/dt = (Fd iq - Fq id) / (2 P) - torque of the load

Source: Krause, Analysis of Electric Machinery (rotor-flux form of the induction motor); domain.md 2.7 and 2.12 for the
values. Records: h PLANT, u SETUP. k: 0 motor A, 1 motor B.
"""

from bptm.plant.wave_angles import PI, TWO_PI, cosine, sine
from bptm.plant.wave_circuit import OMEGA, open_branch, set_branch
from bptm.terms.core_bench_premise import AT_L12, CIRCUIT_MOTOR_A
from bptm.terms.core_bench_state import BRANCH_MOTOR_A

RUNNING_FACTOR = 0.75
"""Power factor at the rating. Own choice; domain.md 2.12 has volt-amperes per horsepower only."""
EFFICIENCY = 0.8
LOCKED_R = 0.5
LOCKED_X = 0.8660254037844386
"""Power factor of a locked rotor: 0.5. Own choice."""
ROTOR_SHARE = 0.6
"""Of the locked-rotor resistance, what the rotor has. Own choice."""
SYNCHRONOUS_HZ = 60.0


def shape_motor(h, k, at, power_w, start_ratio):
    """Resistances and reactance of a motor, so that its locked rotor takes `start_ratio` times the rated current."""
    nominal_v = 240.0 if at == AT_L12 else 120.0
    locked_ohm = nominal_v * nominal_v * RUNNING_FACTOR / (power_w * start_ratio)
    h.motor_rotor_ohm[k] = ROTOR_SHARE * LOCKED_R * locked_ohm
    h.motor_ohm[k] = LOCKED_R * locked_ohm
    h.motor_x_ohm[k] = LOCKED_X * locked_ohm


def connect_motor(h, k, wanted):
    """A motor is connected while it is called for and its breaker is on."""
    on = 1 if wanted == 1.0 and h.breaker_on[CIRCUIT_MOTOR_A + k] == 1 else 0
    if on == 1:
        set_branch(h, BRANCH_MOTOR_A + k, h.motor_ohm[k], h.motor_x_ohm[k])
    else:
        open_branch(h, BRANCH_MOTOR_A + k)
        h.motor_other_a[k] = 0.0
        h.own[BRANCH_MOTOR_A + k] = 0.0
    h.motor_on[k] = on


def set_motors(h, u):
    """Both motors, as the setup has them."""
    shape_motor(h, 0, u.motor_a_at, u.motor_a_w, u.motor_a_start_ratio)
    shape_motor(h, 1, u.motor_b_at, u.motor_b_w, u.motor_b_start_ratio)
    connect_motor(h, 0, u.motor_a_on)
    connect_motor(h, 1, u.motor_b_on)


def other_winding(h, k, flux_s):
    """Current of the other winding, from the circuit's voltage a quarter period later.

    The all-pass filter takes its period from the loop that follows the panel's phase, so that on an open bus, where the
    voltage is the motor's own and its frequency falls, the other winding carries next to nothing either.
    """
    branch = BRANCH_MOTOR_A + k
    v = h.node[h.from_node[branch]] - h.node[h.to_node[branch]]
    half = PI * h.pll_hz * h.step_s
    a = (half - 1.0) / (half + 1.0)
    h.motor_pass[k] = a * v + h.motor_before[k] - a * h.motor_pass[k]
    h.motor_before[k] = v
    speed = h.motor_hz[k] / SYNCHRONOUS_HZ
    back_v = speed * h.motor_flux_d[k] - h.motor_flux_q[k] / (OMEGA * flux_s)
    x = h.conductance[branch] * (h.motor_pass[k] - back_v) + h.keep[branch] * h.motor_other_a[k]
    h.motor_other_a[k] = x
    return x


def turn_motor(h, k, power_w, inertia_s, flux_s, rest_torque, locked):
    """One sample of a motor after the circuit was solved: its flux, its other winding, its speed."""
    branch = BRANCH_MOTOR_A + k
    if h.motor_on[k] == 0 and h.motor_hz[k] == 0.0 and h.motor_flux_d[k] == 0.0 and h.motor_flux_q[k] == 0.0:
        return
    d_a = h.current[branch]
    q_a = 0.0
    if h.motor_on[k] == 1:
        q_a = other_winding(h, k, flux_s)
    else:
        d_a = 0.0
    field_w = 0.5 * (h.motor_flux_d[k] * q_a - h.motor_flux_q[k] * d_a)
    share = h.step_s / flux_s
    gain_ohm = OMEGA * h.step_s * h.motor_rotor_ohm[k]
    d_v = h.motor_flux_d[k] * (1.0 - share) + gain_ohm * d_a
    q_v = h.motor_flux_q[k] * (1.0 - share) + gain_ohm * q_a
    turn_rad = TWO_PI * h.motor_hz[k] * h.step_s
    s = sine(turn_rad)
    c = cosine(turn_rad)
    h.motor_flux_d[k] = c * d_v - s * q_v
    h.motor_flux_q[k] = s * d_v + c * q_v
    base_w = EFFICIENCY * power_w
    speed = h.motor_hz[k] / SYNCHRONOUS_HZ
    load = rest_torque + (1.0 - rest_torque) * speed * speed
    if speed <= 0.0 and field_w <= load * base_w:
        load = field_w / base_w
    speed += h.step_s / (2.0 * inertia_s) * (field_w / base_w - load)
    if speed < 0.0 or locked == 1.0:
        speed = 0.0
    h.motor_hz[k] = SYNCHRONOUS_HZ * speed
    if h.motor_on[k] == 1:
        h.own[branch] = speed * h.motor_flux_q[k] + h.motor_flux_d[k] / (OMEGA * flux_s)
    elif speed == 0.0 and d_v * d_v + q_v * q_v < 1.0:
        h.motor_flux_d[k] = 0.0
        h.motor_flux_q[k] = 0.0


def turn_motors(h, u):
    """Both motors, one sample."""
    turn_motor(h, 0, u.motor_a_w, u.motor_a_inertia_s, u.motor_a_flux_s, u.motor_a_torque, u.motor_a_locked)
    turn_motor(h, 1, u.motor_b_w, u.motor_b_inertia_s, u.motor_b_flux_s, u.motor_b_torque, u.motor_b_locked)
