"""The controllers that can sit on the bench: the shipped one, and twelve that are broken on purpose.

Each broken one is a mistake that has been made somewhere: a few lines of the real controller changed, or a whole naive
one. Each breaks at least one law in some scenario of the set (tested), which shows that the scenarios can fail.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import cast

from bptm.twin.bench import naive_ats
from bptm.twin.bench.edits import Edit, hash_of, load

SHIPPED = "bptm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """One controller.

    Attributes:
        name: As `--controller` takes it.
        words: What is wrong with it, in one line.
        breaks: Law that it breaks first of all.
        edits: Lines of the real controller that are changed.
        module: A whole controller of its own, in the place of edits.
    """

    name: str
    words: str
    breaks: str = ""
    edits: tuple[Edit, ...] = ()
    module: ModuleType | None = None

    @property
    def is_shipped(self) -> bool:
        """Whether it is the real one, which runs compiled."""
        return self.module is None and not self.edits

    def source_hash(self) -> str:
        """Hash of what decides."""
        if self.module is not None:
            return hashlib.sha256(Path(cast("str", self.module.__file__)).read_bytes()).hexdigest()
        return hash_of(self.edits)

    def load(self) -> ModuleType:
        """A module with `start`, `scan` and, under `remote` or itself, `command`."""
        return self.module if self.module is not None else load(self.name, self.edits)


BROKEN: tuple[Controller, ...] = (
    Controller(
        name="naive-ats",
        words="leg-to-leg voltage only, fixed times, no feedback, closes the utility when it starts",
        breaks="LAW-2",
        module=naive_ats,
    ),
    Controller(
        name="stays-on-utility",
        words="never transfers: the safest controller, and of no use",
        breaks="LAW-11",
        edits=(
            Edit(
                module="transfer",
                old="        choose_dead_time(s, m, p)\n        enter(s, MODE_TO_BACKUP, CAUSE_BACKUP_READY)\n",
                new="        s.u_order = ORDER_NONE\n",
            ),
        ),
    ),
    Controller(
        name="locks-out-always",
        words="takes every loss of the utility for a fault of its contacts",
        breaks="LAW-9",
        edits=(
            Edit(
                module="transfer",
                old="        count_flap(s, p)\n        enter(s, MODE_DARK, CAUSE_UTILITY_LOST)\n",
                new="        lock_out(s, CAUSE_CONTACT_UNKNOWN)\n",
            ),
        ),
    ),
    Controller(
        name="trusts-feedback",
        words="counts the dead time from a feedback that reads open, and never looks at the bus",
        breaks="LAW-2",
        edits=(
            Edit(
                module="ways",
                old="counts = s.bus_dead\n    elif s.mode == MODE_BACKUP_BLOCKED",
                new="counts = 1\n    elif s.mode == MODE_BACKUP_BLOCKED",
            ),
            Edit(
                module="interlock",
                old="bus_present = 1 if r.bus_l1_present == 1 or r.bus_l2_present == 1 else 0",
                new="bus_present = 0",
            ),
            Edit(
                module="transfer",
                old="        elif s.load_side_source == 1:",
                new="        elif s.load_side_source == 2:",
            ),
        ),
    ),
    Controller(
        name="fixed-dead-time",
        words="25 ms from the order to open, whatever residual voltage the motors still give",
        breaks="LAW-2",
        edits=(
            Edit(
                module="ways",
                old="    elif s.u_contact == CONTACT_OPEN and s.t_step >= p.open_ticks:",
                new="    elif s.u_contact == CONTACT_OPEN:",
            ),
            Edit(
                module="ways",
                old="return 1 if s.t_dead >= s.dead_time_ticks else 0",
                new="return 1 if s.t_step >= 3 else 0",
            ),
            Edit(
                module="interlock",
                old="long_dead = 1 if k.t_bus_dead >= dead_ticks_needed else 0",
                new="long_dead = 1",
            ),
        ),
    ),
    Controller(
        name="ignores-leg",
        words="measures leg to leg only, as most transfer switches do: a broken neutral shows 240 V",
        breaks="LAW-6",
        edits=(
            Edit(
                module="protection_utility",
                old="    legs_wrong = 1 if m.utility_l12_v < p.legs_ratio * (m.utility_l1_v + m.utility_l2_v) else 0\n",
                new="    legs_wrong = 0\n    low_v = 0.5 * m.utility_l12_v\n    high_v = low_v\n",
            ),
            Edit(
                module="protection_utility",
                old="    apart = 1 if normal == 1 and high_v - low_v > p.neutral_v else 0\n"
                "    raised = 1 if normal == 1 and high_v > p.over_low_v else 0\n",
                new="    apart = 0\n    raised = 0\n",
            ),
        ),
    ),
    Controller(
        name="closes-on-reset",
        words="closes the utility contactor when it starts, without asking why it stood open",
        breaks="LAW-3",
        edits=(
            Edit(
                module="scan",
                old="        if s.u_contact != CONTACT_OPEN:\n            s.u_order = ORDER_OPEN\n",
                new="        s.u_order = ORDER_CLOSE\n",
            ),
            Edit(
                module="scan",
                old="    ORDER_NONE,\n    ORDER_OPEN,\n",
                new="    ORDER_CLOSE,\n    ORDER_NONE,\n    ORDER_OPEN,\n",
            ),
        ),
    ),
    Controller(
        name="clears-lockout-remotely",
        words="lets a message from afar end a lockout",
        breaks="LAW-4",
        edits=(
            Edit(
                module="remote",
                old="        unmet = UNMET_NOT_HELD if s.hold_left_ticks == 0 else 0\n",
                new="        unmet = 0\n        if s.latched != 0:\n            clear_latch(s, CAUSE_LOCAL_RESET)\n",
            ),
            Edit(
                module="remote",
                old="    ACTION_RECONNECT,\n    CONTACT_OPEN,",
                new="    ACTION_RECONNECT,\n    CAUSE_LOCAL_RESET,\n    CONTACT_OPEN,",
            ),
            Edit(
                module="remote",
                old="HOLD_MIN_TICKS = ",
                new="from bptm.controller.ways import clear_latch\n\nHOLD_MIN_TICKS = ",
            ),
        ),
    ),
    Controller(
        name="no-backfeed-watch",
        words="never asks whether the utility side follows the bus",
        breaks="LAW-5",
        edits=(
            Edit(
                module="protection_contacts",
                old="        s.utility_follows = 1\n",
                new="        s.utility_follows = 0\n",
            ),
        ),
    ),
    Controller(
        name="reacts-to-sags",
        words="leaves the utility at two low half-cycles, inside what equipment rides through",
        breaks="LAW-12",
        edits=(
            Edit(
                module="protection_utility",
                old="        s.t_deep >= p.lost_deep_ticks\n",
                new="        s.t_deep >= 2\n",
            ),
        ),
    ),
    Controller(
        name="bills-backup",
        words="counts the customer's own energy on the utility's register",
        breaks="LAW-8",
        edits=(
            Edit(
                module="registers",
                old="        s.backup_in_mwticks = added(s.backup_in_mwticks, to_premise)\n",
                new="        s.utility_in_mwticks = added(s.utility_in_mwticks, to_premise)\n",
            ),
        ),
    ),
    Controller(
        name="opens-above-rating",
        words="orders a contactor open into a fault current that it cannot break",
        breaks="LAW-15",
        edits=(
            Edit(
                module="transfer",
                old="    s.above_rating = 1 if above == 1 and s.t_above < p.fault_wait_ticks else 0\n",
                new="    s.above_rating = 0\n",
            ),
        ),
    ),
)
"""The twelve."""

CONTROLLERS: dict[str, Controller] = {
    controller.name: controller
    for controller in (Controller(name=SHIPPED, words="the shipped controller, as firmware and fleet run it"), *BROKEN)
}
