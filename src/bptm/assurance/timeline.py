"""A counter-example told as a timeline: one line for each tick at which something changed."""

from typing import Any

from bptm.assurance.search import PLAIN, Trace, bad_words, fault_words, small_settings
from bptm.assurance.search_inputs import DARK, HANGS, RESTARTS
from bptm.compiled.records import fill_plain, plain_record
from bptm.terms import core_codes as c
from bptm.terms import core_device
from bptm.terms.core_settings import FIELDS

_MODE = {getattr(c, name): name.removeprefix("MODE_") for name in dir(c) if name.startswith("MODE_")}
_ORDER = {c.ORDER_NONE: "none", c.ORDER_OPEN: "open", c.ORDER_CLOSE: "CLOSE"}
_POLES = {0: "open", 1: "leg 1 closed", 2: "leg 2 closed", 3: "closed"}
_READS = {c.CONTACT_OPEN: "open", c.CONTACT_CLOSED: "closed", c.CONTACT_UNKNOWN: "unknown"}
_WORLD = (1 << 19) - 1
"""The inputs without the two fields that say which poles moved."""
_HAPPENS = {RESTARTS: "the meter restarts", HANGS: "the controller hangs", DARK: "the meter has no supply"}
_PERSONS = {1: "a person resets", 2: "a person asks for a test", 3: "a person pulls the lever"}
_MESSAGES = {1: "a remote hold arrives", 2: "a remote disconnection arrives", 3: "a message to reconnect arrives"}
_ENDS = {1: "the hold ends", 2: "the test on load ends"}
_LOADS = {1: "overload", 2: "reverse power", 3: "a short circuit"}
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
        if (inputs >> 15) & 3:
            PLAIN.hear(s, p, (inputs >> 15) & 3)
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
        inputs, plant = trace.inputs[tick], PLAIN.plant_of(trace.keys[tick + 1])
        u_poles, b_poles = PLAIN.u_poles_of(plant), PLAIN.b_poles_of(plant)
        world = [f"grid {'alive' if inputs & 1 else 'dead'}", f"source {'on' if inputs & 2 else 'off'}"]
        world += [_FLOATING[f] for f in ((inputs >> 2) & 3,) if f in _FLOATING and not u_poles | b_poles]
        world += [_LOADS[f] for f in ((inputs >> 6) & 3,) if f in _LOADS]
        happened = (
            (0x20, "the dead grid pulls the source down"),
            (1 << 10, "no energy stored"),
            (1 << 17, "the utility does harm"),
            (1 << 18, "the source does harm"),
        )
        world += [words for mask, words in happened if inputs & mask]
        told = ((_PERSONS, 8), (_ENDS, 11), (_HAPPENS, 13), (_MESSAGES, 15))
        world += [words[(inputs >> place) & 3] for words, place in told if (inputs >> place) & 3 in words]
        now = (
            f"{', '.join(world):<44} | U reads {_READS[s.u_contact]}, B reads {_READS[s.b_contact]}, bus "
            f"{m.bus_l1_v:.0f}/{m.bus_l2_v:.0f} V | {_MODE[s.mode]} | U {_ORDER[k.u_out]}, B {_ORDER[k.b_out]} | "
            f"U {_POLES[u_poles]}, B {_POLES[b_poles]}"
        )
        if now != said:
            lines.append(f"  {tick:>3}  {now}")
        said = now
    return "\n".join(lines)
