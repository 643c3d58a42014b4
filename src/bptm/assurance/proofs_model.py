"""What the proofs stand on: symbolic records, the ranges of inputs and settings, ghosts, and the invariant.

One scan from *any* state that satisfies `invariant`, with any inputs, any settings within their ranges and any
stride, must end in a state that satisfies it again, and so must every start from any journal. Then it holds for all
time (induction), and each law is proved of one scan from such a state. A ghost is a count that exists only here:
what the bus and the contacts really did since they last did otherwise, by the numbers that the meter read.

The invariant is short on purpose. Someone who knows the meter has to read it: `INVARIANT` is printed with the proof.
"""

from functools import cache

from bptm.assurance.z3_memory import Memory, Record
from bptm.assurance.z3_translate import Machine, Source
from bptm.assurance.z3_translate_terms import Term, all_of, any_of, implies, one_of, pick, real, whole
from bptm.terms import core_codes as c
from bptm.terms.core_device import DEVICE_FIELDS, INTERLOCK_FIELDS, INTERLOCK_INPUT_FIELDS, MEASURED_FIELDS
from bptm.terms.core_settings import SETTINGS

BLOCK_CAUSES = (
    c.CAUSE_U_FAILED_TO_OPEN,
    c.CAUSE_B_FAILED_TO_CLOSE,
    c.CAUSE_OVERLOAD_REPEATED,
    c.CAUSE_REVERSE_POWER,
    c.CAUSE_LOAD_SIDE_SOURCE,
    c.CAUSE_U_DISAGREES,
    c.CAUSE_CONTACT_DOUBTED,
    c.CAUSE_SOURCE_FAILS_UNDER_LOAD,
    c.CAUSE_FOLLOWED_REPEATEDLY,
    c.CAUSE_SHORT_CIRCUIT,
    c.CAUSE_BACKUP_LEGS_WRONG,
    c.CAUSE_BACKUP_NEUTRAL,
    c.CAUSE_INLET_HOT,
    c.CAUSE_INLET_UNMATED,
    c.CAUSE_TEST_FAILED,
    c.CAUSE_BACKUP_OVERVOLTAGE,
    c.CAUSE_JOURNAL_LOST,
)
LOCK_CAUSES = (
    c.CAUSE_BACKFEED,
    c.CAUSE_B_FAILED_TO_OPEN,
    c.CAUSE_B_WELDED,
    c.CAUSE_U_FAILED_TO_CLOSE,
    c.CAUSE_CONTACT_UNKNOWN,
    c.CAUSE_PREMISE_NEUTRAL,
    c.CAUSE_HARM_REPEATED,
    c.CAUSE_JOURNAL_LOST_OPEN,
)
LATCHED = (c.MODE_BACKUP_BLOCKED, c.MODE_LOCKED_OUT)
HARM_CAUSES = (
    c.CAUSE_NONE,
    c.CAUSE_SHORT_CIRCUIT,
    c.CAUSE_BACKUP_LEGS_WRONG,
    c.CAUSE_BACKUP_NEUTRAL,
    c.CAUSE_BACKUP_OVERVOLTAGE,
    c.CAUSE_INLET_HOT,
    c.CAUSE_INLET_UNMATED,
    c.CAUSE_PREMISE_NEUTRAL,
)
"""What `backup_harm` may say: the only fact that names a cause itself."""
_NAMES = tuple(name for name, *_ in DEVICE_FIELDS)
JOURNALLED = _NAMES[: _NAMES.index("u_order")]
"""What a loss of power leaves; everything else of the device is arbitrary when it starts again."""

_FLAGS = (
    "utility_in_phase", "inlet_in_phase", "stored_energy_ok", "supplied", "local_reset", "local_test",
    "local_disconnect", "utility_doubtful", "bus_doubtful", "inlet_doubtful", "current_doubtful", "inlet_unmated",
    "spd_failed",
)  # fmt: skip
_STANDING = ("utility_lost", "backup_qualified", "neutral_doubted", "disconnect_asked", "beat")
"""Flags of the device that outlive a scan."""
_COUNTS = (
    *(name for name, *_ in DEVICE_FIELDS if name.startswith("t_") and name != "t_slot"),
    "tries",
    "overloads",
    "harms",
    "flaps",
    "hold_left_ticks",
    "test_left_ticks",
    "dead_time_ticks",
)
_MOVING = (c.MODE_TO_BACKUP, c.MODE_TO_UTILITY, c.MODE_TEST)


def symbols(fields: tuple[tuple[str, str, str, str], ...], prefix: str) -> Record:
    """One unknown for each field of a record."""
    return {name: real(f"{prefix}.{name}") if kind == "f8" else whole(f"{prefix}.{name}") for name, kind, *_ in fields}


