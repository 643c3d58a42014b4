"""One life of chaos again, step by step: what happened, as text, as a page, as a folder."""

import html
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bptm.terms.codes import CAUSE_WORDS, Cause, Mode
from bptm.terms.core_codes import TICKS_PER_S
from bptm.twin.chaos import INTERLOCKS, LIFE_TICKS, ScriptRow, hazard_word, script_of, violation_of

ROWS_MOST = 4000
"""Steps of the last episode that are kept."""
SHOWN_BEFORE_S = 90.0
_SIDES = ("utility_l1_v", "utility_l2_v", "bus_l1_v", "bus_l2_v", "inlet_l1_v", "inlet_l2_v")
_COLOURS = ("#1f77b4", "#7fb2d9", "#2ca02c", "#8fd08f", "#d62728", "#eb9394")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The circuit and the meter after one step."""

    tick: int
    mode: int
    cause: int
    latched: int
    u_order: int
    b_order: int
    u_poles: int
    b_poles: int
    u_moving: int
    b_moving: int
    volts: tuple[float, ...]
    u_a: float
    b_a: float

    @property
    def state(self) -> tuple[int, ...]:
        """What a change of makes a line of the timeline."""
        return (
            self.mode,
            self.cause,
            self.latched,
            self.u_order,
            self.b_order,
            self.u_poles,
            self.b_poles,
            self.u_moving,
            self.b_moving,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The last episode of a life that was lived again."""

    seed: int
    home: int
    tick: int
    laws: tuple[int, ...]
    seen: float
    wanted: float
    story: str
    hazard: str
    interlock: str
    episode: int
    script: tuple[ScriptRow, ...]
    moments: tuple[Moment, ...]

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "seed": self.seed,
            "home": self.home,
            "tick": self.tick,
            "laws": [f"LAW-{law}" for law in self.laws],
            "seen": self.seen,
            "wanted": self.wanted,
            "story": self.story,
            "hazard": self.hazard,
            "interlock": self.interlock,
            "episode": self.episode,
            "script": [{"at_s": row.at_s, "what": row.what, "argument": row.argument} for row in self.script],
            "timeline": list(lines_of(self)),
        }


def replay_life(seed: int, home: int, until_tick: int | None = None) -> Story:
    """Lives a home again to its first broken law, to `until_tick`, or to its end; keeps its last episode."""
    from bptm.compiled.chaos import Lives  # noqa: PLC0415  compiles, or loads what is compiled

    lives = Lives.begin(seed, home)
    until_tick = LIFE_TICKS if until_tick is None else min(until_tick, LIFE_TICKS)
    episode = 0
    moments: list[Moment] = []
    life, device, orders = lives.life[0], lives.device[0], lives.orders[0]
    while int(life["tick"]) < until_tick and not int(life["broken"]):
        lives.step(until_tick)
        if int(life["episode"]) != episode:
            episode = int(life["episode"])
            moments.clear()
        moments.append(_moment(life, device, orders))
        if len(moments) > 2 * ROWS_MOST:
            del moments[:ROWS_MOST]
    broken = violation_of(life)
    return Story(
        seed=seed,
        home=home,
        tick=int(life["tick"]) if not broken.laws else broken.tick,
        laws=broken.laws,
        seen=broken.seen,
        wanted=broken.wanted,
        story=broken.story,
        hazard=hazard_word(broken.hazard),
        interlock=INTERLOCKS[broken.interlock],
        episode=episode,
        script=script_of(life),
        moments=tuple(moments[-ROWS_MOST:]),
    )


def _moment(life: Any, device: Any, orders: Any) -> Moment:
    return Moment(
        tick=int(life["tick"]),
        mode=int(device["mode"]),
        cause=int(device["cause"]),
        latched=int(device["latched"]),
        u_order=int(orders["u_out"]),
        b_order=int(orders["b_out"]),
        u_poles=int(life["u_poles"]),
        b_poles=int(life["b_poles"]),
        u_moving=int(life["u_moving"]),
        b_moving=int(life["b_moving"]),
        volts=tuple(float(life[name]) for name in _SIDES),
        u_a=max(float(life["u1_a"]), float(life["u2_a"])),
        b_a=max(float(life["b1_a"]), float(life["b2_a"])),
    )


_ORDERS = ("none", "open", "close")
_POLES = ("open", "leg 1 closed", "leg 2 closed", "closed")


def lines_of(story: Story) -> Iterator[str]:
    """The timeline: every entry of the script that happened, and every change of mode, order or contact."""
    entries = [row for row in story.script if row.at_s * TICKS_PER_S <= story.tick]
    told: list[tuple[float, int, str]] = [
        (row.at_s, 0, f"        {row.what} {row.argument}") for row in entries if row.what != "load changes"
    ]
    before: tuple[int, ...] = ()
    for moment in story.moments:
        if moment.state == before:
            continue
        before = moment.state
        told.append((moment.tick / TICKS_PER_S, 1, words_of(moment)))
    for at_s, _order, text in sorted(told, key=lambda one: one[:2]):
        yield f"{at_s:14.3f} s  {text}"


