"""What golden runs reach of the codes that a controller and its observers can show, by name.

The runs that are told for the observers are replayed once more in CPython, and every record is looked at. Which codes
there are is read from `terms`, so that a new one is asked for as soon as it is there; what no run can reach stands in
`NOT_IN_A_RUN` with the reason.
"""

from collections.abc import Iterator
from types import ModuleType
from typing import Any, cast

from bptm.assurance.replay_plain import WORDS, Device, carry_out
from bptm.controller import advice_steps
from bptm.terms import core_advice, core_codes, core_diagnosis, core_guide, core_ledger

_Words = dict[int, str]

_advice_steps = cast("Any", advice_steps)
"""The core carries no types (decision 0002)."""

NOT_IN_A_RUN: dict[str, str] = {
    "FINDING_NONE": "no finding",
    "FINDING_SERVICE_NEUTRAL_RISING": "is held against the neutral of 30 days before; a run has 167 s",
    "LEG_NONE": "an entry that holds no appliance",
}
"""Codes that no run of 20,000 ticks can reach, each with the reason."""

NO_CODES: dict[str, str] = {
    "FINDINGS": "how many", "LEVELS": "how many", "FITS": "how many", "DAYS": "how many", "APPLIANCES": "how many",
    "KINDS_OF_APPLIANCE": "how many", "GUIDE_STEPS": "how many", "GUIDE_CONDITIONS": "how many",
    "GUIDE_STEPS_OUT": "a mask", "GUIDE_STEPS_BACK": "a mask",
    "LEVEL_": "places in an array", "FIT_": "places in an array", "SIDE_": "places in an array",
    "KIND_RUNNING_W": "a table", "KIND_START_RATIO": "a table",
}  # fmt: skip
"""Constants of the observers' files that are no codes, by name or beginning."""


def codes_of(module: ModuleType, *beginnings: str) -> _Words:
    """Value to name of the constants whose names begin so."""
    return {
        int(value): name
        for name, value in vars(module).items()
        if isinstance(value, int) and name.startswith(beginnings) and not is_no_code(name)
    }


def is_no_code(name: str) -> bool:
    """Whether a constant counts or orders something, and says nothing."""
    return any(name == other or (other.endswith("_") and name.startswith(other)) for other in NO_CODES)


FINDINGS = codes_of(core_diagnosis, "FINDING_")
CONFIDENCES = codes_of(core_diagnosis, "CONFIDENCE_")
LEGS = codes_of(core_diagnosis, "LEGS_")
FEEDS = codes_of(core_diagnosis, "FEED_")
BLOCKS = codes_of(core_advice, "BLOCK_")
ADVICE_UNMET = codes_of(core_advice, "ADVICE_UNMET_")
LEGS_USED = codes_of(core_advice, "LEG_")
KINDS = codes_of(core_advice, "KIND_")
PHASES = codes_of(core_guide, "PHASE_")
PROOFS = codes_of(core_guide, "PROOF_")
WARNINGS = codes_of(core_guide, "WARN_")
CONDITIONS = codes_of(core_guide, "GUIDE_BIT_")
STEPS = {
    value: name
    for name, value in vars(core_guide).items()
    if name.startswith("GUIDE_")
    and isinstance(value, int)
    and not name.startswith("GUIDE_BIT_")
    and not is_no_code(name)
}
TURNED_DOWN = codes_of(core_codes, "TURNED_DOWN_")
FED_BY = codes_of(core_codes, "FED_BY_")
CONTACTS = codes_of(core_codes, "CONTACT_")
ORDERS = codes_of(core_codes, "ORDER_")
TRANSFER_STEPS = codes_of(core_codes, "STEP_")
QUALITIES = codes_of(core_ledger, "QUALITY_")
CLOCKS = codes_of(core_ledger, "CLOCK_NEVER", "CLOCK_KNOWN", "CLOCK_LOST")

OF_OBSERVERS: tuple[_Words, ...] = (
    FINDINGS, CONFIDENCES, LEGS, FEEDS, BLOCKS, ADVICE_UNMET, LEGS_USED, KINDS, PHASES, PROOFS, WARNINGS, CONDITIONS,
    STEPS, TURNED_DOWN, FED_BY, CONTACTS, ORDERS, TRANSFER_STEPS, QUALITIES, CLOCKS,
)  # fmt: skip


def observed_codes() -> list[str]:
    """Every code that the runs told for the observers have to reach."""
    return [name for words in OF_OBSERVERS for name in words.values() if name not in NOT_IN_A_RUN]


def _bits(words: _Words, mask: int, *, shifted: bool) -> Iterator[str]:
    """Names of the bits that are set; `shifted` where a code is the number of its bit."""
    for value, name in words.items():
        if mask & (1 << value if shifted else value):
            yield name


class _Watched(Device):
    """A device whose codes are noted after every record."""

    def __init__(self, flags: int) -> None:
        """As the plain one."""
        self.names: set[str] = set()
        self.answer = 0
        super().__init__(flags)

    def scan(self, ticks: int) -> None:
        """One scan, then every observer, then a look at all of them."""
        super().scan(ticks)
        s, d, a, g, ledger = (self.made[letter] for letter in "sdagl")
        self.names.update((
            FED_BY[s.fed_by], CONTACTS[s.u_contact], CONTACTS[s.b_contact], ORDERS[s.u_order], ORDERS[s.b_order],
            TRANSFER_STEPS[s.step], FEEDS[d.feed], PHASES[g.phase], CLOCKS[ledger.clock_known],
        ))  # fmt: skip
        self.names.update([LEGS[legs] for legs in d.legs], [PROOFS[proof] for proof in g.proof])
        self.names.update(_bits(TURNED_DOWN, s.turned_down, shifted=False), _bits(FINDINGS, d.raised, shifted=True))
        self.names.update(CONFIDENCES[d.confidence[code]] for code in FINDINGS if d.raised >> code & 1)
        self.names.update(CONFIDENCES[d.confidence[code]] for code in FINDINGS if d.ended >> code & 1)
        self.names.update(_bits(WARNINGS, g.warnings, shifted=False))
        self.names.update(_bits(QUALITIES, ledger.interval_flags, shifted=False))
        if g.step in STEPS:
            self.names.add(STEPS[g.step])
        for unmet in set(g.unmet):
            self.names.update(_bits(CONDITIONS, unmet, shifted=True))
        for i, used in enumerate(a.used):
            if used:
                self.names.update((KINDS[a.kind[i]], LEGS_USED[_advice_steps.leg_of(a, i)]))
                self.names.update(_bits(BLOCKS, a.blocks[i], shifted=False))

    def word(self, which: int, numbers: list[int]) -> None:
        """What a person or the host says, and what is answered."""
        name = WORDS[which].name
        super().word(which, numbers)
        if self.answer:
            is_guide = name == "declare"
            if is_guide or WORDS[which].file == "advice":
                self.names.update(_bits(CONDITIONS if is_guide else ADVICE_UNMET, self.answer, shifted=is_guide))

    def note(self, answer: int) -> None:
        """One record, whose answer is kept."""
        self.answer = answer
        super().note(answer)

    def note_observed(self) -> None:
        """What is kept, and the flags of the intervals in it."""
        super().note_observed()
        for flags in set(self.made["l"].profile_flags):
            self.names.update(_bits(QUALITIES, flags, shifted=False))


def reached_names(ops: bytes, flags: int) -> set[str]:
    """Names of the codes that a run with observers shows."""
    device: Any = _Watched(flags)
    carry_out(ops, device)
    return device.names
