"""The HTML report of a scenario: one file that stands alone, from which no request leaves."""

import html
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import bptm
from bptm.compiled.bench_setup import SETUP_ROWS
from bptm.terms.codes import CAUSE_WORDS, Cause, Event
from bptm.terms.core_settings import SETTINGS
from bptm.twin.bench.catalogue import flat, setup_rows
from bptm.twin.bench.reading import LAWS
from bptm.twin.bench.report_series import panels_of, rounded, waves_of
from bptm.twin.bench.run import Result, Run
from bptm.twin.bench.scenario import TICKS_PER_S, Change

_PAGE = Path(__file__).parent / "page"

LAW_WORDS: Mapping[str, str] = {
    "LAW-1": "never both contactors ordered closed, never both closed",
    "LAW-2": "no close onto a live bus, inside the dead time, or without energy to open again",
    "LAW-3": "no reset or lockout issues a close",
    "LAW-4": "no remote message waives a permissive, clears a lockout or closes B for an engine",
    "LAW-5": "a utility side that follows the bus opens B within 40 ms",
    "LAW-6": "a missing leg, legs in phase or a broken neutral is not accepted, and is left in time",
    "LAW-7": "a good utility is returned to within the timers",
    "LAW-8": "each source's register within 0.2 % of the energy through its contactor",
    "LAW-9": "every change of mode has an event and a cause; every lockout a listed one",
    "LAW-10": "clock steps, loss and replay of messages change none of the others",
    "LAW-11": "with the utility failed and a qualified source the home is fed within the timers",
    "LAW-12": "U never opens inside the no-interruption region of ITIC",
    "LAW-13": "each premise of each proof is reachable",
    "LAW-14": "no source of the premises energises a dead grid",
    "LAW-15": "no opening above the breaking rating is ordered",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a report comes from: what a reader needs to make it again.

    Attributes:
        command: As it was typed.
        made_at: Date and time, as the host's clock said.
    """

    command: str
    made_at: str


def report_page(result: Result, provenance: Provenance) -> str:
    """The whole page."""
    run = shown_run(result)
    data = {
        "duration_s": max(len(run.rows) / TICKS_PER_S, 1 / TICKS_PER_S),
        "panels": panels_of(run),
        "changes": [{"at_s": change.at_s, "words": change_words(change)} for change in run.scenario.changes],
        "waves": waves_of(run),
    }
    return _filled(
        "report.html", title=f"{result.scenario.title}: bench report", body=_body(result, run, provenance), data=data
    )


def shown_run(result: Result) -> Run:
    """The run that is drawn: the first that ended early or broke a law, else the first whose verdict may differ."""
    for run in result.runs:
        if run.ended or any(breach.law not in result.scenario.may_break for breach in run.breaches):
            return run
    return result.runs[0]


def _filled(template: str, *, title: str, body: str, data: object) -> str:
    page = (_PAGE / template).read_text(encoding="utf-8")
    # A closing tag inside the data would end the script early.
    packed = json.dumps(data, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    css = (_PAGE / "report.css").read_text(encoding="utf-8")
    script = (_PAGE / "report.js").read_text(encoding="utf-8") if data is not None else ""
    for name, text in (("title", html.escape(title)), ("css", css), ("js", script), ("body", body), ("data", packed)):
        page = page.replace("{{" + name + "}}", text, 1)
    return page


def _body(result: Result, run: Run, provenance: Provenance) -> str:
    scenario = result.scenario
    parts = [
        "<header>",
        '<p class="lead">Bench report of a backup power transfer meter</p>',
        f"<h1>{_e(scenario.title)}</h1>",
        f"<p>{_chip(result.passed, 'passed', 'failed', big=True)} {_summary(result)}</p>",
        f"<p>{_e(scenario.about)}</p>" if scenario.about else "",
        _tags(scenario.shows),
        "</header><main>",
    ]
    if result.ended:
        parts.append(f'<p class="chip fail big">The run ended early: {_e(result.ended)}</p>')
    parts += [_expectations(result), _chart(result, run), _script(run), _waves(run), _events(run), _laws(result)]
    parts += [_sweep(result), _setup(result), _provenance(result, provenance), "</main>", _footer()]
    return "\n".join(part for part in parts if part)


def _e(text: object) -> str:
    return html.escape(str(text))


def _chip(good: bool, yes: str, no: str, *, big: bool = False) -> str:  # noqa: FBT001
    return f'<span class="chip {"pass" if good else "fail"}{" big" if big else ""}">{yes if good else no}</span>'


def _summary(result: Result) -> str:
    good = sum(verdict.passed for verdict in result.verdicts)
    broken = len(result.broken)
    laws = "no law broken" if not broken else f"{broken} law{'s' if broken > 1 else ''} broken"
    return f"{good} of {len(result.verdicts)} expectations met, {laws}."


def _tags(shows: Iterable[str]) -> str:
    return f'<p class="tags">{"".join(f"<span>{_e(word)}</span>" for word in shows)}</p>'


def _table(heads: Iterable[tuple[str, str]], rows: Iterable[Iterable[tuple[str, str]]], *, cards: bool = True) -> str:
    """A table; each head and cell is its class and its markup. On a phone each row becomes a card."""
    listed = list(heads)
    head = "".join(f'<th scope="col" class="{kind}">{words}</th>' for kind, words in listed)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{kind}" data-is="{name}">{markup}</td>'
            for (kind, markup), (_kind, name) in zip(row, listed, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    kind = ' class="cards"' if cards else ""
    return f'<div class="wide"><table{kind}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _expectations(result: Result) -> str:
    rows = [
        [
            ("", _chip(verdict.passed, "met", "not met")),
            ("", _e(verdict.name)),
            ("", _e(verdict.expected)),
            ("", f"<b>{_e(verdict.measured)}</b>"),
            ("origin", _e(verdict.origin)),
        ]
        for verdict in result.verdicts
    ]
    heads = [("", "Verdict"), ("", "Expectation"), ("", "Expected"), ("", "Measured"), ("", "Origin")]
    return f"<h2>What was expected</h2>{_table(heads, rows)}"


def _chart(result: Result, run: Run) -> str:
    which = ""
    if len(result.runs) > 1 and run.value is not None:
        which = f" Drawn is the run with {_e(result.scenario.sweep and result.scenario.sweep.path)} = {run.value:g}."
    return _CHART.replace("{{which}}", which)


_CHART = """<h2>What happened, on one time axis</h2>
<p class="note screen">Drag over the chart to zoom, double-click for the whole run; on a phone use the buttons. With the
keyboard: arrows move the cursor, with shift by one half-cycle; + and - zoom, 0 shows all.{{which}}</p>
<div class="tools"><button id="in" type="button">Zoom in</button><button id="out" type="button">Zoom out</button>
<button id="back" type="button" aria-label="Earlier">&larr;</button>
<button id="on" type="button" aria-label="Later">&rarr;</button>
<button id="whole" type="button">Whole run</button> <output id="at"></output></div>
<div id="live" class="hidden" aria-live="polite"></div>
<div id="chart" class="chart" tabindex="0" role="group"
aria-label="Charts of the run. Arrow keys move the cursor, plus and minus zoom, zero shows the whole run."></div>
<noscript><p>The charts are drawn by a script in this page; the tables say the same in words.</p></noscript>"""


def _at(at_s: float) -> str:
    return f'<a href="#chart" data-at="{at_s:.4f}">{at_s:.3f} s</a>'


def change_words(change: Change) -> str:
    """What a change does, in words."""
    said: list[str] = []
    for section, values in change.values.items():
        for name, value in values.items():
            row = setup_rows()[section][name]
            shown = row.names[int(value)] if row.names else f"{value:g}{f' {row.unit}' if row.unit else ''}"
            said.append(f"{name} = {shown}")
    ramp = f", over {change.ramp_s:g} s" if change.ramp_s else ""
    return (f"{change.label}: " if change.label else "") + ", ".join(said) + ramp


def _script(run: Run) -> str:
    rows = [[("num", _at(change.at_s)), ("", _e(change_words(change)))] for change in run.scenario.changes]
    return f"<h2>What was played</h2>{_table([('num', 'Time'), ('', 'Change')], rows, cards=False)}"


def _waves(run: Run) -> str:
    if not run.windows:
        return ""
    return (
        '<h2>Waveforms around what happened</h2><p class="note">Solved, sample by sample; the dashed red line is the '
        'instant in the title.</p><div id="waves" class="waves"></div>'
    )


_SHOWN_EVENTS = 200


def _events(run: Run) -> str:
    rows: list[list[tuple[str, str]]] = []
    for row, event in run.events():
        values = run.rows[row]
        mode = ""
        if event is Event.MODE_CHANGED:
            cause = Cause(int(values["cause"]))
            mode = f": {_mode_name(int(values['mode']))}, because {CAUSE_WORDS[cause]}"
        volts = " / ".join(
            f"{values[f'{side}_l1_v']:.1f}, {values[f'{side}_l2_v']:.1f}" for side in ("utility", "bus", "inlet")
        )
        amps = ", ".join(f"{max(values[f'utility_{leg}_a'], values[f'backup_{leg}_a']):.1f}" for leg in ("l1", "l2"))
        words = event.name.lower().replace("_", " ") + mode
        rows.append([("num", _at((row + 1) / TICKS_PER_S)), ("", _e(words)), ("num", _e(volts)), ("num", _e(amps))])
    more = f"<p>{len(rows) - _SHOWN_EVENTS} more are left out.</p>" if len(rows) > _SHOWN_EVENTS else ""
    heads = [("num", "Time"), ("", "Event"), ("num", "Volts: utility / bus / inlet"), ("num", "Amperes")]
    return f"<h2>Events, with the true values of their half-cycle</h2>{_table(heads, rows[:_SHOWN_EVENTS])}{more}"


def _mode_name(mode: int) -> str:
    from bptm.terms.codes import Mode  # noqa: PLC0415  beside its only use

    return Mode(mode).name


def _laws(result: Result) -> str:
    broken = result.broken
    rows: list[list[tuple[str, str]]] = []
    for law in LAWS:
        shown = result.scenario.may_break.get(law)
        breach = broken.get(law)
        if breach is not None:
            state, words = '<span class="chip fail">broken</span>', f"{breach.words}, at {_at(breach.at_s)}"
        elif shown and any(b.law == law for run in result.runs for b in run.breaches):
            state, words = '<span class="chip wait">shown broken</span>', _e(shown)
        elif law in result.exercised:
            state, words = '<span class="chip pass">held</span>', ""
        else:
            state, words = '<span class="chip wait">not exercised</span>', ""
        rows.append([("", state), ("", f"<b>{law}</b> {_e(LAW_WORDS[law])}"), ("", words)])
    return (
        "<h2>Laws</h2><p class='note'>Judged on solved voltages, currents and contact positions, never on what the "
        f"controller believes.</p>{_table([('', 'State'), ('', 'Law'), ('', 'Found')], rows)}"
    )


def _sweep(result: Result) -> str:
    if len(result.runs) == 1 or result.scenario.sweep is None:
        return ""
    rows = [
        [
            ("num", f"{run.value:g}"),
            ("", " &rarr; ".join(mode.name for _row, mode, _cause in run.modes())),
            ("", ", ".join(breach.law for breach in run.breaches) or "none"),
        ]
        for run in result.runs
    ]
    path = _e(result.scenario.sweep.path)
    table = _table([("num", path), ("", "Modes"), ("", "Laws broken")], rows)
    return f"<h2>Every run of the sweep</h2><details><summary>{len(rows)} runs</summary>{table}</details>"


def _setup(result: Result) -> str:
    given = flat(result.scenario.setup)
    rows = {row[0]: row for row in SETUP_ROWS}
    named = {name: row.names for section in setup_rows().values() for name, row in section.items()}
    home = [
        [
            ("mono", name),
            ("num", named[name][int(value)] if named[name] else f"{value:g} {rows[name][2]}"),
            ("", _e(rows[name][3])),
        ]
        for name, value in given.items()
    ]
    settings = [
        [
            ("mono", row[0]),
            ("num", f"{rounded(result.scenario.controller.get(row[0], row[4]))} {row[2]}"),
            ("", "<b>set here</b>" if row[0] in result.scenario.controller else "default"),
            ("", _e(row[3])),
        ]
        for row in SETTINGS
    ]
    heads = [("", "Value"), ("num", "Is"), ("", "Meaning")]
    changed = [row for row in settings if "set here" in row[2][1]]
    heads_of = [("", "Setting"), ("num", "Is"), ("", ""), ("", "Meaning")]
    return (
        "<h2>The home and the meter</h2>"
        + (_table(heads, home) if home else "<p>Everything at its default.</p>")
        + "<h3>Settings of the controller</h3>"
        + (_table(heads_of, changed) if changed else "<p>All at their defaults.</p>")
        + f"<details><summary>All {len(settings)} settings</summary>{_table(heads_of, settings)}</details>"
    )


def _provenance(result: Result, provenance: Provenance) -> str:
    hashed = result.controller_hash or "not known: a controller of somebody else"
    facts = [
        ("Controller", result.controller),
        ("Hash of its source", hashed),
        ("Version", f"bptm {bptm.__version__}"),
        ("Scenario", result.scenario.name),
        ("Played", f"{result.scenario.duration_s:g} s, {len(result.runs)} run{'s' if len(result.runs) > 1 else ''}"),
        ("Made", provenance.made_at),
    ]
    listed = "".join(f"<dt>{_e(name)}</dt><dd>{_e(value)}</dd>" for name, value in facts)
    return (
        f'<h2>To make it again</h2><dl class="facts">{listed}</dl><pre><code>{_e(provenance.command)}</code></pre>'
        '<p class="note">The same scenario, seed and version give the same run. This is a simulation: it shows what '
        "the controller's software does in a modelled home, and certifies no device.</p>"
    )


def _footer() -> str:
    return "<footer>This page stands alone: it loads nothing and sends nothing.</footer>"


def _note(words: str) -> str:
    return f'<span class="note">{_e(words)}</span>'


def index_page(results: list[tuple[Result, str]], provenance: Provenance) -> str:
    """A page that lists every scenario with its verdict, and leads to its report.

    Args:
        results: Each with the name of its report's file.
        provenance: Of the whole.
    """
    good = sum(result.passed for result, _file in results)
    rows = [
        [
            ("", _chip(result.passed, "passed", "failed")),
            (
                "",
                f'<a href="{_e(file)}">{_e(result.scenario.title)}</a><br>{_note(result.scenario.name)}',
            ),
            ("", ", ".join(_e(word) for word in result.scenario.shows)),
            ("", _e(_summary(result))),
        ]
        for result, file in results
    ]
    heads = [("", "Verdict"), ("", "Scenario"), ("", "Shows"), ("", "In short")]
    controller = results[0][0].controller if results else ""
    body = (
        '<header><p class="lead">Bench report of a backup power transfer meter</p>'
        f"<h1>{len(results)} scenarios with the controller {_e(controller)}</h1>"
        f"<p>{_chip(good == len(results), 'all passed', f'{len(results) - good} failed', big=True)} "
        f"{good} of {len(results)} passed.</p></header><main>{_table(heads, rows)}"
        f"<h2>To make it again</h2><pre><code>{_e(provenance.command)}</code></pre>"
        f'<p class="note">bptm {bptm.__version__}, {_e(provenance.made_at)}</p></main>{_footer()}'
    )
    return _filled("report.html", title="Bench report", body=body, data=None)
