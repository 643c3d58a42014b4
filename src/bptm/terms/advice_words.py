"""What advice says to people: an appliance's name, and why it should wait."""

from dataclasses import dataclass
from enum import IntEnum

from bptm.terms import core_advice as a


class ApplianceKind(IntEnum):
    """Kinds that a person may give an appliance."""

    OTHER = a.KIND_OTHER
    REFRIGERATOR = a.KIND_REFRIGERATOR
    FREEZER = a.KIND_FREEZER
    FURNACE_FAN = a.KIND_FURNACE_FAN
    SUMP_PUMP = a.KIND_SUMP_PUMP
    WELL_PUMP = a.KIND_WELL_PUMP
    WINDOW_AC = a.KIND_WINDOW_AC
    CENTRAL_AC = a.KIND_CENTRAL_AC
    WASHER = a.KIND_WASHER
    DRYER = a.KIND_DRYER
    WATER_HEATER = a.KIND_WATER_HEATER
    SPACE_HEATER = a.KIND_SPACE_HEATER
    MICROWAVE = a.KIND_MICROWAVE
    CPAP = a.KIND_CPAP
    LIGHTS = a.KIND_LIGHTS


_SPOKEN = {
    ApplianceKind.CPAP: "breathing machine (CPAP)",
    ApplianceKind.WINDOW_AC: "window air conditioner",
    ApplianceKind.CENTRAL_AC: "central air conditioner",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An appliance that should not be switched on now, and the numbers of why."""

    name: str
    blocks: int
    """BLOCK_... bits."""
    needs_va: float
    free_va: float
    off_first: str | None = None
    """Name of the appliance to turn off first; None when none helps."""


def appliance_name(kind: ApplianceKind, running_w: float, legs: int) -> str:
    """The name a person gave, else what is known: its power and legs."""
    if kind is not ApplianceKind.OTHER:
        return _SPOKEN.get(kind, kind.name.lower().replace("_", " "))
    return f"{240 if legs == a.LEG_BOTH else 120} V appliance of {running_w:.0f} W"


def waiting_sentence(waiting: Waiting) -> str:
    """Why an appliance should wait, and what to turn off first: every reason."""
    blocks = waiting.blocks
    if blocks & a.BLOCK_UNKNOWN:
        return f"{waiting.name}: wait, the meter does not know what is free."
    reasons: list[str] = []
    if blocks & (a.BLOCK_START_L1 | a.BLOCK_START_L2 | a.BLOCK_START_TOTAL):
        reasons.append(
            f"needs {waiting.needs_va / 1000:.1f} kVA to start, {max(waiting.free_va, 0.0) / 1000:.1f} kVA free"
        )
    if blocks & (a.BLOCK_RUN_L1 | a.BLOCK_RUN_L2 | a.BLOCK_RUN_TOTAL):
        legs = [str(n) for n, bit in ((1, a.BLOCK_RUN_L1), (2, a.BLOCK_RUN_L2)) if blocks & bit]
        where = f" on leg {' and '.join(legs)}" if legs else ""
        reasons.append(f"too much to keep running{where}")
    if blocks & a.BLOCK_LOCKED:
        reasons.append("its motor has just stopped and must rest")
    if blocks & a.BLOCK_LISTED:
        reasons.append("fits alone, but not with what is on the list")
    if blocks & a.BLOCK_NEVER:
        remedy = "this source is too small for it"
    elif waiting.off_first is not None:
        remedy = f"turn off {waiting.off_first} first"
    else:
        remedy = "leave it off for now"
    return f"{waiting.name}: {', '.join(reasons)}: {remedy}."
