"""The page of a ranking: a map whose weights can be moved, the table beside it, and how firmly the order stands."""

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from bptm.planning.opportunity import KINDS, Absent, InputKind, needs_of
from bptm.planning.opportunity_sway import TOP, Swing
from bptm.program.county_map import CLASS_WORDS, panels, reason_of, svg_of, without_shape
from bptm.program.figure import new_sheet
from bptm.program.page import Block, Facts, Markup, Note, Page, Picture, Points, Section, Table, Words, number
from bptm.program.rank import Ranking

STATIC = Path(__file__).parent / "static"
FIRST_ROWS = 25
INTERVAL_ROWS = 20
_TITLES = {kind.name: kind.title for kind in KINDS}


def rank_page(ranking: Ranking, title: str, command: Sequence[str] = ()) -> Page:
    """The page."""
    ranked = [place for place in ranking.placed if place.rank is not None]
    first = ranked[0] if ranked else None
    lead = (
        f"{first.county.name}, {first.county.state} comes first of {len(ranked):,} ranked counties with a score of "
        f"{number(first.score)}; {_without(len(ranking.placed) - len(ranked))}."
        if first
        else f"None of {len(ranking.placed):,} counties can be ranked with these weights."
    )
    return Page(
        title=title,
        lead=lead,
        sections=(
            Section(title="Where", blocks=_where(ranking)),
            Section(title="How firmly the order stands", blocks=_sway(ranking)),
            Section(title="Counties without a rank", blocks=_unranked(ranking)),
            Section(title="What was read", blocks=_read(ranking)),
        ),
        origins=ranking.origins,
        script=(STATIC / "rank.js").read_text(encoding="utf-8"),
        style=(STATIC / "rank.css").read_text(encoding="utf-8"),
        made_from=command,
    )


def _without(count: int) -> str:
    return {0: "every county has a rank", 1: "one county has no rank"}.get(count, f"{count:,} counties have no rank")


def _where(ranking: Ranking) -> list[Block]:
    places = {place.county.fips: place for place in ranking.placed}
    drawn = panels([place.county.fips for place in ranking.placed])
    maps = "".join(
        f"<figure>{svg_of(panel, places, f'map-{at}')}<figcaption>{html.escape(panel.title)}</figcaption></figure>"
        for at, panel in enumerate(drawn)
    )
    legend = "".join(f'<li><i class="i{at}"></i>score {words}</li>' for at, words in enumerate(CLASS_WORDS))
    legend += '<li><i class="ix"></i>no data</li><li><i class="in"></i>no weighed hazard occurs there</li>'
    kinds = [kind for kind in KINDS if kind.name in ranking.inputs]
    blocks: list[Block] = [
        Markup(
            html='<div class="presets screen-only" role="group" aria-label="Ready mixes">'
            f"{_presets(kinds, ranking)}</div>"
            f'<div class="desk"><div><div class="maps">{maps}</div><ul class="legend">{legend}</ul></div>'
            f'<div><fieldset class="sliders"><legend>Weights</legend>{_sliders(kinds, ranking)}</fieldset>'
            '<div class="county-card" id="county-card"><p>Choose a county on the map or in the table: its inputs, '
            "what each adds, and where they come from.</p></div></div></div>"
            '<p id="said" role="status" style="position:absolute;left:-99rem"></p>'
            f'<script type="application/json" id="rank-data">{_data(ranking, kinds)}</script>'
        )
    ]
    absent = without_shape(list(places))
    if absent:
        blocks.append(
            Words(
                text=f"{len(absent)} counties are ranked but not on the map, which has no shape for them: "
                f"{', '.join(absent[:12])}{' ...' if len(absent) > 12 else ''}."  # noqa: PLR2004 (a sentence's worth)
            )
        )
    blocks.append(
        Markup(
            html='<div class="find screen-only"><label>Find a county <input id="find" type="search" '
            'autocomplete="off"></label></div>' + _ranked(ranking)
        )
    )
    return blocks


