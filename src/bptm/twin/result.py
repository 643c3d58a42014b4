"""The final object of a replay: the twin's own ledger beside what the head-end has stored.

Everything in it but `wall_s` depends on event, seed, meters and script alone. Sums are made from whole numbers,
so that no order of adding can show.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
import orjson
from numpy.typing import NDArray

from bptm.terms.core_codes import TICKS_PER_S
from bptm.terms.core_report import MWTICKS_PER_WH

LAW_WORDS: dict[int, str] = {
    1: "both contactors were ordered closed, or were closed together",
    2: "a contactor closed onto a live or unknown bus, within the dead time, or without energy stored to open again",
    3: "a reset or a lockout issued a close",
    4: "a remote message waived a permissive, cleared a lockout or closed the backup contactor of an engine",
    5: "the backup contactor stayed closed although the utility side followed the bus, or the source collapsed",
    6: "a source with a missing or wrong leg was accepted",
    7: "with a good utility, no fault and an open slot, the home did not return to the utility within its timers",
    8: "an energy register disagrees with the circuit by more than 0.2 %",
    9: "the mode changed without an event or a listed cause",
    10: "a clock step, loss, duplication, reordering or replay changed what the meter did",
    11: "with the utility failed, a qualified source and no fault, the home was not fed within its timers",
    12: "the utility contactor opened inside the no-interruption region of the ITIC curve",
    13: "a premise of a proof was not reachable",
    14: "a home energised a dead grid",
    15: "a contactor was ordered open above its breaking rating",
}
"""What a broken law looked like. Source: design section 4."""

COMMAND_ENDS = ("issued", "proven", "refused", "expired", "unknown")


class SummaryError(Exception):
    """The head-end's summary is not the agreed object; the text is one sentence."""


class NamedHome(Protocol):
    """Name of a home's meter, and its planted fault if any."""

    @property
    def meter_id(self) -> str:
        """Name of the meter."""
        ...

    @property
    def note(self) -> str:
        """A planted fault in plain words, or empty."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The head-end's side of the final object (`headend.summary`)."""

    messages_stored: int
    messages_duplicated: int
    commands: dict[str, int]
    fed_s: dict[str, tuple[int, int]]
    """Seconds dark and on backup by meter id, from stored events."""


def stored_side(summary: Mapping[str, object]) -> Stored:
    """The head-end's reply, checked.

    Raises:
        SummaryError: It is not what processes.md says.
    """
    meters, commands = summary.get("meters"), summary.get("commands")
    if not isinstance(meters, dict) or not isinstance(commands, dict):
        msg = f"headend.summary: found {sorted(summary)}, expected the objects meters and commands among them"
        raise SummaryError(msg)
    ends = cast("dict[str, object]", commands)
    return Stored(
        messages_stored=_count("messages_stored", summary.get("messages_stored")),
        messages_duplicated=_count("messages_duplicated", summary.get("messages_duplicated")),
        commands={end: _count(f"commands.{end}", ends.get(end)) for end in COMMAND_ENDS},
        fed_s={meter_id: _pair(meter_id, pair) for meter_id, pair in cast("dict[str, object]", meters).items()},
    )


def _pair(meter_id: str, value: object) -> tuple[int, int]:
    pair = cast("list[object]", value) if isinstance(value, list) else []
    if len(pair) != 2:  # noqa: PLR2004 - dark_s and backup_s
        msg = f"headend.summary: meter {meter_id!r} has {value!r}, expected [dark_s, backup_s]"
        raise SummaryError(msg)
    return _count(f"dark_s of {meter_id}", pair[0]), _count(f"backup_s of {meter_id}", pair[1])


