"""A counter-example told as a timeline: one line for each tick at which something changed."""

from typing import Any

from bptm.assurance.search import PLAIN, Trace, bad_words, fault_words, small_settings
from bptm.assurance.search_state import PLANT_BITS
from bptm.compiled.records import fill_plain, plain_record
from bptm.terms import core_codes as c
from bptm.terms import core_device
from bptm.terms.core_settings import FIELDS

_MODE = {getattr(c, name): name.removeprefix("MODE_") for name in dir(c) if name.startswith("MODE_")}
_ORDER = {c.ORDER_NONE: "none", c.ORDER_OPEN: "open", c.ORDER_CLOSE: "CLOSE"}
_POLES = {0: "open", 1: "leg 1 closed", 2: "leg 2 closed", 3: "closed"}
_READS = {c.CONTACT_OPEN: "open", c.CONTACT_CLOSED: "closed", c.CONTACT_UNKNOWN: "unknown"}
_WORLD = (1 << 14) - 1
"""The inputs without the two fields that say which poles moved."""
_LOADS = {1: "overload", 2: "reverse power"}
_FLOATING = {1: "residual voltage on a bus that nothing feeds", 2: "a source on the load side"}


def replay(trace: Trace) -> list[tuple[Any, Any, Any]]:
    """Runs the shipped source, plain, over the inputs of a trace.

    Returns:
        For each tick the device, its interlock and what it measured.

    Raises:
        ValueError: The trace does not lead where it says; it was made from another source.
    """
    p = fill_plain(plain_record(FIELDS), small_settings()[0])
    room = 1 << 10
    out, ways, bads = [0] * room, [0] * room, [0] * room
    told: list[tuple[Any, Any, Any]] = []
    for key, after, inputs in zip(trace.keys[:-1], trace.keys[1:], trace.inputs, strict=True):
        s, k = plain_record(core_device.DEVICE_FIELDS), plain_record(core_device.INTERLOCK_FIELDS)
        m, r = plain_record(core_device.MEASURED_FIELDS), plain_record(core_device.INTERLOCK_INPUT_FIELDS)
        bad = PLAIN.one_scan(key, inputs, trace.faults, s, k, m, r, p)
        if (inputs >> 12) & 1:
            PLAIN.command(s, p, c.ACTION_HOLD_RETURN, PLAIN.HOLD_TICKS)
        meter = PLAIN.pack_meter(s, k)
        n = PLAIN.move_poles(key, inputs & _WORLD, bad, trace.faults, trace.hardware, meter, s, k, out, ways, bads, 0)
        if not any(out[i] == after and ways[i] == inputs for i in range(n)):
            msg = "the trace does not lead where it says; it was made from another source"
            raise ValueError(msg)
        told.append((s, k, m))
    return told


def timeline(trace: Trace) -> str:
    """The trace in words, with what the world did, what the meter read, decided and ordered, and the true poles."""
    lines = [f"{', '.join(bad_words(trace.bad))}, with {fault_words(trace.faults)}:"]
    said = ""
    for tick, (s, k, m) in enumerate(replay(trace)):
        inputs, plant = trace.inputs[tick], trace.keys[tick + 1] & ((1 << PLANT_BITS) - 1)
        world = [f"grid {'alive' if inputs & 1 else 'dead'}", f"source {'on' if inputs & 2 else 'off'}"]
        world += [_FLOATING[f] for f in ((inputs >> 2) & 3,) if f in _FLOATING and not (plant >> 14) | (plant >> 8) & 3]
        world += [_LOADS[f] for f in ((inputs >> 6) & 3,) if f in _LOADS]
        happened = (
            (0x20, "the dead grid pulls the source down"),
            (0x100, "a person resets"),
            (0x200, "no energy stored"),
            (0x400, "the hold ends"),
            (0x800, "the meter restarts"),
            (0x1000, "a remote hold arrives"),
        )
        world += [words for mask, words in happened if inputs & mask]
        now = (
            f"{', '.join(world):<44} | U reads {_READS[s.u_contact]}, B reads {_READS[s.b_contact]}, bus "
            f"{m.bus_l1_v:.0f}/{m.bus_l2_v:.0f} V | {_MODE[s.mode]} | U {_ORDER[k.u_out]}, B {_ORDER[k.b_out]} | "
            f"U {_POLES[plant >> 14]}, B {_POLES[(plant >> 8) & 3]}"
        )
        if now != said:
            lines.append(f"  {tick:>3}  {now}")
        said = now
    return "\n".join(lines)
