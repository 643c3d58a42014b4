"""What a scan judges: facts as updated, and counts as they stand after this scan's ticks.

Not by the controller's own functions: the table of arrows (`proofs_arrows`) is a second statement of what the source
has to do.
"""

from bptm.assurance.proofs_model import Step
from bptm.assurance.z3_translate_terms import all_of, any_of, lowest, negation, one_of, pick
from bptm.controller.timing import COUNT_MOST
from bptm.terms import core_codes as c

_FACTS = (
    "utility_lost", "utility_in_band", "utility_harmful", "backup_qualified", "overload", "reverse_power",
    "utility_follows", "inlet_follows", "load_side_source", "contact_unknown", "u_disagrees", "bus_live", "bus_dead",
    "islanded", "utility_apart",
)  # fmt: skip
_MOVING = (c.MODE_TO_BACKUP, c.MODE_TO_UTILITY, c.MODE_TEST)


class Now:
    """What a scan judges."""

    def __init__(self, step: Step) -> None:
        """Reads facts after the update, counts and orders before the decision."""
        old, s, m, p, ticks = step.before, step.after, step.m, step.p, step.ticks
        self.old, self.s, self.m, self.p, self.ticks = old, s, m, p, ticks
        # Readings of the contacts by the raw bits, not by the controller's own function.
        self.u_open = all_of(m["u_open_poles"] == 3, m["u_closed_poles"] == 0)
        self.u_closed = all_of(m["u_closed_poles"] == 3, m["u_open_poles"] == 0)
        self.b_open = all_of(m["b_open_poles"] == 3, m["b_closed_poles"] == 0)
        self.b_closed = all_of(m["b_closed_poles"] == 3, m["b_open_poles"] == 0)
        self.fact = {name: s[name] == 1 for name in _FACTS}
        self.stored = m["stored_energy_ok"] == 1
        self.disconnect = any_of(old["disconnect_asked"] == 1, m["local_disconnect"] == 1)
        self.disconnect_only = all_of(self.disconnect, p["disconnect_to_backup"] == 0)
        self.apart = any_of(self.disconnect, self.fact["utility_harmful"], self.fact["islanded"])
        self._count_times()
        self._judge_current()
        self._judge_trials()
        self._judge_return()
        self._judge_steps()
        self.utility_down = all_of(m["utility_l1_v"] < p["live_v"], m["utility_l2_v"] < p["live_v"])
        self.followed = old["cause"] == c.CAUSE_UTILITY_FOLLOWS_BUS
        motors = any_of(self.s["current_doubted"] != 0, m["premise_w"] > p["motor_w"])
        self.dead_time = pick(motors, p["dead_time_motor_ticks"], p["dead_time_ticks"])
        self.counted = {
            "t_b_closed": lowest(self.stays_ticks, p["contact_ticks"]),
            "t_mode": self.t_mode,
            "t_dead": lowest(self.dead_ticks, old["dead_time_ticks"]),
            "t_wait": self.t_wait,
            "t_flap": lowest(old["t_flap"] + ticks, p["flap_window_ticks"]),
            "t_above": lowest(self.above_ticks, p["fault_wait_ticks"]),
            "flaps": self.flaps,
            "hold_left_ticks": self.hold_left,
            "test_left_ticks": self.test_left,
            "overloads": self.trials,
        }

    def _count_times(self) -> None:
        old, p, ticks = self.old, self.p, self.ticks
        left = old["hold_left_ticks"] - ticks
        over = any_of(left <= 0, all_of(p["medical"] == 1, self.fact["bus_dead"]))
        self.held = all_of(old["hold_left_ticks"] > 0, negation(over))
        self.hold_left = pick(self.held, left, 0)
        test = old["test_left_ticks"] - ticks
        on_load = all_of(test > 0, one_of(old["mode"], (c.MODE_TO_BACKUP, c.MODE_ON_BACKUP)))
        self.test_left = pick(on_load, test, 0)
        self.t_mode = lowest(old["t_mode"] + ticks, p["trial_ticks"])
        long_ago = all_of(old["mode"] == c.MODE_ON_UTILITY, old["t_flap"] + ticks >= p["flap_window_ticks"])
        self.flaps = pick(long_ago, 0, old["flaps"])
        waits = one_of(old["mode"], (c.MODE_DARK, c.MODE_DISCONNECTED))
        self.t_wait = pick(waits, lowest(old["t_wait"] + ticks, p["overload_wait_ticks"]), old["t_wait"])
        dropped = one_of(old["mode"], (c.MODE_DARK, c.MODE_BACKUP_BLOCKED, c.MODE_DISCONNECTED))
        self.stays_ticks = pick(all_of(dropped, self.b_closed), old["t_b_closed"] + ticks, 0)
        self.b_stays_closed = self.stays_ticks >= p["contact_ticks"]
        counting = any_of(
            all_of(one_of(old["mode"], _MOVING), old["step"] == c.STEP_DEAD_TIME),
            all_of(old["mode"] == c.MODE_BACKUP_BLOCKED, old["u_order"] != c.ORDER_CLOSE, self.b_open),
        )
        self.dead_ticks = pick(all_of(counting, self.fact["bus_dead"]), old["t_dead"] + ticks, 0)
        self.dead_done = self.dead_ticks >= old["dead_time_ticks"]

    def _judge_current(self) -> None:
        m, p = self.m, self.p
        limit = pick(all_of(self.b_open, negation(self.u_open)), p["u_breaking_a"], p["b_breaking_a"])
        read = any_of(m["l1_a"] > limit, m["l2_a"] > limit)
        self.above_ticks = pick(read, self.old["t_above"] + self.ticks, 0)
        self.above = all_of(read, self.above_ticks < p["fault_wait_ticks"])

    def _judge_trials(self) -> None:
        old, s, p = self.old, self.s, self.p
        self.removed = s["t_removed"] >= p["removed_ticks"]
        self.early = old["t_mode"] + self.ticks < p["trial_ticks"]
        self.trials = pick(all_of(self.removed, old["latched"] == c.CAUSE_NONE), 0, old["overloads"])
        self.more_trials = lowest(self.trials + 1, COUNT_MOST)
        self.last_trial = self.more_trials > p["overload_trials"]
        self.may_try = any_of(self.trials == 0, self.t_wait >= p["overload_wait_ticks"])
        proved_good = all_of(old["mode"] == c.MODE_ON_UTILITY, self.t_mode >= p["trial_ticks"])
        self.harms = pick(proved_good, 0, old["harms"])
        self.more_harms = lowest(self.harms + 1, COUNT_MOST)
        self.last_harm = self.more_harms > p["harm_trials"]
        lost_ticks = all_of(self.fact["utility_lost"], self.t_mode >= p["dark_open_ticks"])
        self.opens_dark = all_of(p["opens_in_dark"] != 0, p["medical"] != 1, lost_ticks)

    def _judge_return(self) -> None:
        old, s, m, p = self.old, self.s, self.m, self.p
        flaps = all_of(self.flaps >= p["flap_count"], p["flap_hold_ticks"] > p["return_ticks"])
        long = pick(flaps, p["flap_hold_ticks"], p["return_ticks"])
        short = all_of(negation(self.fact["backup_qualified"]), p["return_bypass_ticks"] < long)
        steady = s["t_return"] >= pick(short, p["return_bypass_ticks"], long)
        free = all_of(self.hold_left == 0, self.test_left <= 0, negation(self.disconnect))
        self.may_return = all_of(steady, s["t_slot"] >= old["slot_ticks"], free)
        asked = all_of(m["local_test"] == 1, self.stored, self.fact["bus_live"], self.b_open)
        self.may_test = all_of(asked, self.may_return)

    def _judge_steps(self) -> None:
        old, p, mode = self.old, self.p, self.old["mode"]
        later = old["t_step"] + self.ticks
        self.overdue = later >= p["contact_ticks"]
        self.stood = lowest(later, p["contact_ticks"]) >= p["open_ticks"]
        self.in_watch = later < p["follow_watch_ticks"]
        self.test_over = later >= p["test_ticks"]
        self.more_tries = old["tries"] < p["contact_tries"]
        begun = old["step"] == c.STEP_OPENING
        watch = all_of(mode == c.MODE_TO_UTILITY, old["step"] == c.STEP_DEAD_TIME)
        testing = all_of(mode == c.MODE_TEST, negation(begun))
        limit = pick(watch, p["follow_watch_ticks"], pick(testing, p["test_ticks"], p["contact_ticks"]))
        closing = all_of(mode == c.MODE_BACKUP_BLOCKED, old["u_order"] == c.ORDER_CLOSE, negation(self.apart))
        opening = any_of(all_of(mode == c.MODE_DISCONNECTED, begun), all_of(mode == c.MODE_DARK, old["tries"] > 0))
        counts = any_of(one_of(mode, _MOVING), closing, opening, mode == c.MODE_LOCKED_OUT)
        self.step_time = pick(counts, lowest(later, limit), old["t_step"])
