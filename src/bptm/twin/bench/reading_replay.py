"""The `[replay]` of a scenario: which record stands in the place of the utility's voltage, and whether it can."""

import numpy as np
from numpy.typing import NDArray

from bptm.twin.bench.comtrade_adapter import RecordError
from bptm.twin.bench.faults import shown
from bptm.twin.bench.reading_changes import HOLD_MAX_S
from bptm.twin.bench.reading_values import Faults, Layer, known_key, number_of, table_of, text_of
from bptm.twin.bench.scenario import Replay

_REPLAY = ("file", "l1", "l2", "at_s", "scale", "to_rms_v")
_COLUMNS = {"l1": ("l1_v", "v"), "l2": ("l2_v", "v")}
"""Columns of a table of RMS values that stand for each leg."""

RMS_MOST_V = 1000.0
"""More on a leg is a record of another place: 8 times nominal, where a service has burnt. Own choice."""

SCALE_MAX = 1e6


def read_replay(faults: Faults, layer: Layer, value: object) -> Replay | None:
    """The `[replay]` of a layer, as far as it can be read."""
    table = table_of(faults, layer, ("replay",), value)
    if table is None:
        return None
    for key in table:
        known_key(faults, layer, ("replay", key), _REPLAY)
    name = text_of(faults, layer, ("replay", "file"), table.get("file", "")) or ""
    file = layer.file.parent / name
    is_table = file.suffix.lower() == ".csv"
    channels: dict[str, str] = {}
    for key in ("l1", "l2"):
        channels[key] = ""
        if key in table or (key == "l1" and not is_table):
            channels[key] = text_of(faults, layer, ("replay", key), table.get(key, "")) or ""
        if is_table and channels[key] and channels[key] not in _COLUMNS[key]:
            needs = f"no {key}: the legs of a CSV are its columns l1_v and l2_v, or v for both"
            remedy = f"Leave {key} out, and name the column {_COLUMNS[key][0]}."
            faults.add(layer, ("replay", key), shown(channels[key]), needs, remedy)
    at_s = number_of(faults, layer, ("replay", "at_s"), table.get("at_s", 0.0), (0.0, HOLD_MAX_S, "s"))
    scale = number_of(faults, layer, ("replay", "scale"), table.get("scale", 1.0), (-SCALE_MAX, SCALE_MAX, ""))
    if scale == 0.0:
        needs = "a number other than 0"
        faults.add(layer, ("replay", "scale"), "0", needs, "To play an outage, set utility.feeder_on = 0.")
    to_rms_v = number_of(faults, layer, ("replay", "to_rms_v"), table.get("to_rms_v", 0.0), (0.0, 400.0, "V"))
    if name and not file.is_file():
        faults.add(layer, ("replay", "file"), shown(name), "a file beside the scenario", "Put the record there.")
    if at_s is None:
        return None
    l1, l2 = channels["l1"], channels["l2"]
    return Replay(file=file, l1=l1, l2=l2, at_s=at_s, scale=scale or 1.0, to_rms_v=to_rms_v or 0.0)


def judge_replay(faults: Faults, layer: Layer, replay: Replay, duration_s: float | None) -> tuple[float, float] | None:
    """From when to when of the run the record stands in for the utility; None, and a fault, when it cannot be used.

    Args:
        faults: Gathers what is wrong.
        layer: Where `[replay]` stands.
        replay: As it was read.
        duration_s: Length of the run; None where that is not known.
    """
    # The physics is imported by who plays, and by who has a record to judge.
    from bptm.twin.bench.placing import RATE_HZ  # noqa: PLC0415
    from bptm.twin.bench.records import replay_of  # noqa: PLC0415

    if duration_s is not None and replay.at_s >= duration_s:
        needs = f"less than duration_s, {duration_s:g} s"
        remedy = "Make the run longer, or the record earlier."
        faults.add(layer, ("replay", "at_s"), f"{replay.at_s:g} s", needs, remedy)
    if any(fault.key.startswith("replay.") and fault.key != "replay.at_s" for fault in faults.found):
        return None
    try:
        volts = replay_of(replay, RATE_HZ).volts
    except RecordError as error:
        needs = "a record that can be played"
        faults.add(layer, ("replay", "file"), str(error).rstrip("."), needs, "Mend the record, or name another one.")
        return None
    rms_v = rms_by_cycle(volts, round(RATE_HZ / 60.0))
    cycle, leg = (int(each) for each in np.unravel_index(int(np.argmax(rms_v)), rms_v.shape))
    most_v = float(rms_v[cycle, leg])
    if most_v > RMS_MOST_V:
        usual_v = float(np.median(rms_v[:, leg])) or most_v
        found = f"{most_v:.4g} V RMS on leg {leg + 1}, {cycle / 60.0:.3g} s into the record"
        scale = f"scale = {replay.scale * 120.0 / usual_v:.3g}"
        remedy = f"Set {scale}, which makes its usual voltage 120 V; or to_rms_v = 120, by its first cycle."
        if replay.to_rms_v:
            remedy = "to_rms_v goes by the first cycle, which is not usual here: leave it out and set scale."
        faults.add(layer, ("replay", "file"), found, f"at most {RMS_MOST_V:g} V RMS on each leg", remedy)
    return replay.at_s, replay.at_s + len(volts) / RATE_HZ


def rms_by_cycle(volts: NDArray[np.float64], cycle: int) -> NDArray[np.float64]:
    """RMS of each leg over each whole cycle; over all of it where there is none.

    Args:
        volts: Shape (samples, 2).
        cycle: Samples of a cycle.
    """
    count = len(volts) // cycle
    if count == 0:
        return np.sqrt(np.mean(volts * volts, axis=0, keepdims=True))
    whole = volts[: count * cycle].reshape(count, cycle, volts.shape[1])
    return np.sqrt(np.mean(whole * whole, axis=1))


def is_within(at_s: float, span_s: tuple[float, float] | None) -> bool:
    """Whether a record stands in for the utility at an instant."""
    return span_s is not None and span_s[0] <= at_s < span_s[1]