def words_of(moment: Moment) -> str:
    """One moment in a line."""
    u1, u2, b1, b2, i1, i2 = moment.volts
    cause = CAUSE_WORDS[Cause(moment.cause)]
    moving = "".join(f"; {name} travels" for name, moves in (("U", moment.u_moving), ("B", moment.b_moving)) if moves)
    return (
        f"{Mode(moment.mode).name} ({cause}); U {_POLES[moment.u_poles]}, ordered {_ORDERS[moment.u_order]}; "
        f"B {_POLES[moment.b_poles]}, ordered {_ORDERS[moment.b_order]}{moving}; utility {u1:.0f}/{u2:.0f} V, "
        f"bus {b1:.0f}/{b2:.0f} V, inlet {i1:.0f}/{i2:.0f} V, U {moment.u_a:.0f} A, B {moment.b_a:.0f} A"
    )


def head_of(story: Story) -> str:
    """What came of it, in a sentence."""
    at_s = story.tick / TICKS_PER_S
    where = f"seed {story.seed}, home {story.home}, episode {story.episode} ({story.story}; faults: {story.hazard}; "
    where += f"{story.interlock})"
    if not story.laws:
        return f"No law broken until {at_s:.3f} s (tick {story.tick}): {where}."
    laws = ", ".join(f"LAW-{law}" for law in story.laws)
    return (
        f"{laws} broken at {at_s:.3f} s (tick {story.tick}): {story.seen:g} where {story.wanted:g} is allowed; {where}."
    )


def timeline(story: Story) -> str:
    """All of it as text."""
    return "\n".join([head_of(story), *lines_of(story)])


def page(story: Story) -> str:
    """All of it as one page that stands alone: voltages on a time axis, the script, the timeline."""
    rows = "".join(
        f"<tr><td>{row.at_s:.3f}</td><td>{html.escape(row.what)}</td><td>{row.argument}</td></tr>"
        for row in story.script
    )
    lines = html.escape("\n".join(lines_of(story)))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Life {story.seed}:{story.home}</title><style>"
        "body{font:16px/1.5 system-ui,sans-serif;margin:1rem auto;"
        "max-width:70rem;padding:0 1rem;color:#1a1a1a;background:#fff}table{border-collapse:collapse}"
        "td,th{padding:.15rem .7rem .15rem 0;text-align:left;vertical-align:top}"
        "pre{overflow:auto;background:#f4f4f4;padding:.7rem;font-size:.8rem}"
        "svg{width:100%;height:auto}.key span{white-space:nowrap;margin-right:1rem}</style></head><body>"
        f"<h1>Life {story.seed}:{story.home}</h1><p>{html.escape(head_of(story))}</p>"
        f"{_chart(story)}<h2>What happened to it</h2><table><tr><th>s</th><th>what</th><th>with</th></tr>{rows}</table>"
        f'<h2>What it did</h2><pre tabindex="0">{lines}</pre></body></html>\n'
    )


def _chart(story: Story) -> str:
    """Voltages of the last seconds."""
    end_tick = story.moments[-1].tick if story.moments else 0
    shown = [m for m in story.moments if m.tick >= end_tick - SHOWN_BEFORE_S * TICKS_PER_S]
    if len(shown) < 2:  # noqa: PLR2004  nothing to draw
        return ""
    first, last = shown[0].tick, max(shown[-1].tick, shown[0].tick + 1)
    top_v = max(150.0, *(max(m.volts) for m in shown))

    def x(tick: int) -> float:
        return 60.0 + 920.0 * (tick - first) / (last - first)

    def y(volts: float) -> float:
        return 270.0 - 250.0 * volts / top_v

    paths = ""
    for side, (name, colour) in enumerate(zip(_SIDES, _COLOURS, strict=True)):
        points: list[str] = []
        for here, after in zip(shown, [*shown[1:], shown[-1]], strict=True):
            points.append(f"{x(here.tick):.1f},{y(here.volts[side]):.1f}")
            points.append(f"{x(after.tick):.1f},{y(here.volts[side]):.1f}")
        paths += f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{" ".join(points)}"/>'
        paths += f"<title>{name}</title>" if side == 0 else ""
    grid = "".join(
        f'<line x1="60" x2="980" y1="{y(v):.1f}" y2="{y(v):.1f}" stroke="#ddd"/>'
        f'<text x="52" y="{y(v) + 4:.1f}" text-anchor="end" font-size="12">{v} V</text>'
        for v in range(0, int(top_v) + 1, 30)
    )
    ends = (
        f'<text x="60" y="290" font-size="12">{first / TICKS_PER_S:.3f} s</text>'
        f'<text x="980" y="290" font-size="12" text-anchor="end">{last / TICKS_PER_S:.3f} s</text>'
    )
    key = "".join(
        f'<span><b style="color:{colour}">&#9644;</b> {name.removesuffix("_v").replace("_l", ", leg ")}</span>'
        for name, colour in zip(_SIDES, _COLOURS, strict=True)
    )
    label = "Voltages of utility, bus and inlet before the end of the replay"
    return (
        f'<h2>Voltages</h2><svg viewBox="0 0 1000 300" role="img" aria-label="{label}">{grid}{paths}{ends}</svg>'
        f'<p class="key">{key}</p>'
    )


def save_life(story: Story, folder: Path) -> None:
    """A folder to hand on: `timeline.txt`, `life.json` and `life.html`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "timeline.txt").write_text(timeline(story) + "\n", encoding="utf-8")
    (folder / "life.json").write_text(json.dumps(story.as_json(), indent=1) + "\n", encoding="utf-8")
    (folder / "life.html").write_text(page(story), encoding="utf-8")
