"""`bptm program site`: the shipped profiles on synthetic homes and on tables with every kind of bad row."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bptm.cli import run
from bptm.planning.rules import Column
from bptm.planning.siting import feasible
from bptm.planning.siting_account import standings
from bptm.program.assumptions import Assumption, assumptions, overlaid, shipped
from bptm.program.candidates import Candidates, Place, read_candidates, synthetic
from bptm.program.duck import Tables
from bptm.program.profile import Profile, read_profile
from bptm.program.site import Asked, Siting, site
from bptm.program.site_result import DECISION_COLUMNS, explained, group_tables, result_json, write_decisions
from bptm.program.site_travel import Depot
from bptm.terms.refusals import Refused

PLACES = (
    Place(fips="06007", name="Butte", people_count=210_000, hazard_score=98.0),
    Place(fips="06057", name="Nevada", people_count=102_000, hazard_score=97.0),
    Place(fips="06075", name="San Francisco", people_count=870_000, hazard_score=30.0),
)
HEADER = (
    "premise_id,circuit,county_fips,fire_threat_tier,fast_trip_circuit,socket_form,panel_a,owner_consents,"
    "medical_baseline,low_income,existing_backup,outage_hours_per_year,applied_at\n"
)


def profile() -> Profile:
    """The shipped Californian profile."""
    read = read_profile("california")
    assert isinstance(read, Profile)
    return read


def limits(**given: object) -> Asked:
    """Limits with defaults of a small programme."""
    plain: dict[str, object] = {
        "meters_count": 60, "budget_usd": 80_000.0, "crew_s": 120 * 3600.0, "floors": (), "suppress_below_count": 11,
    }  # fmt: skip
    return Asked(**(plain | given))  # pyright: ignore[reportArgumentType]


def sited(homes: Candidates | None = None, **given: object) -> Siting:
    """A siting of 1,200 synthetic homes."""
    result = site(homes or synthetic(PLACES, 1200, 3), profile(), limits(**given), shipped())
    assert isinstance(result, Siting), result
    return result


def refused(given: dict[str, object]) -> str:
    """The sentence of a siting that cannot be."""
    result = site(synthetic(PLACES, 1200, 3), profile(), limits(**given), shipped())
    assert isinstance(result, Refused)
    return result.sentence()


def table(tmp_path: Path, rows: str, header: str = HEADER) -> Candidates:
    """Candidates read from a CSV with these rows."""
    path = tmp_path / "homes.csv"
    path.write_text(header + rows, encoding="utf-8")
    with Tables() as tables:
        read = read_candidates(tables, path, tmp_path / "refused.csv")
    assert isinstance(read, Candidates), read
    return read


def test_the_plan_beats_every_list_that_keeps_its_limits_and_its_bound_is_above_it() -> None:
    """Decision 0044: without floors no list worked off in order can be better than the proven bound, nor the plan."""
    result = sited()
    plan, *others = result.accounts
    assert feasible(result.problem, result.choice.rows, result.choice.chosen)
    assert result.choice.bound >= plan.benefit
    assert result.choice.gap_fraction < 0.01
    assert all(other.benefit <= plan.benefit * (1 + 1e-9) for other in others)
    assert {other.method for other in others} == {"first come, first served", "risk only", "equity only"}


def test_floors_are_kept_and_cost_benefit() -> None:
    """A floor is a constraint, not a wish."""
    free, floored = sited(), sited(floors=("own_well=0.6", "medical_baseline=12"))
    plan = floored.accounts[0]
    assert plan.members_count["own_well"] >= 0.6 * plan.meters_count
    assert plan.members_count["medical_baseline"] >= 12
    assert plan.benefit <= free.accounts[0].benefit
    assert plan.floors_kept


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"budget_usd": 500.0}, "budget allows 500 and the least demanding home needs"),
        ({"crew_s": 60.0}, "crew"),
        ({"floors": ("medical_baseline=50",)}, "floor medical_baseline, count"),
        ({"floors": ("medical_base=0.2",)}, "'medical_baseline'"),
        ({"floors": ("medical_baseline=2.5",)}, "a share between 0 and 1"),
        ({"floors": ("medical_baseline",)}, "a share between 0 and 1"),
        ({"meters_count": 0}, "--meters"),
        ({"meters_count": None, "budget_usd": None, "crew_s": None}, "--budget"),
    ],
)
def test_what_cannot_be_is_a_sentence_that_names_what_binds(given: dict[str, object], part: str) -> None:
    """Budgets that allow nothing and floors nobody can meet: which limit, what it allows, what to do."""
    assert part in refused(given)


def test_a_home_with_a_missing_value_is_not_eligible_and_is_told_so(tmp_path: Path) -> None:
    """Unknown is never eligible, and is told apart from not eligible."""
    homes = table(
        tmp_path,
        "a,c1,06007,2,no,2S,200,yes,yes,no,none,20,\n"
        "b,c1,06007,,no,2S,200,yes,no,no,none,20,\n"
        "c,c1,06007,2,no,4S,200,yes,no,no,none,20,\n"
        "d,c1,06007,,yes,2S,125,yes,no,yes,portable,30,\n",
    )
    result = sited(homes)
    assert result.candidates.premise_id[result.homes].tolist() == ["a", "d"]
    assert result.eligibility.unknown.tolist() == [False, True, False, False]
    for premise, part in (("b", "Cannot be told"), ("c", "Not met"), ("a", "placed")):
        said = explained(result, premise)
        assert isinstance(said, str)
        assert part in said
    assert isinstance(explained(result, "zz"), Refused)


def test_bad_rows_are_refused_with_their_line_and_the_good_ones_kept(tmp_path: Path) -> None:
    """Negative hours, a word for a number, a premise without a name; a doubled premise counts once."""
    homes = table(
        tmp_path,
        "a,c1,06007,2,no,2S,200,yes,yes,no,none,20,\n"
        "b,c1,06007,2,no,2S,200,yes,no,no,none,-3,\n"
        "c,c1,06007,2,maybe,2S,200,yes,no,no,none,5,\n"
        ",c1,06007,2,no,2S,200,yes,no,no,none,5,\n"
        "a,c2,06007,3,no,2S,200,yes,no,no,none,7,\n",
    )
    assert homes.premise_id.tolist() == ["a"]
    assert any("3 refused" in note for note in homes.notes)
    assert any("1 rows name a premise again" in note for note in homes.notes)
    with (tmp_path / "refused.csv").open(encoding="utf-8") as stream:
        assert [int(row["line"]) for row in csv.DictReader(stream)] == [3, 4, 5]


def test_first_come_follows_the_time_of_application(tmp_path: Path) -> None:
    """The list that is worked off in order is that of the applications, not of the file."""
    homes = table(
        tmp_path,
        "a,c1,06007,2,no,2S,200,yes,no,no,none,20,2025-03-01T00:00Z\n"
        "b,c1,06007,2,no,2S,200,yes,no,no,none,20,2025-01-01T00:00Z\n"
        "c,c1,06007,2,no,2S,200,yes,no,no,none,20,\n",
    )
    assert homes.premise_id[homes.first_come].tolist() == ["b", "a", "c"]


def test_the_nearest_depot_serves_a_circuit_and_the_way_is_counted_there_and_back(tmp_path: Path) -> None:
    """One degree of latitude is 111 km: 1.3 times that, twice, at the assumed speed."""
    header = "premise_id,circuit,latitude,longitude,outage_hours_per_year,owner_consents,socket_form,panel_a,hftd\n"
    homes = table(tmp_path, "a,c1,39.0,-121.0,20,yes,2S,200,2\nb,c2,41.0,-121.0,20,yes,2S,200,2\n", header)
    south = Depot(name="south", crew_s=3600.0 * 20, latitude=38.0, longitude=-121.0)
    north = Depot(name="north", crew_s=3600.0 * 20, latitude=41.0, longitude=-121.0)
    circuits = Column(values=np.ones(2, dtype=np.bool_), known=np.ones(2, dtype=np.bool_))
    homes = replace(homes, columns={**homes.columns, "fast_trip_circuit": circuits})
    result = sited(homes, crew_s=None, depots=(south, north))
    assert result.problem.cluster_depot.tolist() == [0, 1]
    assert result.problem.visit_crew_s[0] == pytest.approx(2 * 111.19 * 1.3 / 45 * 3600, rel=1e-3)
    assert result.problem.visit_crew_s[1] == pytest.approx(0.0, abs=1e-6)


def test_no_small_group_can_be_read_from_the_result() -> None:
    """Decision 0046: hidden counts are hidden wherever the JSON could give them, sums of money and hours too."""
    result = sited(meters_count=30)
    for rows in group_tables(result).values():
        for row in rows:
            counts = [row[key] for key in ("placed", "not_placed", "eligible")]
            assert all(count is None or count == 0 or int(str(count)) >= 11 for count in counts)
            if row["placed"] is None:
                assert row["expected_hours_per_year"] is None
                assert row["cost_usd"] is None
    text = json.dumps(result_json(result))
    assert "synthetic-" not in text
    assert [one["used"] for one in json.loads(text)["constraints"] if one["name"].startswith("floor ")] == []


def test_ways_of_choosing_give_no_hidden_group_away() -> None:
    """With few homes left over in a group, its count under each way is hidden, since the group's size is printed."""
    result = sited(floors=("medical_baseline=20",))
    for one in result_json(result)["compared"]:  # pyright: ignore[reportGeneralTypeIssues]
        for need, count in one["members"].items():
            held = int(result.groups[need].sum())
            assert count is None or (count == 0 or count >= 11)
            assert count is None or held - count == 0 or held - count >= 11
    medical = group_tables(result)["medical_baseline"]
    if any(None in row.values() for row in medical):
        plan = result_json(result)["compared"][0]  # pyright: ignore[reportIndexIssue]
        assert plan["members"]["medical_baseline"] is None


