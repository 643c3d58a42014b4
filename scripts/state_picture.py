"""Draws the state diagram as SVG: working modes with their arrows, the two lockouts as lists of what leads there."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from state_arrows import ANY_MODE, Arrow, Diagram

LATCHED = ("BACKUP_BLOCKED", "LOCKED_OUT")

_COLUMNS = (200.0, 640.0, 1080.0)
_PLACES = {
    "TEST": (0, 0),
    "DISCONNECTED": (1, 0),
    "ON_UTILITY": (0, 1),
    "DARK": (1, 1),
    "TO_BACKUP": (2, 1),
    "TO_UTILITY": (0, 2),
    "ON_BACKUP": (2, 2),
}
"""Column and row of the modes that are known; a mode that is not gets a place in a row of its own."""

_WHAT = {
    "ON_UTILITY": "U closed, B open",
    "DARK": "nothing feeds the home",
    "TO_BACKUP": "U opens, dead time, B closes",
    "ON_BACKUP": "B closed, U open",
    "TO_UTILITY": "B opens, dead time, U closes",
    "TEST": "U opens and is watched",
    "DISCONNECTED": "U open on request",
    "BACKUP_BLOCKED": "B open; U is free to return",
    "LOCKED_OUT": "both open until a person resets it",
}
_FILL = {"ON_UTILITY": "#e3f1e5", "ON_BACKUP": "#e4edfa", "DARK": "#e9e9ec"}
_WIDTH = 1280.0
_CROWD = 4
"""From so many equal arrows into one mode on, a line of words stands for them."""
_ROW = 210.0
_BOX = (196.0, 62.0)
_LINE = 17.0
_LETTER = 7.0
_STYLE = (
    "text{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif}"
    ".head{font-size:15px;font-weight:600}.small{font-size:12px}.middle{text-anchor:middle}"
)
_TIP = "viewBox='0 0 10 10' refX='9' refY='5' markerWidth='8' markerHeight='8' orient='auto'"
_INK, _SOFT = "#1d2733", "#5a6672"
_PAINT = {"BACKUP_BLOCKED": ("#9a5b00", "amber"), "LOCKED_OUT": ("#a3201d", "red")}

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Lines of text with their middle and extent."""

    lines: tuple[str, ...]
    middle: Point

    @property
    def box(self) -> Box:
        """Left, top, right, bottom."""
        wide = max(len(line) for line in self.lines) * _LETTER + 10
        high = len(self.lines) * _LINE + 4
        x, y = self.middle
        return (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def words(name: str) -> str:
    """A cause as words; a cause that is read from a field as `recorded cause`."""
    return "recorded cause" if "." in name else name.lower().replace("_", " ").replace("u ", "U ").replace("b ", "B ")


def places(modes: Sequence[str]) -> dict[str, Point]:
    """Middle of each working mode's box."""
    known = [mode for mode in modes if mode in _PLACES]
    first = min((_PLACES[mode][1] for mode in known), default=0)
    found = {mode: (_COLUMNS[_PLACES[mode][0]], 80 + _ROW * (_PLACES[mode][1] - first)) for mode in known}
    rows = max((_PLACES[mode][1] for mode in known), default=-1) - first + 1
    for n, mode in enumerate(mode for mode in modes if mode not in _PLACES and mode not in LATCHED):
        found[mode] = (_COLUMNS[n % 3], 80 + _ROW * (rows + n // 3))
    return found


def grouped(arrows: Iterable[Arrow]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Causes of the arrows between each pair of modes."""
    found: dict[tuple[str, str], list[str]] = {}
    for arrow in arrows:
        found.setdefault((arrow.origin, arrow.target), []).extend(map(words, arrow.causes))
    return {pair: tuple(dict.fromkeys(causes)) for pair, causes in found.items()}


def around(middle: Point) -> Box:
    """The box of a mode."""
    return (middle[0] - _BOX[0] / 2, middle[1] - _BOX[1] / 2, middle[0] + _BOX[0] / 2, middle[1] + _BOX[1] / 2)


def edge_of_box(middle: Point, inside: Point, toward: Point) -> Point:
    """Where a line from a point inside a mode's box leaves it, with a little air."""
    left, top, right, bottom = around(middle)
    across, down = toward[0] - inside[0], toward[1] - inside[1]
    reach = min(
        ((right + 3 if across > 0 else left - 3) - inside[0]) / across if across else math.inf,
        ((bottom + 3 if down > 0 else top - 3) - inside[1]) / down if down else math.inf,
    )
    return (inside[0] + across * reach, inside[1] + down * reach)


def curve(begin: Point, end: Point, bend: float) -> tuple[Point, Point, Point]:
    """A bow from box to box, bent to its left by `bend`, so that the way back has its own line."""
    across, down = end[0] - begin[0], end[1] - begin[1]
    length = math.hypot(across, down)
    aside = (down / length, -across / length)
    control = ((begin[0] + end[0]) / 2 + aside[0] * 2 * bend, (begin[1] + end[1]) / 2 + aside[1] * 2 * bend)
    shift = (aside[0] * 14, aside[1] * 14)
    starts = (begin[0] + shift[0], begin[1] + shift[1])
    ends = (end[0] + shift[0], end[1] + shift[1])
    return edge_of_box(begin, starts, control), control, edge_of_box(end, ends, control)


def free_bow(origin: str, target: str, where: dict[str, Point]) -> tuple[Point, Point, Point]:
    """The flattest bow between two modes that crosses no other mode's box."""
    others = [around(middle) for mode, middle in where.items() if mode not in {origin, target}]
    wide = [curve(where[origin], where[target], bend) for bend in (104.0, -104.0)]
    # A wide bow goes round on the outside, where no label stands.
    wide.sort(key=lambda bow: -abs(bow[1][0] - _COLUMNS[1]))
    tried = [curve(where[origin], where[target], 16.0), *wide]
    spots = [n / 20 for n in range(1, 20)]
    return next(
        (bow for bow in tried if not any(inside(on_curve(bow, spot), box) for spot in spots for box in others)),
        tried[0],
    )


def inside(point: Point, box: Box) -> bool:
    """Whether a point lies in a box."""
    return box[0] < point[0] < box[2] and box[1] < point[1] < box[3]


def on_curve(bow: tuple[Point, Point, Point], share: float) -> Point:
    """The point at this share of a bow."""
    a, b, c = (1 - share) ** 2, 2 * share * (1 - share), share**2
    return (
        a * bow[0][0] + b * bow[1][0] + c * bow[2][0],
        a * bow[0][1] + b * bow[1][1] + c * bow[2][1],
    )


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes lie on each other."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def put_label(lines: tuple[str, ...], bow: tuple[Point, Point, Point], taken: list[Box]) -> Label:
    """A label on its arrow, as near to the middle as the labels and boxes that stand already leave room."""
    tried = [Label(lines=lines, middle=on_curve(bow, share)) for share in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)]
    return next((label for label in tried if not any(overlap(label.box, box) for box in taken)), tried[0])


def text(x: float, y: float, line: str, style: str = "", ink: str = _INK) -> str:
    """One line of text; `style` holds classes of the picture's style sheet."""
    classes = f" class='{style}'" if style else ""
    return f"<text x='{x:.0f}' y='{y:.0f}' fill='{ink}'{classes}>{escape(line)}</text>"


def rect(box: Box, paint: str) -> str:
    """A box with its paint as attributes."""
    left, top, right, bottom = box
    return f"<rect x='{left:.0f}' y='{top:.0f}' width='{right - left:.0f}' height='{bottom - top:.0f}' {paint}/>"


def mode_box(mode: str, middle: Point) -> list[str]:
    """Box of a working mode."""
    fill = _FILL.get(mode, "#ffffff")
    return [
        rect(around(middle), f"rx='8' fill='{fill}' stroke='{_INK}' stroke-width='1.6'"),
        text(middle[0], middle[1] - 4, mode.replace("_", " "), "head middle"),
        text(middle[0], middle[1] + 16, _WHAT.get(mode, ""), "small middle", _SOFT),
    ]


def bows(groups: dict[tuple[str, str], tuple[str, ...]], where: dict[str, Point]) -> list[str]:
    """Every arrow between working modes, and then every label, so that no line crosses a word."""
    taken = [around(middle) for middle in where.values()]
    lines: list[str] = []
    labels: list[str] = []
    for (origin, target), causes in groups.items():
        if origin not in where or target not in where or origin == target:
            continue
        bow = free_bow(origin, target, where)
        (x0, y0), (x1, y1), (x2, y2) = bow
        lines.append(
            f"<path d='M{x0:.0f} {y0:.0f} Q{x1:.0f} {y1:.0f} {x2:.0f} {y2:.0f}' fill='none' stroke='{_INK}' "
            "stroke-width='1.5' marker-end='url(#tip)'/>"
        )
        label = put_label(causes or ("",), bow, taken)
        taken.append(label.box)
        labels.append(rect(label.box, "rx='4' fill='#ffffff' fill-opacity='0.94'"))
        x, top = label.middle[0], label.box[1]
        labels += [text(x, top + 14 + n * _LINE, line, "middle") for n, line in enumerate(label.lines)]
    return lines + labels


def panel(
    mode: str, groups: dict[tuple[str, str], tuple[str, ...]], left: float, top: float
) -> tuple[list[str], float]:
    """A lockout: what it is, what leads there by mode, what ends it. Also its height."""
    ink = _PAINT[mode][0]
    wide = (_WIDTH - 60 - 20) / 2
    lines: list[tuple[str, str]] = []
    for (origin, target), causes in groups.items():
        if target == mode:
            lines += told(f"from {'ANY MODE' if origin == ANY_MODE else origin.replace('_', ' ')}", causes, wide)
    for (origin, target), causes in groups.items():
        if origin == mode and target not in LATCHED:
            lines += told(f"ends in {target.replace('_', ' ')} by", causes, wide)
    high = 62 + len(lines) * _LINE + 8
    made = [
        rect((left, top, left + wide, top + high), f"rx='8' fill='#ffffff' stroke='{ink}' stroke-width='2'"),
        text(left + 16, top + 26, mode.replace("_", " "), "head", ink),
        text(left + 16, top + 45, _WHAT.get(mode, ""), "small", _SOFT),
    ]
    for n, (head, line) in enumerate(lines):
        y = top + 68 + n * _LINE
        made += [text(left + 16, y, head, ink=_SOFT), text(left + 190, y, line)]
    return made, high


def told(head: str, causes: tuple[str, ...], wide: float) -> list[tuple[str, str]]:
    """Causes in as many lines as they need, the first with its heading."""
    room = int((wide - 200) / _LETTER)
    lines = [""]
    for cause in causes:
        joined = f"{lines[-1]}, {cause}" if lines[-1] else cause
        if len(joined) > room:
            lines[-1] += ","
            lines.append(cause)
        else:
            lines[-1] = joined
    return [(head if n == 0 else "", line) for n, line in enumerate(lines)]


def crowds(groups: dict[tuple[str, str], tuple[str, ...]]) -> dict[tuple[str, tuple[str, ...]], tuple[str, ...]]:
    """Working modes that many others lead to by the same causes: told in a line, since the lines would cover all."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (origin, target), causes in groups.items():
        if target not in LATCHED and origin not in LATCHED:
            found.setdefault((target, causes), []).append(origin)
    return {key: tuple(origins) for key, origins in found.items() if len(origins) >= _CROWD}


def picture(diagram: Diagram) -> str:
    """The whole picture."""
    groups = grouped(diagram.scan)
    where = places(diagram.modes)
    told_once = crowds(groups)
    shown = {
        (origin, target): causes
        for (origin, target), causes in groups.items()
        if origin not in told_once.get((target, causes), ())
    }
    low = max(y for _x, y in where.values()) + _BOX[1] / 2 + 34
    bottom = low + len(told_once) * _LINE
    frame = rect((30, 20, _WIDTH - 30, bottom), "rx='12' fill='#fbfbfc' stroke='#c9ced6' stroke-dasharray='5 5'")
    body = [frame, *bows(shown, where)]
    for n, ((target, causes), origins) in enumerate(told_once.items()):
        names = ", ".join(origin.replace("_", " ") for origin in origins)
        line = f"{names} lead to {target.replace('_', ' ')} by: {', '.join(causes)}"
        body.append(text(_WIDTH / 2, low - 8 + n * _LINE, line, "middle"))
    for mode, middle in where.items():
        body += mode_box(mode, middle)
    top = bottom + 56
    high = top
    for n, mode in enumerate(LATCHED):
        left = 30 + n * ((_WIDTH - 60 - 20) / 2 + 20)
        made, panel_high = panel(mode, groups, left, top)
        paint = f"stroke='{_PAINT[mode][0]}' stroke-width='2' marker-end='url(#{_PAINT[mode][1]})'"
        body += [
            f"<path d='M{left + 264:.0f} {bottom:.0f} V{top - 3:.0f}' {paint}/>",
            f"<path d='M{left + 316:.0f} {top:.0f} V{bottom + 3:.0f}' {paint}/>",
            *made,
        ]
        high = max(high, top + panel_high + 24)
    size = f"viewBox='0 0 {_WIDTH:.0f} {high:.0f}' width='{_WIDTH:.0f}' height='{high:.0f}'"
    tips = ((_INK, "tip"), *_PAINT.values())
    return "\n".join(
        (
            f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img'>",
            "<title>State diagram of the transfer function, made from the code</title>",
            f"<style>{_STYLE}</style>",
            "<defs>",
            *(f"<marker id='{name}' {_TIP}><path d='M0 0 L10 5 L0 10 z' fill='{ink}'/></marker>" for ink, name in tips),
            "</defs>",
            rect((0, 0, _WIDTH, high), "fill='#ffffff'"),
            *body,
            "</svg>",
            "",
        )
    )
