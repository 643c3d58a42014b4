"""Judging, on rows made by hand: each kind of expectation passes when it should and fails when it should."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bptm.compiled.dtypes import dtype_of
from bptm.terms.codes import Cause, Event, Mode
from bptm.twin.bench.catalogue import TRACE_FIELDS, column_of, quantities
from bptm.twin.bench.judge import judge, judge_run
from bptm.twin.bench.report_series import thinned
from bptm.twin.bench.run import TOLD_NAMES, Breach, Run
from bptm.twin.bench.scenario import Change, Expectation, Instant, Kind, Scenario
from bptm.twin.bench.told_laws import told_laws, under_messages
from bptm.twin.bench.witness import WITNESSES

SCENARIO = Scenario(
    name="by-hand",
    title="By hand",
    about="",
    shows=(),
    duration_s=2.0,
    setup={},
    controller={},
    changes=(Change(at_s=0.5, label="the loss"),),
    sweep=None,
    replay=None,
    may_break={},
    folder=Path(),
)


def run_of(*, breaches: tuple[Breach, ...] = (), exercised: frozenset[str] = frozenset({"LAW-12"})) -> Run:
    """On the utility for 1 s, then dark; U opens 0.1 s after; the bus falls from 120 V to 3 V."""
    rows = np.zeros(240, dtype_of(TRACE_FIELDS))
    rows["mode"] = Mode.ON_UTILITY
    rows["cause"] = Cause.START
    rows["mode"][120:] = Mode.DARK
    rows["cause"][120:] = Cause.UTILITY_LOST
    rows["events"][120] = 1 << Event.MODE_CHANGED
    rows["u_poles"] = 3
    rows["u_poles"][132:] = 0
    rows["u_ever"] = rows["u_poles"]
    rows["bus_l1_v"] = 120.0
    rows["powered"] = 1
    rows["bus_l1_v"][120:] = 3.0
    return Run(scenario=SCENARIO, value=None, rows=rows, breaches=breaches, exercised=exercised, windows=())


def expect(kind: Kind, **values: object) -> Expectation:
    """An expectation of this kind."""
    return Expectation(name="x", kind=kind, origin="y", **values)  # pyright: ignore[reportArgumentType]


CASES = [
    (expect(Kind.MODES, words=("ON_UTILITY", "DARK:UTILITY_LOST")), True),
    (expect(Kind.TIME, start=Instant(words="mode DARK"), stop=Instant(words="the loss"), high=3.0), False),
    (expect(Kind.TIME, start=Instant(words="mode DARK"), stop=Instant(words="the loss"), low=-1.0, high=0.0), True),
    (expect(Kind.MODES, words=("ON_UTILITY", "DARK:OVERLOAD")), False),
    (expect(Kind.MODES, words=("ON_UTILITY",)), False),
    (expect(Kind.MODES, words=("DARK",), start=Instant(words="1.5")), True),
    (expect(Kind.MODE, words=("DARK",), start=Instant(words="end")), True),
    (expect(Kind.MODE, words=("DARK",), start=Instant(words="the loss")), False),
    (expect(Kind.TIME, start=Instant(words="the loss"), stop=Instant(words="mode DARK"), low=0.5, high=0.51), True),
    (expect(Kind.TIME, start=Instant(words="mode DARK"), stop=Instant(words="u opens"), low=0.1, high=0.1), True),
    (expect(Kind.TIME, start=Instant(words="the loss"), stop=Instant(words="u opens"), high=0.5), False),
    (expect(Kind.TIME, start=Instant(words="the loss"), stop=Instant(words="b closes"), high=9.0), False),
    (expect(Kind.MEASURE, words=("bus_l1_v",), statistic="min", low=2.0, high=4.0), True),
    (expect(Kind.MEASURE, words=("bus_l1_v",), statistic="max", stop=Instant(words="1"), low=119.0), True),
    (expect(Kind.MEASURE, words=("bus_l1_v",), statistic="last", low=4.0), False),
    (expect(Kind.MEASURE, words=("bus_l1_v",), statistic="change", low=-117.0, high=-117.0), True),
    (expect(Kind.MEASURE, words=("bus_low_v",), statistic="max", high=0.0), True),
    (expect(Kind.LAWS, words=("LAW-12",), statistic="exercised"), True),
    (expect(Kind.LAWS, words=("LAW-5",), statistic="exercised"), False),
    (expect(Kind.LAWS, words=("LAW-5",), statistic="not_exercised"), True),
    (expect(Kind.EVENTS, words=("MODE_CHANGED",), statistic="events"), True),
    (expect(Kind.EVENTS, words=("SURGE",), statistic="events"), False),
    (expect(Kind.NO_EVENTS, words=("SURGE",), statistic="no_events"), True),
    (expect(Kind.NO_EVENTS, words=("MODE_CHANGED",), statistic="no_events"), False),
]


@pytest.mark.parametrize(("expectation", "passes"), CASES, ids=lambda case: str(case)[:60])
def test_each_kind_of_expectation_passes_and_fails_when_it_should(expectation: Expectation, passes: bool) -> None:  # noqa: FBT001
    """Against rows of which everything is known."""
    verdict = judge_run(expectation, run_of())
    assert verdict.passed is passes, verdict
    assert verdict.measured


def test_a_broken_law_is_not_exercised_and_held() -> None:
    """However often it was put to the test."""
    run = run_of(breaches=(Breach(law="LAW-12", at_s=1.0, words="x"),))
    verdict = judge_run(expect(Kind.LAWS, words=("LAW-12",), statistic="exercised"), run)
    assert (verdict.passed, verdict.measured) == (False, "LAW-12 broken")


def test_in_a_sweep_every_run_has_to_pass() -> None:
    """One that fails is named with its value."""
    good, bad = run_of(), run_of()
    bad.rows["bus_l1_v"][:] = 50.0
    runs = [replace(run, value=value) for run, value in ((good, 1.0), (bad, 2.0))]
    (verdict,) = judge([expect(Kind.MEASURE, words=("bus_l1_v",), statistic="min", high=4.0)], runs)
    assert not verdict.passed
    assert verdict.measured == "1 of 2 runs fail; with 2: 50"


def test_a_change_of_mode_without_an_event_breaks_law_9() -> None:
    """LAW-9, and with its event it holds."""
    run = run_of()
    assert [found.breach for found in told_laws(SCENARIO, run.rows)] == [None]
    run.rows["events"][:] = 0
    (found,) = told_laws(SCENARIO, run.rows)
    assert found.breach is not None
    assert found.breach.words == "DARK without an event, needs one"


@pytest.mark.parametrize("cause", sorted(WITNESSES), ids=lambda cause: cause.name)
def test_a_block_or_lockout_that_nothing_bears_out_breaks_law_9(cause: Cause) -> None:
    """LAW-9: in a run in which nothing is wrong with anything, each cause of a block or a lockout is a breach."""
    run = run_of()
    run.rows["mode"][120:] = Mode.LOCKED_OUT if cause >= Cause.BACKFEED else Mode.BACKUP_BLOCKED
    run.rows["cause"][120:] = cause
    (found,) = told_laws(SCENARIO, run.rows)
    assert found.breach is not None
    assert "needs something that bears it out" in found.breach.words


def test_every_cause_of_a_block_or_lockout_has_a_witness_but_a_lost_journal() -> None:
    """LAW-9: none is left out, and a journal that is lost is played nowhere on the bench."""
    listed = {cause for cause in Cause if cause >= Cause.U_FAILED_TO_OPEN}
    assert listed - set(WITNESSES) == {Cause.JOURNAL_LOST, Cause.JOURNAL_LOST_OPEN}


@pytest.mark.parametrize(
    ("cause", "column", "value"),
    [
        (Cause.OVERLOAD_REPEATED, "backup_l1_a", 40.0),
        (Cause.REVERSE_POWER, "backup_w", -900.0),
        (Cause.SHORT_CIRCUIT, "backup_l2_a", 400.0),
        (Cause.INLET_HOT, "blade_c", 90.0),
        (Cause.BACKUP_OVERVOLTAGE, "inlet_l1_v", 150.0),
        (Cause.LOAD_SIDE_SOURCE, "u_ever", 0.0),
    ],
    ids=lambda x: getattr(x, "name", str(x)),
)
def test_what_the_circuit_shows_bears_a_cause_out(cause: Cause, column: str, value: float) -> None:
    """LAW-9: the solved circuit is the witness, and only what it showed before the lockout."""
    for at, held in ((60, True), (180, False)):
        run = run_of()
        run.rows["mode"][120:] = Mode.BACKUP_BLOCKED
        run.rows["cause"][120:] = cause
        run.rows[column][at] = value
        (found,) = told_laws(SCENARIO, run.rows)
        assert (found.breach is None) is held


def test_a_pole_that_burns_on_bears_an_unknown_contact_out_and_a_short_arc_does_not() -> None:
    """LAW-9, LAW-15: an arc of one half-cycle is any opening; one that lasts, or a weld, is no such thing."""
    for arcs, welded, held in ((1, 0, False), (2, 0, True), (1, 3, True)):
        run = run_of()
        run.rows["mode"][120:] = Mode.LOCKED_OUT
        run.rows["cause"][120:] = Cause.CONTACT_UNKNOWN
        run.rows["u_arcs"][60 : 60 + arcs] = 3
        run.rows["u_welded"][100:] = welded
        (found,) = told_laws(SCENARIO, run.rows)
        assert (found.breach is None) is held


def test_a_scenario_that_breaks_a_contact_bears_its_lockout_out() -> None:
    """LAW-9: what the scenario itself has broken is a witness too."""
    run = run_of()
    run.rows["mode"][120:] = Mode.LOCKED_OUT
    run.rows["cause"][120:] = Cause.B_WELDED
    welded = replace(SCENARIO, changes=(Change(at_s=0.2, values={"contactors": {"b_weld_l1": 1}}),))
    (found,) = told_laws(welded, run.rows)
    assert found.breach is None


def test_a_law_that_breaks_after_a_repeated_message_breaks_law_10_too() -> None:
    """LAW-10: judged where a message comes again; a breach before it, or one the scenario shows, is not its doing."""
    twice = tuple(Change(at_s=at_s, values={"meter": {"remote_action": 1}}) for at_s in (0.4, 0.8))
    scenario = replace(SCENARIO, changes=twice)
    early, late = (Breach(law="LAW-2", at_s=at_s, words="x") for at_s in (0.5, 1.2))
    assert under_messages(replace(SCENARIO, changes=twice[:1]), [late]) == []
    assert [found.breach for found in under_messages(scenario, [early])] == [None]
    (found,) = under_messages(scenario, [early, late])
    assert found.law == "LAW-10"
    assert found.breach is not None
    assert found.breach.at_s == 1.2
    shown = replace(scenario, may_break={"LAW-2": "shown"})
    assert [found.breach for found in under_messages(shown, [late])] == [None]


def test_a_lockout_that_a_message_ends_breaks_law_4() -> None:
    """LAW-4: a key at the meter ends it, and nothing else."""
    run = run_of()
    run.rows["latched"][60:120] = Cause.BACKFEED
    message = Change(at_s=0.9, values={"meter": {"remote_action": 2}})
    key = Change(at_s=0.99, values={"meter": {"local_reset": 1}})
    for changes, broken in (((message,), True), ((message, key), False)):
        scenario = replace(SCENARIO, changes=changes)
        found = {each.law: each.breach for each in told_laws(scenario, run.rows)}
        assert (found["LAW-4"] is not None) is broken


def test_thinning_loses_nothing_that_a_reader_could_see() -> None:
    """Straight lines between what is kept stay within the tolerance of every value."""
    rng = np.random.default_rng(4)
    values = np.cumsum(rng.normal(0.0, 1.0, 4000))
    values[2000:] += 500.0
    kept = thinned(values, 2.0)
    drawn = np.interp(np.arange(len(values)), kept, values[kept])
    assert np.abs(drawn - values).max() <= 2.0 + 1e-9
    assert len(kept) < len(values) / 2


def test_a_run_that_failed_outweighs_one_that_could_not_be_judged() -> None:
    """Of a sweep whose second run ended early: what the first one showed stands, and only that is counted as failed."""
    missed, met = (expect(Kind.MODE, words=(word,), start=Instant(words="end")) for word in ("ON_BACKUP", "DARK"))
    whole, ended = replace(run_of(), value=1.0), replace(run_of(), value=2.0, ended="it left")
    verdicts = judge((missed, met), (whole, ended))
    assert [verdict.mark for verdict in verdicts] == ["not met", "not judged"]
    assert verdicts[0].measured == "1 of 2 runs fail; with 1: DARK"
    assert verdicts[1].measured == "1 of 2 runs not judged; with 2: until the run ended: DARK"


def test_every_quantity_made_of_what_is_told_names_its_column() -> None:
    """Each derived quantity: a bit or a register rests on a column that is told, the lower leg of a side on none."""
    for name in quantities():
        first = name.partition("_")[0]
        rests = column_of(name) in TOLD_NAMES
        assert rests == (first in ("fact", "finding", "register") or name in TOLD_NAMES), name
