"""The checker of LAW-2 in the fleet's contactors: each of its parts can fail, and a good close breaks none."""

from typing import Any

import pytest

from bptm.compiled.records import plain_record
from bptm.plant.contactors import APART_TICKS, OPENS_AGAIN_TICKS, order_backup, order_utility, travel
from bptm.terms import core_home, core_plant
from bptm.terms.core_codes import ORDER_CLOSE, ORDER_OPEN
from bptm.terms.core_plant import TRAVEL_TICKS


def closed(contactor: str, *, apart_ticks: int, bus_v: float, inlet_v: float, hold_up_ticks: int) -> Any:
    """A home whose other contactor parts, and in which this one closes so many ticks after."""
    h, u = plain_record(core_plant.FIELDS), plain_record(core_home.SETUP_FIELDS)
    h.u_poles, h.b_poles = (0, 3) if contactor == "u" else (3, 0)
    h.hold_up_ticks = hold_up_ticks
    (order_backup if contactor == "u" else order_utility)(h, ORDER_OPEN)
    close = order_utility if contactor == "u" else order_backup
    for tick in range(TRAVEL_TICKS + apart_ticks):
        if tick == apart_ticks:
            close(h, ORDER_CLOSE)
        h.tick += 1
        if h.tick > TRAVEL_TICKS:
            h.bus_l1_v, h.inlet_l1_v = bus_v, inlet_v
        travel(h, u, 1)
    assert (h.u_poles, h.b_poles) == ((3, 0) if contactor == "u" else (0, 3))
    assert h.closings == 1
    return h


@pytest.mark.parametrize("contactor", ["u", "b"])
@pytest.mark.parametrize(
    ("apart_ticks", "bus_v", "inlet_v", "hold_up_ticks", "broken"),
    [
        (APART_TICKS, 0.0, 120.0, 0, False),
        (APART_TICKS - 1, 0.0, 120.0, 0, True),
        (APART_TICKS, 31.0, 120.0, 0, True),
        (APART_TICKS, 0.0, 0.0, OPENS_AGAIN_TICKS, False),
        (APART_TICKS, 0.0, 0.0, OPENS_AGAIN_TICKS - 1, True),
    ],
)
def test_a_close_is_judged_by_bus_time_apart_and_energy(
    contactor: str, apart_ticks: int, bus_v: float, inlet_v: float, hold_up_ticks: int, *, broken: bool
) -> None:
    """LAW-2: 0.25 pu on the bus, 0.45 s between the two, a second of energy where nothing supplies the meter."""
    h = closed(contactor, apart_ticks=apart_ticks, bus_v=bus_v, inlet_v=inlet_v, hold_up_ticks=hold_up_ticks)
    assert h.violations == ((1 << 2) if broken else 0)
