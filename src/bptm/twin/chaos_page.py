"""The bench report of a life of chaos: the bench's own page, drawn from steps of half-cycles instead of samples."""

import itertools
from collections.abc import Callable, Iterator

from bptm.terms.codes import CAUSE_WORDS, Cause, Event, Mode
from bptm.terms.core_codes import ORDER_CLOSE, ORDER_OPEN, TICKS_PER_S
from bptm.terms.core_settings import SETTINGS
from bptm.twin.bench.controllers import CONTROLLERS
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
)
from bptm.twin.bench.report_series import HOLLOW, Panel, fact_words, lane, rounded, state_panel
from bptm.twin.chaos import LAWS
from bptm.twin.chaos_replay import Moment, Story, head_of

BEFORE_S, AFTER_S = 20.0, 5.0
"""What the chart shows at first around the instant at which a law broke."""
EVENTS_MOST = 300
NOT_HERE = {
    10: "what the others show: every life has clock steps, and messages that come twice or late",
    13: NOT_OF_A_RUN["LAW-13"],
}
_QUASI_STATIC = (
    "<p>Quasi-static: RMS values of each half-cycle or of a longer step in which nothing changes, no waveforms. Times "
    "are seconds of this episode; it began at tick {} of the life.</p>"
)
_KINDS = ("none", "portable", "inverter", "standby", "battery", "EV")


def page(story: Story, provenance: Provenance) -> str:
    """The whole page; it stands alone."""
    duration_s = max((story.moments[-1].tick - story.begun_tick) / TICKS_PER_S if story.moments else 0.0, 1.0)
    broken_s = (story.tick - story.begun_tick) / TICKS_PER_S
    data: dict[str, object] = {
        "duration_s": duration_s,
        "panels": list(_panels(story)),
        "changes": [{"at_s": rounded(at_s), "words": words} for at_s, words in _played(story)],
        "waves": [],
    }
    if story.laws:
        data["view"] = [max(0.0, broken_s - BEFORE_S), min(duration_s, broken_s + AFTER_S), broken_s]
    return filled("report.html", title=f"Life {story.seed}:{story.home}", body=_body(story, provenance), data=data)


def _body(story: Story, provenance: Provenance) -> str:
    good = not story.laws
    parts = [
        '<header><p class="lead">Bench report of a backup power transfer meter: a life of chaos</p>',
        f"<h1>Home {story.home} of seed {story.seed}, episode {story.episode}</h1>",
        f"<p>{chip(good, 'no law broken', 'failed', big=True)} {escaped(head_of(story))}</p>",
        _QUASI_STATIC.format(story.begun_tick),
        tags([story.story, f"faults: {story.hazard}", story.interlock]),
        "</header><main>",
        _expected(story),
        CHART.replace("{{which}}", ""),
        _script(story),
        _events(story),
        _laws(story),
        _home(story),
        _again(story, provenance),
        "</main>",
        footer(),
    ]
    return "\n".join(part for part in parts if part)


def _since(story: Story, tick: int) -> float:
    return (tick - story.begun_tick) / TICKS_PER_S


def _expected(story: Story) -> str:
    at = at_link(_since(story, story.tick))
    if not story.laws:
        rows = [[("", chip(True, "met", "")), ("", "no law breaks"), ("", "none"), ("", "<b>none</b>")]]  # noqa: FBT003
    else:
        rows = [
            [
                ("", chip(False, "met", "not met")),  # noqa: FBT003
                ("", f"<b>LAW-{law}</b> {escaped(LAW_WORDS[f'LAW-{law}'])}"),
                ("", f"{story.wanted:g}"),
                ("", f"<b>{story.seen:g}</b> at {at}"),
            ]
            for law in story.laws
        ]
    heads = [("", "Verdict"), ("", "Expectation"), ("", "Allowed"), ("", "Measured")]
    note = "<p class='note'>Value and limit are in the unit in which the first law named was judged.</p>"
    return f"<h2>What was expected</h2>{table(heads, rows)}{note if story.laws else ''}"


def _played(story: Story) -> Iterator[tuple[float, str]]:
    """Every entry of the script up to the end, in seconds of the episode."""
    begun_s = story.begun_tick / TICKS_PER_S
    for row in story.script:
        if row.at_s * TICKS_PER_S <= story.tick:
            yield row.at_s - begun_s, row.words


def _script(story: Story) -> str:
    rows = [[("num", at_link(at_s)), ("", escaped(words))] for at_s, words in _played(story)]
    return f"<h2>What was played</h2>{table([('num', 'Time'), ('', 'What, and with what')], rows, cards=False)}"


