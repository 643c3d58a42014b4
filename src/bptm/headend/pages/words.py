"""A meter in the words and pictures of the console. Pure: values in, JSON-ready values out.

Everything shown of a meter goes through here, so that the rule "switches from feedback, colours from measured
voltages, never old data as live" stands in one place and is tested without a browser.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from bptm.headend.desk import MeterEvent, MeterView, TrendPoint
from bptm.operations.evidence import DEAD_BELOW_V
from bptm.operations.fleet import SILENT_AFTER_S
from bptm.terms import core_codes as c
from bptm.terms.codes import CAUSE_WORDS, Action, BackupKind, Cause, Contact, Event, FedBy, Mode, Status
from bptm.terms.core_report import MWTICKS_PER_WH
from bptm.terms.core_settings import SETTINGS

_DEFAULTS = {row[0]: float(row[4]) for row in SETTINGS}

LEG_LOW_V = _DEFAULTS["lost_slight_v"]
"""Below this a live leg is drawn as out of limits: where the meter's own 27 picks up."""

LEG_HIGH_V = _DEFAULTS["over_low_v"]
"""Above this a leg is drawn as out of limits: where the meter's own 59 picks up."""

STATUS_KEYS: dict[Status, str] = {
    Status.UTILITY: "utility",
    Status.DARK: "dark",
    Status.ON_BACKUP: "on_backup",
    Status.TRANSFERRING: "transferring",
    Status.LOCKED_OUT: "locked_out",
    Status.SILENT: "silent",
}
"""Names of the statuses in style sheet and scripts."""

MODE_WORDS: dict[Mode, str] = {
    Mode.OFF: "The meter has not started.",
    Mode.ON_UTILITY: "Fed by the utility.",
    Mode.DARK: "No source feeds the home.",
    Mode.TO_BACKUP: "Transferring to the backup source.",
    Mode.ON_BACKUP: "Fed by the backup source.",
    Mode.TO_UTILITY: "Returning to the utility.",
    Mode.BACKUP_BLOCKED: "Backup side blocked; the utility side is free to return.",
    Mode.TEST: "Testing its utility contactor, with the customer's consent.",
    Mode.DISCONNECTED: "Disconnected on request: both contactors open.",
    Mode.LOCKED_OUT: "Locked out: both contactors stay open until a person resets the meter.",
}

EVENT_WORDS: dict[Event, str] = {
    Event.STARTED: "Meter started",
    Event.MODE_CHANGED: "Mode changed",
    Event.FED_BY_CHANGED: "Supply changed",
    Event.LAST_GASP: "Last gasp, no power",
    Event.HELD: "Return held",
    Event.HOLD_RELEASED: "Hold released",
    Event.BACKUP_QUALIFIED: "Backup source steady and within its limits",
    Event.BACKUP_GONE: "Backup source gone",
    Event.ENGINE_STILL_RUNNING: "Backup source still running on utility",
    Event.RESET_LOCALLY: "Reset by a person at the meter",
    Event.OVERLOAD: "Overload on backup",
    Event.REVERSE_POWER: "Power into the backup source",
    Event.CONTACT_DISAGREES: "Contact feedback disagrees with the voltages",
    Event.SENSE_DOUBTED: "A voltage reading is doubted",
    Event.REFERENCE_LOST: "A voltage reference is lost",
    Event.U_OPENED_DARK: "Utility contactor opened in the dark",
    Event.TEST_PASSED: "Test of the utility contactor passed",
    Event.FLAP_HOLD: "Utility comes and goes: return waits",
    Event.ENGINE_MAY_STOP: "Engine has cooled and may be stopped",
    Event.SURGE: "Surge",
    Event.SPD_FAILED: "Surge protector has disconnected itself",
    Event.LOAD_HIGH: "Load near the limit of the source",
    Event.SOURCE_HUNTS: "Backup source hunts",
    Event.TURNED_DOWN: "Backup source turned down",
    Event.ISLANDED: "The home feeds a dead grid: utility contactor opens",
}

BACKUP_WORDS: dict[BackupKind, str] = {
    BackupKind.NONE: "none",
    BackupKind.PORTABLE: "portable generator",
    BackupKind.INVERTER: "inverter generator",
    BackupKind.STANDBY: "standby generator",
    BackupKind.BATTERY: "battery",
    BackupKind.EV: "electric vehicle",
}

FED_BY_KEYS: dict[FedBy, str] = {
    FedBy.NONE: "nowhere",
    FedBy.UTILITY: "utility",
    FedBy.BACKUP: "backup",
    FedBy.LOAD_SIDE: "nowhere",
}
"""Colour of a live bus. One that neither source feeds is drawn as out of limits: nobody knows what feeds it."""

