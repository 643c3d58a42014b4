"""The HTML report of a scenario: one file that stands alone, from which no request leaves."""

from collections.abc import Iterator

import numpy as np

import bptm
from bptm.compiled.bench_setup import SETUP_ROWS
from bptm.terms.codes import CAUSE_WORDS, Cause, Event, Mode
from bptm.terms.core_settings import SETTINGS
from bptm.twin.bench.catalogue import flat, setup_rows
from bptm.twin.bench.placing import RATE_HZ
from bptm.twin.bench.reading import LAWS
from bptm.twin.bench.report_parts import (
    CHART,
    LAW_WORDS,
    NOT_OF_A_RUN,
    Provenance,
    at_link,
    chip,
    escaped,
    filled,
    footer,
    made_again,
    table,
    tags,
    verdict_chip,
)
from bptm.twin.bench.report_series import panels_of, rounded, waves_of
from bptm.twin.bench.run import SEED, Result, Run
from bptm.twin.bench.scenario import TICKS_PER_S, Change, Scenario


def report_page(result: Result, provenance: Provenance) -> str:
    """The whole page."""
    run = shown_run(result)
    data = {
        "duration_s": max(len(run.rows) / TICKS_PER_S, 1 / TICKS_PER_S),
        "panels": panels_of(run),
        "changes": [{"at_s": change.at_s, "words": change_words(change)} for change in run.scenario.changes],
        "waves": waves_of(run),
    }
    return filled(
        "report.html", title=f"{result.scenario.title}: bench report", body=_body(result, run, provenance), data=data
    )


def shown_run(result: Result) -> Run:
    """The run that is drawn: the first that ended early or broke a law, else the first whose verdict may differ."""
    for run in result.runs:
        if run.ended or any(breach.law not in result.scenario.may_break for breach in run.breaches):
            return run
    return result.runs[0]


def _body(result: Result, run: Run, provenance: Provenance) -> str:
    scenario = result.scenario
    parts = [
        "<header>",
        '<p class="lead">Bench report of a backup power transfer meter</p>',
        f"<h1>{escaped(scenario.title)}</h1>",
        f"<p>{chip(result.passed, 'passed', 'failed', big=True)} {_summary(result)}</p>",
        f"<p>{escaped(scenario.about)}</p>" if scenario.about else "",
        tags(scenario.shows),
        "</header><main>",
    ]
    if result.ended:
        parts.append(f'<p class="notice fail">The run ended early: {escaped(result.ended)}</p>')
    parts += [_expectations(result), _chart(result, run), _script(run), _waves(run), _surges(run)]
    parts += [
        _events(run),
        _laws(result),
        _sweep(result),
        _setup(result),
        _provenance(result, provenance),
        "</main>",
        footer(),
    ]
    return "\n".join(part for part in parts if part)


def _summary(result: Result) -> str:
    good = sum(verdict.passed for verdict in result.verdicts)
    open_ones = sum(not verdict.judged for verdict in result.verdicts)
    broken = len(result.broken)
    laws = "no law broken" if not broken else f"{broken} law{'s' if broken > 1 else ''} broken"
    unjudged = f", {open_ones} not judged" if open_ones else ""
    until = " until the run ended" if result.ended else ""
    return f"{good} of {len(result.verdicts)} expectations met{unjudged}, {laws}{until}."


def _expectations(result: Result) -> str:
    rows = [
        [
            ("", verdict_chip(verdict)),
            ("", escaped(verdict.name)),
            ("", escaped(verdict.expected)),
            ("", f"<b>{escaped(verdict.measured)}</b>"),
            ("origin", escaped(verdict.origin)),
        ]
        for verdict in result.verdicts
    ]
    heads = [("", "Verdict"), ("", "Expectation"), ("", "Expected"), ("", "Measured"), ("", "Origin")]
    return f"<h2>What was expected</h2>{table(heads, rows)}"


def _chart(result: Result, run: Run) -> str:
    which = ""
    if len(result.runs) > 1 and run.value is not None:
        path = escaped(result.scenario.sweep and result.scenario.sweep.path)
        which = f" Drawn is the run with {path} = {escaped(run.value_words)}."
    return CHART.replace("{{which}}", which)


def change_words(change: Change) -> str:
    """What a change does, in words."""
    said: list[str] = []
    for section, values in change.values.items():
        for name, value in values.items():
            row = setup_rows()[section][name]
            shown = row.names[int(value)] if row.names else f"{value:g}{f' {row.unit}' if row.unit else ''}"
            said.append(f"{name} = {shown}")
    ramp = f", over {change.ramp_s:g} s" if change.ramp_s else ""
    return ": ".join(part for part in (change.label, ", ".join(said) + ramp) if part)


def _script(run: Run) -> str:
    played = sorted(_played(run.scenario), key=lambda one: one[0])
    end_s = len(run.rows) / TICKS_PER_S
    rows = [
        [("num", at_link(at_s)), ("", escaped(words))]
        if at_s < end_s
        else [("num", f"{at_s:.3f} s"), ("", f"{escaped(words)} <i>(not reached)</i>")]
        for at_s, words in played
    ]
    listed = table([("num", "Time"), ("", "Change")], rows, cards=False)
    return f"<h2>What was played</h2>{listed if rows else '<p>Nothing changes during the run.</p>'}"