def _spans(story: Story, value_of: Callable[[Moment], int]) -> list[tuple[float, float, int]]:
    """Stretches of equal value of something that changes at the end of a step."""
    if not story.moments:
        return []
    times = [_since(story, moment.tick) for moment in story.moments]
    found: list[tuple[float, float, int]] = []
    start_s, value = 0.0, value_of(story.moments[0])
    for at_s, moment in zip(times, story.moments, strict=True):
        now = value_of(moment)
        if now != value:
            found.append((start_s, at_s, value))
            start_s, value = at_s, now
    return [*found, (start_s, max(times[-1], start_s + 1 / TICKS_PER_S), value)]


def levels(story: Story, value_of: Callable[[Moment], float], least: float) -> tuple[list[float], list[float]]:
    """Seconds and values of something that stays during each step, without points nobody would see.

    Args:
        story: Whose steps they are.
        value_of: What it was during the step that ends there.
        least: Smaller changes are left out.
    """
    times: list[float] = []
    kept: list[float] = []
    start_s = 0.0
    for moment in story.moments:
        end_s = rounded_s(_since(story, moment.tick))
        value = value_of(moment)
        if kept and abs(kept[-1] - value) < least:
            times[-1] = end_s
        else:
            times += [start_s, end_s]
            kept += [value, value]
        start_s = end_s
    return times, [rounded(value) for value in kept]


def rounded_s(seconds: float) -> float:
    """Tenths of a millisecond: finer than a half-cycle by far."""
    return round(seconds, 4)


def _plot(story: Story, title: str, unit: str, least: float, of: dict[str, Callable[[Moment], float]]) -> Panel:
    traces: list[dict[str, object]] = []
    seen: list[str] = []
    for label, value_of in of.items():
        times, values = levels(story, value_of, 0.001 * least)
        colour = {"through U": "utility", "through B": "inlet", "source": "inlet"}.get(
            label.removesuffix(" L1").removesuffix(" L2"), label.split(" ", 1)[0]
        )
        traces.append({"label": label, "colour": colour, "dashed": label.endswith("L2"), "t": times, "v": values})
        seen.append(f"{label} {min(values):.1f} to {max(values):.1f} {unit}")
    words = f"{title} over time: {', '.join(seen)}"
    return {"title": title, "unit": unit, "least": least, "traces": traces, "words": words}


def _volts_of(side: int) -> Callable[[Moment], float]:
    return lambda moment: moment.volts[side]


def _amps_of(way: int) -> Callable[[Moment], float]:
    return lambda moment: moment.amps[way]


def _panels(story: Story) -> Iterator[Panel]:
    if not story.moments:
        yield {"title": "Mode", "unit": "", "lanes": [lane("mode", [(0.0, 1.0, "nothing", "")])], "words": "nothing"}
        return
    yield _state_panel(story)
    sides = [f"{side} L{leg}" for side, leg in itertools.product(("utility", "bus", "inlet"), (1, 2))]
    yield _plot(story, "Voltage, RMS", "V", 20.0, {name: _volts_of(side) for side, name in enumerate(sides)})
    ways = [f"through {way} L{leg}" for way, leg in itertools.product("UB", (1, 2))]
    yield _plot(story, "Current, RMS", "A", 5.0, {name: _amps_of(way) for way, name in enumerate(ways)})
    hertz: dict[str, Callable[[Moment], float]] = {
        "utility": lambda moment: moment.utility_hz,
        "source": lambda moment: moment.source_hz,
    }
    yield _plot(story, "Frequency", "Hz", 2.0, hertz)
    facts = list(_fact_lanes(story))
    if facts:
        words = f"facts that stood: {', '.join(str(one['label']) for one in facts)}"
        yield {"title": "Facts of the controller", "unit": "", "lanes": facts, "words": words}


def _state_panel(story: Story) -> Panel:
    modes = [(a, b, Mode(v).name, f"m-{Mode(v).name.lower()}") for a, b, v in _spans(story, lambda moment: moment.mode)]
    lanes = [lane("mode", modes, names=True)]
    said = {0: "open", 1: "only leg 1 closed", 2: "only leg 2 closed", 3: "closed"}
    shades = {ORDER_OPEN: ("open", HOLLOW), ORDER_CLOSE: ("close", "")}
    contactors: tuple[tuple[str, str, Callable[[Moment], int], Callable[[Moment], int]], ...] = (
        ("U", "utility", lambda moment: moment.u_poles, lambda moment: moment.u_order),
        ("B", "inlet", lambda moment: moment.b_poles, lambda moment: moment.b_order),
    )
    for name, colour, poles_of, order_of in contactors:
        closed = [
            (a, b, said[v], "" if v == 0 else colour if v == 3 else "fail")  # noqa: PLR2004  both poles
            for a, b, v in _spans(story, poles_of)
        ]
        lanes.append(lane(f"{name} closed", closed))
        orders = [(a, b, *shades.get(v, ("none", ""))) for a, b, v in _spans(story, order_of)]
        lanes.append(lane(f"order to {name}", [(a, b, w, colour if w == "close" else c) for a, b, w, c in orders]))
    feeder = _spans(story, lambda moment: int(moment.utility_hz > 0.0))
    lanes.append(lane("feeder alive", [(a, b, "alive", "utility" if v else "") for a, b, v in feeder]))
    return state_panel(lanes, [name for _a, _b, name, _c in modes])


