"""The final object: sums of the ledger beside what the head-end stored."""

from dataclasses import dataclass

import numpy as np
import pytest

from bptm.compiled.fleet import LEDGER_DTYPE
from bptm.terms.core_report import MWTICKS_PER_WH
from bptm.twin.result import Replay, Stored, SummaryError, disagreement, final_object, stored_side

COMMANDS = {"issued": 3, "proven": 1, "refused": 1, "expired": 1, "unknown": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A named home."""

    meter_id: str
    note: str = ""


def replay() -> Replay:
    ledger = np.zeros(2, LEDGER_DTYPE)
    ledger["dark_s"], ledger["backup_s"], ledger["transfers"] = [61, 0], [100, 3600], [1, 2]
    ledger["unsafe_ticks"] = [0, 60]
    ledger["violations"] = [0, 1 << 5 | 1 << 14]
    ledger["backup_in_mwticks"] = 5 * MWTICKS_PER_WH
    ledger["register_backup_in_mwticks"] = 5 * MWTICKS_PER_WH
    return Replay(
        seed=4,
        start_s=0,
        end_s=7200,
        wall_s=1.23456,
        messages_sent=10,
        homes=[Home(meter_id="A"), Home(meter_id="B", note="welded contact")],
        ledger=ledger,
    )


def stored(**changes: tuple[int, int]) -> Stored:
    fed_s = {"A": (61, 100), "B": (0, 3600)} | changes
    return Stored(messages_stored=9, messages_duplicated=0, commands=COMMANDS, fed_s=fed_s)


def test_the_object_has_every_key_of_the_main_job_and_its_sums() -> None:
    """Example, worked by hand."""
    assert final_object(replay(), stored()) == {
        "meters": 2,
        "seed": 4,
        "simulated_hours": 2.0,
        "wall_s": 1.23,
        "transfers": 3,
        "customer_minutes_dark": 1.02,
        "customer_minutes_on_backup": 61.67,
        "messages_sent": 10,
        "messages_stored": 9,
        "messages_lost": 1,
        "messages_duplicated": 0,
        "commands": COMMANDS,
        "unsafe_seconds": 0.5,
        "energy_wh": {
            "utility": 0.0,
            "backup": 10.0,
            "solar": 0.0,
            "given_to_utility": 0.0,
            "pushed_into_backup": 0.0,
        },
        "faults_injected": 1,
        "faults": [{"meter": "B", "fault": "welded contact"}],
        "law_violations": [
            {
                "law": "LAW-5",
                "meter": "B",
                "text": "the backup contactor stayed closed although the utility side followed the bus, or the source "
                "collapsed",
            },
            {"law": "LAW-14", "meter": "B", "text": "a home energised a dead grid"},
        ],
        "reconciled": True,
    }


def test_one_second_at_one_meter_is_not_reconciled_and_is_named() -> None:
    """Sums that agree do not count: each meter must, to the second."""
    off = stored(A=(62, 100))
    assert final_object(replay(), off)["reconciled"] is False
    assert disagreement(replay(), off) == (
        "A: stored 62 s dark and 100 s on backup, the twin's ledger has 61 s and 100 s"
    )
    assert disagreement(replay(), stored()) is None


def test_a_summary_that_breaks_the_contract_is_named() -> None:
    """Each wrong part gives a sentence with what was found."""
    good: dict[str, object] = {
        "messages_stored": 1, "messages_duplicated": 0, "commands": COMMANDS, "meters": {"A": [1, 2]},
    }  # fmt: skip
    assert stored_side(good).fed_s == {"A": (1, 2)}
    for wrong in ({"meters": []}, {"meters": {"A": [1]}}, {"meters": {"A": [1, "2"]}}, {"commands": {}},
                  {"messages_stored": 1.5}, {"messages_duplicated": None}):  # fmt: skip
        with pytest.raises(SummaryError, match=r"headend\.summary"):
            stored_side(good | wrong)


def test_a_register_that_differs_from_its_contactor_is_a_broken_law() -> None:
    """LAW-8: 0.2 % and a watt-hour are allowed, and what was left unassigned; a watt-hour more is not."""
    run = replay()
    true_wh, allowed_wh, unassigned_wh = 10_000, 20 + 1, 3
    run.ledger["utility_in_mwticks"] = true_wh * MWTICKS_PER_WH
    run.ledger["register_unassigned_mwticks"] = unassigned_wh * MWTICKS_PER_WH
    within = true_wh - allowed_wh - unassigned_wh
    run.ledger["register_utility_in_mwticks"] = [within * MWTICKS_PER_WH, (within - 1) * MWTICKS_PER_WH]
    broken = final_object(run, stored())["law_violations"]
    assert isinstance(broken, list)
    assert [(b["law"], b["meter"]) for b in broken if b["law"] == "LAW-8"] == [("LAW-8", "B")]
