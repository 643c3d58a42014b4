"""What a way of backing up a home is worth, against doing nothing, year by year and as a present value.

    annual worth = interruptions <= limit  +  outages beyond it  -  carbon monoxide  -  backfeed
                 + truck rolls + demand response + peak  -  upkeep - fuel - capital spread over its life
    present value = annual worth x (1 - (1 + r)^-years) / r

Nothing is counted twice, and this is how:

- The published interruption cost holds up to its limit (24 h) and is taken to hold food and inconvenience up to there.
  Food, lodging and medical harm are added only to outages longer than the limit, for what comes after it.
- Avoided harm of safety shutoffs is no item of its own: shutoffs are among the long outages.
- A home enrolled in demand response brings no second kilowatt by staged return: peak counts for the others only.
- What the utility pays for a meter and what the customer does not pay is one cost, in one column.
- Doing nothing new is today: homes that own a generator run it on cords, with what that brings and harms. An option is
  counted as the difference from that, so an owner's hours, fuel and carbon monoxide are not earned a second time.
- A generator that is there already costs nothing.

Every value comes as an array of draws (one draw is a plain calculation), so that a range of inputs is a range of worth.

Source: annuity factor, any text on engineering economy; interruption costs as docs/reference/domain.md 4.3 has them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bptm.planning.linear_program import Floats

OPTIONS = ("bptm", "manual_transfer_switch", "interlock_kit", "standby_generator", "battery", "extension_cords")
NOTHING = "nothing"
CORDS = "extension_cords"
ICE_HOURS = (0.0, 0.5, 1.0, 4.0, 8.0, 16.0)
"""Lengths of the published table; the first stands for a momentary interruption."""
HOUR_S = 3600.0
DAY_S = 86400.0
Draws = Mapping[str, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """One option for one kind of customer: the parts of a year, each an array over the draws, in dollars."""

    option: str
    parts: Mapping[str, Floats]
    annuity: Floats

    @property
    def annual_usd(self) -> Floats:
        """Dollars a year against doing nothing."""
        total = np.zeros_like(self.annuity)
        for part in self.parts.values():
            total = total + part
        return total

    @property
    def present_usd(self) -> Floats:
        """Net present value against doing nothing."""
        return self.annual_usd * self.annuity

    def seen_by(self, who: str) -> Floats:
        """The present value of the parts that fall on the customer, on the utility, or on all of society."""
        if who == "society":
            return self.present_usd
        total = np.zeros_like(self.annuity)
        for name in FALLS_ON[self.option == "bptm"][who]:
            if name in self.parts:
                total = total + self.parts[name]
        return total * self.annuity


_HOME_PARTS = ("interruptions", "long_outages", "carbon_monoxide", "backfeed", "fuel", "generator")
_UTILITY_PARTS = ("truck_rolls", "demand_response", "peak")
FALLS_ON: dict[bool, dict[str, tuple[str, ...]]] = {
    # A utility's meter is free to the customer (domain.md 1.1); every other option is bought by the customer.
    True: {"customer": _HOME_PARTS, "utility": (*_UTILITY_PARTS, "capital", "upkeep")},
    False: {"customer": (*_HOME_PARTS, "capital", "upkeep"), "utility": _UTILITY_PARTS},
}


def annuity(rate: Floats, years: Floats) -> Floats:
    """Present value of one dollar a year for so many years."""
    return (1.0 - (1.0 + rate) ** -years) / rate


def interruption_usd(draws: Draws, kind: str, length_s: Floats) -> Floats:
    """Cost of one interruption of this length, at most the limit, in today's dollars.

    Between the published lengths straight; beyond the last (16 h) the last slope goes on up to the limit. That is our
    extrapolation: the table is silent there.
    """
    capped_h = np.minimum(length_s, draws["ice.limit_s"]) / HOUR_S
    points = [draws[f"ice.{kind}_{name}_h_usd"] for name in ("0", "0_5", "1", "4", "8", "16")]
    cost = points[0]
    for at in range(1, len(points)):
        low_h, high_h = ICE_HOURS[at - 1], ICE_HOURS[at]
        slope = (points[at] - points[at - 1]) / (high_h - low_h)
        upper_h = capped_h if at == len(points) - 1 else np.minimum(capped_h, high_h)
        cost = cost + slope * np.maximum(upper_h - low_h, 0.0)
    return cost * draws["ice.scale"] * draws["price_level_ratio"]


def beyond_usd(draws: Draws, length_s: Floats) -> Floats:
    """Direct losses of one outage after the limit: food once; nights elsewhere, medical harm and work by the day."""
    beyond_days = np.maximum(length_s - draws["ice.limit_s"], 0.0) / DAY_S
    food = np.where(beyond_days > 0, draws["food.loss_usd"], 0.0)
    by_day = (
        draws["lodging.share_fraction"] * draws["lodging.night_usd"]
        + draws["home.medical_fraction"] * draws["medical.day_usd"]
        + draws["work.share_fraction"] * draws["work.day_usd"]
    )
    return food + beyond_days * by_day


def outage_usd(draws: Draws, kind: str, length_s: Floats) -> Floats:
    """Whole cost of one outage to one customer."""
    return interruption_usd(draws, kind, length_s) + beyond_usd(draws, length_s)


def worth_of(option: str, kind: str, draws: Draws) -> Worth:
    """The worth of an option to one customer whose interruptions cost as those of `kind`.

    An option carries the first `covers_s` of an outage; what is left is an outage of the rest of its length. Of what is
    avoided it earns the share of outages in which it works times the share of the home's worth that it can carry.
    """
    new, today = _use(option, kind, draws), _use(CORDS, kind, draws)
    own = draws["home.has_generator_fraction"]
    parts = {name: new[name] - own * today[name] for name in new}
    parts["backfeed"] = np.zeros_like(own) if option == CORDS else _backfeed(draws)
    parts |= _costs(option, draws)
    if option in ("bptm", "battery"):
        parts |= _utility(option, draws)
    return Worth(
        option=option, parts=parts, annuity=annuity(draws["rate.discount_fraction"], draws["rate.years_count"])
    )


def _use(option: str, kind: str, draws: Draws) -> dict[str, Floats]:
    """What a year of using an option brings, by itself: outages carried, fuel, carbon monoxide."""
    works, covers_s = draws[f"option.{option}.works_fraction"], draws[f"option.{option}.covers_s"]
    earned = works * draws[f"option.{option}.value_fraction"]
    run_h = works * _covered_hours(draws, covers_s)
    fuel_h = (
        draws[f"option.{option}.uses_generator"] * draws["fuel.usd_per_hour"]
        + draws[f"option.{option}.fuel_usd_per_hour"]
    )
    deaths_h = draws[f"option.{option}.co_ratio"] * draws["co.deaths_per_hour"]
    return {
        "interruptions": earned * draws["outage.short_per_year"] * _avoided(draws, kind, "outage.short_s", covers_s),
        "long_outages": earned * draws["outage.long_per_year"] * _avoided(draws, kind, "outage.long_s", covers_s),
        "fuel": -fuel_h * run_h,
        "carbon_monoxide": -deaths_h * draws["life.value_usd"] * run_h,
    }


def _backfeed(draws: Draws) -> Floats:
    """Harm avoided by any fixed device; cords take nobody's hand from the double-ended plug."""
    own = draws["home.has_generator_fraction"]
    return own * draws["backfeed.share_fraction"] * draws["backfeed.usd_per_year"]


