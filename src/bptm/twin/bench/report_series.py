"""Series of a report: what is drawn, thinned so that nothing a reader could see is lost."""

import base64
import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bptm.terms import core_bench_trace as trace
from bptm.terms.codes import Mode
from bptm.terms.core_codes import ORDER_CLOSE, ORDER_OPEN
from bptm.twin.bench.catalogue import quantities
from bptm.twin.bench.run import Run
from bptm.twin.bench.scenario import TICKS_PER_S

Panel = dict[str, object]
WINDOWS_MAX = 12
DEAD_V = 20.0
"""A window in which no sample of a voltage passes this shows nothing."""
_TOLERANCE = 0.001
"""A point is left out when the line drawn without it passes within this share of what the panel shows."""


def rounded(value: float) -> float | int:
    """Five significant digits: more than a screen shows."""
    if float(value).is_integer():
        return int(value)
    return float(f"{value:.5g}")


def thinned(values: NDArray[np.float64], tolerance: float) -> NDArray[np.int64]:
    """Rows to keep so that straight lines between them stay within a tolerance of every value left out.

    The swinging door: from each kept point the slopes that still pass every later value narrow until none is left.
    """
    count = len(values)
    if count <= 2:  # noqa: PLR2004  nothing between two ends
        return np.arange(count)
    keep = [0]
    start, low, high = 0, -np.inf, np.inf
    listed = values.tolist()
    for row in range(1, count):
        span = row - start
        base = listed[start]
        slope = (listed[row] - base) / span
        if slope < low or slope > high:
            keep.append(row - 1)
            start, low, high = row - 1, -np.inf, np.inf
            base = listed[start]
            span = 1
        low = max(low, (listed[row] - tolerance - base) / span)
        high = min(high, (listed[row] + tolerance - base) / span)
    keep.append(count - 1)
    return np.asarray(keep, np.int64)


def _trace(run: Run, name: str, label: str, colour: str, least: float) -> dict[str, object]:
    values = run.quantity(name)
    span = max(float(values.max() - values.min()), least)
    kept = thinned(values, _TOLERANCE * span)
    return {
        "label": label,
        "colour": colour,
        "dashed": label.endswith(("L2", "2")),
        "t": [rounded((row + 1) / TICKS_PER_S) for row in kept.tolist()],
        "v": [rounded(value) for value in values[kept].tolist()],
    }


def _plot(run: Run, title: str, unit: str, least: float, names: Sequence[tuple[str, str, str]]) -> Panel:
    traces = [_trace(run, name, label, colour, least) for name, label, colour in names]
    seen = ", ".join(
        f"{label} {run.quantity(name).min():.1f} to {run.quantity(name).max():.1f} {unit}" for name, label, _c in names
    )
    return {"title": title, "unit": unit, "least": least, "traces": traces, "words": f"{title} over time: {seen}"}


_VOLTS = tuple(
    (f"{side}_l{leg}_v", f"{side} L{leg}", colour)
    for side, colour in (("utility", "utility"), ("bus", "bus"), ("inlet", "inlet"))
    for leg in (1, 2)
)
_AMPS = tuple(
    (f"{side}_l{leg}_a", f"{words} L{leg}", colour)
    for side, words, colour in (("utility", "through U", "utility"), ("backup", "through B", "inlet"))
    for leg in (1, 2)
)
_MORE = (
    ("left_fraction", "Fuel or charge left", "", 0.1),
    ("blade_c", "Inlet blade", "C", 5.0),
    ("spd_c", "Surge protector", "C", 5.0),
    ("spd_used_fraction", "Life of the protector used", "", 0.05),
    ("hold_up_left_s", "Stored energy", "s", 5.0),
    ("solar_out_w", "Solar", "W", 100.0),
    ("motor_a_hz", "Speed of motor A", "Hz", 5.0),
    ("residual_a", "Residual current", "A", 0.05),
)
"""Shown when they move: name, title, unit, least span."""


def panels_of(run: Run) -> list[Panel]:
    """Everything that is drawn of a run, in its order."""
    if len(run.rows) == 0:
        return [
            {
                "title": "Mode and contacts",
                "unit": "",
                "lanes": [lane("mode", [(0.0, 1.0, "nothing", "")], names=True)],
                "words": "nothing was played",
            }
        ]
    found = [
        _state_panel(run),
        _plot(run, "Voltage, RMS", "V", 20.0, _VOLTS),
        _plot(run, "Current, RMS", "A", 5.0, _AMPS),
    ]
    hertz = (("utility_true_hz", "utility", "utility"), ("source_hz", "source", "inlet"))
    found.append(_plot(run, "Frequency", "Hz", 2.0, hertz))
    for name, title, unit, least in _MORE:
        values = run.quantity(name)
        if float(values.max() - values.min()) > 0.2 * least:
            found.append(_plot(run, title, unit, least, ((name, quantities()[name].meaning, "other"),)))
    facts = _fact_lanes(run)
    if facts:
        words = f"facts that stood: {', '.join(str(lane['label']) for lane in facts)}"
        found.append({"title": "Facts of the controller", "unit": "", "lanes": facts, "words": words})
    return found


def lane(label: str, spans: Sequence[tuple[float, float, str, str]], *, names: bool = False) -> dict[str, object]:
    """One row of a panel of lanes: stretches with words and a colour; `names` writes the words into them."""
    listed = [[rounded(a), rounded(b), words, colour] for a, b, words, colour in spans]
    return {"label": label, "spans": listed, "names": names}


