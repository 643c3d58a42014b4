# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false
"""Commissioning: the settings of a meter from the source that its home has, and a file of what is particular to it.

The profile of the source comes first (`controller.profiles`), the file over it; a contradiction between the two is
refused like any other, whole and with every fault.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from bptm.controller import profiles
from bptm.terms.codes import BackupKind
from bptm.terms.core_settings import SETTINGS
from bptm.terms.settings_file import RefusedSettings, Settings, read_settings
from bptm.terms.settings_rules import Number

# The one door to the controller, which carries no types (decision 0002).
_profiles = cast("Any", profiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the installer declares of the source.

    Attributes:
        inlet_a: Ampacity of the inlet.
        source_a: What the source may give on one leg, by its nameplate.
    """

    kind: BackupKind
    inlet_a: float
    source_a: float


def profile_of(source: Source) -> dict[str, Number]:
    """Settings of the controller that the profile of a source gives other values than their defaults.

    Raises:
        ValueError: An ampacity outside the limits of its setting.
    """
    limits = {row[0]: (row[5], row[6]) for row in SETTINGS}
    for name, value in (("inlet_a", source.inlet_a), ("source_a", source.source_a)):
        low, high = limits[name]
        if not low <= value <= high:
            msg = f"{name} is {value:g} A, expected {low:g} to {high:g}"
            raise ValueError(msg)
    values = SimpleNamespace(**{row[0]: row[4] for row in SETTINGS})
    values.source_a = float(source.source_a)
    _profiles.apply_profile(values, int(source.kind), float(source.inlet_a))
    found = cast("dict[str, Number]", vars(values))
    return {row[0]: found[row[0]] for row in SETTINGS if found[row[0]] != row[4]}


def commission(source: Source, raw: bytes) -> Settings | RefusedSettings:
    """Every setting of a meter with this source: its profile, and over it what the file says.

    Raises:
        ValueError: An ampacity outside the limits of its setting.
    """
    return read_settings(raw, profile=profile_of(source))