def _avoided(draws: Draws, kind: str, length: str, covers_s: Floats) -> Floats:
    whole = outage_usd(draws, kind, draws[length])
    rest_s = np.maximum(draws[length] - covers_s, 0.0)
    return whole - np.where(rest_s > 0, outage_usd(draws, kind, rest_s), 0.0)


def _covered_hours(draws: Draws, covers_s: Floats) -> Floats:
    """Hours a year that the source runs when it works."""
    short = draws["outage.short_per_year"] * np.minimum(draws["outage.short_s"], covers_s)
    long = draws["outage.long_per_year"] * np.minimum(draws["outage.long_s"], covers_s)
    return (short + long) / HOUR_S


def _costs(option: str, draws: Draws) -> dict[str, Floats]:
    """Capital as a yearly sum over each thing's own life, and upkeep; all of them negative."""
    rate = draws["rate.discount_fraction"]
    capital = draws[f"option.{option}.capital_usd"] / annuity(rate, draws[f"option.{option}.life_count"])
    buys = draws[f"option.{option}.uses_generator"] * (1.0 - draws["home.has_generator_fraction"])
    machine = draws["generator.capital_usd"] / annuity(rate, draws["generator.life_count"])
    return {
        "capital": -capital,
        "upkeep": -draws[f"option.{option}.upkeep_usd_per_year"],
        "generator": -buys * (machine + draws["generator.upkeep_usd_per_year"]),
    }


def _utility(option: str, draws: Draws) -> dict[str, Floats]:
    """What the utility gains: only a meter saves visits and stages its return; each kilowatt counts once."""
    enrolled = draws["demand_response.enrolled_fraction"]
    called = enrolled * draws["demand_response.kw"] * draws["demand_response.usd_per_kw_year"]
    parts = {"demand_response": called}
    if option == "bptm":
        parts["truck_rolls"] = draws["truck_roll.avoided_per_year"] * draws["truck_roll.usd"]
        staged = draws["peak.share_fraction"] * draws["peak.kw"] * draws["peak.usd_per_kw_year"]
        parts["peak"] = (1.0 - enrolled) * staged
    return parts
