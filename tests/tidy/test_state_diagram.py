"""The state diagram is read from the source of the controller, whatever shape the source has, and is current."""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from state_arrows import ANY_MODE, Arrow, Diagram, read_diagram
from state_picture import LATCHED, Box, around, crowds, grouped, overlap, picture, places
from tidy_tree import ROOT

SCRIPT = ROOT / "scripts" / "make_state_diagram.py"

SMALL = '''
def enter(s, mode, cause):
    """The one way to change mode: of this small controller."""
    s.mode = mode
    s.cause = cause


def lock_out(s, cause):
    enter(s, MODE_LOCKED_OUT, cause)


def end_trial(s, p, cause, cause_repeated):
    if s.overloads > p.trials:
        lock_out(s, cause_repeated)
    else:
        enter(s, MODE_DARK, cause)


def cause_of_heat(s):
    if s.hot == 1:
        return CAUSE_INLET_HOT
    return CAUSE_NONE


def judge(s):
    s.harm = cause_of_heat(s) if s.x == 1 else CAUSE_SHORT_CIRCUIT
    if s.y == 1:
        s.harm = CAUSE_PREMISE_NEUTRAL


def dark(s, m, p):
    if s.a == 1:
        enter(s, MODE_TEST if m.asked == 1 else MODE_ON_UTILITY, CAUSE_TEST_ASKED)
        return
    cause = CAUSE_START
    if s.b == 1 and s.c == 1:
        s.u_order = ORDER_CLOSE
        enter(s, MODE_ON_UTILITY, cause)


def decide(s, m, p):
    if s.harm == CAUSE_PREMISE_NEUTRAL:
        enter(s, MODE_DARK, CAUSE_PREMISE_NEUTRAL)
    elif s.harm != 0:
        lock_out(s, s.harm)
    elif s.mode == MODE_DARK:
        dark(s, m, p)
    elif s.mode == MODE_ON_BACKUP or s.mode == MODE_TO_BACKUP:
        end_trial(s, p, CAUSE_OVERLOAD, CAUSE_OVERLOAD_REPEATED)


def start(s):
    s.cause = CAUSE_START
    if s.x == 1:
        s.mode = MODE_DARK
'''


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the script that makes page and picture."""
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, check=False, text=True, cwd=ROOT)


@pytest.fixture(name="small")
def _small(tmp_path: Path) -> Diagram:
    (tmp_path / "transfer.py").write_text(SMALL, encoding="utf-8")
    return read_diagram(tmp_path)


def test_the_state_diagram_is_current() -> None:
    """DOCS: page and picture are what the script would write now."""
    done = run("--check")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_diagram_that_is_not_current_is_seen_and_made_anew(tmp_path: Path) -> None:
    """The check can fail: missing files are named; after writing nothing is; an edited picture is."""
    assert "state-diagram.md" in run("--check", "--to", str(tmp_path)).stderr
    assert run("--to", str(tmp_path)).returncode == 0
    assert run("--check", "--to", str(tmp_path)).returncode == 0
    drawn = tmp_path / "docs" / "pictures" / "state-diagram.svg"
    drawn.write_text(drawn.read_text(encoding="utf-8").replace("DARK", "BRIGHT"), encoding="utf-8")
    assert "state-diagram.svg" in run("--check", "--to", str(tmp_path)).stderr


def test_every_arrow_of_a_known_source_is_read_and_no_other(small: Diagram) -> None:
    """Calls, parameters, early returns, either-or, a cause kept in a local or in a field: told by hand for each."""
    assert small.scan == (
        Arrow(
            origin=ANY_MODE,
            target="DARK",
            causes=("PREMISE_NEUTRAL",),
            guards=("s.harm == CAUSE_PREMISE_NEUTRAL",),
            function="decide",
        ),
        Arrow(
            origin=ANY_MODE,
            target="LOCKED_OUT",
            causes=("INLET_HOT", "SHORT_CIRCUIT"),
            guards=("s.harm != 0",),
            function="decide",
        ),
        Arrow(
            origin="DARK",
            target="TEST",
            causes=("TEST_ASKED",),
            guards=("s.a == 1", "m.asked == 1"),
            function="dark",
        ),
        Arrow(
            origin="DARK",
            target="ON_UTILITY",
            causes=("TEST_ASKED",),
            guards=("s.a == 1", "otherwise"),
            function="dark",
        ),
        Arrow(
            origin="DARK",
            target="ON_UTILITY",
            causes=("START",),
            guards=("not (s.a == 1)", "s.b == 1 and s.c == 1"),
            function="dark",
        ),
        *(
            Arrow(origin=origin, target=target, causes=(cause,), guards=(guard,), function="decide")
            for origin in ("ON_BACKUP", "TO_BACKUP")
            for target, cause, guard in (
                ("LOCKED_OUT", "OVERLOAD_REPEATED", "s.overloads > p.trials"),
                ("DARK", "OVERLOAD", "otherwise"),
            )
        ),
    )
    assert [(c.contactor, c.origin, c.function) for c in small.closes] == [("U", "DARK", "dark")]
    assert [(a.target, a.causes, a.guards) for a in small.start] == [("DARK", ("START",), ("s.x == 1",))]


def test_every_mode_stands_in_the_picture_and_no_box_covers_another(small: Diagram) -> None:
    """Known modes, a mode that has no place yet, and both lockouts."""
    strange = Arrow(origin="DARK", target="NEVER_HEARD_OF", causes=("START",), guards=(), function="dark")
    drawn = Diagram(scan=(*small.scan, strange), start=(), closes=(), entrances=())
    root = ET.fromstring(picture(drawn))  # noqa: S314 - our own picture
    words = {"".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {mode.replace("_", " ") for mode in (*drawn.modes, *LATCHED)} <= words
    boxes: list[Box] = [around(middle) for middle in places(drawn.modes).values()]
    assert not [(a, b) for n, a in enumerate(boxes) for b in boxes[n + 1 :] if overlap(a, b)]


def test_every_arrow_of_the_controller_is_in_the_picture() -> None:
    """Each pair of working modes has its line, or its place in a line of words; each way into a lockout its list."""
    diagram = read_diagram()
    text = picture(diagram)
    groups = grouped(diagram.scan)
    told = crowds(groups)
    pairs = [pair for pair in groups if pair[0] != ANY_MODE and not set(pair) & set(LATCHED)]
    assert text.count("marker-end='url(#tip)'") == len(pairs) - sum(map(len, told.values()))
    for (target, causes), origins in told.items():
        names = ", ".join(origin.replace("_", " ") for origin in origins)
        assert f"{names} lead to {target.replace('_', ' ')} by: {', '.join(causes)}" in text
    for mode in LATCHED:
        origins = {arrow.origin for arrow in diagram.scan if arrow.target == mode} - {ANY_MODE}
        assert origins
        assert all(f"from {origin.replace('_', ' ')}<" in text for origin in origins)


def test_many_equal_arrows_into_one_mode_are_told_in_a_line(small: Diagram) -> None:
    """Four modes from which a disconnection is obeyed: one line of words and none of the four lines."""
    more = tuple(
        Arrow(origin=mode, target="DISCONNECTED", causes=("DISCONNECT_ASKED",), guards=(), function="f")
        for mode in ("ON_UTILITY", "DARK", "ON_BACKUP", "TO_BACKUP")
    )
    drawn = picture(Diagram(scan=(*small.scan, *more), start=(), closes=(), entrances=()))
    before = picture(Diagram(scan=small.scan, start=(), closes=(), entrances=()))
    assert "ON UTILITY, DARK, ON BACKUP, TO BACKUP lead to DISCONNECTED by: disconnect asked" in drawn
    assert drawn.count("marker-end='url(#tip)'") == before.count("marker-end='url(#tip)'")


def test_a_close_is_ordered_in_transfers_and_in_the_blocked_mode_only() -> None:
    """LAW-2, LAW-3: the source has no other place, and a start has none."""
    closes = {(close.contactor, close.origin) for close in read_diagram().closes}
    assert ("B", "TO_BACKUP") in closes
    assert {origin for contactor, origin in closes if contactor == "B"} == {"TO_BACKUP"}
    assert not [origin for _contactor, origin in closes if origin in {"LOCKED_OUT", "power-up or reset"}]


def test_a_source_without_its_beginning_is_refused(tmp_path: Path) -> None:
    """One sentence with what is missing."""
    (tmp_path / "transfer.py").write_text("def enter(s, mode, cause):\n    s.mode = mode\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no function `decide`"):
        read_diagram(tmp_path)
