"""What each key of the JSON of `bptm program outages`, `survive` and `results` means; a test holds it to the code."""

# ruff: noqa: E501 (a table of sentences)

OUTAGES: dict[str, str] = {
    "peak_psps_customers": "most customers in safety shutoffs at one instant; needs snapshots",
    "peak_psps_at_utc": "first snapshot at that peak",
    "psps_by_day": "day to the most customers in safety shutoffs on it",
    "psps_days": "the same as a list: `day`, `peak_customers`, `peak_at_utc`",
    "day_zone": "time zone in which days and years are counted",
    "psps_hours_median_customer_weighted": "half of the customers in safety shutoffs were off longer (end minus start)",
    "customers_served": "what indices were divided by",
    "saidi_minutes": "system average interruption duration, sustained interruptions; from the snapshots where there are any",
    "saidi_basis": "`snapshots` or `list`",
    "saidi_minutes_by_list": "the same from the list alone",
    "saifi": "sustained interruptions per customer served, by the list",
    "caidi_minutes": "mean length of a sustained interruption, by the list",
    "maifi": "momentary interruptions (at most 5 minutes) per customer served",
    "covered_fraction": "hours of backup to the share of customer-minutes that the first so many hours are",
    "snapshots": "of the snapshots: span, peak of all, customer-minutes, hours watched, gaps left out, doubled instants",
    "list": "of the list or change log: span, customer-minutes, `by_kind`, quantiles of length, `years` with major-event days, "
    "`places`, `cemi`, `celid_t`, `celid_s`, and how many rows were equal, joined, overlapping or ambiguous",
    "rows_read": "rows of all files",
    "rows_refused": "rows that were not kept",
    "files": "each file: `file`, `version`, rows, first refusals, file of refused rows, columns found",
    "reasons": "why a figure is null, by its key",
    "notes": "what a reader should know before a sum is believed",
}

SURVIVE: dict[str, str] = {
    "kinds": "kind of backup to `median_h`, `supplied_fraction` and `medical_supplied_fraction` by hours, "
    "`record_survived_fraction`, and `curve`; each share as `mean`, `low`, `high` (5 and 95 %)",
    "mix": "kind of backup to the share of homes assumed to have it",
    "medical_covered_fraction": "hours to the share of homes with medical devices that keep them running, over the mix",
    "record": "of the outage list: file, rows, `events_ended_fraction` and `customers_ended_fraction` by hours; null without one",
    "twin": "simulated homes by source and medical: `homes`, `supplied_fraction` of outage time, `kept_fraction` (dark for a "
    "transfer at most), `supplied_at` by hours (`outages` still under way, share supplied then; null without rows of single homes)",
    "assumptions": "every [assumption](assumptions.md) as it was used",
    "assumptions_count": "how many there are",
    "unsourced_count": "how many have no source that can be looked up",
    "warning": "the sentence for the face of a result that rests on them; empty when all have one",
    "draws_count": "homes drawn of each kind",
    "seed": "of the draws",
    "notes": "what a reader should know",
}

RESULTS: dict[str, str] = {
    "installs": "`meters`, `rows`, `timed`, `minutes_median`, `minutes_90`, `by_month`; null without a table",
    "survey": "`questions` of the instrument, `by_month` (answers, mean, share that agree), `unknown_questions`",
    "events": "of the chained events: `chain_holds`, `chain_fault`, `chain_events`, `chain_head`, `meters`, `transfers`, "
    "`customer_minutes_on_backup`, `stretches_still_open`, `net_saidi_minutes_ours` (ours, not IEEE's), `incidents`",
    "replay": "of a headless replay, simulated: meters, hours, transfers, customer-minutes dark and on backup, laws broken",
    "targets": "name to `target`, `actual`, `reached_fraction`, `counted_from` (installs, events or replay)",
    "rows_read": "rows of installs and survey",
    "rows_refused": "rows that were not kept",
    "files": "each table: `file`, `version`, rows, file of refused rows",
    "notes": "what a reader should know",
    "reasons": "why a part is null, by its name",
}

DOSSIER: dict[str, str] = {
    "meter": "whose dossier it is",
    "chain_holds": "whether every event is as it was stored, up to the recorded head",
    "chain_fault": "where it does not hold; empty when it does",
    "chain_head": "hash of the last event that holds; compare it with one published earlier",
    "events": "the meter's events with all measured values and their hashes",
}