def _spans(values: NDArray[np.int64]) -> list[tuple[float, float, int]]:
    """Stretches of equal value: from, to, value."""
    edges = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    return [(a / TICKS_PER_S, b / TICKS_PER_S, int(values[a])) for a, b in itertools.pairwise(edges)]


HOLLOW = "hollow"
"""A stretch that is drawn as a frame: an order to open, beside the full bar of an order to close."""

STATE_KEYS = (
    {"shape": "full", "words": "closed, or ordered to close"},
    {"shape": HOLLOW, "words": "ordered to open"},
    {"shape": "none", "words": "open, or no order"},
)
"""What the shapes of contacts and orders mean."""


def state_panel(lanes: list[dict[str, object]], modes: list[str]) -> Panel:
    """Lanes of mode, contacts and orders as a panel, with the modes in words for who does not see it."""
    return {
        "title": "Mode, contacts and orders",
        "unit": "",
        "lanes": lanes,
        "keys": STATE_KEYS,
        "words": f"modes: {' then '.join(modes[:12])}",
    }


def _state_panel(run: Run) -> Panel:
    rows = run.rows
    modes = [
        (a, b, Mode(value).name, f"m-{Mode(value).name.lower()}")
        for a, b, value in _spans(rows["mode"].astype(np.int64))
    ]
    if not run.tells("mode"):
        modes = [(0.0, len(rows) / TICKS_PER_S, "not told", "m-off")]
    lanes = [lane("mode", modes, names=True)]
    for contactor, words, colour in (("u", "U closed", "utility"), ("b", "B closed", "inlet")):
        poles = rows[f"{contactor}_poles"].astype(np.int64)
        said = {0: "open", 1: "only leg 1 closed", 2: "only leg 2 closed", 3: "closed"}
        spans = [(a, b, said[v], "" if v == 0 else colour if v == 3 else "fail") for a, b, v in _spans(poles)]  # noqa: PLR2004
        lanes.append(lane(words, spans))
        orders = rows[f"{contactor}_out"].astype(np.int64)
        shades = {ORDER_OPEN: ("open", HOLLOW), ORDER_CLOSE: ("close", colour)}
        lanes.append(
            lane(f"order to {contactor.upper()}", [(a, b, *shades.get(v, ("none", ""))) for a, b, v in _spans(orders)])
        )
    feeder = rows["feeder_on"].astype(np.int64)
    lanes.append(lane("feeder alive", [(a, b, "alive", "utility" if v else "") for a, b, v in _spans(feeder)]))
    return state_panel(lanes, [name for _a, _b, name, _c in modes])


_ALWAYS = ("FACT_BUS_LIVE", "FACT_BUS_DEAD", "FACT_UTILITY_IN_BAND")


def fact_words() -> list[tuple[str, int]]:
    """Words and bit of each fact that is drawn."""
    return [
        (name.removeprefix("FACT_").lower().replace("_", " "), bit)
        for name, bit in vars(trace).items()
        if name.startswith("FACT_") and name not in _ALWAYS
    ]


def _fact_lanes(run: Run) -> list[dict[str, object]]:
    facts = run.rows["facts"].astype(np.int64)
    lanes: list[dict[str, object]] = []
    for words, bit in fact_words():
        stood = ((facts & bit) != 0).astype(np.int64)
        if stood.any():
            lanes.append(lane(words, [(a, b, "stands", "other" if v else "") for a, b, v in _spans(stood)]))
    return lanes


_WAVE_GROUPS = (
    (
        "Voltage",
        "V",
        50.0,
        (
            (0, "utility L1", "utility"),
            (1, "utility L2", "utility"),
            (2, "bus L1", "bus"),
            (3, "bus L2", "bus"),
            (4, "inlet L1", "inlet"),
            (5, "inlet L2", "inlet"),
        ),
    ),
    ("Current", "A", 5.0, ((6, "L1", "bus"), (7, "L2", "bus"))),
)


def waves_of(run: Run) -> list[dict[str, object]]:
    """Waveform windows, each channel as 16-bit numbers and a scale."""
    found: list[dict[str, object]] = []
    alive = [window for window in run.windows if np.abs(window.samples[:, :6]).max(initial=0.0) > DEAD_V]
    # The last is always among them: of a run that ended early it is the one that says most.
    for window in [*alive[: WINDOWS_MAX - 1], *alive[WINDOWS_MAX - 1 :][-1:]]:
        groups: list[dict[str, object]] = []
        for title, unit, least, channels in _WAVE_GROUPS:
            traces: list[dict[str, object]] = []
            for column, label, colour in channels:
                values = window.samples[:, column].astype(np.float64)
                most = max(float(np.abs(values).max()), 1e-6)
                packed = np.round(values / most * 32767).astype("<i2").tobytes()
                traces.append(
                    {
                        "label": label,
                        "colour": colour,
                        "dashed": label.endswith("L2"),
                        "scale": most / 32767,
                        "data": base64.b64encode(packed).decode(),
                    }
                )
            groups.append({"title": title, "unit": unit, "least": least, "traces": traces})
        found.append(
            {
                "label": window.label,
                "start_s": rounded(window.start_s),
                "at_s": None if window.at_s is None else rounded(window.at_s),
                "rate_hz": window.rate_hz,
                "groups": groups,
            }
        )
    return found