def _count(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        msg = f"headend.summary: {name} is {value!r}, expected a whole number"
        raise SummaryError(msg)
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The twin's side of the final object."""

    seed: int
    start_s: int
    end_s: int
    wall_s: float
    messages_sent: int
    homes: Sequence[NamedHome]
    ledger: NDArray[np.void]
    """One record a home (`compiled.fleet.Fleet.ledger`)."""


def final_object(replay: Replay, stored: Stored) -> dict[str, object]:
    """The object that `bptm up --headless --json` prints."""
    ledger = replay.ledger
    dark_s = _total(ledger["dark_s"])
    backup_s = _total(ledger["backup_s"])
    return {
        "meters": len(replay.homes),
        "seed": replay.seed,
        "simulated_hours": round((replay.end_s - replay.start_s) / 3600, 4),
        "wall_s": round(replay.wall_s, 2),
        "transfers": _total(ledger["transfers"]),
        "customer_minutes_dark": round(dark_s / 60, 2),
        "customer_minutes_on_backup": round(backup_s / 60, 2),
        "messages_sent": replay.messages_sent,
        "messages_stored": stored.messages_stored,
        "messages_lost": replay.messages_sent - stored.messages_stored,
        "messages_duplicated": stored.messages_duplicated,
        "commands": stored.commands,
        "unsafe_seconds": round(_total(ledger["unsafe_ticks"]) / TICKS_PER_S, 3),
        "energy_wh": {
            "utility": _total_wh(ledger["utility_in_mwticks"]),
            "backup": _total_wh(ledger["backup_in_mwticks"]),
            "solar": _total_wh(ledger["solar_mwticks"]),
            "given_to_utility": _total_wh(ledger["utility_out_mwticks"]),
            "pushed_into_backup": _total_wh(ledger["backup_out_mwticks"]),
        },
        "faults_injected": sum(1 for home in replay.homes if home.note),
        "faults": [{"meter": home.meter_id, "fault": home.note} for home in replay.homes if home.note],
        "law_violations": [*_violations(replay.homes, ledger["violations"]), *_wrong_registers(replay.homes, ledger)],
        "reconciled": _disagreement(replay.homes, ledger, stored.fed_s) is None,
    }


def _wrong_registers(homes: Sequence[NamedHome], ledger: NDArray[np.void]) -> list[dict[str, str]]:
    """LAW-8: registers that differ from the energy through their contactor by more than 0.2 %.

    What the meter left unassigned, while contacts travelled, is allowed for, and one watt-hour for rounding.
    """
    allowed = ledger["register_unassigned_mwticks"] + MWTICKS_PER_WH
    wrong: list[dict[str, str]] = []
    for source in ("utility", "backup"):
        true = ledger[f"{source}_in_mwticks"]
        off = np.abs(ledger[f"register_{source}_in_mwticks"] - true)
        for home in np.flatnonzero(off > true // 500 + allowed):
            text = f"the {source} register is {off[home] / MWTICKS_PER_WH:.1f} Wh from what the circuit gave"
            wrong.append({"law": "LAW-8", "meter": homes[int(home)].meter_id, "text": text})
    return wrong


def final_text(content: Mapping[str, object]) -> str:
    """The object as the file holds it."""
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def disagreement(replay: Replay, stored: Stored) -> str | None:
    """The first meter whose stored times are not those of the ledger, in words; None when all agree."""
    return _disagreement(replay.homes, replay.ledger, stored.fed_s)


def _disagreement(
    homes: Sequence[NamedHome], ledger: NDArray[np.void], fed_s: Mapping[str, tuple[int, int]]
) -> str | None:
    for home, dark_s, backup_s in zip(homes, ledger["dark_s"].tolist(), ledger["backup_s"].tolist(), strict=True):
        found = fed_s.get(home.meter_id, (0, 0))
        if found != (dark_s, backup_s):
            return (
                f"{home.meter_id}: stored {found[0]} s dark and {found[1]} s on backup, "
                f"the twin's ledger has {dark_s} s and {backup_s} s"
            )
    return None


def _violations(homes: Sequence[NamedHome], masks: NDArray[np.int64]) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = []
    for home in np.flatnonzero(masks).tolist():
        mask = int(masks[home])
        for number in range(1, mask.bit_length()):
            if mask >> number & 1:
                words = LAW_WORDS.get(number, "a law this version has no words for")
                listed.append({"law": f"LAW-{number}", "meter": homes[home].meter_id, "text": words})
    return listed


def _total(column: NDArray[np.int64]) -> int:
    # In Python's whole numbers: mW ticks of 11,000 homes and some days come near the end of 64 bits.
    return sum(column.tolist())


def _total_wh(column: NDArray[np.int64]) -> float:
    return round(_total(column) / MWTICKS_PER_WH, 1)