def _played(scenario: Scenario) -> Iterator[tuple[float, str]]:
    """Every change with its instant, recorded voltages and measured loads among them."""
    yield from ((change.at_s, change_words(change)) for change in scenario.changes)
    record = scenario.replay
    if record is not None:
        legs = f"L1 {record.l1 or 'its first channel'}, L2 {record.l2 or 'the negative of L1'}"
        if record.file.suffix.lower() == ".csv":
            legs = "RMS values of its columns"
        scaled = f", its first cycle brought to {record.to_rms_v:g} V" if record.to_rms_v > 0.0 else ""
        scaled += f", times {record.scale:g}" if record.scale != 1.0 else ""
        yield record.at_s, f"recorded voltage in place of the utility's: {record.file.name} ({legs}){scaled}"
    for load in scenario.loads:
        yield load.at_s, f"measured power onto {load.onto}: {load.file.name}, column {load.column}"


def _waves(run: Run) -> str:
    if not run.windows:
        return ""
    return (
        '<h2>Waveforms around what happened</h2><p class="note">Solved, sample by sample; the dashed red line is the '
        'instant in the title.</p><div id="waves" class="waves"></div>'
    )


_SHOWN_EVENTS = 200
_OF_A_SURGE = (
    ("surge_crest_v", "Crest at the meter, V", ".0f"),
    ("surge_joules", "In its protector, J", ".3g"),
    ("spd_used_fraction", "Of its life used", ".1%"),
    ("panel_crest_v", "Crest at the panel, V", ".0f"),
    ("panel_spd_joules", "In the panel's protector, J", ".3g"),
    ("panel_spd_used_fraction", "Of its life used", ".1%"),
)
"""Quantity, heading and format of what is told of a surge."""


def _events(run: Run) -> str:
    rows: list[list[tuple[str, str]]] = []
    for row, event in run.events():
        values = run.rows[row]
        mode = ""
        if event is Event.MODE_CHANGED:
            why = CAUSE_WORDS[Cause(int(values["cause"]))] if run.tells("cause") else "of what is not told"
            mode = f": {Mode(int(values['mode'])).name if run.tells('mode') else 'mode not told'}, because {why}"
        volts = " / ".join(
            f"{values[f'{side}_l1_v']:.1f}, {values[f'{side}_l2_v']:.1f}" for side in ("utility", "bus", "inlet")
        )
        amps = ", ".join(f"{max(values[f'utility_{leg}_a'], values[f'backup_{leg}_a']):.1f}" for leg in ("l1", "l2"))
        words = event.name.lower().replace("_", " ") + mode
        rows.append(
            [
                ("num", at_link((row + 1) / TICKS_PER_S)),
                ("", escaped(words)),
                ("num", escaped(volts)),
                ("num", escaped(amps)),
            ]
        )
    more = f"<p>{len(rows) - _SHOWN_EVENTS} more are left out.</p>" if len(rows) > _SHOWN_EVENTS else ""
    heads = [("num", "Time"), ("", "Event"), ("num", "Volts: utility / bus / inlet"), ("num", "Amperes")]
    if not rows:
        none = "No event." if run.tells("events") else "Not told: the controller tells no events."
        return f"<h2>Events</h2><p>{none}</p>"
    return f"<h2>Events, with the true values of their half-cycle</h2>{table(heads, rows[:_SHOWN_EVENTS])}{more}"


def _surges(run: Run) -> str:
    """What each surge did; of several in one half-cycle the last is told."""
    struck = np.flatnonzero(np.diff(run.quantity("surges"), prepend=0.0))
    if not len(struck):
        return ""
    # Without a protector at the panel its crest is that of the meter.
    told = _OF_A_SURGE if run.quantity("panel_spd_joules").any() else _OF_A_SURGE[:3]
    rows = [
        [
            ("num", at_link((int(row) + 1) / TICKS_PER_S)),
            *(("num", f"{run.quantity(name)[row]:{form}}") for name, _head, form in told),
        ]
        for row in struck[:_SHOWN_EVENTS]
    ]
    heads = [("num", "Time"), *(("num", head) for _name, head, _form in told)]
    more = f"<p>{len(struck) - _SHOWN_EVENTS} more are left out.</p>" if len(struck) > _SHOWN_EVENTS else ""
    return f"<h2>Surges</h2>{table(heads, rows)}{more}"