def _presets(kinds: Sequence[InputKind], ranking: Ranking) -> str:
    hazards = [kind for kind in kinds if kind.hazard]
    ready: list[tuple[str, Mapping[str, float], bool]] = [("As asked", ranking.weights, True)]
    ready += [(kind.title, {kind.name: 1.0}, False) for kind in hazards]
    if len(hazards) > 1:
        ready.append(("All hazards alike", {kind.name: 1.0 for kind in hazards}, False))
    return "".join(
        f'<button type="button" aria-pressed="false" data-given="{"yes" if given else "no"}" '
        f'data-weights="{html.escape(json.dumps(dict(weights)))}">{html.escape(name)}</button>'
        for name, weights, given in ready
    )


def _sliders(kinds: Sequence[InputKind], ranking: Ranking) -> str:
    largest = max(1.0, *ranking.weights.values()) * 2
    return "".join(
        f'<div class="slider"><label for="w-{kind.name}">{html.escape(kind.title)}</label>'
        f'<output for="w-{kind.name}">{ranking.weights.get(kind.name, 0.0):.2f}</output>'
        f'<input type="range" id="w-{kind.name}" name="{kind.name}" min="0" max="{largest:g}" step="0.05" '
        f'value="{ranking.weights.get(kind.name, 0.0):g}"></div>'
        for kind in kinds
    )


def _data(ranking: Ranking, kinds: Sequence[InputKind]) -> str:
    """All that the script needs; `<` cannot end the element early."""
    counties = [place.county for place in ranking.placed]
    needs = needs_of(counties)
    column_of = {kind.name: column for column, kind in enumerate(KINDS)}

    def need(row: int, kind: InputKind) -> float | str | None:
        column = column_of[kind.name]
        if needs.applies[row, column]:
            return round(float(needs.need[row, column]), 6)
        return "never" if needs.known[row, column] else None

    content = {
        "kinds": [{"name": kind.name, "title": kind.title, "hazard": kind.hazard} for kind in kinds],
        "weights": ranking.weights,
        "counties": [
            {
                "fips": county.fips,
                "name": county.name,
                "state": county.state,
                "need": [need(row, kind) for kind in kinds],
                "value": [None if isinstance(v := county.inputs.get(kind.name), Absent) else v for kind in kinds],
                "missing": {name: why.value for name, why in county.inputs.items() if isinstance(why, Absent)},
            }
            for row, county in enumerate(counties)
        ],
    }
    return json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")


def _ranked(ranking: Ranking) -> str:
    rows = "".join(
        f'<tr data-fips="{place.county.fips}"><td class="number">{place.rank or "-"}</td>'
        f'<th scope="row">{html.escape(place.county.name)}, {place.county.state}</th>'
        f"<td>{number(place.score) if place.score is not None else html.escape(reason_of(place))}</td></tr>"
        for place in ranking.placed[:FIRST_ROWS]
    )
    return (
        '<div class="table" tabindex="0" role="region" aria-label="Counties in order"><table id="ranked"><caption>'
        "Counties in order of their score with the weights above</caption><thead><tr>"
        '<th scope="col" class="number">Rank</th><th scope="col">County</th><th scope="col">Score, 0 to 100</th></tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
        '<p class="more screen-only"><button type="button" id="more">Show all</button></p>'
    )


