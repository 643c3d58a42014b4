"""The utility profile: everything that differs from one utility to the next, in one TOML file.

The code knows no utility. What a profile says about customers, tariffs, eligibility, sockets and the regulator carries
its source and how far it is to be believed. All faults of a file are named at once, each with the nearest valid key.
"""

import tomllib
from dataclasses import dataclass, fields
from enum import Enum
from importlib.resources import files
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import ConfigDict, TypeAdapter, ValidationError

from bptm.planning.opportunity import HAZARDS
from bptm.program.layout import nearest
from bptm.program.page import Mark
from bptm.terms.refusals import Refused, Unmet

BYTES_MAX = 1_000_000
_STRICT = ConfigDict(extra="forbid")


class Needs(Enum):
    """How a candidate's value is judged by an eligibility rule."""

    YES = "yes"
    NO = "no"
    ONE_OF = "one_of"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced:
    """A number with its source."""

    __pydantic_config__ = _STRICT

    value: float
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What a kind of customer pays; the price is per kilowatt-hour, as the tariff sheet has it."""

    __pydantic_config__ = _STRICT

    name: str
    price_per_kwh_usd: float
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One way to meet a rule: the candidate's field against a value."""

    __pydantic_config__ = _STRICT

    field: str
    needs: Needs
    value: float | str | tuple[str, ...] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityRule:
    """A rule that a candidate meets when any of its conditions holds; a missing value meets none."""

    __pydantic_config__ = _STRICT

    id: str
    text: str
    """What it asks, for a person; the refusal of a candidate says it."""
    any_of: tuple[Condition, ...]
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What stands about a device or a standard at this utility: approved, asked for, unknown."""

    __pydantic_config__ = _STRICT

    what: str
    status: Literal["approved", "asked", "refused", "unknown"]
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """Meter sockets that a meter of the programme fits."""

    __pydantic_config__ = _STRICT

    forms: tuple[str, ...]
    volts_v: float
    largest_a: float
    source: str
    mark: Mark
    approvals: tuple[Approval, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulator:
    """To whom is reported, and on which template (a name that `bptm program report` knows)."""

    __pydantic_config__ = _STRICT

    name: str
    template: str
    source: str
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A utility, as the programme desk needs to know it.

    Attributes:
        name: As it stands on every page.
        about: What this profile is and what it is not.
        states: Two-letter states of its territory.
        counties: FIPS codes of its territory; empty means all counties of its states.
        territory_source: Where that list comes from.
        time_zone: IANA name; days and shutoffs are counted in it.
        customers: Customers served.
        hazard_weights: Weight of each hazard in this territory when nobody gives others.
        tariffs: By kind of customer.
        eligibility: All rules must be met.
        socket: What fits.
        regulator: To whom is reported.
    """

    __pydantic_config__ = _STRICT

    name: str
    about: str
    states: tuple[str, ...]
    counties: tuple[str, ...]
    territory_source: str
    time_zone: str
    customers: Sourced
    hazard_weights: dict[str, float]
    tariffs: tuple[Tariff, ...]
    eligibility: tuple[EligibilityRule, ...]
    socket: Socket
    regulator: Regulator

    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.time_zone)

    def serves(self, fips: str, state: str) -> bool:
        """Whether a county (five digits, two-letter state) lies in its territory."""
        return fips in self.counties if self.counties else state in self.states


_ADAPTER = TypeAdapter(Profile)
_RECORDS = (Profile, Sourced, Tariff, EligibilityRule, Condition, Socket, Approval, Regulator)
_KEYS = sorted({key.name for record in _RECORDS for key in fields(record)})


def shipped() -> list[str]:
    """Names of the profiles that ship."""
    folder = files("bptm.program") / "profiles"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def read_profile(named: str | Path) -> Profile | Refused:
    """The profile of a shipped name or of a file, or everything that is wrong with it."""
    text = _text(named)
    if isinstance(text, Unmet):
        return Refused(unmet=(text,))
    return parse_profile(text, str(named))