def _laws(result: Result) -> str:
    broken = result.broken
    rows: list[list[tuple[str, str]]] = []
    for law in LAWS:
        shown = result.scenario.may_break.get(law)
        breach = broken.get(law)
        if breach is not None:
            state, words = '<span class="chip fail">broken</span>', f"{breach.words}, at {at_link(breach.at_s)}"
        elif shown and any(b.law == law for run in result.runs for b in run.breaches):
            state, words = '<span class="chip wait">shown broken</span>', escaped(shown)
        elif law in result.exercised:
            state, words = '<span class="chip pass">held</span>', "until the run ended" if result.ended else ""
        elif law in NOT_OF_A_RUN:
            state, words = '<span class="chip wait">not of a run</span>', NOT_OF_A_RUN[law]
        else:
            state, words = '<span class="chip wait">not exercised</span>', ""
        rows.append([("", state), ("", f"<b>{law}</b> {escaped(LAW_WORDS[law])}"), ("", words)])
    return (
        "<h2>Laws</h2><p class='note'>Judged on solved voltages, currents and contact positions, never on what the "
        f"controller believes.</p>{table([('', 'State'), ('', 'Law'), ('', 'Found')], rows)}"
    )


def _sweep(result: Result) -> str:
    if len(result.runs) == 1 or result.scenario.sweep is None:
        return ""
    rows = [
        [
            ("num", escaped(run.value_words)),
            ("", " &rarr; ".join(mode.name for _row, mode, _cause in run.modes()) or "not told"),
            ("", ", ".join(breach.law for breach in run.breaches) or "none"),
        ]
        for run in result.runs
    ]
    path = escaped(result.scenario.sweep.path)
    listed = table([("num", path), ("", "Modes"), ("", "Laws broken")], rows)
    return f"<h2>Every run of the sweep</h2><details><summary>{len(rows)} runs</summary>{listed}</details>"


def _setup(result: Result) -> str:
    given = flat(result.scenario.setup)
    rows = {row[0]: row for row in SETUP_ROWS}
    named = {name: row.names for section in setup_rows().values() for name, row in section.items()}
    home = [
        [
            ("mono", name),
            ("num", named[name][int(value)] if named[name] else f"{value:g} {rows[name][2]}"),
            ("", escaped(rows[name][3])),
        ]
        for name, value in given.items()
    ]
    settings = [
        [
            ("mono", row[0]),
            ("num", f"{rounded(result.scenario.controller.get(row[0], row[4]))} {row[2]}"),
            ("", "<b>set here</b>" if row[0] in result.scenario.controller else "default"),
            ("", escaped(row[3])),
        ]
        for row in SETTINGS
    ]
    heads = [("", "Value"), ("num", "Is"), ("", "Meaning")]
    changed = [row for row in settings if "set here" in row[2][1]]
    heads_of = [("", "Setting"), ("num", "Is"), ("", ""), ("", "Meaning")]
    return (
        "<h2>The home and the meter</h2>"
        + (table(heads, home) if home else "<p>Everything at its default.</p>")
        + "<h3>Settings of the controller</h3>"
        + (table(heads_of, changed) if changed else "<p>All at their defaults.</p>")
        + f"<details><summary>All {len(settings)} settings</summary>{table(heads_of, settings)}</details>"
    )


def _provenance(result: Result, provenance: Provenance) -> str:
    runs = f"{len(result.runs)} run{'s' if len(result.runs) > 1 else ''}"
    facts = [
        ("Controller", result.controller),
        ("Hash of its source", result.controller_hash or "not known: a controller of somebody else"),
        ("Scenario", result.scenario.name),
        ("Played", f"{result.scenario.duration_s:g} s, {runs}, {RATE_HZ:,} samples a second, seed {SEED}"),
        *((f"SHA-256 of {file.name}", file.sha256) for file in result.files),
    ]
    same = "The same scenario, seed and version give the same run"
    if result.answers is not None:
        facts.insert(1, ("Its answers", str(result.answers)))
        same += " as long as the controller, which is started apart, gives the same answers"
    return made_again(facts, provenance, same)


def _note(words: str) -> str:
    return f'<span class="note">{escaped(words)}</span>'


def index_page(results: list[tuple[Result, str]], provenance: Provenance) -> str:
    """A page that lists every scenario with its verdict, the failed ones first, and leads to its report.

    Args:
        results: Each with the name of its report's file.
        provenance: Of the whole.
    """
    good = sum(result.passed for result, _file in results)
    rows = [
        [
            ("", chip(result.passed, "passed", "failed")),
            (
                "",
                f'<a href="{escaped(file)}">{escaped(result.scenario.title)}</a><br>{_note(result.scenario.name)}',
            ),
            ("", ", ".join(escaped(word) for word in result.scenario.shows)),
            ("", escaped(_summary(result))),
        ]
        for result, file in sorted(results, key=lambda one: one[0].passed)
    ]
    heads = [("", "Verdict"), ("", "Scenario"), ("", "Shows"), ("", "In short")]
    controller = results[0][0].controller if results else ""
    body = (
        '<header><p class="lead">Bench report of a backup power transfer meter</p>'
        f"<h1>{len(results)} scenarios with the controller {escaped(controller)}</h1>"
        f"<p>{chip(good == len(results), 'all passed', f'{len(results) - good} failed', big=True)} "
        f"{good} of {len(results)} passed.</p></header><main>{table(heads, rows)}"
        f"<h2>To make it again</h2><pre><code>{escaped(provenance.command)}</code></pre>"
        f'<p class="note">bptm {bptm.__version__}, {escaped(provenance.made_at)}</p></main>{footer()}'
    )
    return filled("report.html", title="Bench report", body=body, data=None)
