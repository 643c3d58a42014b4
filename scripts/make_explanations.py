"""Makes the tables and the picture that stand inside pages written by hand: defaults, dead time, open transition.

python scripts/make_explanations.py            writes them into docs/explanation and docs/pictures
python scripts/make_explanations.py --check    writes nothing; status 1 and a sentence when one is not current

A table stands between `<!-- made: NAME -->` and `<!-- end -->`.
"""

import argparse
import math
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import settings_book
from decay_picture import LIMIT_PU, TAUS_MS, picture

ROOT = Path(__file__).parents[1]
EXPLANATION = Path("docs/explanation")
PAGES = ("defaults.md", "dead-time.md", "open-transition.md")
PICTURE = Path("docs/pictures/dead-time.svg")
_BLOCK = re.compile(r"<!-- made: (.*?) -->\n.*?<!-- end -->", re.DOTALL)
CONTACTOR_MS = (10, 50)
"""How long a contactor takes, from and to: domain.md 2.7."""
ITIC_MS = 20


class ExplanationError(Exception):
    """A page that asks for what cannot be made, or leaves out what it has to say."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def defaults() -> dict[str, float]:
    """Default of each setting of the controller, in its own unit."""
    return {s.name: s.default for group in settings_book.groups_of("core_settings") for s in group.settings}


def group_table(group: settings_book.Group) -> str:
    """Settings of one group: what each is, its default and range, and how far its origin is to be trusted."""
    book = settings_book.BOOK.read_text(encoding="utf-8")
    rows = [
        (
            f"`{s.name}`",
            s.meaning,
            settings_book.shown(s, s.default),
            f"{settings_book.shown(s, s.lowest)} to {settings_book.shown(s, s.highest)}",
            settings_book.trust(s, book),
        )
        for s in group.settings
    ]
    return table(("setting", "meaning", "default", "range", "trust"), rows)


def decay_table() -> str:
    """How long a residual voltage lasts, by its time constant, and what is left of it when a contactor closes."""
    p = defaults()
    dead_pu = p["dead_v"] / settings_book.NOMINAL_V
    rows: list[tuple[str, ...]] = []
    for tau_ms in TAUS_MS:
        quarter_ms, dead_ms = (-tau_ms * math.log(level) for level in (LIMIT_PU, dead_pu))
        closes_ms = dead_ms + ticks_ms(p["dead_time_ticks"])
        motor_ms = dead_ms + ticks_ms(p["dead_time_motor_ticks"])
        rows.append(
            (
                f"{tau_ms} ms",
                f"{quarter_ms:.0f} ms",
                f"{dead_ms:.0f} ms",
                f"{closes_ms:.0f} ms",
                f"{dead_pu * math.exp(-ticks_ms(p['dead_time_ticks']) / tau_ms):.1g} pu",
                f"{motor_ms / 1000:.2f} s",
            )
        )
    head = (
        "time constant",
        f"to {LIMIT_PU:g} pu",
        f"to dead ({dead_pu:g} pu)",
        "first close after opening",
        "residual then",
        "after motor load",
    )
    return table(head, rows)


def gap_table() -> str:
    """The shortest interruption of each way, from the settings and the contactor's own time."""
    p = defaults()
    fast, slow = CONTACTOR_MS
    dead_ms = ticks_ms(p["dead_time_ticks"])
    loss_ms = ticks_ms(p["lost_deep_ticks"])
    backup = (loss_ms + 2 * fast + dead_ms, loss_ms + 2 * slow + dead_ms)
    back = (2 * fast + dead_ms, 2 * slow + dead_ms)
    longer_ms = ticks_ms(p["dead_time_motor_ticks"]) - dead_ms
    ready_s = ticks_ms(p["accept_ticks"]) / 1000
    rows = [
        ("utility lost, source already running and accepted", *between(backup)),
        (f"utility lost, source started then: its start, {ready_s:g} s steady, and", *between(back)),
        ("return to the utility", *between(back)),
        (
            "return after motor load",
            *between([ms + longer_ms for ms in back]),
        ),
    ]
    return table(("way", "shortest interruption", f"times the {ITIC_MS} ms of ITIC"), rows)


def between(ms: Sequence[float]) -> tuple[str, str]:
    """Two times as a range, and as multiples of what computers ride through."""
    return f"{ms[0] / 1000:.2f}-{ms[1] / 1000:.2f} s", f"{ms[0] / ITIC_MS:.0f}-{ms[1] / ITIC_MS:.0f}"


def ticks_ms(ticks: float) -> float:
    """Ticks as milliseconds."""
    return ticks * 1000 / settings_book.TICKS_PER_S


def blocks() -> dict[str, str]:
    """Every table by its name."""
    groups = {group.heading: group_table(group) for group in settings_book.groups_of("core_settings")}
    return groups | {"decay": decay_table(), "interruption": gap_table()}


def filled(name: str, text: str) -> str:
    """A page with its tables made anew.

    Raises:
        ExplanationError: It asks for a table that does not exist, or leaves out a group of settings.
    """
    made = blocks()
    asked = [match.group(1) for match in _BLOCK.finditer(text)]
    for block in asked:
        if block not in made:
            msg = f"{name}: there is no table `{block}`; there are {', '.join(made)}"
            raise ExplanationError(msg)
    if name == "defaults.md":
        missing = [group.heading for group in settings_book.groups_of("core_settings") if group.heading not in asked]
        if missing:
            msg = f"{name}: write why for the settings of `{missing[0]}`, with `<!-- made: {missing[0]} -->`"
            raise ExplanationError(msg)
    return _BLOCK.sub(lambda m: f"<!-- made: {m.group(1)} -->\n\n{made[m.group(1)]}\n\n<!-- end -->", text)


def main() -> int:
    """Writes or checks everything."""
    parser = argparse.ArgumentParser(description="Makes the tables and the picture of the explanation pages.")
    parser.add_argument("--check", action="store_true", help="write nothing; say what is not current")
    asked = parser.parse_args()
    files = {PICTURE: picture(defaults())}
    try:
        for name in PAGES:
            path = EXPLANATION / name
            files[path] = filled(name, (ROOT / path).read_text(encoding="utf-8"))
    except ExplanationError as error:
        print(error, file=sys.stderr)
        return 2
    stale = [p for p, t in files.items() if not (ROOT / p).exists() or (ROOT / p).read_text(encoding="utf-8") != t]
    if asked.check:
        if stale:
            names = ", ".join(path.name for path in stale)
            print(f"not current: {names}; run `python scripts/make_explanations.py`", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        (ROOT / path).write_text(files[path], encoding="utf-8")
        print(f"wrote {path.as_posix()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
