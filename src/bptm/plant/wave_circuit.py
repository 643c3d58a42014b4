"""The home, its service and its source as one circuit, solved sample by sample. Core Python.

Nodal analysis with the transformer's neutral as reference. A branch with inductance stands over one sample as a
conductance and a current that goes on (backward Euler): stable for any step and any value, at the price of a little
resistance, X w dt / 2, which is 2.5 % of the reactance at 128 samples a cycle. The matrix changes only when a contact or
a load does; between changes a sample costs one product of the inverse with the injected currents.

The centre-tapped transformer is ideal behind its impedances: what leg 1 draws and leg 2 returns meets in its core, so
that one leg fed backwards shows on the other and on the primary.

Source: Dommel, Digital Computer Solution of Electromagnetic Transients, 1969 (companion circuits), DOI
10.1109/TPAS.1969.292459. Record: h PLANT, u SETUP.
"""

from math import sqrt

from bptm.terms.core_bench_premise import AT_L1, AT_L2, CIRCUIT_MAIN
from bptm.terms.core_bench_sources import ATTACH_LOAD_SIDE, LEGS_SWAPPED_NEUTRAL, LEGS_WITHOUT_L1, LEGS_WITHOUT_L2
from bptm.terms.core_bench_state import (
    BRANCH_DROP_1,
    BRANCH_DROP_2,
    BRANCH_FEEDER,
    BRANCH_MOTOR_A,
    BRANCH_SOURCE_1,
    BRANCH_SOURCE_2,
    BRANCH_WINDING_1,
    BRANCH_WINDING_2,
    BRANCHES,
    NODE_BUS_1,
    NODE_BUS_2,
    NODE_CORE,
    NODE_EARTH,
    NODE_INLET_1,
    NODE_INLET_2,
    NODE_NEUTRAL,
    NODE_PANEL_1,
    NODE_PANEL_2,
    NODE_PANEL_N,
    NODE_STAR,
    NODE_TAP_1,
    NODE_TAP_2,
    NODE_UTILITY_1,
    NODE_UTILITY_2,
    NODES,
    NODES_SQUARED,
    POLE_B1,
    POLE_B2,
    POLE_U1,
    POLE_U2,
)

LEAK = 0.00000001
"""Conductance of a conductor that is not there, and of each node to earth: 100 megohm. Own choice."""
NOMINAL_SQUARED = 14400.0
OMEGA = 376.99111843077515


def conductance_of(power_w):
    """Conductance of a load on one leg with this power at 120 V."""
    return power_w / NOMINAL_SQUARED


def set_branch(h, k, ohm, x_ohm):
    """Resistance and reactance of a branch, as they stand over one sample."""
    rise = x_ohm / (OMEGA * h.step_s)
    h.resistance[k] = ohm
    h.conductance[k] = 1.0 / (ohm + rise)
    h.keep[k] = rise * h.conductance[k]


def open_branch(h, k):
    """A branch that is not there."""
    h.resistance[k] = 0.0
    h.conductance[k] = LEAK
    h.keep[k] = 0.0
    h.current[k] = 0.0


def place_branches(h, u):
    """Between which nodes the branches lie."""
    for k in range(BRANCHES):
        h.sign[k] = 1.0
    h.from_node[BRANCH_FEEDER] = NODE_EARTH
    h.to_node[BRANCH_FEEDER] = NODE_CORE
    h.from_node[BRANCH_WINDING_1] = NODE_CORE
    h.to_node[BRANCH_WINDING_1] = NODE_TAP_1
    h.from_node[BRANCH_WINDING_2] = NODE_CORE
    h.to_node[BRANCH_WINDING_2] = NODE_TAP_2
    h.sign[BRANCH_WINDING_2] = 1.0 if u.legs_in_phase == 1.0 else -1.0
    h.from_node[BRANCH_DROP_1] = NODE_TAP_1
    h.to_node[BRANCH_DROP_1] = NODE_UTILITY_1
    h.from_node[BRANCH_DROP_2] = NODE_TAP_2
    h.to_node[BRANCH_DROP_2] = NODE_UTILITY_2
    h.from_node[BRANCH_SOURCE_1] = NODE_STAR
    h.from_node[BRANCH_SOURCE_2] = NODE_STAR
    h.to_node[BRANCH_SOURCE_1] = NODE_BUS_1 if u.attach == ATTACH_LOAD_SIDE else NODE_INLET_1
    h.to_node[BRANCH_SOURCE_2] = NODE_BUS_2 if u.attach == ATTACH_LOAD_SIDE else NODE_INLET_2
    h.star_to = NODE_NEUTRAL
    if u.legs == LEGS_SWAPPED_NEUTRAL:
        h.star_to = h.to_node[BRANCH_SOURCE_2]
        h.to_node[BRANCH_SOURCE_2] = NODE_NEUTRAL
    for k in range(2):
        at = u.motor_a_at if k == 0 else u.motor_b_at
        h.from_node[BRANCH_MOTOR_A + k] = NODE_PANEL_2 if at == AT_L2 else NODE_PANEL_1
        h.to_node[BRANCH_MOTOR_A + k] = NODE_PANEL_N if at == AT_L1 or at == AT_L2 else NODE_PANEL_2


