"""An engine with a synchronous machine: governor, torque, rotor, voltage regulator, fuel. Core Python.

    torque:  lag dT/dt = throttle - T                       throttle = (f0 - f) / (droop f0) + integral + hunting
    rotor:   2 H df/dt = f0 (T - P / rating) - friction (f - f0)
    voltage: lag dE/dt = reference - terminal voltage       reference falls with frequency below the knee

At rest f = f0 (1 - P / (1 / droop + friction)). The dip at a step is that of the transient reactance, at once; the
regulator then brings the voltage back. Without a regulator (capacitor excitation) the voltage follows speed.
The torque of a single-phase load swings at 120 Hz; the rotor smooths it.

Source: ISO 8528-5 for what is judged; domain.md 2.11 for the values; IEEE 421.5 in its simplest form (lag, ceiling).
Records: h PLANT, u SETUP.
"""

from bptm.plant.wave_angles import TWO_PI, sine, wrapped
from bptm.terms.core_bench_trace import (
    SOURCE_COOLS_DOWN,
    SOURCE_EMPTY,
    SOURCE_IS_OFF,
    SOURCE_RUNS,
    SOURCE_SHUT_DOWN,
    SOURCE_STALLED,
    SOURCE_STARTS,
    SOURCE_WARMS_UP,
)

COAST_S = 1.5
"""An engine whose fuel is cut comes to rest in this. Own choice."""
IDLE_SHARE = 0.35
"""Fuel at no load, share of that at full load. Source: genmon's Generac tables (fact), rounded."""
HALF_LOAD_SHARE = 0.675
LOADED_SHARE = 0.01
"""Above this share of its rating it is loaded. Own choice."""


def limited(low, x, high):
    """A number within limits."""
    if x < low:
        return low
    return high if x > high else x


def enter_state(h, state):
    """The source goes over to another state."""
    h.source_state = state
    h.source_for_s = 0.0


def burn(h, u, step_s):
    """Fuel that is used: part of it at no load, the rest by torque."""
    share = IDLE_SHARE + (1.0 - IDLE_SHARE) * limited(0.0, h.torque, 2.0)
    h.left_fraction -= step_s * share / (HALF_LOAD_SHARE * 3600.0 * u.fuel_hours)
    if h.left_fraction < 0.0:
        h.left_fraction = 0.0


def throttle_of(h, u):
    """What the governor asks for; nothing without fuel."""
    if h.left_fraction <= 0.0:
        return 0.0
    if u.throttle_stuck > 0.0:
        return u.throttle_stuck
    droop = u.droop_fraction if u.droop_fraction > 0.001 else 0.001
    off = (u.rated_hz - h.source_hz) / u.rated_hz
    x = off / droop
    if u.governor_gain > 0.0:
        h.integral = limited(-0.5, h.integral + u.governor_gain * off * h.step_s / droop, u.throttle_most)
        x += h.integral
    if u.hunt_fraction > 0.0:
        h.hunt_rad = wrapped(h.hunt_rad + TWO_PI * u.hunt_hz * h.step_s)
        x += u.hunt_fraction * sine(h.hunt_rad)
    return limited(0.0, x, u.throttle_most)


def turn_rotor(h, u, power_w):
    """Torque and speed after one sample at this power."""
    h.torque += h.step_s / u.engine_lag_s * (throttle_of(h, u) - h.torque)
    off = (h.source_hz - u.rated_hz) / u.rated_hz
    pull = h.torque - power_w / u.rating_w - u.friction_fraction * off
    if h.left_fraction <= 0.0:
        # Pumping and bearings: what the idling engine had overcome.
        pull -= 0.3
    h.source_hz += h.step_s * u.rated_hz / (2.0 * u.inertia_s) * pull
    if h.source_hz < 0.0:
        h.source_hz = 0.0


def regulate(h, u):
    """Voltage behind the reactance, after one sample."""
    speed = h.source_hz / u.knee_hz
    if u.avr == 0.0:
        h.source_v = u.rated_v * h.source_hz / u.rated_hz
        return
    reference_v = u.rated_v if speed >= 1.0 else u.rated_v * speed
    h.source_v += h.step_s / u.avr_lag_s * (reference_v - h.terminal_v)
    h.source_v = limited(0.0, h.source_v, u.ceiling * u.rated_v * (1.0 if speed >= 1.0 else speed))


def coast(h, u):
    """An engine without fuel or spark comes to rest."""
    h.source_hz -= h.step_s * u.rated_hz / COAST_S
    if h.source_hz < 0.3 * u.rated_hz:
        h.source_hz = 0.0
        h.source_v = 0.0
    else:
        h.source_v = h.source_v * (1.0 - 2.0 * h.step_s / COAST_S)


def run_engine(h, u, wanted, power_w):
    """One sample of an engine: its states, speed and voltage."""
    h.source_for_s += h.step_s
    state = h.source_state
    if wanted == 1 and h.wanted_was == 0:
        if state == SOURCE_COOLS_DOWN:
            enter_state(h, SOURCE_RUNS)
        elif state != SOURCE_RUNS:
            enter_state(h, SOURCE_STARTS if h.left_fraction > 0.0 else SOURCE_EMPTY)
    elif wanted == 0 and h.wanted_was == 1:
        enter_state(h, SOURCE_COOLS_DOWN if state == SOURCE_RUNS and u.auto_start == 1.0 else SOURCE_IS_OFF)
    h.wanted_was = wanted
    state = h.source_state
    if state == SOURCE_STARTS:
        coast(h, u)
        if h.source_for_s >= u.start_s:
            h.torque = 0.0
            h.integral = 0.0
            enter_state(h, SOURCE_WARMS_UP)
    elif state == SOURCE_WARMS_UP:
        share = limited(0.0, h.source_for_s / u.warm_s, 1.0)
        h.source_hz = u.rated_hz * share
        speed = limited(0.0, h.source_hz / u.knee_hz, 1.0)
        h.source_v = u.rated_v * speed if share > 0.3 else 0.0
        burn(h, u, h.step_s)
        if share >= 1.0:
            enter_state(h, SOURCE_RUNS)
    elif state == SOURCE_RUNS or state == SOURCE_COOLS_DOWN:
        burn(h, u, h.step_s)
        turn_rotor(h, u, power_w)
        regulate(h, u)
        if h.source_hz < u.stall_hz:
            enter_state(h, SOURCE_EMPTY if h.left_fraction <= 0.0 else SOURCE_STALLED)
        elif h.source_hz > u.overspeed_hz:
            enter_state(h, SOURCE_SHUT_DOWN)
        elif state == SOURCE_COOLS_DOWN and h.source_w > LOADED_SHARE * u.rating_w:
            # It cools down without load only: a home that is still on it keeps it running.
            h.source_for_s = 0.0
        elif state == SOURCE_COOLS_DOWN and h.source_for_s >= u.cool_s:
            enter_state(h, SOURCE_IS_OFF)
    else:
        coast(h, u)