def test_what_is_said_of_one_home_adds_up_to_what_was_decided(tmp_path: Path) -> None:
    """Every placed home covers its price but for whole meters and visits; each row of the file is one candidate."""
    result = sited()
    price, share = standings(result.problem, result.choice)
    margin = result.problem.benefit - price - share
    agrees = (margin >= -1e-9) == result.choice.chosen
    assert agrees.mean() > 0.97
    write_decisions(result, tmp_path / "decisions.csv")
    with (tmp_path / "decisions.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == DECISION_COLUMNS
    assert len(rows) == 1200
    assert sum(row["decision"] == "placed" for row in rows) == result.accounts[0].meters_count


def test_the_same_seed_gives_the_same_homes_and_they_say_that_they_are_synthetic() -> None:
    """Synthetic is marked in the record, the notes and the version."""
    one, two, other = synthetic(PLACES, 500, 7), synthetic(PLACES, 500, 7), synthetic(PLACES, 500, 8)
    assert np.array_equal(one.number("outage_hours_per_year"), two.number("outage_hours_per_year"))
    assert not np.array_equal(one.number("outage_hours_per_year"), other.number("outage_hours_per_year"))
    assert one.synthetic
    assert "synthetic" in one.version
    assert "synthetic" in one.notes[0]


def test_the_command_gives_json_alone_and_a_page(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The shipped facts of North Carolina, the whole way to JSON and HTML; the solver's banner is nowhere."""
    page = tmp_path / "site.html"
    words = ["program", "site", "--profile", "north-carolina", "--synthetic", "600", "--meters", "60", "--json"]
    assert run([*words, "--html", str(page)]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["schema"] == "bptm.program.site/1"
    assert answer["plan"]["meters"] == 60
    assert answer["plan"]["gap_fraction"] < 0.01
    assert "synthetic" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--meters", "5"], "either --candidates"),
        (["--synthetic", "10", "--meters", "5", "--counties", "37001"], "37001"),
        (["--synthetic", "100", "--meters", "5", "--profile", "californa"], "california"),
        (["--candidates", "nowhere.csv", "--meters", "5"], "nowhere.csv"),
        (["--synthetic", "0", "--meters", "5"], "--synthetic"),
    ],
)
def test_the_command_refuses_in_one_sentence(words: list[str], part: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, nothing on standard output."""
    assert run(["program", "site", *words]) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert part in said.err


def test_a_users_assumptions_lie_over_the_shipped_ones() -> None:
    """A bare number is taken as it is; a range keeps its distribution; the result knows it was replaced."""
    known = shipped()
    laid = overlaid(known, {"siting": {"meter_usd": 800}, "fuel.usd_per_hour": {"low": 1.0}}, "own.toml")
    assert isinstance(laid, dict)
    assert (laid["siting.meter_usd"].value, laid["siting.meter_usd"].replaced) == (800.0, True)
    assert laid["fuel.usd_per_hour"].low == 1.0
    assert not known["siting.meter_usd"].replaced


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ({"siting.meter_us": 1}, "siting.meter_usd"),
        ({"siting.meter_usd": "cheap"}, "no number"),
        ({"fuel.usd_per_hour": {"low": 9.0}}, "low 9"),
        ({"fuel.usd_per_hour": {"unit": "eur"}}, "'usd'"),
        ({"fuel.usd_per_hour": {"distribution": "normal"}}, "triangular"),
        ({"fuel.usd_per_hour": {"mark": "gospel"}}, "published"),
    ],
)
def test_a_faulty_assumption_is_refused_with_what_would_be_right(given: dict[str, object], part: str) -> None:
    """Unknown keys get the nearest name, wrong values the allowed ones; all faults at once."""
    laid = overlaid(shipped(), given | {"nonsense": 1}, "own.toml")
    assert isinstance(laid, Refused)
    assert part in laid.sentence()
    assert "nonsense" in laid.sentence()


def test_every_shipped_assumption_is_whole() -> None:
    """Range around value, a known mark, a source and a meaning for each."""
    read = assumptions()
    assert isinstance(read, dict)
    assert all(isinstance(one, Assumption) for one in read.values())
    faulty = [
        key
        for key, one in read.items()
        if not (one.low <= one.value <= one.high and one.source and one.meaning and one.unit)
        or one.mark not in ("published", "general", "derived", "definition", "claim", "own choice")
        or (one.distribution == "fixed") != (one.low == one.high)
    ]
    assert faulty == []


def test_a_county_is_one_however_its_code_is_written(tmp_path: Path) -> None:
    """PITFALLS: 6063 and 06063.0 are 06063; a word is no county; Connecticut's old counties are said to be old."""
    path = tmp_path / "premises.csv"
    path.write_text(
        "premise_id,circuit,county_fips\nA,c,6063\nB,c,06063.0\nC,c,Plumas\nD,c,09001\nE,c,\n", encoding="utf-8"
    )
    with Tables() as tables:
        read = read_candidates(tables, path, None)
    assert isinstance(read, Candidates)
    assert read.text("county_fips").tolist() == ["06063", "06063", "", "09001", ""]
    notes = " ".join(read.notes)
    assert "1 homes have a county code that is none" in notes
    assert "1 homes have a code of Connecticut's old counties" in notes