def _fact_lanes(story: Story) -> Iterator[dict[str, object]]:
    for words, bit in fact_words():
        if any(moment.facts & bit for moment in story.moments):
            spans = _spans(story, lambda moment, bit=bit: int(moment.facts & bit != 0))
            yield lane(words, [(a, b, "stands", "other" if v else "") for a, b, v in spans])


def _events(story: Story) -> str:
    rows: list[list[tuple[str, str]]] = []
    for moment in story.moments:
        for event in Event:
            if not (moment.events >> event) & 1:
                continue
            mode = ""
            if event is Event.MODE_CHANGED:
                mode = f": {Mode(moment.mode).name}, because {CAUSE_WORDS[Cause(moment.cause)]}"
            volts = " / ".join(f"{moment.volts[k]:.1f}, {moment.volts[k + 1]:.1f}" for k in (0, 2, 4))
            amps = ", ".join(f"{max(moment.amps[leg], moment.amps[2 + leg]):.1f}" for leg in (0, 1))
            words = event.name.lower().replace("_", " ") + mode
            at = at_link(_since(story, moment.tick))
            rows.append([("num", at), ("", escaped(words)), ("num", volts), ("num", amps)])
    left = len(rows) - EVENTS_MOST
    more = f"<p>The first {left} are left out.</p>" if left > 0 else ""
    heads = [("num", "Time"), ("", "Event"), ("num", "Volts: utility / bus / inlet"), ("num", "Amperes")]
    return f"<h2>Events, with the true values of their step</h2>{more}{table(heads, rows[-EVENTS_MOST:])}"


def _laws(story: Story) -> str:
    rows: list[list[tuple[str, str]]] = []
    for law in range(1, 16):
        if law in NOT_HERE:
            state, words = '<span class="chip wait">not asked here</span>', NOT_HERE[law]
        elif law in story.laws:
            at = at_link(_since(story, story.tick))
            state, words = chip(False, "", "broken"), f"found {story.seen:g}, allowed {story.wanted:g}, at {at}"  # noqa: FBT003
        elif law in story.excused:
            state, words = '<span class="chip wait">excused</span>', "by what happened in this episode"
        else:
            hours = story.checked_s[law] / 3600
            state, words = chip(True, "held", ""), f"asserted for {hours:,.1f} h of this life"  # noqa: FBT003
        rows.append([("", state), ("", f"<b>LAW-{law}</b> {escaped(LAW_WORDS[f'LAW-{law}'])}"), ("", words)])
    assert set(LAWS) | set(NOT_HERE) == set(range(1, 16))
    return (
        "<h2>Laws</h2><p class='note'>Judged on solved voltages, currents and contact positions, never on what the "
        f"controller believes.</p>{table([('', 'State'), ('', 'Law'), ('', 'Found')], rows)}"
    )


def _home(story: Story) -> str:
    values = story.home_values
    said = [
        ("Source", f"{_KINDS[int(values['source_kind'])]}, {values['rating_w'] / 1000:g} kW"),
        ("Its clock is off by", f"{values['source_own_hz'] * 1000:.0f} mHz"),
        ("Utility", f"{values['utility_v']:.1f} V, {values['service_ohm'] * 1000:.0f} mohm a leg"),
        ("A dead feeder", f"{values['dead_ohm']:.2f} ohm a leg"),
        ("Interlock in hardware", story.interlock),
    ]
    listed = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(value)}</dd>" for name, value in said)
    rows = [
        [("mono", row[0]), ("num", f"{rounded(story.settings[row[0]])} {row[2]}"), ("", escaped(row[3]))]
        for row in SETTINGS
        if row[0] in story.settings
    ]
    settings = table([("", "Setting"), ("num", "Is"), ("", "Meaning")], rows) if rows else "<p>All at defaults.</p>"
    return (
        f'<h2>The home and the meter</h2><dl class="facts">{listed}</dl>'
        f"<h3>Settings of the controller that differ from their defaults</h3>{settings}"
    )


def _again(story: Story, provenance: Provenance) -> str:
    controller = CONTROLLERS[story.controller]
    facts = [
        ("Controller", f"{controller.name}: {controller.words}"),
        ("Hash of its source", controller.source_hash()),
    ]
    return made_again(facts, provenance, "The same seed, home and version give the same life")
