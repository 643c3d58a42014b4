"""Judges runs by what was expected of them: for each expectation what was measured, and whether it passes."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from bptm.twin.bench.catalogue import column_of
from bptm.twin.bench.run import Run, Verdict
from bptm.twin.bench.scenario import Expectation, Instant, Kind

_SLACK = 1e-9
"""Times are whole half-cycles and limits decimal numbers: 0.1 s is 12 ticks, whatever a float makes of it."""


def judge(expectations: Sequence[Expectation], runs: Sequence[Run]) -> tuple[Verdict, ...]:
    """A verdict for each expectation over all runs of a sweep: each run has to pass."""
    return tuple(_over_runs(each, [judge_run(each, run) for run in runs], runs) for each in expectations)


def _over_runs(each: Expectation, verdicts: list[Verdict], runs: Sequence[Run]) -> Verdict:
    if len(verdicts) == 1:
        return verdicts[0]
    failed = [(run, verdict) for run, verdict in zip(runs, verdicts, strict=True) if not verdict.passed]
    judged = [(run, verdict) for run, verdict in failed if verdict.judged]
    if failed:
        # A run that failed outweighs one that could not be judged.
        run, verdict = (judged or failed)[0]
        what = f"{len(judged)} of {len(runs)} runs fail" if judged else f"{len(failed)} of {len(runs)} runs not judged"
        words = f"{what}; with {run.value_words}: {verdict.measured}"
        return replace(verdict, measured=words)
    told = sorted({verdict.measured for verdict in verdicts}, key=_first_number)
    words = told[0] if len(told) == 1 else f"{told[0]} to {told[-1]}"
    expected = verdicts[0].expected
    measured = f"{words}, {len(runs)} runs"
    return Verdict(name=each.name, expected=expected, measured=measured, passed=True, origin=each.origin)


def _first_number(words: str) -> float:
    try:
        return float(words.split(maxsplit=1)[0])
    except ValueError:
        return 0.0


def judge_run(each: Expectation, run: Run) -> Verdict:
    """One expectation of one run; not judged when it is about what is not told, or the run ended early."""
    verdict = _measured(each, run)
    untold = sorted({column for column in _columns(each) if not run.tells(column)})
    if untold:
        words = f"not told: the controller tells no {' and no '.join(untold)}"
        return replace(verdict, measured=words, passed=False, judged=False)
    if run.ended:
        return replace(verdict, measured=f"until the run ended: {verdict.measured}", passed=False, judged=False)
    return verdict


def _columns(each: Expectation) -> Iterator[str]:
    """Columns of the trace that an expectation rests on and a controller may leave untold."""
    if each.kind in (Kind.MODES, Kind.MODE):
        yield "mode"
        if any(":" in word for word in each.words):
            yield "cause"
    elif each.kind in (Kind.EVENTS, Kind.NO_EVENTS):
        yield "events"
    elif each.kind is Kind.MEASURE:
        yield column_of(each.words[0])
    for instant in (each.start, each.stop):
        first = instant.words.partition(" ")[0]
        if first in ("mode", "event"):
            yield "mode" if first == "mode" else "events"


def _measured(each: Expectation, run: Run) -> Verdict:
    match each.kind:
        case Kind.MODES:
            return _modes(each, run)
        case Kind.MODE:
            return _mode(each, run)
        case Kind.TIME:
            return _time(each, run)
        case Kind.MEASURE:
            return _measure(each, run)
        case Kind.LAWS:
            return _laws(each, run)
        case Kind.EVENTS | Kind.NO_EVENTS:
            return _events(each, run)


def _verdict(each: Expectation, expected: str, measured: str, *, passed: bool) -> Verdict:
    return Verdict(name=each.name, expected=expected, measured=measured, passed=passed, origin=each.origin)


def _modes(each: Expectation, run: Run) -> Verdict:
    """The modes of a span in their order, with causes where the expectation names them."""
    span = run.span(each.start, each.stop)
    expected = " > ".join(each.words)
    if span is None:
        return _verdict(each, expected, _missing(run, each.start, each.stop), passed=False)
    seen = run.modes()
    inside = [(mode, cause) for row, mode, cause in seen if span[0] <= row < span[1]]
    before = [(mode, cause) for row, mode, cause in seen if row < span[0]]
    if before and (not seen or not any(row == span[0] for row, _mode_, _cause in seen)):
        inside = [before[-1], *inside]
    wanted = [tuple(word.split(":")) for word in each.words]
    matches = len(wanted) == len(inside) and all(
        word[0] == mode.name and (len(word) == 1 or word[1] == cause.name)
        for word, (mode, cause) in zip(wanted, inside, strict=True)
    )
    with_cause = any(len(word) > 1 for word in wanted)
    told = [
        f"{mode.name}:{cause.name}" if with_cause and (not matches or len(wanted[index]) > 1) else mode.name
        for index, (mode, cause) in enumerate(inside)
    ]
    return _verdict(each, expected, " > ".join(told) or "no mode", passed=matches)


def _mode(each: Expectation, run: Run) -> Verdict:
    at_s = run.time_of(each.start)
    expected = f"{each.words[0]} at {each.start}"
    if at_s is None or not run.modes():
        return _verdict(each, expected, _missing(run, each.start), passed=False)
    row = min(max(math.ceil(at_s * 120 - _SLACK) - 1, 0), len(run.rows) - 1)
    mode, cause = next((mode, cause) for first, mode, cause in reversed(run.modes()) if first <= row)
    name, _colon, wanted = each.words[0].partition(":")
    passed = mode.name == name and (not wanted or cause.name == wanted)
    return _verdict(each, expected, f"{mode.name}:{cause.name}" if wanted else mode.name, passed=passed)


def _time(each: Expectation, run: Run) -> Verdict:
    expected = f"{_limits(each)} from {each.start} to {each.stop}"
    start_s, stop_s = run.time_of(each.start), run.time_of(each.stop)
    if start_s is None or stop_s is None:
        return _verdict(each, expected, _missing(run, each.start, each.stop), passed=False)
    took_s = stop_s - start_s
    if took_s < -_SLACK and (each.low is None or each.low >= 0.0):
        # Without this a limit from above would pass whatever came first by chance.
        return _verdict(each, expected, f"{each.stop} came {-took_s:.3f} s before {each.start}", passed=False)
    return _verdict(each, expected, f"{took_s:.3f} s", passed=_within(each, took_s))


def _measure(each: Expectation, run: Run) -> Verdict:
    span = run.span(each.start, each.stop)
    where = "" if (each.start.words, each.stop.words) == ("start", "end") else f" from {each.start} to {each.stop}"
    expected = f"{each.statistic} {each.words[0]} {_limits(each)}{where}"
    if span is None or span[0] >= span[1]:
        return _verdict(each, expected, _missing(run, each.start, each.stop), passed=False)
    values = run.quantity(each.words[0])[span[0] : span[1]]
    measured = _statistic(each.statistic, values)
    unit = f" {each.unit}" if each.unit else ""
    return _verdict(each, expected, f"{measured:.5g}{unit}", passed=_within(each, measured))


def _statistic(statistic: str, values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    match statistic:
        case "min":
            return float(values.min())
        case "max":
            return float(values.max())
        case "mean":
            return float(values.mean())
        case "first":
            return float(values[0])
        case "last":
            return float(values[-1])
        case _:
            return float(values[-1] - values[0])


def _laws(each: Expectation, run: Run) -> Verdict:
    broken = {breach.law for breach in run.breaches}
    told = {
        law: "broken" if law in broken else "held" if law in run.exercised else "not exercised" for law in each.words
    }
    wanted = "held and exercised" if each.statistic == "exercised" else "not exercised"
    passed = all(
        (words == "held") if each.statistic == "exercised" else (words == "not exercised") for words in told.values()
    )
    return _verdict(
        each,
        f"{', '.join(each.words)} {wanted}",
        ", ".join(f"{law} {words}" for law, words in told.items()),
        passed=passed,
    )


def _events(each: Expectation, run: Run) -> Verdict:
    span = run.span(each.start, each.stop)
    wants = each.kind is Kind.EVENTS
    expected = f"{'' if wants else 'no '}{', '.join(each.words)}"
    if span is None:
        return _verdict(each, expected, _missing(run, each.start, each.stop), passed=False)
    seen = [(event.name, (row + 1) / 120) for row, event in run.events() if span[0] <= row < span[1]]
    names = {name for name, _at in seen}
    told = [f"{name} at {at_s:.2f} s" for name, at_s in seen if name in each.words]
    passed = set(each.words) <= names if wants else not names.intersection(each.words)
    return _verdict(each, expected, ", ".join(told[:6]) or "none of them", passed=passed)


def _limits(each: Expectation) -> str:
    unit = f" {each.unit}" if each.unit else ""
    if each.low is None:
        return f"at most {each.high:.6g}{unit}"
    if each.high is None:
        return f"at least {each.low:.6g}{unit}"
    return f"{each.low:.6g} to {each.high:.6g}{unit}"


def _within(each: Expectation, value: float) -> bool:
    if not math.isfinite(value):
        return False
    return (each.low is None or value >= each.low - _SLACK) and (each.high is None or value <= each.high + _SLACK)


def _missing(run: Run, *instants: Instant) -> str:
    absent = [str(instant) for instant in instants if run.time_of(instant) is None]
    return f"{' and '.join(absent)} did not come" if absent else "nothing: the span is empty"