ACTION_WORDS: dict[Action, str] = {
    Action.HOLD_RETURN: "Hold return",
    Action.ALLOW_RETURN: "Allow return",
    Action.DISCONNECT: "Disconnect service",
    Action.RECONNECT: "Reconnect service",
}
ACTION_OF_KEY: dict[str, Action] = {action.name.lower(): action for action in Action}

_FLAG_WORDS: tuple[tuple[int, str], ...] = (
    (c.FLAG_MEDICAL, "medical home: returns without delay, never held dark"),
    (c.FLAG_UTILITY_LOST, "utility lost"),
    (c.FLAG_OVERLOAD, "overload on backup"),
    (c.FLAG_REVERSE_POWER, "power flows into the backup source"),
    (c.FLAG_INTERLOCK_WITHHOLDS, "the interlock withholds an order"),
    (c.FLAG_STORED_ENERGY_LOW, "too little stored energy to switch"),
    (c.FLAG_LOAD_SIDE_SOURCE, "a source on the load side feeds the bus"),
)

_ENERGIES: tuple[tuple[str, str, bool], ...] = (
    ("From utility", "utility_in_mwticks", True),
    ("To utility (export)", "utility_out_mwticks", False),
    ("From backup", "backup_in_mwticks", True),
    ("Into backup", "backup_out_mwticks", False),
    ("Unassigned (contacts unknown)", "unassigned_mwticks", True),
)

MODE_CAUSING_EVENTS = frozenset({Event.MODE_CHANGED, Event.FED_BY_CHANGED, Event.LAST_GASP, Event.STARTED})

VOLTAGE_NAMES = ("utility_l1_v", "utility_l2_v", "inlet_l1_v", "inlet_l2_v")


def conductor(leg_v: float) -> str:
    """How a conductor is drawn from its measured voltage alone: `dead`, `live` or `out` (of limits)."""
    if leg_v < DEAD_BELOW_V:
        return "dead"
    return "live" if LEG_LOW_V <= leg_v <= LEG_HIGH_V else "out"


def stale(view: MeterView, now_s: float) -> bool:
    """Whether the last report is too old to be shown as the present."""
    return view.heard_s is None or view.status is Status.SILENT or now_s - view.heard_s > SILENT_AFTER_S


def stale_words(view: MeterView, now_s: float) -> str:
    """Why the picture is old; empty when it is not."""
    if not stale(view, now_s):
        return ""
    if view.heard_s is None or view.report is None:
        return "This meter has not reported yet: everything shown is unknown."
    hours, rest_s = divmod(int(now_s - (view.report_at_s or view.heard_s)), 3600)
    age = f"{hours} h {rest_s // 60:02d} min" if hours else f"{rest_s // 60} min"
    why = "It has no power since its last gasp." if view.status is Status.DARK else "Nothing was heard since."
    return f"Old picture: what this meter measured {age} ago, not the present. {why}"


def _legs(report: Mapping[str, float], side: str) -> dict[str, object]:
    volts = (report[f"{side}_l1_v"], report[f"{side}_l2_v"])
    return {"legs": [{"v": round(leg_v, 1), "is": conductor(leg_v)} for leg_v in volts]}


_UNREPORTED: dict[str, float] = {
    **dict.fromkeys((f"{side}_l{leg}_v" for side in ("utility", "bus", "inlet") for leg in (1, 2)), 0.0),
    **dict.fromkeys(("l1_a", "l2_a", "premise_w", "utility_hz", "inlet_hz"), 0.0),
    "fed_by": float(FedBy.NONE),
    "u_feedback": float(Contact.UNKNOWN),
    "b_feedback": float(Contact.UNKNOWN),
}


def one_line(view: MeterView, now_s: float) -> dict[str, object]:
    """The state of the one-line diagram (`one_line.js`)."""
    report = view.report or _UNREPORTED
    fed_by = FED_BY_KEYS[FedBy(int(report["fed_by"]))]
    bus = _legs(report, "bus")
    return {
        "utility": _legs(report, "utility"),
        "bus": bus,
        "inlet": _legs(report, "inlet"),
        "hz": [round(report["utility_hz"], 2), round(report["inlet_hz"], 2)],
        "amps": [round(report["l1_a"], 1), round(report["l2_a"], 1)],
        "w": round(report["premise_w"], 1),
        "u": Contact(int(report["u_feedback"])).name.lower(),
        "b": Contact(int(report["b_feedback"])).name.lower(),
        "fedBy": fed_by,
        "source": "no backup source" if view.place.backup is BackupKind.NONE else BACKUP_WORDS[view.place.backup],
        "sourceLetter": _SOURCE_LETTERS[view.place.backup],
        "stale": stale(view, now_s),
        "staleText": stale_words(view, now_s),
    }


