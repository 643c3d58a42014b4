"""Accuracy of metrology at the test points of ANSI C12.1: a closed-form oracle, imperfect channels, and errors.

Voltages and currents are sums of sinusoids, so that their energy over any interval is known in closed form; the meter
gets their samples, ideal or through a channel with ratio, phase, noise, offset and a converter of so many bits.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bptm.compiled.meters import Meter
from bptm.terms.core_codes import FED_BY_NONE, FED_BY_UTILITY, TICKS_PER_S

MWTICKS_PER_WS = 1000 * TICKS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One sinusoid: `peak` times the cosine of order times the fundamental's angle, plus its phase."""

    order: float
    peak: float
    phase_rad: float = 0.0


Wave = tuple[Component, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Voltages and currents of the two legs at one frequency; currents positive into the premise."""

    frequency_hz: float
    l1_v: Wave
    l2_v: Wave
    l1_a: Wave
    l2_a: Wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """What stands between a wave and its samples. The defaults are ideal.

    Attributes:
        ratio_fraction: Error of the ratio.
        lead_rad: By this the output leads at the fundamental; the same time at every order.
        noise_rms: White noise, in the unit of the samples.
        offset: Constant, in the unit of the samples.
        bits: Of the converter; 0 for none.
        full: Full scale of the converter, either way.
    """

    ratio_fraction: float = 0.0
    lead_rad: float = 0.0
    noise_rms: float = 0.0
    offset: float = 0.0
    bits: int = 0
    full: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardware:
    """Both channels of a meter; both legs alike, so that their errors add up and never cancel."""

    voltage: Channel = field(default_factory=Channel)
    current: Channel = field(default_factory=Channel)


IDEAL = Hardware()


def resistive(frequency_hz: float, current_a: float, lag_rad: float = 0.0) -> Load:
    """120/240 V, sinusoidal, the same current in both legs."""
    v, i = 120.0 * math.sqrt(2.0), current_a * math.sqrt(2.0)
    return Load(
        frequency_hz=frequency_hz,
        l1_v=(Component(order=1, peak=v),),
        l2_v=(Component(order=1, peak=v, phase_rad=math.pi),),
        l1_a=(Component(order=1, peak=i, phase_rad=-lag_rad),),
        l2_a=(Component(order=1, peak=i, phase_rad=math.pi - lag_rad),),
    )


def opposite(wave: Wave) -> Wave:
    """The same wave with its sign turned."""
    return tuple(replace(c, peak=-c.peak) for c in wave)


def distorted(frequency_hz: float, current_a: float, voltage: Wave, current: Wave) -> Load:
    """Both legs with these shapes, scaled to 120 V and to this current, RMS."""
    v = scaled(voltage, 120.0)
    i = scaled(current, current_a)
    return Load(frequency_hz=frequency_hz, l1_v=v, l2_v=opposite(v), l1_a=i, l2_a=opposite(i))


def rms(wave: Wave) -> float:
    """RMS of components of different orders."""
    return math.sqrt(sum(c.peak * c.peak for c in wave) / 2.0)


def scaled(wave: Wave, to_rms: float) -> Wave:
    """The same shape with this RMS."""
    k = to_rms / rms(wave)
    return tuple(replace(c, peak=c.peak * k) for c in wave)


def samples_of(wave: Wave, frequency_hz: float, times_s: NDArray[np.float64], lead_rad: float) -> NDArray[np.float64]:
    """Values of a wave, leading by an angle of the fundamental."""
    angle = 2.0 * math.pi * frequency_hz * times_s + lead_rad
    total = np.zeros_like(times_s)
    for c in wave:
        total += c.peak * np.cos(c.order * angle + c.phase_rad)
    return total


def through(channel: Channel, values: NDArray[np.float64], draw: np.random.Generator) -> NDArray[np.float64]:
    """Values after a channel; its lead is the caller's matter."""
    out = values * (1.0 + channel.ratio_fraction) + channel.offset
    if channel.noise_rms > 0.0:
        out = out + draw.normal(0.0, channel.noise_rms, len(out))
    if channel.bits > 0:
        step = channel.full / 2 ** (channel.bits - 1)
        out = np.clip(np.rint(out / step) * step, -channel.full, channel.full - step)
    return out


def sampled(load: Load, rate_hz: float, count: int, hardware: Hardware = IDEAL, seed: int = 1) -> NDArray[np.float64]:
    """Samples of a load, shape (count, 8): the bus on the utility, the inlet dead."""
    draw = np.random.default_rng(seed)
    times_s = np.arange(count) / rate_hz
    out = np.zeros((count, 8))
    for place, wave, channel in (
        (0, load.l1_v, hardware.voltage),
        (1, load.l2_v, hardware.voltage),
        (2, load.l1_v, hardware.voltage),
        (3, load.l2_v, hardware.voltage),
        (6, load.l1_a, hardware.current),
        (7, load.l2_a, hardware.current),
    ):
        values = samples_of(wave, load.frequency_hz, times_s, channel.lead_rad)
        out[:, place] = through(channel, values, draw)
    return out


def _integral(a: Component, b: Component, frequency_hz: float, from_s: float, to_s: float) -> float:
    """Integral of the product of two sinusoids, by its closed form."""
    w = 2.0 * math.pi * frequency_hz
    total = 0.0
    for sign in (1.0, -1.0):
        order, phase = a.order + sign * b.order, a.phase_rad + sign * b.phase_rad
        if order == 0.0:
            total += math.cos(phase) * (to_s - from_s)
        else:
            total += (math.sin(order * w * to_s + phase) - math.sin(order * w * from_s + phase)) / (order * w)
    return 0.5 * a.peak * b.peak * total


def energy_ws(load: Load, from_s: float, to_s: float) -> tuple[float, float]:
    """True energy of the two legs over an interval, in watt-seconds."""
    legs = ((load.l1_v, load.l1_a), (load.l2_v, load.l2_a))
    first, second = (
        sum(_integral(a, b, load.frequency_hz, from_s, to_s) for a in voltage for b in current)
        for voltage, current in legs
    )
    return first, second


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What a meter registered of a load, and what was true; both in watt-seconds, net into the premise."""

    true_ws: float
    two_element_ws: float
    form2s_ws: float
    apparent_ws: float

    @property
    def error_fraction(self) -> float:
        """Error of the two-element energy over the true energy."""
        return self.two_element_ws / self.true_ws - 1.0

    @property
    def error_of_apparent_fraction(self) -> float:
        """Error of the two-element energy over the apparent energy: for loads with hardly any active power."""
        return (self.two_element_ws - self.true_ws) / self.apparent_ws


def register(
    load: Load, *, seconds: float = 20.0, hardware: Hardware = IDEAL, seed: int = 1, **settings: float
) -> Registered:
    """Runs a meter over a load for so long and compares its registers with the closed form."""
    meter = Meter.of(**settings)
    rate_hz = int(meter.settings["rate_hz"][0])
    ticks = int(seconds * TICKS_PER_S)
    count = ticks * rate_hz // TICKS_PER_S
    beyond = rate_hz // TICKS_PER_S + 2
    samples = sampled(load, rate_hz, count + beyond, hardware, seed)
    meter.feed(samples[:count])
    # Another source for one half-cycle: the block under way goes to the registers.
    meter.feed(samples[count:], feed=FED_BY_NONE)
    e = meter.energy
    # The last sample is the next half-cycle's first place; each sample stands for the time around it.
    true = sum(energy_ws(load, -0.5 / rate_hz, (count - 1.5) / rate_hz))
    return Registered(
        true_ws=true,
        two_element_ws=float(e["in_mwticks"][FED_BY_UTILITY] - e["out_mwticks"][FED_BY_UTILITY]) / MWTICKS_PER_WS,
        form2s_ws=float(e["form2s_in_mwticks"][FED_BY_UTILITY] - e["form2s_out_mwticks"][FED_BY_UTILITY])
        / MWTICKS_PER_WS,
        apparent_ws=(rms(load.l1_v) * rms(load.l1_a) + rms(load.l2_v) * rms(load.l2_a)) * (count - 1) / rate_hz,
    )


def components_of(cycle: NDArray[np.float64], orders: int = 40) -> Wave:
    """Orders 1 to `orders` of one recorded cycle, without its mean."""
    spectrum = np.fft.rfft(np.asarray(cycle, np.float64)) / len(cycle)
    return tuple(
        Component(order=k, peak=2.0 * float(abs(spectrum[k])), phase_rad=float(np.angle(spectrum[k])))
        for k in range(1, orders + 1)
    )


RECTIFIER: Wave = (
    Component(order=1, peak=1.0, phase_rad=-0.2),
    Component(order=3, peak=0.7, phase_rad=2.6),
    Component(order=5, peak=0.4, phase_rad=-1.0),
    Component(order=7, peak=0.2, phase_rad=1.9),
    Component(order=9, peak=0.1, phase_rad=-2.0),
)
"""A rectifier with a capacitor: THD 84 %."""

FLAT_TOP: Wave = (
    Component(order=1, peak=1.0),
    Component(order=3, peak=0.03, phase_rad=3.0),
    Component(order=5, peak=0.03, phase_rad=0.4),
    Component(order=7, peak=0.01, phase_rad=-0.7),
)
"""A voltage as such rectifiers leave it: THD 4.4 %."""
