"""Makes docs/reference/state-diagram.md and its picture from the source of the controller.

python scripts/make_state_diagram.py            writes both
python scripts/make_state_diagram.py --check    writes nothing; status 1 and a sentence when one is not current
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

from state_arrows import ANY_MODE, OTHERWISE, Arrow, Diagram, read_diagram
from state_picture import LATCHED, picture

from bptm.terms import core_codes
from bptm.terms.codes import CAUSE_WORDS, Cause

ROOT = Path(__file__).parents[1]
PAGE = Path("docs/reference/state-diagram.md")
PICTURE = Path("docs/pictures/state-diagram.svg")
MADE = "<!-- Made by scripts/make_state_diagram.py from the code; do not edit. -->"
_HOW_TO_READ = """\
{arrows} arrows between {modes} modes, read from the syntax tree of `controller/`. A guard stands as it is written;
`s` is the device, `m` what is measured, `p` the settings ([records](records.md), [settings](settings.md)). In one scan
the arrows of a mode are asked in the order of their numbers, and the first that holds is taken. *then* leads to a
condition inside the one before: where the outer one holds, rows with another outer condition are not asked any more.
A call is replaced by what the called function asks. {blocked} of the arrows end in
`BACKUP_BLOCKED`, {locked} in `LOCKED_OUT`. That there is no other, and that each does what is written here, is
[proved](../explanation/proof.md). Why the modes are these: [open transition](../explanation/open-transition.md)."""


def cell(text: str) -> str:
    """Text that may stand in a cell of a Markdown table."""
    return text.replace("|", "\\|")


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(map(cell, line)) + " |" for line in lines)


def guard_text(guards: tuple[str, ...]) -> str:
    """Conditions, from the outermost in; each as it is written."""
    return ", then ".join(guard if guard == OTHERWISE else f"`{guard}`" for guard in guards) or "always"


def cause_text(arrow: Arrow) -> str:
    """Causes by name."""
    return ", ".join(f"`{cause}`" for cause in arrow.causes) or "as journalled"


def arrow_tables(diagram: Diagram) -> list[str]:
    """One table for each mode that arrows leave."""
    parts: list[str] = []
    for origin in dict.fromkeys(arrow.origin for arrow in diagram.scan):
        mine = [arrow for arrow in diagram.scan if arrow.origin == origin]
        title = "Before the mode is looked at" if origin == ANY_MODE else f"From `{origin}`"
        rows = [
            (str(n), f"`{arrow.target}`", cause_text(arrow), guard_text(arrow.guards))
            for n, arrow in enumerate(mine, 1)
        ]
        parts += [
            f"### {title}",
            f"In {', '.join(f'`{name}`' for name in dict.fromkeys(arrow.function for arrow in mine))}.",
            table(("", "to", "cause", "guard"), rows),
        ]
    return parts


def unused(diagram: Diagram) -> str:
    """What has a code and no arrow: said, so that nobody looks for it."""
    arrows = (*diagram.scan, *diagram.start)
    modes = {name.removeprefix("MODE_") for name in vars(core_codes) if name.startswith("MODE_")} - {"OFF"}
    causes = {cause.name for cause in Cause} - {"NONE"}
    no_modes = sorted(modes - {arrow.target for arrow in arrows})
    no_causes = sorted(causes - {cause for arrow in arrows for cause in arrow.causes})
    lines: list[str] = []
    if no_modes:
        lines.append(
            f"No arrow leads to {', '.join(f'`{name}`' for name in no_modes)}: a code and nothing behind it yet."
        )
    if no_causes:
        lines.append(f"No arrow carries the cause {', '.join(f'`{name}`' for name in no_causes)}.")
    return "\n".join(lines) or "Every mode and every cause that has a code has an arrow."


def lockout_lists(diagram: Diagram) -> str:
    """The closed list of causes of each lockout, as the arrows give it, in words."""
    parts: list[str] = []
    for mode in LATCHED:
        names = dict.fromkeys(cause for arrow in diagram.scan if arrow.target == mode for cause in arrow.causes)
        rows = [
            (f"`{name}`", CAUSE_WORDS[Cause[name]] if name in Cause.__members__ else "", origins(diagram, mode, name))
            for name in names
        ]
        parts += [f"### `{mode}`", table(("cause", "in words", "from"), rows)]
    return "\n\n".join(parts)


def origins(diagram: Diagram, target: str, cause: str) -> str:
    """Modes from which a cause leads to a mode."""
    found = [arrow.origin for arrow in diagram.scan if arrow.target == target and cause in arrow.causes]
    return ", ".join(f"`{name}`" for name in dict.fromkeys(found))


def page(diagram: Diagram) -> str:
    """The whole page."""
    closes = [
        (close.contactor, f"`{close.origin}`", f"`{close.function}`", guard_text(close.guards))
        for close in diagram.closes
    ]
    start = [(f"`{arrow.target}`", cause_text(arrow), guard_text(arrow.guards)) for arrow in diagram.start]
    ways = [(f"`{name}`", meaning) for name, meaning in diagram.entrances]
    to = Counter(arrow.target for arrow in diagram.scan)
    parts = (
        "# State diagram of the transfer function",
        MADE,
        f"![Modes and the arrows between them](../pictures/{PICTURE.name})",
        _HOW_TO_READ.format(
            arrows=len(diagram.scan),
            modes=len(diagram.modes),
            blocked=to["BACKUP_BLOCKED"],
            locked=to["LOCKED_OUT"],
        ),
        "## Ways into a mode",
        "Each is one function, so that there is one place to read, to break on purpose and to prove.",
        table(("function", "what it does"), ways),
        "## Arrows",
        *arrow_tables(diagram),
        "## Where a close is ordered",
        "Nowhere else. The interlock judges each of these orders again, on inputs of its own.",
        table(("contactor", "in mode", "function", "guard"), closes),
        "## On power-up and reset",
        "No close is ordered here (LAW-3).",
        table(("to", "cause", "guard"), start),
        "## Causes of the two lockouts",
        lockout_lists(diagram),
        "## Codes without an arrow",
        unused(diagram),
    )
    return "\n\n".join(parts) + "\n"


def made(diagram: Diagram) -> dict[Path, str]:
    """Both files by their place."""
    return {PAGE: page(diagram), PICTURE: picture(diagram)}


def main() -> int:
    """Writes or checks page and picture."""
    parser = argparse.ArgumentParser(description="Makes the state diagram from the controller's source.")
    parser.add_argument("--check", action="store_true", help="write nothing; say what is not current")
    parser.add_argument("--to", type=Path, default=ROOT, metavar="DIR", help="the project's folder, or another")
    asked = parser.parse_args()
    try:
        files = made(read_diagram())
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    stale = [
        path
        for path, text in files.items()
        if not (asked.to / path).exists() or (asked.to / path).read_text(encoding="utf-8") != text
    ]
    if asked.check:
        if stale:
            names = ", ".join(path.as_posix() for path in stale)
            print(f"not current: {names}; run `python scripts/make_state_diagram.py`", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        (asked.to / path).parent.mkdir(parents=True, exist_ok=True)
        (asked.to / path).write_text(files[path], encoding="utf-8")
        print(f"wrote {path.as_posix()}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