def settings() -> Record:
    """Settings as unknowns."""
    return {row[0]: real(f"p.{row[0]}") if row[1] == "f8" else whole(f"p.{row[0]}") for row in SETTINGS}


def settings_in_range(p: Record) -> Term:
    """Every setting within its own range; contradictions between settings are not excluded."""
    return all_of(*(all_of(p[row[0]] >= row[5], p[row[0]] <= row[6]) for row in SETTINGS))


def settings_by_default(p: Record) -> Term:
    """Every setting at its default."""
    return all_of(*(p[row[0]] == row[4] for row in SETTINGS))


def inputs_in_range(m: Record, r: Record, ticks: Term) -> Term:
    """What a sensor can say at all: pole bits 0..3, flags 0 or 1, no negative voltage; otherwise anything."""
    poles = [
        all_of(record[f"{contactor}_{kind}_poles"] >= 0, record[f"{contactor}_{kind}_poles"] <= 3)
        for record in (m, r)
        for contactor in "ub"
        for kind in ("open", "closed")
    ]
    flags = [one_of(m[name], (0, 1)) for name in _FLAGS]
    flags += [one_of(r[name], (0, 1)) for name in ("bus_l1_present", "bus_l2_present")]
    volts = [m[name] >= 0 for name in m if name.endswith("_v")]
    return all_of(ticks >= 1, *poles, *flags, *volts)


def same_feedback(m: Record, r: Record) -> Term:
    """The wires of position feedback reach the controller and the interlock alike, within one scan."""
    return all_of(*(m[f"{x}_{kind}_poles"] == r[f"{x}_{kind}_poles"] for x in "ub" for kind in ("open", "closed")))


GHOSTS = ("bus_dead", "u_open", "b_open", "absent")
"""Ticks in one piece, up to now: bus dead by number; U, B read open on both poles; no voltage by own comparators."""


def next_ghosts(g: Record, after: Record, r: Record, ticks: Term) -> Record:
    """Ghosts after a scan of `ticks`."""
    holds = {
        "bus_dead": after["bus_dead"] == 1,
        "u_open": after["u_contact"] == c.CONTACT_OPEN,
        "b_open": after["b_contact"] == c.CONTACT_OPEN,
        "absent": all_of(r["bus_l1_present"] == 0, r["bus_l2_present"] == 0),
    }
    return {name: pick(holds[name], g[name] + ticks, 0) for name in GHOSTS}


INVARIANT = (
    "B is ordered closed only in TO_BACKUP while closing, and in ON_BACKUP",
    "U is ordered closed only in TO_UTILITY while closing, and in BACKUP_BLOCKED",
    "both are never ordered closed",
    "mode, step and orders are among their codes",
    "LOCKED_OUT stands with a cause of its closed list, BACKUP_BLOCKED with one of its own, other modes with none",
    "LOCKED_OUT orders B open, and never U closed",
    "the dead time of a transfer, a test and of BACKUP_BLOCKED is one of the two settings",
    "what is counted as dead time was dead, and what fed the bus read open, for at least that long",
    "the interlock permits a close only of what it was ordered to close, and counts no longer than it saw no voltage",
    "facts that stand until reset are 0 or 1, a harm is one of its causes, and no count but that of the slot is negative",
    "the interlock has seen the controller's last beat",
)