def _sway(ranking: Ranking) -> list[Block]:
    ranked = [place for place in ranking.placed if place.rank is not None][:INTERVAL_ROWS]
    weighed = [name for name, weight in ranking.weights.items() if weight > 0]
    if len(weighed) == 1:
        return [Words(text=f"Only {_TITLES[weighed[0]].lower()} is weighed: no change of its weight moves the order.")]
    if not ranked:
        return [Words(text="No county is ranked.")]
    blocks: list[Block] = [
        Words(
            text=f"Weights are opinions. Each was multiplied by a factor of its own between a half and two, "
            f"{ranking.sway.draws_count} times (seed {ranking.seed}); the bar holds nine tenths of the ranks "
            "that a county got. This section is about the weights as asked, whatever the sliders say."
        ),
        Picture(
            svg=_intervals(ranking),
            caption=f"The first {len(ranked)} counties: rank as asked (dot), and nine tenths of the draws (bar).",
            alternative="; ".join(
                f"{place.county.name} rank {place.rank}, between {low} and {high}"
                for place in ranked
                for low, high in (ranking.sway.rank_interval[place.county.fips],)
            ),
        ),
        Table(
            caption="The same in figures",
            header=("County", "Rank", "Best of nine tenths", "Worst", f"Share of draws in the first {TOP}, %"),
            rows=[
                (
                    f"{place.county.name}, {place.county.state}",
                    place.rank,
                    *ranking.sway.rank_interval[place.county.fips],
                    round(100 * ranking.sway.top_share_fraction[place.county.fips], 1),
                )
                for place in ranked
            ],
        ),
    ]
    names = {place.county.fips: f"{place.county.name} {place.county.state}" for place in ranking.placed}
    blocks.append(
        Table(
            caption=f"What each weight decides: the first {TOP} when it is left out or doubled",
            header=("Weight", "Changed", "Rank correlation", f"Of the first {TOP}, stay", "Come in", "Go"),
            rows=[_swing_row(swing, names) for swing in ranking.sway.swings],
        )
    )
    return blocks


def _swing_row(swing: Swing, names: Mapping[str, str]) -> tuple[str | float | int | None, ...]:
    return (
        _TITLES[swing.name],
        swing.change,
        None if swing.correlation is None else round(swing.correlation, 3),
        f"{swing.top_kept_count} of {swing.top_count}",
        ", ".join(names[fips] for fips in swing.enters) or "none",
        ", ".join(names[fips] for fips in swing.leaves) or "none",
    )


def _intervals(ranking: Ranking) -> str:
    ranked = [place for place in ranking.placed if place.rank is not None][:INTERVAL_ROWS]
    sheet = new_sheet("rank-intervals", 7.5, 0.5 + 0.24 * len(ranked))
    rows = list(range(len(ranked)))
    intervals = [ranking.sway.rank_interval[place.county.fips] for place in ranked]
    sheet.spans([low for low, _ in intervals], [high for _, high in intervals], rows)
    sheet.dots([place.rank or 0 for place in ranked], rows)
    sheet.names_y(rows, [f"{place.county.name}, {place.county.state}" for place in ranked])
    sheet.words(x="rank")
    return sheet.svg()


def _unranked(ranking: Ranking) -> list[Block]:
    gone = [place for place in ranking.placed if place.rank is None]
    if not gone:
        return [Words(text="None.")]
    unknown = [place for place in gone if place.score_between is not None]
    blocks: list[Block] = [
        Words(
            text=f"{len(gone) - len(unknown):,} counties because no weighed hazard occurs there, {len(unknown):,} "
            "because something that is weighed is not known. What is not known is not taken as zero."
        )
    ]
    if unknown:
        blocks.append(
            Table(
                caption="What could be said of the unknown ones",
                header=("County", "Why", "Score at least", "At most", "Rank at best", "At worst"),
                rows=[
                    (
                        f"{place.county.name}, {place.county.state}",
                        reason_of(place),
                        *(place.score_between or (None, None)),
                        *(place.rank_between or (None, None)),
                    )
                    for place in unknown
                ],
                tall=len(unknown) > FIRST_ROWS,
            )
        )
    return blocks


def _read(ranking: Ranking) -> list[Block]:
    blocks: list[Block] = [
        Facts(
            facts=[
                (source.path.name, f"{source.rows_read:,} rows", f"{source.rows_refused:,} refused, {source.version}")
                for source in ranking.sources
            ]
        ),
        Words(text=f"National Risk Index version: {ranking.nri_version}."),
    ]
    refused = sum(source.rows_refused for source in ranking.sources)
    if refused:
        blocks.append(Note(text=f"{refused:,} rows were refused and are in no figure of this page."))
    if ranking.notes:
        blocks.append(Points(points=ranking.notes))
    return blocks