_SOURCE_LETTERS: dict[BackupKind, str] = {
    BackupKind.NONE: "",
    BackupKind.PORTABLE: "G",
    BackupKind.INVERTER: "G",
    BackupKind.STANDBY: "G",
    BackupKind.BATTERY: "B",
    BackupKind.EV: "EV",
}
"""G as on every one-line diagram; the others have no letter of their own in IEEE 315."""


def cause_of(events: Sequence[MeterEvent]) -> dict[str, object] | None:
    """When the mode last changed, and why; None when no stored event says so.

    The end of a transfer says only that it is done, so the cause is then that of its beginning.
    """
    changes = [e for e in events if e.event in MODE_CAUSING_EVENTS and e.cause is not Cause.NONE]
    if not changes:
        return None
    reasons = [change.cause for change in changes if change.cause is not Cause.TRANSFER_DONE]
    return {"at": changes[0].at_s, "words": CAUSE_WORDS[reasons[0] if reasons else changes[0].cause]}


def state_of(view: MeterView, now_s: float, events: Sequence[MeterEvent], status_words: str) -> dict[str, object]:
    """The facts beside the diagram (`meter_state.js`)."""
    report = view.report
    flags = 0 if report is None else int(report["flags"])
    mode = "Not heard yet." if report is None else MODE_WORDS[Mode(int(report["mode"]))]
    hold_left_s: float | None = None
    if report is not None and view.held and report["hold_left_ticks"]:
        elapsed_s = now_s - (view.report_at_s or now_s)
        hold_left_s = max(0.0, report["hold_left_ticks"] / c.TICKS_PER_S - elapsed_s)
    return {
        "now": round(now_s),
        "kind": STATUS_KEYS[view.status],
        "words": status_words,
        "mode": ("Last report: " if stale(view, now_s) and report is not None else "") + mode,
        "cause": cause_of(events),
        "heard": view.heard_s,
        "stale": stale(view, now_s),
        "held": view.held,
        "holdLeft": hold_left_s,
        "transfers": None if report is None else int(report["transfers"]),
        "flags": [words for bit, words in _FLAG_WORDS if flags & bit],
        "energy": []
        if report is None
        else [
            {"label": label, "wh": report[name] / MWTICKS_PER_WH, "always": always} for label, name, always in _ENERGIES
        ],
    }


def event_row(event: MeterEvent) -> dict[str, object]:
    """One event for `event_list.js`: what, why, and the values measured then."""
    words = EVENT_WORDS[event.event]
    if event.mode_before is not event.mode:
        words = f"{words}: {_mode_name(event.mode_before)} \N{RIGHTWARDS ARROW} {_mode_name(event.mode)}"
    values = {**_UNREPORTED, **event.values}
    pair = {side: [values[f"{side}_l1_v"], values[f"{side}_l2_v"]] for side in ("utility", "bus", "inlet")}
    return {
        "key": f"{event.at_s} {event.event} {event.cause} {event.mode}",
        "at": event.at_s,
        "words": words,
        "cause": "" if event.cause is Cause.NONE else CAUSE_WORDS[event.cause].capitalize() + ".",
        **pair,
        "w": values["premise_w"],
        "u": Contact(int(values["u_feedback"])).name.lower(),
        "b": Contact(int(values["b_feedback"])).name.lower(),
    }


def _mode_name(mode: Mode) -> str:
    return mode.name.lower().replace("_", " ")


def voltage_points(points: Sequence[TrendPoint]) -> list[list[float]]:
    """Time and the four source voltages of each row, for the voltage chart."""
    return [[point.at_s, *(round(point.values[name], 1) for name in VOLTAGE_NAMES)] for point in points]


def load_points(points: Sequence[TrendPoint]) -> list[list[float]]:
    """Time and load in kW of each row."""
    return [[point.at_s, round(point.values["premise_w"] / 1000, 3)] for point in points]


def supply_bands(points: Sequence[TrendPoint], longest_s: float) -> list[dict[str, object]]:
    """What fed the premise over time, as bands; a silence longer than `longest_s` stays blank.

    A row stands for the time up to the next one.
    """
    bands: list[dict[str, object]] = []
    end_s = 0
    for point, after in zip_longest(points, points[1:]):
        fed_by = FedBy(int(point.values["fed_by"]))
        name = "dead" if fed_by is FedBy.NONE else FED_BY_KEYS[fed_by]
        until_s = point.at_s if after is None or after.at_s - point.at_s > longest_s else after.at_s
        if bands and bands[-1]["cls"] == name and end_s == point.at_s:
            bands[-1]["to"] = until_s
        else:
            bands.append({"from": point.at_s, "to": until_s, "cls": name})
        end_s = until_s
    return bands
