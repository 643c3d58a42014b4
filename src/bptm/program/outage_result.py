"""An outage record as the result object of `bptm program outages --json`; each missing figure has its reason."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bptm.planning import reliability as index
from bptm.planning.reliability import Durations
from bptm.program.outage_record import (
    CELID_HOURS,
    CEMI_ABOVE,
    HOUR_S,
    MINUTE_S,
    QUANTILES,
    Listed,
    Record,
    YearOf,
)
from bptm.program.outage_snapshots import GAP_S, Snapshots

NO_CUSTOMERS = "customers served are not known; give --customers N, or a --profile that has them"
NO_LIST = "needs an outage list; give --outages FILE"
NO_SNAPSHOTS = "needs snapshots with customers in safety shutoffs; give --snapshots FILE"
NO_MOMENTARY = "ends are known to ten minutes only, so momentary interruptions cannot be told from others"
NO_PREMISES = "needs a list with one row for each customer interrupted; map its column as premise"


def result_of(record: Record) -> dict[str, object]:
    """The result object."""
    served = record.asked.customers
    reasons: dict[str, str] = {}
    listed, snapshots = record.listed, record.snapshots

    def known(name: str, value: Any, why: str) -> Any:
        if value is None:
            reasons[name] = why
        return value

    shutoffs = listed.by_kind["shutoff"] if listed else None
    median_s = index.weighted_quantile_s(shutoffs, 0.5) if shutoffs else None
    watched = snapshots is not None and snapshots.shutoff_peak_customers is not None
    result: dict[str, object] = {
        "peak_psps_customers": known(
            "peak_psps_customers", snapshots.shutoff_peak_customers if watched and snapshots else None, NO_SNAPSHOTS
        ),
        "peak_psps_at_utc": known(
            "peak_psps_at_utc",
            snapshots.shutoff_peak_at_utc if snapshots else None,
            "no customer was in a safety shutoff" if watched else NO_SNAPSHOTS,
        ),
        "psps_by_day": {day.day: day.peak_customers for day in snapshots.shutoff_days} if snapshots else {},
        "psps_days": [
            {"day": day.day, "peak_customers": day.peak_customers, "peak_at_utc": day.peak_at_utc}
            for day in (snapshots.shutoff_days if snapshots else ())
        ],
        "day_zone": record.asked.day_zone,
        "psps_hours_median_customer_weighted": known(
            "psps_hours_median_customer_weighted",
            None if median_s is None else median_s / HOUR_S,
            "the list has no safety shutoff" if listed else NO_LIST,
        ),
        "customers_served": known("customers_served", served, NO_CUSTOMERS),
    }
    result |= _indices(record, reasons)
    result["covered_fraction"] = _covered(listed.every if listed else None, record.asked.backup_hours)
    if listed is None:
        reasons["covered_fraction"] = NO_LIST
    result["snapshots"] = _snapshots(snapshots) if snapshots else None
    result["list"] = _list(listed, record, reasons) if listed else None
    sources = record.sources()
    result |= {
        "rows_read": sum(source.rows_read for source in sources),
        "rows_refused": sum(source.rows_refused for source in sources),
        "files": [
            {
                "file": source.path.name,
                "version": source.version,
                "rows_read": source.rows_read,
                "rows_refused": source.rows_refused,
                "first_refusals": list(source.first_reasons),
                "refused_file": str(source.refused_file) if source.refused_file else None,
                "columns": source.columns,
            }
            for source in sources
        ],
        "reasons": reasons,
        "notes": list(record.notes),
    }
    return result


def _indices(record: Record, reasons: dict[str, str]) -> dict[str, object]:
    """SAIDI from snapshots where there are any, else from the list; the other indices from the list alone."""
    served, listed, snapshots = record.asked.customers, record.listed, record.snapshots
    found: dict[str, float | None] = dict.fromkeys(("saidi_minutes", "saifi", "caidi_minutes", "maifi"))
    if listed is not None:
        sustained = listed.every.sustained()
        caidi_s = index.caidi_s(sustained)
        found["caidi_minutes"] = None if caidi_s is None else caidi_s / MINUTE_S
        if served is not None:
            found["saifi"] = index.saifi(sustained, served)
            if not _blurred(record):
                found["maifi"] = index.maifi(listed.every.momentary(), served)
            found["saidi_minutes"] = index.saidi_s(sustained, served) / MINUTE_S
    by_list = found["saidi_minutes"]
    basis = "list"
    if snapshots is not None:
        basis = "snapshots"
        found["saidi_minutes"] = None if served is None else snapshots.everyone.customer_s / served / MINUTE_S
    for name, value in found.items():
        if value is None:
            needs_list = listed is None and name != "saidi_minutes"
            none_sustained = "no interruption of more than five minutes"
            reasons[name] = NO_LIST if needs_list else none_sustained if name == "caidi_minutes" else NO_CUSTOMERS
            if name == "maifi" and listed is not None and _blurred(record):
                reasons[name] = NO_MOMENTARY
    return {**found, "saidi_basis": basis, "saidi_minutes_by_list": by_list}


def _blurred(record: Record) -> bool:
    """Whether ends are too coarse to tell momentary from sustained interruptions."""
    return record.asked.form.end_late_s >= index.MOMENTARY_MAX_S


def _covered(durations: Durations | None, hours: tuple[float, ...]) -> dict[str, float | None]:
    if durations is None:
        return {}
    return {f"{length:g}": index.covered_fraction(durations, length * HOUR_S) for length in hours}


def _ended(durations: Durations, hours: tuple[float, ...]) -> dict[str, float | None]:
    return {f"{length:g}": index.ended_fraction(durations, length * HOUR_S) for length in hours}


def _snapshots(seen: Snapshots) -> dict[str, object]:
    shutoff = seen.shutoff
    return {
        "first_utc": seen.first_utc,
        "last_utc": seen.last_utc,
        "peak_customers": seen.peak_customers,
        "peak_at_utc": seen.peak_at_utc,
        "customer_minutes": seen.everyone.customer_s / MINUTE_S,
        "psps_customer_minutes": shutoff.customer_s / MINUTE_S if shutoff else None,
        "watched_hours": seen.everyone.watched_s / HOUR_S,
        "gap_limit_minutes": GAP_S / MINUTE_S,
        "gaps_count": seen.everyone.gaps_count,
        "gap_hours": seen.everyone.gap_s / HOUR_S,
        "gap_customer_minutes": seen.everyone.gap_customer_s / MINUTE_S,
        "doubled_count": seen.doubled_count,
    }


def _list(listed: Listed, record: Record, reasons: dict[str, str]) -> dict[str, object]:
    served, hours = record.asked.customers, record.asked.backup_hours
    if listed.cemi is None:
        reasons["cemi"] = reasons["celid_t"] = reasons["celid_s"] = NO_PREMISES
    elif served is None:
        reasons["cemi"] = reasons["celid_t"] = reasons["celid_s"] = NO_CUSTOMERS
    return {
        "first_utc": _utc(listed.first_s),
        "last_utc": _utc(listed.last_s),
        "by_premise": listed.by_premise,
        "customer_minutes": listed.every.customer_s() / MINUTE_S,
        "customer_minutes_least": None if listed.least_customer_s is None else listed.least_customer_s / MINUTE_S,
        "customer_minutes_until_seen_restored": (listed.every.customer_s() + listed.late_customer_s) / MINUTE_S,
        "by_kind": {kind: _kind(part, served, hours) for kind, part in listed.by_kind.items()},
        "duration_hours": _quantiles(listed.every),
        "ended_fraction": _ended(listed.every, hours),
        "years": [_year(year, served) for year in listed.years],
        "places": list(listed.places),
        "places_above_12_outages": listed.places_above_12,
        "cemi": _cemi(listed.cemi, served),
        "celid_t": _celid(listed.celid_total, served),
        "celid_s": _celid(listed.celid_single, served),
        "duplicates_count": listed.doubled.duplicates_count,
        "joined_count": listed.doubled.joined_count,
        "overlapping_count": listed.doubled.overlapping_count,
        "overlapping_customer_minutes": listed.doubled.overlapping_customer_s / MINUTE_S,
        "ambiguous_local_times_count": listed.doubled.ambiguous_count,
    }


def _kind(part: Durations, served: float | None, hours: tuple[float, ...]) -> dict[str, object]:
    sustained = part.sustained()
    caidi_s = index.caidi_s(sustained)
    return {
        "customers_interrupted": part.interruptions_count(),
        "customer_minutes": part.customer_s() / MINUTE_S,
        "saidi_minutes": None if served is None else index.saidi_s(sustained, served) / MINUTE_S,
        "saifi": None if served is None else index.saifi(sustained, served),
        "caidi_minutes": None if caidi_s is None else caidi_s / MINUTE_S,
        "duration_hours": _quantiles(part),
        "covered_fraction": _covered(part, hours),
        "ended_fraction": _ended(part, hours),
    }


def _quantiles(part: Durations) -> dict[str, float | None]:
    found = {f"{fraction:g}": index.weighted_quantile_s(part, fraction) for fraction in QUANTILES}
    return {name: None if value is None else value / HOUR_S for name, value in found.items()}


def _year(year: YearOf, served: float | None) -> dict[str, object]:
    def each(value: float | None, unit: float = MINUTE_S) -> float | None:
        return None if served is None or value is None else value / served / unit

    threshold = year.threshold
    return {
        "year": year.year,
        "customer_minutes": year.customer_s / MINUTE_S,
        "saidi_minutes": each(year.customer_s),
        "saifi": each(year.customers, 1.0),
        "maifi": each(year.momentary, 1.0),
        "saidi_minutes_unplanned": each(year.unplanned_customer_s),
        "saifi_unplanned": each(year.unplanned_customers, 1.0),
        "major_event_threshold_customer_minutes": threshold.threshold / MINUTE_S if threshold else None,
        "major_event_threshold_saidi_minutes": each(threshold.threshold) if threshold else None,
        "alpha": threshold.alpha if threshold else None,
        "beta": threshold.beta if threshold else None,
        "history_days": year.history_days,
        "history_words": history_words(year),
        "major_event_days": [
            {"day": day, "customer_minutes": value / MINUTE_S, "saidi_minutes": each(value)}
            for day, value in year.major_days
        ],
        "saidi_minutes_without_major_event_days": each(year.without_major_customer_s),
    }


def history_words(year: YearOf) -> str:
    """How much history the threshold of a year rests on."""
    full = index.HISTORY_YEARS_COUNT * 365
    if year.threshold is None:
        return (
            f"{year.history_days:,} days before {year.year} in the record: too little for a threshold, which needs "
            f"{index.HISTORY_DAYS_MIN_COUNT} days (five years by the standard)"
        )
    if year.history_days < full:
        return f"{year.history_days:,} days of history, less than the five years of the standard: take with care"
    return f"{year.history_days:,} days of history"


def _cemi(by_times: Mapping[int, int] | None, served: float | None) -> dict[str, float] | None:
    if by_times is None or served is None:
        return None
    return {str(above): index.cemi_fraction(dict(by_times), above, served) for above in CEMI_ABOVE}


def _celid(reaching: Mapping[int, int] | None, served: float | None) -> dict[str, float] | None:
    if reaching is None or served is None:
        return None
    return {str(hours): index.celid_fraction(reaching[hours], served) for hours in CELID_HOURS}


def _utc(at_s: int) -> str:
    return dt.datetime.fromtimestamp(at_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
