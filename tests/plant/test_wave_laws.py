"""The checkers of the bench: each law is broken by orders that break it, and by no others."""

from wave_rig import NO_INTERLOCKS, QUIET, Rig

from bptm.compiled.bench import Change
from bptm.terms.core_codes import CAUSE_BACKFEED, MODE_LOCKED_OUT, ORDER_CLOSE, ORDER_NONE, ORDER_OPEN

RUNNING = {**QUIET, "run": 1.0}
PERSON = {"backup_most_s": 4.0, "return_most_s": 4.0}


def lawful(rig: Rig) -> None:
    """An outage, a transfer and a return as they should be."""
    rig.hold(900)
    rig.set("feeder_on", 0.0)
    rig.hold(30)
    rig.to_backup()
    rig.hold(120)
    rig.set("feeder_on", 1.0)
    rig.hold(120)
    rig.u_order, rig.b_order = ORDER_NONE, ORDER_OPEN
    rig.hold(60)
    rig.u_order = ORDER_CLOSE
    rig.hold(20)
    rig.u_order = ORDER_NONE
    rig.hold(60)


def test_an_outage_a_transfer_and_a_return_break_no_law_and_exercise_six() -> None:
    """No false alarm: lawful orders on a sound device, each law's condition arising."""
    rig = Rig({**RUNNING, **PERSON})
    lawful(rig)
    assert rig.broken() == set()
    held = {law.law for law in rig.laws() if law.verdict == "held"}
    assert {0, 1, 2, 7, 11, 12, 14, 15} <= held
    assert 8 not in held, "no register was told"


def test_ordering_both_breaks_law_0() -> None:
    """LAW-1: the orders count, whatever the interlocks make of them."""
    rig = Rig(RUNNING)
    rig.hold(20)
    rig.u_order, rig.b_order = ORDER_CLOSE, ORDER_CLOSE
    rig.hold(3)
    assert rig.broken() == {0}
    (law,) = [law for law in rig.laws() if law.law == 0]
    assert (law.first_tick, law.count) == (21, 3)


def test_closing_too_soon_or_onto_a_live_bus_breaks_law_2() -> None:
    """LAW-2: dead time below its floor, and a bus that a load-side battery keeps alive."""
    rig = Rig({**RUNNING, "u_open_s": 0.005, "b_close_s": 0.005, "electrical_interlock": 0.0})
    rig.hold(700)
    rig.u_order = ORDER_OPEN
    rig.hold(3)
    rig.u_order, rig.b_order = ORDER_NONE, ORDER_CLOSE
    rig.hold(12)
    assert 2 in rig.broken()
    live = Rig({**QUIET, "kind": 4.0, "attach": 1.0, "run": 1.0})
    live.hold(240)
    live.u_order = ORDER_OPEN
    live.hold(180)
    live.u_order = ORDER_CLOSE
    live.hold(12)
    (law,) = [law for law in live.laws() if law.law == 2]
    assert law.verdict == "broken"
    assert law.found > 100.0


def test_a_close_on_a_start_or_in_a_lockout_breaks_law_3() -> None:
    """LAW-3: a reset in the middle of a run, then orders at once."""
    rig = Rig(QUIET)
    rig.hold(20)
    rig.set("reset", 1.0)
    rig.hold(3)
    rig.set("reset", 0.0)
    rig.u_order = ORDER_CLOSE
    rig.hold(1)
    assert rig.broken() == {3}
    locked = Rig(QUIET)
    locked.hold(5, latched=float(CAUSE_BACKFEED), mode=float(MODE_LOCKED_OUT))
    assert locked.broken() == set()
    locked.u_order = ORDER_CLOSE
    locked.hold(1, latched=float(CAUSE_BACKFEED), mode=float(MODE_LOCKED_OUT))
    assert locked.broken() == {3}


def test_feeding_a_dead_utility_breaks_laws_5_and_14_unless_b_opens_in_time() -> None:
    """LAW-5: 40 ms to the order, 100 ms to the end of the current; LAW-14 beyond that."""
    setup = {**NO_INTERLOCKS, "u_weld_l1": 1.0, "u_weld_l2": 1.0, "feeder_on": 0.0}
    late = Rig({**RUNNING, "kind": 4.0, **setup})
    late.hold(700)
    late.b_order = ORDER_CLOSE
    late.hold(30)
    assert {1, 5, 14} <= late.broken()
    quick = Rig({**RUNNING, "kind": 4.0, **setup})
    quick.hold(700)
    quick.b_order = ORDER_CLOSE
    for _tick in range(30):
        row = quick.hold(1)[-1]
        if row["u_poles"] and row["b_poles"]:
            break
    quick.hold(3)
    quick.b_order = ORDER_OPEN
    quick.hold(30)
    assert 5 not in quick.broken()
    assert 14 not in quick.broken()
    assert {law.law for law in quick.laws() if law.verdict == "held"} >= {5, 14}


def test_what_is_no_source_breaks_law_6_when_it_is_accepted_or_kept() -> None:
    """LAW-6: 120 V on both hots accepted; an open neutral kept for too long."""
    rig = Rig({**RUNNING, "feeder_on": 0.0, "legs": 1.0})
    rig.hold(900)
    rig.to_backup()
    assert 6 in rig.broken()
    kept = Rig({**QUIET, "resistive_l1_w": 2400.0, "resistive_l2_w": 600.0})
    kept.hold(60, Change(sample=3000, name="neutral_ohm", value=1e9), Change(sample=3000, name="earth_ohm", value=1e9))
    assert 6 not in kept.broken()
    kept.hold(360)
    assert 6 in kept.broken()


def test_doing_nothing_breaks_laws_7_and_11() -> None:
    """LAW-7, LAW-11: no controller passes by doing nothing; a lockout or a person ends the duty."""
    idle = Rig({**RUNNING, **PERSON, "feeder_on": 0.0})
    idle.hold(1200)
    assert idle.broken() == {11}
    away = Rig({**RUNNING, **PERSON, "feeder_on": 0.0})
    away.hold(700)
    away.to_backup()
    away.set("feeder_on", 1.0)
    away.hold(900)
    assert away.broken() == {7}
    locked = Rig({**RUNNING, **PERSON, "feeder_on": 0.0})
    locked.hold(1200, latched=float(CAUSE_BACKFEED), mode=float(MODE_LOCKED_OUT))
    assert locked.broken() == set()
    faulty = Rig({**RUNNING, **PERSON, "feeder_on": 0.0, "u_stuck": 1.0})
    faulty.hold(1200)
    assert faulty.broken() == set()


def test_opening_at_a_sag_that_is_ridden_through_breaks_law_12() -> None:
    """LAW-12, ITIC: 75 % for 0.2 s is ridden through; 60 % for 0.1 s is not."""
    for share, broken in ((0.75, True), (0.6, False)):
        rig = Rig(QUIET)
        rig.hold(120)
        rig.set("utility_l1_pu", share)
        rig.set("utility_l2_pu", share)
        rig.hold(18)
        rig.u_order = ORDER_OPEN
        rig.hold(3)
        assert (12 in rig.broken()) == broken, share
