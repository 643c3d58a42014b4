"""A home with a person in it, for tests of the guide: the real controller, two contactors, a grid and a source."""

from appliances import guide_settings
from bptm.compiled.records import plain_record
from bptm.controller.guide import declare, guide, start_guide
from bptm.controller.scan import scan, start
from bptm.terms import core_device, core_settings
from bptm.terms.core_codes import ORDER_CLOSE, ORDER_NONE
from bptm.terms.core_guide import GUIDE_ALL_ON, GUIDE_BREAKERS_OFF, GUIDE_CORD, GUIDE_SOLAR_OFF, GUIDE_STATE_FIELDS

SECOND = 120

ACTIONS: dict[str, tuple[dict[str, float | bool], int | None]] = {
    "breakers off": ({"breakers_a": 0.0}, GUIDE_BREAKERS_OFF),
    "say breakers": ({}, GUIDE_BREAKERS_OFF),
    "solar off": ({"solar_w": 0.0}, GUIDE_SOLAR_OFF),
    "plug": ({"plugged": True}, None),
    "unplug": ({"plugged": False}, None),
    "cord": ({"corded": True}, GUIDE_CORD),
    "start": ({"running": True}, None),
    "stop": ({"running": False}, None),
    "wait": ({}, None),
    "essentials": ({"breakers_a": 8.0}, None),
    "everything": ({"breakers_a": 45.0}, None),
    "all on": ({"breakers_a": 12.0}, GUIDE_ALL_ON),
}
"""What a person does: what changes, and the step that they then say is done."""


class Home:
    """Grid, meter, breakers, solar, plug, cord and source; `live` lets time pass."""

    def __init__(self, *, stride: int = 6, **values: float) -> None:
        self.s = plain_record(core_device.DEVICE_FIELDS)
        self.k = plain_record(core_device.INTERLOCK_FIELDS)
        self.m = plain_record(core_device.MEASURED_FIELDS)
        self.r = plain_record(core_device.INTERLOCK_INPUT_FIELDS)
        self.p = plain_record(core_settings.FIELDS)
        for row in core_settings.SETTINGS:
            setattr(self.p, row[0], row[4])
        self.p.slot_window_ticks = 0
        self.q = guide_settings(**values)
        self.p.medical = self.q.medical
        self.g = plain_record(GUIDE_STATE_FIELDS)
        self.stride = stride
        self.grid = True
        self.breakers_a = 12.0
        self.solar_w = 0.0
        self.plugged = self.corded = self.running = False
        self.source_v = 120.0
        self.source_hz = 60.0
        self.legs_wrong = False
        self.u_closed, self.b_closed = True, False
        self.measure()
        start(self.s, self.k, self.m, self.p)
        start_guide(self.g)
        self.live(3)

    def measure(self) -> None:
        """Fills measured values from the state of things."""
        m, r = self.m, self.r
        alive = self.running and self.corded and self.plugged
        inlet_v = self.source_v if alive else 0.0
        grid_v = 120.0 if self.grid else 0.0
        bus_v = (grid_v if self.u_closed else 0.0) + (inlet_v if self.b_closed else 0.0)
        m.utility_l1_v = m.utility_l2_v = grid_v
        m.utility_l12_v, m.utility_hz = 2 * grid_v, 60.0 if self.grid else 0.0
        m.inlet_l1_v, m.inlet_l2_v = inlet_v, inlet_v
        m.inlet_l12_v = 0.0 if self.legs_wrong else 2 * inlet_v
        m.inlet_hz = self.source_hz if alive else 0.0
        m.bus_l1_v = m.bus_l2_v = bus_v
        m.bus_l12_v = 2 * bus_v
        m.utility_in_phase = int(self.u_closed and self.grid)
        m.inlet_in_phase = int(self.b_closed and alive)
        # Solar that follows the grid feeds only a bus that the grid holds.
        solar_w = self.solar_w if self.u_closed and self.grid else 0.0
        m.l1_a = m.l2_a = self.breakers_a if bus_v > 60.0 else 0.0
        m.premise_w = 2 * m.l1_a * bus_v - solar_w
        m.l1_w = m.l2_w = m.premise_w / 2
        if solar_w:
            m.l1_a = m.l2_a = abs(m.premise_w) / 2 / 120.0
        for side, closed in (("u", self.u_closed), ("b", self.b_closed)):
            for record in (m, r):
                setattr(record, f"{side}_open_poles", 0 if closed else 3)
                setattr(record, f"{side}_closed_poles", 3 if closed else 0)
        r.bus_l1_present = r.bus_l2_present = int(bus_v > 12.0)
        m.stored_energy_ok, m.supplied = 1, 1
        m.inlet_unmated = int(not self.plugged)
        m.ambient_c = m.inlet_c = 25.0

    def live(self, seconds: float) -> None:
        """Lets time pass, in strides that both controller and guide allow."""
        left = int(seconds * SECOND)
        while left:
            self.measure()
            ticks = max(1, min(left, self.stride, self.s.wake_ticks, self.g.wake_ticks))
            scan(self.s, self.k, self.m, self.r, self.p, ticks)
            guide(self.g, self.s, self.m, self.q, ticks)
            if self.k.u_out != ORDER_NONE:
                self.u_closed = self.k.u_out == ORDER_CLOSE
            self.b_closed = self.k.b_out == ORDER_CLOSE
            left -= ticks

    def say(self, step: int) -> int:
        """The person says that a step is done."""
        return declare(self.g, self.s, self.m, self.q, step)

    def do(self, action: str) -> None:
        """One action of a person; a second later the word that goes with it, then four seconds."""
        changes, step = ACTIONS[action]
        for name, value in changes.items():
            setattr(self, name, value)
        self.live(25 if action == "wait" else 1)
        if step is not None:
            self.say(step)
        self.live(4)
