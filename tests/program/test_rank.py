"""Ranking counties from files: layouts, versions, codes, what is missing, and the page and map that come out."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from bptm.cli import run
from bptm.planning.opportunity import Absent
from bptm.program.county_map import panels, without_shape
from bptm.program.county_nri import read_nri
from bptm.program.county_shapes import counties_at, shapes
from bptm.program.duck import Tables
from bptm.program.rank import Asked, Ranking, rank_from
from bptm.program.rank_page import rank_page
from bptm.program.states import fips_of
from bptm.terms.refusals import Refused

DATA = Path(__file__).parents[3] / "shared" / "data"
NRI = DATA / "fema-nri"
needs_data = pytest.mark.skipif(not NRI.is_dir(), reason="the public tables are not beside this checkout")

HEADER = (
    "STCOFIPS,COUNTY,STATE,STATEABBRV,POPULATION,SOVI_SCORE,RESL_SCORE,WFIR_RISKS,WFIR_RISKR,HRCN_RISKS,HRCN_RISKR,"
    "NRI_VER\n"
)


def row(fips: str, name: str, wildfire: str = "50", rating: str = "Very High", version: str = "Dec-25") -> str:
    """A row of a county table."""
    return f"{fips},{name},California,CA,1000,50,40,{wildfire},{rating},,Not Applicable,{version}\n"


def ranked(**asked: object) -> Ranking | Refused:
    """A ranking, or its refusal."""
    with Tables(memory_mb=300) as tables:
        return rank_from(tables, Asked(weights={}, draws_count=20) if not asked else Asked(**asked))  # pyright: ignore[reportArgumentType]


def table(tmp_path: Path, *rows: str, name: str = "nri.csv", header: str = HEADER) -> Path:
    """A county table."""
    path = tmp_path / name
    path.write_text(header + "".join(rows), encoding="utf-8")
    return path


def test_it_works_at_once_with_what_ships() -> None:
    """ISSUE-5: all five hazards of v1.20 for all counties of California and North Carolina, without a file."""
    found = ranked()
    assert isinstance(found, Ranking)
    assert found.nri_version == "1.20 (Dec-25)"
    states = [place.county.state for place in found.placed]
    assert (states.count("CA"), states.count("NC")) == (58, 100)
    assert set(found.weights) == {"wildfire", "hurricane", "ice_storm", "strong_wind", "tornado"}


@needs_data
def test_the_shipped_facts_are_those_of_the_public_table() -> None:
    """DATA: every hazard score, vulnerability, resilience and population, county by county."""
    with Tables(memory_mb=300) as tables:
        public = read_nri(tables, [NRI / "nri_v120_five_hazards.csv"])
    shipped = ranked()
    assert not isinstance(public, Refused)
    assert isinstance(shipped, Ranking)
    for place in shipped.placed:
        theirs = public.counties[place.county.fips].inputs
        assert {name: place.county.inputs[name] for name in theirs} == dict(theirs)


@needs_data
def test_the_whole_country_is_ranked_for_wildfire_and_hurricane() -> None:
    """ISSUE-5: 3,231 counties of the Future Risk Index; the 88 without data have no score and no zero."""
    found = ranked(
        nri=(NRI / "nri_future_risk_2024_counties.csv",), weights={"wildfire": 1.0, "hurricane": 1.0}, draws_count=20
    )
    assert isinstance(found, Ranking)
    assert len(found.placed) == 3231
    assert "Future Risk" in found.nri_version
    unknown = [p for p in found.placed if Absent.INSUFFICIENT in p.missing.values()]
    assert len(unknown) == 88
    assert all(p.score is None and p.rank is None and p.rank_between is not None for p in unknown)


@needs_data
def test_a_future_scenario_reads_its_own_columns() -> None:
    """LAYOUT: mid-century scores are another column, and only that table has them."""
    with Tables(memory_mb=300) as tables:
        later = read_nri(tables, [NRI / "nri_future_risk_2024_counties.csv"], scenario="mid-higher")
        none = read_nri(tables, [NRI / "nri_v120_five_hazards.csv"], scenario="mid-higher")
    assert not isinstance(later, Refused)
    assert later.counties["01001"].inputs["hurricane"] == 68.15
    assert isinstance(none, Refused)


@needs_data
@pytest.mark.parametrize(
    ("name", "version", "column"),
    [
        ("nri_2021_counties_composite.csv", "2021", "SOVI_SCORE"),
        ("nri_2023_hazard_losses_counties.csv", "2023", "WFIR_EALS"),
        ("nri_v120_five_hazards.csv", "1.20", "WFIR_RISKS"),
        ("nri_future_risk_2024_counties.csv", "Future Risk", "WFIR_RISKS"),
    ],
)
def test_each_layout_is_known_by_its_columns(name: str, version: str, column: str) -> None:
    """LAYOUT: four releases, each with what it has."""
    with Tables(memory_mb=300) as tables:
        found = read_nri(tables, [NRI / name])
    assert not isinstance(found, Refused)
    assert version in found.version
    assert column in found.score_columns.values()


@needs_data
def test_two_releases_are_never_mixed() -> None:
    """ISSUE-5: refused with both versions named."""
    with Tables(memory_mb=300) as tables:
        refused = read_nri(tables, [NRI / "nri_v120_five_hazards.csv", NRI / "nri_future_risk_2024_counties.csv"])
    assert isinstance(refused, Refused)
    assert "1.20 (Dec-25)" in refused.sentence()
    assert "Future Risk Index, December 2024" in refused.sentence()


def test_two_releases_in_one_file_are_refused(tmp_path: Path) -> None:
    """BAD INPUT: both named, with the line each was first seen in."""
    path = table(tmp_path, row("06001", "A"), row("06003", "B", version="March 2023"))
    refused = ranked(nri=(path,), weights={"wildfire": 1.0})
    assert isinstance(refused, Refused)
    assert "1.20 (Dec-25) (in nri.csv line 2) and 1.19 (March 2023) (in nri.csv line 3)" in refused.sentence()


@pytest.mark.parametrize(
    ("text", "fips"),
    [
        ("06007", "06007"), ("6007", "06007"), ("6007.0", "06007"), ("C06007", "06007"), (" 37001 ", "37001"),
        ("46113", "46102"), ("06000", None), ("607", None), ("060070", None), ("03001", None), ("NA", None),
        ("06007000100", None), ("٠٦٠٠٧", None),
    ],
)  # fmt: skip
def test_a_code_is_put_right_or_refused(text: str, fips: str | None) -> None:
    """BAD INPUT: lost zeros, spreadsheet decimals, prefixes; not states, not tracts, not other digits."""
    assert fips_of(text) == fips


def test_bad_rows_go_to_a_file_and_the_good_ones_are_ranked(tmp_path: Path) -> None:
    """BAD INPUT: a bad code, a doubled county, a score of text and one beyond 100; two good rows stay."""
    path = table(
        tmp_path, row("6001", "A"), row("06001", "A again"), row("607", "B"), row("06005", "C", wildfire="high"),
        row("06007", "D", wildfire="101"), row("06009", "E", wildfire="NA", rating="Insufficient Data"),
    )  # fmt: skip
    refused_to = tmp_path / "refused.csv"
    found = ranked(nri=(path,), weights={"wildfire": 1.0}, draws_count=20, refused_to=refused_to)
    assert isinstance(found, Ranking)
    assert [(p.county.fips, p.score) for p in found.placed] == [("06001", 50.0), ("06009", None)]
    lines = sorted(int(text) for text in re.findall(r"^(\d+),", refused_to.read_text(encoding="utf-8"), re.MULTILINE))
    assert lines == [3, 4, 5, 6]
    assert found.as_json()["rows_refused"] == 4


@needs_data
def test_connecticuts_regions_are_not_joined_with_its_counties() -> None:
    """BAD INPUT: 09001 of one table and 09110 of the other are different land; said, not guessed."""
    found = ranked(
        nri=(NRI / "nri_future_risk_2024_counties.csv",), svi=NRI / "cdc_svi_2022_counties.csv", states=("CT",),
        weights={"hurricane": 1.0, "households": 1.0}, draws_count=20,
    )  # fmt: skip
    assert isinstance(found, Ranking)
    assert len(found.placed) == 8
    assert all(p.missing["households"] is Absent.BOUNDARY and p.score is None for p in found.placed)
    assert any("planning regions" in note for note in found.notes)


def test_connecticut_twice_is_refused(tmp_path: Path) -> None:
    """BAD INPUT: old counties and planning regions in one table would count the same homes twice."""
    path = table(tmp_path, row("09001", "Fairfield"), row("09190", "Western Connecticut"))
    refused = ranked(nri=(path,), weights={"wildfire": 1.0})
    assert isinstance(refused, Refused)
    assert "Connecticut" in refused.sentence()


def test_regions_without_a_shape_are_ranked_and_named_beside_the_map(tmp_path: Path) -> None:
    """MAP: the shapes are those of the old counties."""
    found = ranked(nri=(table(tmp_path, row("09110", "Capitol"), row("06001", "A")),), weights={"wildfire": 1.0})
    assert isinstance(found, Ranking)
    assert without_shape([p.county.fips for p in found.placed]) == ["09110"]
    assert "not on the map" in rank_page(found, "Test").html()


def test_missing_columns_are_named_with_the_nearest(tmp_path: Path) -> None:
    """BAD INPUT: which, and the nearest name."""
    header = "STCOFIPS,COUNTY,WFIR_RISK\n"
    refused = ranked(nri=(table(tmp_path, "06001,A,50\n", header=header),), weights={"wildfire": 1.0})
    assert isinstance(refused, Refused)
    assert "WFIR_RISKS" in refused.sentence()
    assert "nearest: WFIR_RISK)" in refused.sentence()


def test_a_weight_that_no_table_holds_is_refused(tmp_path: Path) -> None:
    """BAD INPUT: tornado is not in this table."""
    refused = ranked(nri=(table(tmp_path, row("06001", "A")),), weights={"tornado": 1.0})
    assert isinstance(refused, Refused)
    assert "weight tornado: found no table that holds it" in refused.sentence()


@needs_data
@pytest.mark.parametrize(
    ("name", "most", "counties"),
    [
        ("us-major-outages/us_major_outages_2000_2016.csv.gz", None, 158),
        ("pge-outages/psps_outages.csv.gz", "06091", 39),
    ],
)
def test_an_outage_record_of_each_kind_is_weighed(name: str, most: str | None, counties: int) -> None:
    """ISSUE-5: a record by state, and one of points on a map that fall into counties (Sierra suffers most)."""
    found = ranked(outages=DATA / name, weights={"outage_history": 1.0}, draws_count=20)
    assert isinstance(found, Ranking)
    with_history = [p for p in found.placed if p.score is not None]
    assert len(with_history) == counties
    if most is not None:
        assert found.placed[0].county.fips == most


def test_eagle_i_is_hours_per_customer_and_year(tmp_path: Path) -> None:
    """ORACLE: 100 of 1,000 customers out for four quarters of an hour is 0.1 h; the record is shorter than a year."""
    path = tmp_path / "eagle.csv"
    lines = [
        f"6007,Butte,California,100,2022-01-01 {hour:02}:{minute:02}:00,1000\n"
        for hour in (0,)
        for minute in (0, 15, 30, 45)
    ]
    lines.append("6001,Alameda,California,,2022-01-01 00:00:00,1000\n")
    path.write_text(
        "fips_code,county,state,customers_out,run_start_time,total_customers\n" + "".join(lines), encoding="utf-8"
    )
    found = ranked(outages=path, weights={"outage_history": 1.0}, draws_count=20)
    assert isinstance(found, Ranking)
    butte = next(p for p in found.placed if p.county.fips == "06007")
    assert butte.county.inputs["outage_history"] == pytest.approx(0.1)
    assert next(p for p in found.placed if p.county.fips == "06001").score is None


def test_the_quirks_of_a_yearly_eagle_i_file(tmp_path: Path) -> None:
    """PITFALLS: 2023 calls the count `sum`; codes lose their zero in some rows; a blank is no count, no row nobody out.

    ORACLE: (400 + 400 + 200) x 0.25 h over 1,000 customers is 0.25 h; the two bad rows are written down.
    """
    path = tmp_path / "eagle.csv"
    path.write_text(
        "fips_code,county,state,sum,run_start_time,total_customers\n"
        "6007,Butte,California,400,2023-10-26 00:00:00,1000\n"
        "6007,Butte,California,400.0,2023-10-26 00:15:00,1000\n"
        "6007,Butte,California,,2023-10-26 00:30:00,1000\n"
        "06007,Butte,California,200,2023-10-26 02:00:00,1000\n"
        "06001.0,Alameda,California,50,2023-10-26 02:00:00,1000\n"
        "06003,Alpine,California,-5,2023-10-26 02:00:00,1000\n"
        "06003,Alpine,California,5,yesterday,1000\n",
        encoding="utf-8",
    )
    refused = tmp_path / "refused.csv"
    found = ranked(outages=path, weights={"outage_history": 1.0}, draws_count=20, refused_to=refused)
    assert isinstance(found, Ranking)
    by_fips = {place.county.fips: place.county.inputs["outage_history"] for place in found.placed}
    assert by_fips["06007"] == pytest.approx(0.25)
    assert by_fips["06001"] == pytest.approx(0.0125)
    assert next(place for place in found.placed if place.county.fips == "06003").score is None
    lines = (tmp_path / "refused-outages.csv").read_text(encoding="utf-8").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["7", "8"]


def test_points_fall_into_the_county_around_them() -> None:
    """MAP: Paradise lies in Butte, Raleigh in Wake, a point at sea nowhere."""
    lon, lat = np.array([-121.6219, -78.6382, -140.0]), np.array([39.7596, 35.7796, 35.0])
    assert counties_at(lon, lat) == ["06007", "37183", ""]


def test_north_is_up_and_west_is_left() -> None:
    """MAP: on every panel Siskiyou lies above San Diego, Cherokee left of Dare, Maine right of Washington."""

    def middle(fips: str, among: list[str]) -> tuple[float, float]:
        (panel,) = panels(among)
        x, y = panel.outlines[fips][0].mean(axis=0)
        return float(x), float(y)

    california = [fips for fips in shapes() if fips.startswith("06")]
    carolina = [fips for fips in shapes() if fips.startswith("37")]
    country = list(shapes())
    assert middle("06093", california)[1] < middle("06073", california)[1]
    assert middle("37039", carolina)[0] < middle("37055", carolina)[0]
    assert middle("23003", country)[0] > middle("53009", country)[0]
    assert middle("23003", country)[1] < middle("12087", country)[1]


def test_the_command_prints_json_alone_and_writes_page_and_map(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """ISSUE-5: the keys that were asked for; every number of a county in it; no remote address in the page."""
    page, drawn = tmp_path / "a.html", tmp_path / "a.svg"
    words = [
        "program",
        "rank",
        "--json",
        "--weights",
        "ice_storm=1",
        "--draws",
        "20",
        "--html",
        str(page),
        "--map",
        str(drawn),
    ]
    assert run(words) == 0
    out = json.loads(capsys.readouterr().out)
    assert {"counties", "weights", "nri_version"} <= set(out)
    assert all(
        {"fips", "name", "state", "score", "rank", "inputs", "missing"} <= set(county) for county in out["counties"]
    )
    california = [county for county in out["counties"] if county["state"] == "CA"]
    assert all(county["score"] is None and "ice_storm" in county["missing"] for county in california)
    assert all(county["inputs"]["ice_storm"] is None for county in california)
    text = page.read_text(encoding="utf-8")
    assert not re.search(r'(?:src|href)="(?!#)', text)
    assert drawn.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--weights", "wildfire=high"], "expected a name and a number"),
        (["--weights", "wildfire=1,wildfire=2"], "twice"),
        (["--weights", "wild_fire=1"], "Did you mean wildfire?"),
        (["--state", "XX"], "two letters of a state"),
        (["--state", "TX"], "counties that the table holds: CA, NC"),
        (["--nri", "none.csv"], "No such file"),
        (["--profile", "nobody"], "one that ships"),
        (["--scenario", "tomorrow"], "expected today"),
        (["--map", "map.bmp"], ".svg, .pdf or .png"),
        (["--draws", "1"], "expected 10"),
    ],
)
def test_what_cannot_be_is_one_sentence(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """BAD INPUT: status 2, one sentence on standard error, nothing on standard output."""
    assert run(["program", "rank", *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert says in told.err.splitlines()[-1]


def test_a_profile_keeps_its_territory_and_brings_its_weights(capsys: pytest.CaptureFixture[str]) -> None:
    """PROFILE: 47 counties of the Californian one, weighed by wildfire."""
    assert run(["program", "rank", "--profile", "california", "--json", "--draws", "20"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert len(out["counties"]) == 47
    assert out["weights"] == {"wildfire": 1.0}