def set_service(h, u):
    """Impedances from the feeder to the meter."""
    if u.feeder_on == 1.0:
        set_branch(h, BRANCH_FEEDER, u.feeder_ohm, u.feeder_x_ohm)
    else:
        open_branch(h, BRANCH_FEEDER)
    set_branch(h, BRANCH_WINDING_1, u.winding_ohm, u.winding_x_ohm)
    set_branch(h, BRANCH_WINDING_2, u.winding_ohm, u.winding_x_ohm)
    set_branch(h, BRANCH_DROP_1, u.drop_ohm + u.l1_break_ohm, u.drop_x_ohm)
    set_branch(h, BRANCH_DROP_2, u.drop_ohm + u.l2_break_ohm, u.drop_x_ohm)
    h.neighbour = conductance_of(0.5 * u.neighbours_w)
    h.core_load = conductance_of(u.magnetising_w)
    if u.feeder_on == 0.0:
        h.core_load += conductance_of(u.lateral_w)
    h.neutral_g = 1.0 / u.neutral_ohm + 1.0 / u.earth_ohm


def set_cord(h, u):
    """Impedances of the source and its cord. A source that is off or unplugged is not there."""
    joined = 1 if h.source_breaker == 1 and (u.plugged == 1.0 or u.attach == ATTACH_LOAD_SIDE) else 0
    for k in range(2):
        lost = 1 if (k == 0 and u.legs == LEGS_WITHOUT_L1) or (k == 1 and u.legs == LEGS_WITHOUT_L2) else 0
        if joined == 1 and lost == 0:
            set_branch(h, BRANCH_SOURCE_1 + k, u.inner_ohm + u.cord_ohm + u.blade_ohm, u.inner_x_ohm)
        else:
            open_branch(h, BRANCH_SOURCE_1 + k)
    h.star_g = LEAK
    h.earth_g = LEAK
    if joined == 1:
        h.star_g = 1.0 / (u.cord_neutral_ohm + u.blade_ohm)
        if u.bonded == 1.0:
            h.earth_g = 1.0 / u.cord_earth_ohm


def set_panel(h, u):
    """Impedances from the bus to the panel."""
    for k in range(2):
        h.panel_g[k] = 1.0 / u.panel_ohm if h.breaker_on[CIRCUIT_MAIN] == 1 else LEAK
    h.panel_neutral_g = 1.0 / u.panel_neutral_ohm


def stamp(h, i, j, g):
    """A conductance between two nodes, either of which may be earth."""
    if i < NODES:
        h.matrix[i * NODES + i] += g
    if j < NODES:
        h.matrix[j * NODES + j] += g
    if i < NODES and j < NODES:
        h.matrix[i * NODES + j] -= g
        h.matrix[j * NODES + i] -= g


def stamp_branch(h, k):
    """A branch: the first node's voltage and current with its sign."""
    i = h.from_node[k]
    j = h.to_node[k]
    g = h.conductance[k]
    x = g * h.sign[k]
    if i < NODES:
        h.matrix[i * NODES + i] += g
    if j < NODES:
        h.matrix[j * NODES + j] += g
    if i < NODES and j < NODES:
        h.matrix[i * NODES + j] -= x
        h.matrix[j * NODES + i] -= x


