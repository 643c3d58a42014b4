"""What every report of the bench is made of: the page around it, tables, verdicts, the chart's frame."""

import html
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import bptm
from bptm.twin.bench.run import Verdict

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

NOT_OF_A_RUN: Mapping[str, str] = {"LAW-13": "about proofs, not about runs: bptm prove shows each premise reached"}
"""Laws that no run of any scenario can put to the test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a report comes from: what a reader needs to make it again.

    Attributes:
        command: As it was typed.
        made_at: Date and time, as the host's clock said.
    """

    command: str
    made_at: str


def filled(template: str, *, title: str, body: str, data: object) -> str:
    """A whole page from its template; `data` goes to the script that draws, None for a page without charts."""
    page = (_PAGE / template).read_text(encoding="utf-8")
    # A closing tag inside the data would end the script early.
    packed = json.dumps(data, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    css = (_PAGE / "report.css").read_text(encoding="utf-8")
    script = (_PAGE / "report.js").read_text(encoding="utf-8") if data is not None else ""
    for name, text in (("title", html.escape(title)), ("css", css), ("js", script), ("body", body), ("data", packed)):
        page = page.replace("{{" + name + "}}", text, 1)
    return page


def escaped(text: object) -> str:
    """Text as markup."""
    return html.escape(str(text))


def chip(good: bool, yes: str, no: str, *, big: bool = False) -> str:  # noqa: FBT001
    """A verdict in a coloured word."""
    return f'<span class="chip {"pass" if good else "fail"}{" big" if big else ""}">{yes if good else no}</span>'


def verdict_chip(verdict: Verdict) -> str:
    """One expectation's verdict in a coloured word."""
    colour = "pass" if verdict.passed else "fail" if verdict.judged else "wait"
    return f'<span class="chip {colour}">{verdict.mark}</span>'


def tags(shows: Iterable[str]) -> str:
    """What a run shows, as small labels."""
    return f'<p class="tags">{"".join(f"<span>{escaped(word)}</span>" for word in shows)}</p>'


def table(heads: Iterable[tuple[str, str]], rows: Iterable[Iterable[tuple[str, str]]], *, cards: bool = True) -> str:
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


CHART = """<h2>What happened, on one time axis</h2>
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
"""The charts' frame; `{{which}}` is a sentence about what is drawn."""


def at_link(at_s: float) -> str:
    """An instant that moves the chart there."""
    return f'<a href="#chart" data-at="{at_s:.4f}">{at_s:.3f} s</a>'


def made_again(facts: Iterable[tuple[str, str]], provenance: Provenance, same: str) -> str:
    """What a reader needs to make it again; `same` says what gives the same run."""
    known = [*facts, ("Version", f"bptm {bptm.__version__}"), ("Made", provenance.made_at)]
    listed = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in known)
    return (
        f'<h2>To make it again</h2><dl class="facts">{listed}</dl><pre><code>{escaped(provenance.command)}</code></pre>'
        f'<p class="note">{same}. This is a simulation: it shows what the controller\'s software does in a modelled '
        "home, and certifies no device.</p>"
    )


def footer() -> str:
    """Last line of every report."""
    return "<footer>This page stands alone: it loads nothing and sends nothing.</footer>"
