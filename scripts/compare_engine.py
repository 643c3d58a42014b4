"""`python scripts/compare_engine.py`: the bench's engine beside GridLAB-D's diesel model, same machine, same steps.

GridLAB-D 6.0.0 (`diesel_dg`, DYN_SYNCHRONOUS, DEGOV1, SEXS, steps of 1 ms) feeds a resistive load that steps from 20 to
65 % of the rating and back. Its electrical power then drives our governor and rotor, so that rotor, governor and engine
are compared, not two networks. `BPTM_GRIDLABD_PYTHON` names a Python that has it; the curves go into
tests/plant/engine_gridlabd.csv, which a test compares without it.
"""

import itertools
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bptm.plant import wave_engine

ROOT = Path(__file__).parents[1]
CURVES = ROOT / "tests" / "plant" / "engine_gridlabd.csv"
turn_rotor: Any = vars(wave_engine)["turn_rotor"]
RATING_W, H_S, DROOP, LAG_S, FRICTION = 10_000.0, 0.5, 0.05, 0.2, 1.0
ON_S, OFF_S = 5.1, 20.1
BEFORE_S, KEPT_S = 0.1, 4.0
"""Around each step; the rest is steady."""

MODEL = """
clock {{ timezone PST+8PDT; starttime '2001-01-01 00:00:00'; stoptime '2001-01-01 00:00:30'; }}
#set profiler=0
#set deltamode_timestep=1000000
#set deltamode_maximumtime=60000000000
#set deltamode_iteration_limit=20
#set deltamode_forced_always=true
#set double_format=%.9f
module tape;
module powerflow {{ enable_subsecond_models true; solver_method NR; deltamode_timestep 1.0 ms;
  default_maximum_voltage_error 1e-6; NR_iteration_limit 50; all_powerflow_delta true; }};
module generators {{ enable_subsecond_models true; deltamode_timestep 1.0 ms; }};
object node {{ name Terminals; flags DELTAMODE; bustype SWING; phases ABCN; nominal_voltage 277.128;
  voltage_A 277.128+0j; voltage_B -138.564-240.0j; voltage_C -138.564+240.0j;
  object diesel_dg {{ name Machine; flags DELTAMODE; Gen_type DYN_SYNCHRONOUS; Rated_V 480.0; Rated_VA {rating} VA;
    power_out_A 667+0j; power_out_B 667+0j; power_out_C 667+0j; rotor_speed_convergence 1e-6;
    inertia {h}; damping {friction};
    Governor_type DEGOV1; DEGOV1_R {droop}; DEGOV1_K {gain}; DEGOV1_T1 0.001; DEGOV1_T2 0.001; DEGOV1_T3 0.001;
    DEGOV1_T4 0.0; DEGOV1_T5 0.001; DEGOV1_T6 0.001; DEGOV1_TD 0.001; DEGOV1_TMAX 1.15; DEGOV1_TMIN 0.0;
    Exciter_type SEXS; KA 50; TA 0.05; TB 1; TC 1; EMIN 0; EMAX 5;
    object recorder {{ flags DELTAMODE; property rotor_speed,pwr_electric.real; interval -1; file machine.csv; }};
  }};
}};
object overhead_line {{ phases ABCN; from Terminals; to Load; length 10 ft;
  configuration object line_configuration {{ z11 0.3+0.3j; z22 0.3+0.3j; z33 0.3+0.3j; z12 0+0j; z13 0+0j; z21 0+0j;
    z23 0+0j; z31 0+0j; z32 0+0j; }}; }};
object load {{ name Load; flags DELTAMODE; phases ABCN; nominal_voltage 277.128; {loads} }};
"""
PEER = """
import sys, gridlabd
grid = gridlabd.DirectGridLabD()
grid.set_working_directory(sys.argv[1])
grid.load_glm(['model.glm'])
grid.run()
"""


def model() -> str:
    """The machine and its load. An integrating actuator with gain K and droop R lags by 1 / (K R)."""
    loads = "".join(
        f"constant_impedance_{phase} 115.2+0j; object player {{ flags DELTAMODE; property constant_impedance_{phase}; "
        "file step.csv; }; "
        for phase in "ABC"
    )
    return MODEL.format(rating=RATING_W, h=H_S, friction=FRICTION, droop=DROOP, gain=1.0 / (LAG_S * DROOP), loads=loads)


