"""The home as a circuit: two legs, each with a utility node, a bus node and an inlet node. Core Python.

Each leg: the service is a voltage behind `service_ohm` (a dead feeder is `DEAD_FEEDER_OHM` to neutral: its
transformer and the neighbours' loads); the backup source is a voltage behind its impedance; loads are
resistances; solar is a current. Contactor poles join the nodes. Loads on 240 V stand as halves on both legs.
RMS amplitudes; phase matters only where both sources are joined, which is counted as unsafe anyway.
"""

DEAD_FEEDER_OHM = 0.5
"""A de-energised service: neighbours' load behind one transformer. Own choice: about 30 kW at 120 V."""


def solve_leg(service_v, service_ohm, feeder_on, source_v, source_ohm, source_on, load_w, solar_a, u_closed, b_closed):
    """Bus voltage of one leg.

    Conductances to each side that is joined; with nothing joined the load is a dead resistance and the bus is 0
    (solar alone is cut off by its own protection before this is called).
    """
    up = 0.0
    down = load_w * (1.0 / 14400.0)
    if u_closed == 1:
        if feeder_on == 1:
            up = up + service_v / service_ohm
            down = down + 1.0 / service_ohm
        else:
            down = down + 1.0 / DEAD_FEEDER_OHM
    if b_closed == 1 and source_on == 1:
        up = up + source_v / source_ohm
        down = down + 1.0 / source_ohm
    if u_closed == 0 and (b_closed == 0 or source_on == 0):
        return 0.0
    return (up + solar_a) / down


def through_utility_a(bus_v, service_v, service_ohm, feeder_on, u_closed):
    """Current of one leg through the utility contactor, into the premise."""
    if u_closed == 0:
        return 0.0
    if feeder_on == 1:
        return (service_v - bus_v) / service_ohm
    return -bus_v / DEAD_FEEDER_OHM


def through_backup_a(bus_v, source_v, source_ohm, source_on, b_closed):
    """Current of one leg through the backup contactor, into the premise."""
    if b_closed == 0 or source_on == 0:
        return 0.0
    return (source_v - bus_v) / source_ohm
