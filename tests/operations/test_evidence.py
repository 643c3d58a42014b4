"""What proves a command: both feedbacks and the voltages, each needed, none enough alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operations_reports import held, on_backup, on_utility, report_of

from bptm.operations.evidence import proof_of
from bptm.terms import core_codes as c
from bptm.terms.codes import Action, Contact, FedBy
from bptm.terms.messages import REPORT_NAMES, Report

_HELD_DARK = report_of(
    mode=c.MODE_DARK, flags=c.FLAG_HELD, u_feedback=c.CONTACT_OPEN, b_feedback=c.CONTACT_OPEN, utility_v=121.0
)


def _with(report: Report, **values: float) -> Report:
    changed = list(report)
    for name, value in values.items():
        changed[REPORT_NAMES.index(name)] = value
    return tuple(changed)


def test_a_hold_is_proved_on_backup_and_dark() -> None:
    """Backup contactor closed with the bus on the inlet, or open with the bus dead. The words name the values."""
    on_inlet = proof_of(Action.HOLD_RETURN, held())
    assert on_inlet.proved
    assert "bus 118.5/118.5 V follows the inlet 119.0/119.0 V" in on_inlet.words
    in_the_dark = proof_of(Action.HOLD_RETURN, _HELD_DARK)
    assert in_the_dark.proved
    assert "bus dead at 0.0/0.0 V" in in_the_dark.words


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"flags": 0}, "does not report a hold"),
        ({"u_feedback": Contact.CLOSED}, "utility contactor reads closed, needs open"),
        ({"u_feedback": Contact.UNKNOWN}, "utility contactor reads unknown, needs open"),
        ({"b_feedback": Contact.UNKNOWN}, "backup contactor reads unknown"),
        ({"b_feedback": Contact.OPEN}, "with both contactors open"),
        ({"fed_by": FedBy.UTILITY}, "fed by the utility"),
        ({"fed_by": FedBy.LOAD_SIDE}, "a source on the load side"),
        ({"bus_l1_v": 112.0}, "needs the inlet's"),
        ({"bus_l2_v": 126.0}, "needs the inlet's"),
        ({"inlet_l1_v": 0.0, "bus_l1_v": 0.0}, "needs the inlet's"),
    ],
)
def test_each_missing_part_denies_a_hold_and_is_named(changed: dict[str, float], missing: str) -> None:
    """One thing wrong in an otherwise proved hold."""
    proof = proof_of(Action.HOLD_RETURN, _with(held(), **changed))
    assert not proof.proved
    assert missing in proof.words


def test_a_residual_voltage_is_no_dead_bus() -> None:
    """Between dead (12 V) and live nothing is proved."""
    for leg_v, proved in ((11.9, True), (12.0, False), (59.0, False)):
        assert proof_of(Action.HOLD_RETURN, _with(_HELD_DARK, bus_l2_v=leg_v)).proved is proved


def test_a_return_is_proved_on_a_live_utility() -> None:
    """Not held, utility contactor closed, backup contactor open, bus on the utility's voltage."""
    proof = proof_of(Action.ALLOW_RETURN, on_utility())
    assert proof.proved
    assert "bus 120.4/120.4 V follows the utility 121.0/121.0 V" in proof.words


