"""`bptm program outages`: what an outage record says."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from cyclopts import Parameter

from bptm.cli.asked import UsageError
from bptm.cli.program_give import engine, give, note, profile_named, refuse

if TYPE_CHECKING:
    from bptm.program.outage_layout import ListForm
    from bptm.program.outage_record import Record
    from bptm.program.profile import Profile

HOURS_MAX = 8_760.0
MEMORY_MB_MIN, MEMORY_MB_MAX = 200, 1_000_000


def outages(
    *,
    outages: Path | None = None,
    changes: Path | None = None,
    snapshots: Path | None = None,
    mapping: Path | None = None,
    customers: float | None = None,
    profile: str = "",
    zone: str = "",
    backup: str = "12,24,48,72,96",
    memory_mb: int = 1500,
    refused: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
    html: Path | None = None,
) -> int:
    """Read an outage record: SAIDI, SAIFI, shutoffs, what backup covers.

    Args:
        outages: Outage list, CSV (also .gz) or Parquet: an outage map's record, or any list with --mapping.
        changes: Change log of an outage map (new, upd, gone), in place of a list: follows customers through splits.
        snapshots: Customers out at instants, with those in safety shutoffs.
        mapping: TOML that says how the columns of a list are named, in which zone its times are, what is planned.
        customers: Customers served; without it indices per customer are missing.
        profile: A utility's profile: a file, or one that ships. Gives customers and time zone.
        zone: Time zone in which days and years are counted, such as America/New_York; UTC without it.
        backup: Hours of backup whose covered share is wanted.
        memory_mb: What the engine may hold in memory; the rest lies on disk while it runs.
        refused: Where refused rows are written, with line and reason.
        json: Print the result as one JSON object, alone on standard output.
        html: Write the page with figures and sources.
    """
    from bptm.program.outage_record import Asked, record_from
    from bptm.program.outage_result import result_of
    from bptm.terms.refusals import Refused

    if outages is None and snapshots is None and changes is None:
        msg = "no record named: give --outages FILE or --changes FILE, --snapshots FILE, or both"
        raise UsageError(msg)
    if changes is not None and (outages is not None or mapping is not None):
        msg = "--changes stands in place of --outages and needs no --mapping; give one of the two"
        raise UsageError(msg)
    if not MEMORY_MB_MIN <= memory_mb <= MEMORY_MB_MAX:
        msg = f"--memory-mb is {memory_mb}, expected {MEMORY_MB_MIN} to {MEMORY_MB_MAX}"
        raise UsageError(msg)
    known = profile_named(profile)
    form = form_of(mapping)
    if changes is not None:
        from bptm.program.outage_layout import Repeated

        form = replace(form, repeated=Repeated.STEPS)
    asked = Asked(
        outages=outages,
        snapshots=snapshots,
        form=form,
        customers=_customers(customers, known),
        day_zone=_zone(zone, known, form),
        backup_hours=hours_of("--backup", backup),
        refused_to=refused,
        changes=changes,
    )
    with engine("reading the record", memory_mb) as tables:
        found = record_from(tables, asked)
    if isinstance(found, Refused):
        raise refuse(found)
    for sentence in found.notes:
        note(sentence)
    return give(
        result=result_of(found), text=lambda: _text(found), page=lambda: _page(found, known), json=json, html=html
    )


def hours_of(option: str, text: str) -> tuple[float, ...]:
    """Lengths of backup in hours, as people write them; rising, each once.

    Raises:
        UsageError: One is no number of hours.
    """
    hours: set[float] = set()
    for part in text.replace(" ", ",").split(","):
        if not part:
            continue
        try:
            length = float(part)
        except ValueError:
            length = -1.0
        if not 0 < length <= HOURS_MAX:
            msg = f"{option} has {part!r}, expected hours above 0 and at most {HOURS_MAX:g}, such as 12,24,48,72"
            raise UsageError(msg)
        hours.add(length)
    if not hours:
        msg = f"{option} is empty, expected hours such as 12,24,48,72"
        raise UsageError(msg)
    return tuple(sorted(hours))


def form_of(mapping: Path | None) -> "ListForm":
    """How a list is to be read.

    Raises:
        UsageError: The mapping is faulty.
    """
    from bptm.program.outage_layout import MAP_RECORD, read_mapping
    from bptm.terms.refusals import Refused

    if mapping is None:
        return MAP_RECORD
    read = read_mapping(mapping)
    if isinstance(read, Refused):
        raise refuse(read)
    return read


def _customers(given: float | None, profile: "Profile | None") -> float | None:
    if given is None:
        return profile.customers.value if profile else None
    if not 1 <= given < 1e9:  # noqa: PLR2004 (more customers than any utility has)
        msg = f"--customers is {given:g}, expected 1 to 1e9 customers served"
        raise UsageError(msg)
    return given


def _zone(given: str, profile: "Profile | None", form: "ListForm") -> str:
    from bptm.program.layout import nearest

    if not given:
        return profile.time_zone if profile else form.zone
    try:
        ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        near = nearest((given,), sorted(available_timezones()))
        hint = f"did you mean {near}?" if near else "use an IANA name such as America/New_York"
        msg = f"--zone is {given!r}, which is no time zone; {hint}"
        raise UsageError(msg) from error
    return given


def _page(record: "Record", profile: "Profile | None") -> str:
    from bptm.program.outage_page import outage_page

    title = f"Outage record: {profile.name}" if profile else "Outage record"
    return outage_page(record, title, ("bptm", *sys.argv[1:])).html()


def _text(record: "Record") -> str:
    from bptm.program.outage_result import result_of
    from bptm.program.page import number

    result = result_of(record)
    reasons = result["reasons"]
    assert isinstance(reasons, dict)
    shown = (
        ("peak_psps_customers", "customers at the peak of safety shutoffs", 0),
        ("peak_psps_at_utc", "first snapshot at that peak", 0),
        ("psps_hours_median_customer_weighted", "median safety shutoff by customers, h", 1),
        ("saidi_minutes", f"SAIDI, minutes ({result['saidi_basis']})", 1),
        ("saifi", "SAIFI (list)", 3),
        ("caidi_minutes", "CAIDI, minutes (list)", 1),
        ("maifi", "MAIFI (list)", 3),
    )
    lines: list[str] = []
    for name, words, digits in shown:
        value = result[name]
        said = value if isinstance(value, str) else number(value, digits) if isinstance(value, int | float) else ""
        lines.append(f"{words:<42} {said or 'not known: ' + str(reasons.get(name, ''))}")  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    covered = result["covered_fraction"]
    assert isinstance(covered, dict)
    for hours, fraction in covered.items():  # pyright: ignore[reportUnknownVariableType]
        share = "no customer-minutes" if fraction is None else f"{100 * fraction:.1f} %"
        lines.append(f"{f'customer-minutes that {hours} h of backup cover':<42} {share}")
    lines.append(f"{result['rows_read']:,} rows read, {result['rows_refused']:,} refused")
    return "\n".join(lines)