def invert(h):
    """The inverse of the matrix, by elimination without exchange of rows: the matrix is symmetric and positive."""
    for k in range(NODES_SQUARED):
        h.inverse[k] = 0.0
    for i in range(NODES):
        h.inverse[i * NODES + i] = 1.0
    for p in range(NODES):
        scale = 1.0 / h.matrix[p * NODES + p]
        for c in range(NODES):
            h.matrix[p * NODES + c] = h.matrix[p * NODES + c] * scale
            h.inverse[p * NODES + c] = h.inverse[p * NODES + c] * scale
        for r in range(NODES):
            x = h.matrix[r * NODES + p]
            if r != p and x != 0.0:
                for c in range(NODES):
                    h.matrix[r * NODES + c] -= x * h.matrix[p * NODES + c]
                    h.inverse[r * NODES + c] -= x * h.inverse[p * NODES + c]


def pole_g(h, u, k):
    """Conductance of a pole."""
    return 1.0 / u.pole_ohm if h.conducts[k] == 1 else LEAK


def build(h, u):
    """All conductances anew, and their inverse."""
    h.dirty = 0
    place_branches(h, u)
    set_service(h, u)
    set_cord(h, u)
    set_panel(h, u)
    for k in range(NODES_SQUARED):
        h.matrix[k] = 0.0
    for i in range(NODES):
        h.matrix[i * NODES + i] = LEAK
    for k in range(BRANCHES):
        stamp_branch(h, k)
    stamp(h, NODE_CORE, NODE_EARTH, h.core_load)
    stamp(h, NODE_TAP_1, NODE_EARTH, h.neighbour)
    stamp(h, NODE_TAP_2, NODE_EARTH, h.neighbour)
    stamp(h, NODE_NEUTRAL, NODE_EARTH, h.neutral_g)
    stamp(h, NODE_UTILITY_1, NODE_BUS_1, pole_g(h, u, POLE_U1))
    stamp(h, NODE_UTILITY_2, NODE_BUS_2, pole_g(h, u, POLE_U2))
    stamp(h, NODE_INLET_1, NODE_BUS_1, pole_g(h, u, POLE_B1))
    stamp(h, NODE_INLET_2, NODE_BUS_2, pole_g(h, u, POLE_B2))
    stamp(h, NODE_STAR, h.star_to, h.star_g)
    stamp(h, NODE_STAR, NODE_NEUTRAL, h.earth_g)
    stamp(h, NODE_BUS_1, NODE_PANEL_1, h.panel_g[0])
    stamp(h, NODE_BUS_2, NODE_PANEL_2, h.panel_g[1])
    stamp(h, NODE_NEUTRAL, NODE_PANEL_N, h.panel_neutral_g)
    stamp(h, NODE_PANEL_1, NODE_PANEL_N, h.load_1)
    stamp(h, NODE_PANEL_2, NODE_PANEL_N, h.load_2)
    stamp(h, NODE_PANEL_1, NODE_PANEL_2, h.load_12)
    # A node that only leaks hangs on the neutral, or no number would say where it is.
    for i in range(NODES):
        stamp(h, i, NODE_NEUTRAL if i != NODE_NEUTRAL else NODE_EARTH, LEAK)
    invert(h)


def inject_branches(h):
    """What the branches inject: their own voltages, and the currents that go on."""
    for k in range(BRANCHES):
        x = h.conductance[k] * h.own[k] + h.keep[k] * h.current[k]
        h.inject[h.to_node[k]] += x
        h.inject[h.from_node[k]] -= h.sign[k] * x


def multiply(h):
    """Voltages of the nodes for the injected currents."""
    for i in range(NODES):
        x = 0.0
        for j in range(NODES):
            x += h.inverse[i * NODES + j] * h.inject[j]
        h.node[i] = x


def branch_current(h, k):
    """Current of a branch for the voltages of the nodes."""
    drive = h.sign[k] * h.node[h.from_node[k]] - h.node[h.to_node[k]] + h.own[k]
    return h.conductance[k] * drive + h.keep[k] * h.current[k]


def take_currents(h):
    """The branches go on with the currents of this sample."""
    for k in range(BRANCHES):
        h.current[k] = branch_current(h, k)


def reach(h, k):
    """By how much the current of a branch changes with its own voltage, all others as they are."""
    i = h.from_node[k]
    j = h.to_node[k]
    g = h.conductance[k]
    x = h.inverse[i * NODES + i] + h.inverse[j * NODES + j] - h.inverse[i * NODES + j] - h.inverse[j * NODES + i]
    return g * (1.0 - g * x)


def rms(sum_of_squares, count):
    """RMS of so many samples."""
    return sqrt(sum_of_squares / count) if sum_of_squares > 0.0 else 0.0