def test_a_dead_utility_is_nothing_to_return_to_and_the_evidence_says_so() -> None:
    """The hold is released; the home stays on its backup."""
    proof = proof_of(Action.ALLOW_RETURN, on_backup())
    assert proof.proved
    assert "nothing to return to yet" in proof.words
    assert not proof_of(Action.ALLOW_RETURN, _with(on_backup(), utility_l1_v=12.0)).proved
    assert not proof_of(Action.ALLOW_RETURN, _with(on_backup(), flags=c.FLAG_HELD)).proved


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"flags": c.FLAG_HELD}, "still reports a hold"),
        ({"u_feedback": Contact.OPEN}, "utility contactor reads open, needs closed"),
        ({"u_feedback": Contact.UNKNOWN}, "utility contactor reads unknown, needs closed"),
        ({"b_feedback": Contact.CLOSED}, "backup contactor reads closed, needs open"),
        ({"bus_l1_v": 114.0}, "needs the utility's"),
        ({"bus_l2_v": 0.0}, "needs the utility's"),
        ({"utility_l1_v": 50.0, "bus_l1_v": 50.0}, "needs the utility's"),
    ],
)
def test_each_missing_part_denies_a_return_and_is_named(changed: dict[str, float], missing: str) -> None:
    """One thing wrong in an otherwise proved return."""
    proof = proof_of(Action.ALLOW_RETURN, _with(on_utility(), **changed))
    assert not proof.proved
    assert missing in proof.words


_legs_v = st.sampled_from([0.0, 11.9, 12.0, 60.0, 100.0, 114.0, 119.0, 121.0, 127.0])


@given(
    values=st.fixed_dictionaries(
        {f"{side}_l{leg}_v": _legs_v for side in ("utility", "bus", "inlet") for leg in (1, 2)}
        | {
            "flags": st.sampled_from([0, c.FLAG_HELD]),
            "fed_by": st.sampled_from(FedBy),
            "u_feedback": st.sampled_from(Contact),
            "b_feedback": st.sampled_from(Contact),
        }
    )
)
def test_no_report_proves_both_and_none_proves_with_a_contact_in_doubt(values: dict[str, float]) -> None:
    """A hold and a return exclude each other; an unknown contact proves nothing unless the utility itself is dead."""
    report = _with(report_of(), **values)
    hold, back = proof_of(Action.HOLD_RETURN, report), proof_of(Action.ALLOW_RETURN, report)
    assert not (hold.proved and back.proved)
    assert hold.words
    assert back.words
    utility_dead = max(values["utility_l1_v"], values["utility_l2_v"]) < 12.0
    if Contact.UNKNOWN in {values["u_feedback"], values["b_feedback"]}:
        assert not hold.proved
        assert not back.proved or utility_dead


_DISCONNECTED = report_of(
    mode=c.MODE_DISCONNECTED,
    flags=c.FLAG_DISCONNECTED,
    u_feedback=c.CONTACT_OPEN,
    b_feedback=c.CONTACT_OPEN,
    utility_v=121.0,
)


def test_a_disconnection_is_proved_by_an_open_contactor_and_a_dead_bus() -> None:
    """A home that is still fed by the utility proves nothing of the kind, whatever it would prove of a return."""
    proof = proof_of(Action.DISCONNECT, _DISCONNECTED)
    assert proof.proved
    assert "utility contactor open" in proof.words
    assert not proof_of(Action.DISCONNECT, on_utility()).proved
    assert not proof_of(Action.DISCONNECT, on_utility(flags=c.FLAG_DISCONNECTED)).proved


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"flags": 0}, "does not report a disconnection"),
        ({"u_feedback": Contact.CLOSED}, "utility contactor reads closed, needs open"),
        ({"u_feedback": Contact.UNKNOWN}, "utility contactor reads unknown, needs open"),
        ({"b_feedback": Contact.UNKNOWN}, "backup contactor reads unknown"),
        ({"bus_l1_v": 12.0}, "with both contactors open"),
    ],
)
def test_each_missing_part_denies_a_disconnection_and_is_named(changed: dict[str, float], missing: str) -> None:
    """One thing wrong in an otherwise proved disconnection."""
    proof = proof_of(Action.DISCONNECT, _with(_DISCONNECTED, **changed))
    assert not proof.proved
    assert missing in proof.words


def test_a_reconnection_is_not_proved_while_the_disconnection_stands() -> None:
    """Nor by a dead utility, which proves the end of a hold."""
    assert not proof_of(Action.RECONNECT, _with(_DISCONNECTED, utility_l1_v=0.0, utility_l2_v=0.0)).proved
    assert proof_of(Action.RECONNECT, on_utility()).proved