def peer_curves(python: str) -> list[tuple[float, float, float]]:
    """Seconds, hertz and electrical watts, by the millisecond around both steps."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / "model.glm").write_text(model(), encoding="utf-8")
        # A step at a fraction of a second is what makes it leave its steps of seconds.
        steps = ((0.0, 115.2), (ON_S, 34.56), (OFF_S, 115.2))
        (folder / "step.csv").write_text(
            "".join(f"2001-01-01 00:00:{at_s:09.6f} PST,{ohm}+0j\n" for at_s, ohm in steps), encoding="utf-8"
        )
        subprocess.run([python, "-c", PEER, made], check=True, capture_output=True, timeout=900, cwd=folder)  # noqa: S603
        lines = (folder / "machine.csv").read_text(encoding="utf-8").splitlines()
    found: list[tuple[float, float, float]] = []
    for line in lines:
        if line.startswith("#"):
            continue
        at, speed, watts = line.split(",")
        found.append((float(at.split(" ")[1].split(":")[2]), float(speed) / 6.283185307179586, float(watts)))
    return [row for row in found if any(-BEFORE_S <= row[0] - step_s <= KEPT_S for step_s in (ON_S, OFF_S))]


def our_hertz(curve: list[tuple[float, float, float]]) -> list[float]:
    """Our engine on that power, from rest at the first point; between points in straight lines."""
    rated_hz = curve[0][1] / (1.0 - curve[0][2] / RATING_W / (1.0 / DROOP + FRICTION))
    u = SimpleNamespace(
        rating_w=RATING_W, inertia_s=H_S, droop_fraction=DROOP, engine_lag_s=LAG_S, friction_fraction=FRICTION,
        rated_hz=rated_hz, governor_gain=0.0, hunt_fraction=0.0, throttle_most=1.15, throttle_stuck=0.0,
    )  # fmt: skip
    at_rest = curve[0][2] / RATING_W + FRICTION * (curve[0][1] - rated_hz) / rated_hz
    h = SimpleNamespace(torque=at_rest, source_hz=curve[0][1], left_fraction=1.0, integral=0.0, step_s=1.0 / 7680.0)
    found = [h.source_hz]
    for (from_s, _hz, from_w), (to_s, _to_hz, to_w) in itertools.pairwise(curve):
        steps = max(1, round((to_s - from_s) * 7680.0))
        h.step_s = (to_s - from_s) / steps
        for step in range(steps):
            turn_rotor(h, u, from_w + (to_w - from_w) * (step + 0.5) / steps)
        found.append(h.source_hz)
    return found


def main() -> None:
    """Runs the peer, writes its curves, prints both in a table."""
    python = os.environ.get("BPTM_GRIDLABD_PYTHON", "")
    if not python:
        sys.exit("BPTM_GRIDLABD_PYTHON is not set: name a Python with `pip install gridlabd`")
    curve = peer_curves(python)[::5]
    lines = [f"{at_s:.3f},{hertz:.5f},{watts:.2f}" for at_s, hertz, watts in curve]
    CURVES.write_text("# seconds, hertz, electrical watts: scripts/compare_engine.py, GridLAB-D diesel_dg\n" +
                      "\n".join(lines) + "\n", encoding="utf-8")  # fmt: skip
    ours = our_hertz(curve)
    print("| | GridLAB-D | bptm |\n|---|---|---|")
    halves = [
        [k for k, row in enumerate(curve) if low <= row[0] < high] for low, high in ((ON_S, OFF_S - 1), (OFF_S, 30))
    ]
    for words, part, pick in (("lowest after the step up", 0, min), ("highest after the step down", 1, max)):
        theirs = pick((curve[k][1], curve[k][0]) for k in halves[part])
        mine = pick((ours[k], curve[k][0]) for k in halves[part])
        print(f"| {words} | {theirs[0]:.2f} Hz at {theirs[1]:.2f} s | {mine[0]:.2f} Hz at {mine[1]:.2f} s |")
    last = halves[0][-1]
    print(f"| settled at the higher load | {curve[last][1]:.2f} Hz | {ours[last]:.2f} Hz |")
    for words, part in (("up", halves[0]), ("down", halves[1])):
        off = [(ours[k] - curve[k][1]) ** 2 for k in part]
        print(f"\nDifference, RMS over {KEPT_S:g} s after the step {words}: {(sum(off) / len(off)) ** 0.5:.3f} Hz")


if __name__ == "__main__":
    main()