def parse_profile(text: str, where: str) -> Profile | Refused:
    """The profile that a TOML text holds, or everything that is wrong with it."""
    try:
        profile = _ADAPTER.validate_python(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Refused(unmet=(_fault(where, str(error), "TOML", "Mend the line that is named."),))
    except ValidationError as error:
        return Refused(unmet=tuple(_of_pydantic(where, fault) for fault in error.errors(include_url=False)))
    faults = tuple(_contradictions(where, profile))
    return Refused(unmet=faults) if faults else profile


def _text(named: str | Path) -> str | Unmet:
    if str(named) in shipped():
        return (files("bptm.program") / "profiles" / f"{named}.toml").read_text(encoding="utf-8")
    try:
        with Path(named).expanduser().open("rb") as stream:
            raw = stream.read(BYTES_MAX + 1)
        if len(raw) > BYTES_MAX:
            return _fault(str(named), f"more than {BYTES_MAX:,} bytes", "a profile", "Name the right file.")
        return raw.decode()
    except OSError as error:
        near = nearest((str(named),), shipped())
        return _fault(
            str(named),
            error.strerror or "cannot be opened",
            f"a readable profile, or one that ships: {', '.join(shipped())}",
            f"Did you mean {near}?" if near else "Name a file, or one of those.",
        )
    except UnicodeDecodeError as error:
        return _fault(str(named), f"no UTF-8 text (byte {error.start})", "TOML in UTF-8", "Save it as UTF-8.")


def _fault(where: str, found: str, needs: str, remedy: str) -> Unmet:
    return Unmet(element=where, found=found, needs=needs, remedy=remedy)


def _of_pydantic(where: str, fault: object) -> Unmet:
    assert isinstance(fault, dict)
    details: dict[str, object] = {str(key): value for key, value in fault.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    place = details["loc"]
    assert isinstance(place, tuple)
    parts = [str(part) for part in place]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    path = ".".join(parts)
    match details["type"]:
        case "unexpected_keyword_argument" | "extra_forbidden":
            near = nearest((parts[-1],), [key for key in _KEYS if key != parts[-1]])
            remedy = f"Did you mean {near}?" if near else "Remove it."
            return _fault(f"{where}: {path}", "an unknown key", "a key of a profile", remedy)
        case "missing" | "missing_argument":
            return _fault(f"{where}: {path}", "nothing", "a value", f"Add {parts[-1]}.")
        case _:
            needs = str(details["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
            return _fault(f"{where}: {path}", repr(details["input"])[:80], needs, "Correct the value.")


def _contradictions(where: str, profile: Profile) -> list[Unmet]:
    """What is wrong with values that have the right type."""
    found: list[Unmet] = []
    try:
        ZoneInfo(profile.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = nearest((profile.time_zone,), sorted(available_timezones()))
        remedy = f"Did you mean {near}?" if near else "Use an IANA name such as America/New_York."
        found.append(_fault(f"{where}: time_zone", repr(profile.time_zone), "a time zone's IANA name", remedy))
    for fips in profile.counties:
        if len(fips) != 5 or not fips.isdecimal():  # noqa: PLR2004 (two digits of state, three of county)
            remedy = f"Write {fips.zfill(5)}." if fips.isdecimal() else "Write the county's FIPS code."
            found.append(_fault(f"{where}: counties", repr(fips), "five digits in quotes", remedy))
    twice = sorted({fips for fips in profile.counties if profile.counties.count(fips) > 1})
    if twice:
        found.append(_fault(f"{where}: counties", f"{', '.join(twice)} twice", "each once", "Remove the second."))
    if not 1 <= profile.customers.value < 1e9:  # noqa: PLR2004 (more customers than any utility has)
        found.append(
            _fault(f"{where}: customers.value", f"{profile.customers.value:g}", "1 to 1e9", "Correct the number.")
        )
    if not profile.states:
        found.append(_fault(f"{where}: states", "none", "at least one two-letter state", "Name the state."))
    return found + _hazard_faults(where, profile) + _rule_faults(where, profile)


def _hazard_faults(where: str, profile: Profile) -> list[Unmet]:
    found: list[Unmet] = []
    for hazard, weight in profile.hazard_weights.items():
        if hazard not in HAZARDS:
            near = nearest((hazard,), HAZARDS)
            remedy = f"Did you mean {near}?" if near else "Use one of those."
            found.append(_fault(f"{where}: hazard_weights.{hazard}", "an unknown hazard", ", ".join(HAZARDS), remedy))
        if not 0 <= weight < float("inf"):
            found.append(_fault(f"{where}: hazard_weights.{hazard}", f"{weight:g}", "0 or more", "Correct the weight."))
    if not any(weight > 0 for weight in profile.hazard_weights.values()):
        found.append(_fault(f"{where}: hazard_weights", "no weight above 0", "at least one", "Weigh a hazard."))
    return found


def _rule_faults(where: str, profile: Profile) -> list[Unmet]:
    found: list[Unmet] = []
    ids = [rule.id for rule in profile.eligibility]
    for rule in profile.eligibility:
        place = f"{where}: eligibility {rule.id}"
        if ids.count(rule.id) > 1:
            found.append(_fault(place, "its id twice", "each id once", "Rename one."))
        if not rule.any_of:
            found.append(_fault(place, "no condition", "at least one in any_of", "Add one, or remove the rule."))
        for condition in rule.any_of:
            right = {
                Needs.ONE_OF: isinstance(condition.value, tuple) and bool(condition.value),
                Needs.AT_LEAST: isinstance(condition.value, float),
                Needs.AT_MOST: isinstance(condition.value, float),
            }.get(condition.needs, condition.value == "")
            if not right:
                needs = {
                    Needs.ONE_OF: 'a list of texts, e.g. value = ["2", "3"]',
                    Needs.AT_LEAST: "a number",
                    Needs.AT_MOST: "a number",
                }.get(condition.needs, "no value")
                found.append(
                    _fault(
                        f"{place}, {condition.field} {condition.needs.value}",
                        f"value {condition.value!r}",
                        needs,
                        "Correct the value.",
                    )
                )
    return found + [
        _fault(
            f"{where}: tariff {tariff.name}",
            f"{tariff.price_per_kwh_usd:g} USD per kWh",
            "0 to 10",
            "Write dollars, not cents.",
        )
        for tariff in profile.tariffs
        if not 0 <= tariff.price_per_kwh_usd <= 10  # noqa: PLR2004 (beyond any tariff: a price in cents)
    ]
