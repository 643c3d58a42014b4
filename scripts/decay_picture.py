"""Draws how the voltage of coasting motors decays on the open bus: five time constants, and the plant's own motor."""

import math
from html import escape
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from bptm.plant import home as plant_home
from bptm.terms import core_home, core_plant
from bptm.terms.core_codes import TICKS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable

TAUS_MS = (20, 50, 100, 200, 300)
"""Time constants of an open motor's voltage: domain.md 2.7 and H14."""
LIMIT_PU = 0.25
"""Residual voltage below which a motor may be closed onto a source: domain.md 2.7."""
_NOMINAL_V = 120.0
_LAST_MS = 1000.0
_LEFT, _TOP, _WIDE, _HIGH = 70.0, 30.0, 780.0, 360.0
_INK, _SOFT, _OURS, _LIMIT = "#1d2733", "#5a6672", "#0b5fa5", "#a3201d"
_STYLE = (
    "text{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif}.end{text-anchor:end}"
    "text{paint-order:stroke;stroke:#fff;stroke-width:4px}"
)

Curve = list[tuple[float, float]]


def decay(tau_ms: float) -> Curve:
    """Voltage in per unit from full voltage on, by milliseconds."""
    return [(ms, math.exp(-ms / tau_ms)) for ms in range(0, int(_LAST_MS) + 1, 5)]


def _record(fields: tuple[tuple[str, ...], ...]) -> SimpleNamespace:
    """A record of the core with every field at zero."""
    return SimpleNamespace(**{name: [0.0] * 64 if "[" in type_ else 0 for name, type_, *_rest in fields})


def plant_decay() -> Curve:
    """The same of the plant as it is shipped: a motor runs, both contactors open, and half-cycles pass."""
    # Core Python has no annotations.
    solve = cast("Callable[[SimpleNamespace, SimpleNamespace], None]", vars(plant_home)["solve"])
    pass_time = cast("Callable[[SimpleNamespace, SimpleNamespace, int], None]", vars(plant_home)["pass_time"])
    home, setup = _record(core_plant.FIELDS), _record(core_home.SETUP_FIELDS)
    setup.backup_rating_w = 7200.0
    home.bus_l1_v = home.bus_l2_v = _NOMINAL_V
    home.cycling_on = 1
    solve(home, setup)
    found: Curve = []
    for tick in range(int(_LAST_MS * TICKS_PER_S / 1000)):
        found.append((tick * 1000 / TICKS_PER_S, home.bus_l1_v / _NOMINAL_V))
        pass_time(home, setup, 1)
        solve(home, setup)
    return found


def _x(ms: float) -> float:
    return _LEFT + _WIDE * ms / _LAST_MS


def _y(pu: float) -> float:
    return _TOP + _HIGH * (1 - pu)


def _line(curve: Curve, ink: str, more: str = "") -> str:
    points = " ".join(f"{_x(ms):.1f},{_y(pu):.1f}" for ms, pu in curve)
    return f"<polyline points='{points}' fill='none' stroke='{ink}' stroke-width='1.8' {more}/>"


def _text(x: float, y: float, line: str, ink: str = _INK, style: str = "") -> str:
    return f"<text x='{x:.0f}' y='{y:.0f}' fill='{ink}' class='{style}'>{escape(line)}</text>"


def _axes() -> list[str]:
    made: list[str] = []
    for n in range(6):
        pu, ms = n / 5, n * _LAST_MS / 5
        made.append(f"<path d='M{_LEFT} {_y(pu):.1f} H{_LEFT + _WIDE}' stroke='#e3e6ea'/>")
        made.append(_text(_LEFT - 8, _y(pu) + 4, f"{pu:.1f}", _SOFT, "end"))
        made.append(_text(_x(ms) + 12, _TOP + _HIGH + 20, f"{ms:.0f} ms", _SOFT, "end"))
    made.append(_text(_LEFT, _TOP - 12, "residual voltage, per unit, after both contactors have opened", _SOFT))
    return made


def picture(defaults: dict[str, float]) -> str:
    """The whole picture. `defaults` are those of the controller's settings."""
    dead_pu = defaults["dead_v"] / _NOMINAL_V
    body = _axes()
    limits = {
        LIMIT_PU: f"{LIMIT_PU:g} pu: closing is harmless below",
        dead_pu: f"{dead_pu:g} pu: dead_v, the dead time begins below",
    }
    for pu, words in limits.items():
        body.append(f"<path d='M{_LEFT} {_y(pu):.1f} H{_LEFT + _WIDE}' stroke='{_LIMIT}' stroke-dasharray='6 4'/>")
        body.append(_text(_LEFT + _WIDE, _y(pu) - 6, words, _LIMIT, "end"))
    for n, tau_ms in enumerate(TAUS_MS):
        shade = f"#{0xB4 - 0x20 * n:02x}{0xBC - 0x20 * n:02x}{0xC6 - 0x20 * n:02x}"
        body.append(_line(decay(tau_ms), shade))
    body.append(_line([(ms, pu) for ms, pu in plant_decay() if pu > 0], _OURS, "stroke-dasharray='2 3'"))
    for n, tau_ms in enumerate(TAUS_MS):
        # Each name stands where its curve passes a height of its own, so that none lies on another.
        pu = 0.34 + 0.11 * n
        body.append(_text(_x(-tau_ms * math.log(pu)) + 6, _y(pu) - 3, f"{tau_ms} ms"))
    body.append(_text(_LEFT + _WIDE, _TOP + 14, "dotted: the motor of our plant", _OURS, "end"))
    wide, high = _LEFT + _WIDE + 20, _TOP + _HIGH + 40
    size = f"viewBox='0 0 {wide:.0f} {high:.0f}' width='{wide:.0f}' height='{high:.0f}'"
    return "\n".join(
        (
            f"<svg xmlns='http://www.w3.org/2000/svg' {size} role='img'>",
            "<title>Residual voltage of coasting motors on the open bus</title>",
            f"<style>{_STYLE}</style>",
            f"<rect width='{wide:.0f}' height='{high:.0f}' fill='#ffffff'/>",
            *body,
            "</svg>",
            "",
        )
    )