def invariant(s: Record, k: Record, p: Record, g: Record) -> tuple[Term, ...]:
    """The clauses of `INVARIANT`, one each."""
    b_closing = s["b_order"] == c.ORDER_CLOSE
    u_closing = s["u_order"] == c.ORDER_CLOSE
    mode, step = s["mode"], s["step"]
    counting = any_of(one_of(mode, _MOVING), mode == c.MODE_BACKUP_BLOCKED)
    return (
        implies(
            b_closing,
            any_of(mode == c.MODE_ON_BACKUP, all_of(mode == c.MODE_TO_BACKUP, step == c.STEP_CLOSING)),
        ),
        implies(
            u_closing,
            any_of(mode == c.MODE_BACKUP_BLOCKED, all_of(mode == c.MODE_TO_UTILITY, step == c.STEP_CLOSING)),
        ),
        any_of(s["b_order"] != c.ORDER_CLOSE, s["u_order"] != c.ORDER_CLOSE),
        all_of(
            mode >= c.MODE_ON_UTILITY,
            mode <= c.MODE_DISCONNECTED,
            step >= c.STEP_OPENING,
            step <= c.STEP_CLOSING,
            one_of(s["b_order"], (c.ORDER_OPEN, c.ORDER_CLOSE)),
            one_of(s["u_order"], (c.ORDER_NONE, c.ORDER_OPEN, c.ORDER_CLOSE)),
        ),
        pick(
            mode == c.MODE_LOCKED_OUT,
            one_of(s["latched"], LOCK_CAUSES),
            pick(mode == c.MODE_BACKUP_BLOCKED, one_of(s["latched"], BLOCK_CAUSES), s["latched"] == c.CAUSE_NONE),
        ),
        implies(mode == c.MODE_LOCKED_OUT, all_of(s["u_order"] != c.ORDER_CLOSE, s["b_order"] == c.ORDER_OPEN)),
        implies(
            counting, any_of(*(s["dead_time_ticks"] == p[n] for n in ("dead_time_ticks", "dead_time_motor_ticks")))
        ),
        all_of(
            s["t_dead"] >= 0,
            s["t_dead"] <= g["bus_dead"],
            implies(one_of(mode, (c.MODE_TO_BACKUP, c.MODE_TEST)), s["t_dead"] <= g["u_open"]),
            implies(any_of(mode == c.MODE_TO_UTILITY, mode == c.MODE_BACKUP_BLOCKED), s["t_dead"] <= g["b_open"]),
            *(g[name] >= 0 for name in GHOSTS),
        ),
        all_of(
            k["t_bus_dead"] >= 0,
            k["t_bus_dead"] <= g["absent"],
            implies(k["u_permit"] == 1, s["u_order"] == c.ORDER_CLOSE),
            implies(k["b_permit"] == 1, s["b_order"] == c.ORDER_CLOSE),
        ),
        all_of(
            *(one_of(s[name], (0, 1)) for name in _STANDING),
            one_of(s["backup_harm"], HARM_CAUSES),
            *(s[name] >= 0 for name in s if name in _COUNTS),
        ),
        all_of(k["beat_seen"] == s["beat"], k["t_silent"] >= 0),
    )


class Step:
    """One scan, start or command of the shipped source from any state: what was before, what it read, what is after."""

    def __init__(
        self, source: Source, entry: str, *, memory: Memory | None = None, changed: str = "", mode: int | None = None
    ) -> None:
        """Runs `scan`, `start` or `command` once, symbolically; memory and what changed as in `Machine`.

        Args:
            source: What to run.
            entry: Its name.
            memory: What was run before.
            changed: The function that differs.
            mode: The mode before, when only one is asked about: the terms are smaller then.
        """
        self.mode = mode
        self.before = symbols(DEVICE_FIELDS, "s")
        if mode is not None:
            self.before["mode"] = mode
        self.interlock_before = symbols(INTERLOCK_FIELDS, "k")
        self.m = symbols(MEASURED_FIELDS, "m")
        self.r = symbols(INTERLOCK_INPUT_FIELDS, "r")
        self.p = settings()
        self.ticks: Term = whole("ticks")
        self.ghosts: Record = {name: whole(f"g.{name}") for name in GHOSTS}
        self.action: Term = whole("action")
        self.hold_ticks: Term = whole("hold_ticks")
        records = {
            "s": dict(self.before),
            "k": dict(self.interlock_before),
            "m": dict(self.m),
            "r": dict(self.r),
            "p": dict(self.p),
        }
        arguments: dict[str, tuple[str | Term, ...]] = {
            "scan": ("s", "k", "m", "r", "p", self.ticks),
            "start": ("s", "k", "m", "p"),
            "command": ("s", "p", self.action, self.hold_ticks),
        }
        counted = ("enter", "lock_out", "block_backup")
        machine = Machine(source=source, counted=counted, memory=memory, changed=changed)
        self.value = machine.run(entry, records, arguments[entry])
        self.after = records["s"]
        self.interlock = records["k"]
        self.calls = records["calls"]
        self.ghosts_after = next_ghosts(self.ghosts, self.after, self.r, self.ticks)

    def premises(self) -> tuple[Term, ...]:
        """Settings and inputs within their ranges."""
        return _premises()

    def holds_before(self) -> tuple[Term, ...]:
        """The invariant of the state before, and its mode when only one is asked about."""
        return _holds_before() if self.mode is None else (*_holds_before(), whole("s.mode") == self.mode)


# Unknowns of one name are one unknown, so these are the same for every step, of whatever source.


@cache
def _premises() -> tuple[Term, ...]:
    m, r = symbols(MEASURED_FIELDS, "m"), symbols(INTERLOCK_INPUT_FIELDS, "r")
    return (settings_in_range(settings()), inputs_in_range(m, r, whole("ticks")))


@cache
def _holds_before() -> tuple[Term, ...]:
    ghosts = {name: whole(f"g.{name}") for name in GHOSTS}
    return invariant(symbols(DEVICE_FIELDS, "s"), symbols(INTERLOCK_FIELDS, "k"), settings(), ghosts)
