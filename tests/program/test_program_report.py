"""`bptm program report`: every template filled, what is absent listed and never zero, small groups hidden."""

import csv
import json
from pathlib import Path

import pytest

from bptm.cli import run
from bptm.program.duck import Tables
from bptm.program.report import HIDDEN, Report, fill, report_json, small_cells
from bptm.program.report_inputs import read_inputs
from bptm.program.report_page import page, typeset_content
from bptm.program.report_template import Template, read_template, shipped_templates
from bptm.program.typeset import pdf
from bptm.terms.refusals import Refused

OUTAGES = """circuit,deenergised_at,all_clear_at,patrol_started_at,restored_at,cause,line_miles,damage_count
C1,2025-10-26T00:10Z,2025-10-27T12:00Z,2025-10-27T12:30Z,2025-10-27T18:10Z,psps,12.5,1
C2,2025-10-26T02:10Z,2025-10-27T12:00Z,2025-10-27T13:00Z,2025-10-28T14:00Z,psps,30,0
"""
NOTIFICATIONS = """circuit,kind,sent_at,delivered
C1,watch,2025-10-24T18:00Z,yes
C1,warning,2025-10-25T18:00Z,no
C2,warning,2025-10-26T05:00Z,yes
C9,watch,2025-10-24T18:00Z,
"""


def customers() -> str:
    """40 customers on C1 with 3 on Medical Baseline, 50 on C2 with 20."""
    rows = [("premise_id,circuit,customer_type,medical_baseline,access_need,critical_facility,low_income,has_bptm,"
            "fire_threat_tier,shutoffs_count")]  # fmt: skip
    for circuit, count, medical in (("C1", 40, 3), ("C2", 50, 20)):
        for at in range(count):
            kind = "commercial" if at >= count - 15 else "residential"
            need = "yes" if at < medical else "no"
            rows.append(
                f"{circuit}-{at},{circuit},{kind},{need},no,no,{'yes' if at % 3 == 0 else ''},no,{at % 4},{at % 3}"
            )
    return "\n".join(rows) + "\n"


def given(folder: Path) -> dict[str, Path]:
    """The tables as files."""
    texts = {
        "outages": OUTAGES,
        "customers": customers(),
        "notifications": NOTIFICATIONS,
        "backup": "premise_id,from_at,to_at\n"
        + "".join(f"C2-{at},2025-10-26T04:10Z,2025-10-26T14:10Z\n" for at in range(12)),
        "energy": "premise_id,utility_in_kwh,utility_out_kwh,backup_kwh\n"
        + "".join(f"C2-{at},10,2,1\n" for at in range(20)),
    }
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.csv" for name in texts}


def filled(template: str, paths: dict[str, Path], below: int = 11) -> Report:
    """A shipped template, filled."""
    read = read_template(template)
    assert isinstance(read, Template)
    with Tables() as tables:
        inputs = read_inputs(tables, paths, None)
        assert not isinstance(inputs, Refused), inputs
        report = fill(tables, (template, read), inputs, "a utility", below)
    assert isinstance(report, Report), report
    return report


def rows_of(report: Report, table: str) -> list[dict[str, object]]:
    """The rows of one table by column name."""
    one = next(one for one in report.tables if one.template.id == table)
    return [dict(zip(one.columns, row, strict=True)) for row in one.rows]


@pytest.mark.parametrize("template", shipped_templates())
def test_every_template_is_filled_from_whole_tables_and_set_as_page_and_pdf(template: str, tmp_path: Path) -> None:
    """No shipped query has a fault; each table has its query and the version of its data."""
    report = filled(template, given(tmp_path))
    assert not any(one.missing for one in report.tables)
    assert all(one.query and "sha256:" in one.versions for one in report.tables)
    text = page(report, "bptm program report").html()
    assert "claims compliance with nothing" in text
    made = pdf(typeset_content(report))
    assert made.startswith(b"%PDF-")
    assert len(made) > 5000


@pytest.mark.parametrize("template", shipped_templates())
def test_what_was_not_given_is_missing_and_never_zero(template: str, tmp_path: Path) -> None:
    """With the outage list alone every table that needs more has no rows and says which columns are absent."""
    report = filled(template, {"outages": given(tmp_path)["outages"]})
    for one in report.tables:
        needs_more = any(not need.startswith("outages.") for need in one.template.needs)
        assert bool(one.missing) == needs_more
        assert not (one.missing and one.rows)
    answer = report_json([report])
    assert json.dumps(answer).count('"rows": null') == sum(bool(one.missing) for one in report.tables)
    assert all(any(one.template.caption in words for words in report.missing()) for one in report.tables if one.missing)


def test_the_safety_shutoff_tables_say_what_happened(tmp_path: Path) -> None:
    """Against the rows above, worked by hand."""
    report = filled("ca-psps-post-event", given(tmp_path), below=1)
    first, second = rows_of(report, "deenergised")
    assert (first["circuit"], first["hours"], first["customers"], first["medical_baseline"]) == ("C1", 42.0, 40, 3)
    assert (second["residential"], second["commercial_industrial"]) == (35, 15)
    late = rows_of(report, "restoration")[0]
    assert (late["circuit"], late["hours_after_all_clear"], late["remark"]) == ("C2", 26.0, "justify: over 24 h")
    assert rows_of(report, "longest") == [{"circuit": "C2", "hours": 59.83}]
    assert [row["circuit"] for row in rows_of(report, "false_negatives")] == ["C2"]
    assert [row["circuit"] for row in rows_of(report, "false_positives")] == ["C9"]
    assert rows_of(report, "own_generation")[0]["home_hours"] == 120.0
    watch = next(row for row in rows_of(report, "notifications") if row["kind"] == "watch")
    assert (watch["sent"], watch["delivered"], watch["failed"], watch["not_known"]) == (2, 1, 0, 1)


def test_time_on_own_source_counts_only_inside_the_outage(tmp_path: Path) -> None:
    """Overlap, not length: a home on backup before and after the outage has not served those hours."""
    paths = given(tmp_path)
    paths["backup"].write_text("premise_id,from_at,to_at\nC1-0,2025-10-25T00:10Z,2025-10-30T00:10Z\n", encoding="utf-8")
    row = rows_of(filled("wildfire-metrics", paths), "customer_hours")[0]
    assert row["served_by_themselves"] == 42.0
    assert row["customer_hours"] == pytest.approx(40 * 42.0 + 50 * 59.83, abs=1.0)


def test_a_small_count_is_hidden_and_a_second_one_with_it(tmp_path: Path) -> None:
    """Decision 0046: 3 on Medical Baseline are hidden, and the other circuit's 20 with them."""
    report = filled("ca-psps-post-event", given(tmp_path))
    assert [row["medical_baseline"] for row in rows_of(report, "deenergised")] == [HIDDEN, HIDDEN]
    assert [row["customers"] for row in rows_of(report, "deenergised")] == [40, 50]
    hidden = small_cells(("a", "b", "all"), [(5, 20, 25), (30, 40, 70), (50, 60, 110)], [("a", "b", "all")], 11)
    assert hidden == {(row, column) for row in (0, 1) for column in range(3)}


def test_equity_conditions_are_rules_in_data(tmp_path: Path) -> None:
    """A customer whose income is not known cannot be told, and is not counted as either."""
    rows = rows_of(filled("equity", given(tmp_path), below=1), "sgip")
    need = next(row for row in rows if str(row["condition"]).startswith("in need"))
    assert sum(int(str(need[key])) for key in ("met", "not_met", "cannot_be_told")) == 90
    assert int(str(need["cannot_be_told"])) > 0
    assert need["not_met"] == 0


def test_the_bill_that_was_not_enacted_is_called_that() -> None:
    """SB 99 stands in the context as not enacted, and nowhere as a law complied with."""
    for name in ("ca-psps-post-event", "board-summary"):
        read = read_template(name)
        assert isinstance(read, Template)
        said = [words for words in read.context if "SB 99" in words]
        assert said
        assert all("not enacted" in words for words in said)


def test_the_command_writes_page_pdf_csv_and_parquet(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The profile's own template; JSON alone on standard output; bad rows counted and written down."""
    paths = given(tmp_path)
    with paths["outages"].open("a", encoding="utf-8") as stream:
        stream.write("C3,2025-10-27T00:00Z,,,2025-10-26T00:00Z,psps,1,0\n")
    out, refused = tmp_path / "out", tmp_path / "bad.csv"
    words = ["program", "report", "--outages", str(paths["outages"]), "--customers", str(paths["customers"])]
    assert run([*words, "--out", str(out), "--refused", str(refused), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["reports"][0]["template"] == "ca-psps-post-event"
    assert answer["reports"][0]["claims_compliance"] is False
    assert any("1 rows were refused" in words for words in answer["reports"][0]["missing"])
    for ending in (".html", ".pdf", "-deenergised.csv", "-deenergised.parquet"):
        assert (out / f"ca-psps-post-event{ending}").stat().st_size > 0
    with (tmp_path / "bad-outages.csv").open(encoding="utf-8") as stream:
        assert [row["line"] for row in csv.DictReader(stream)] == ["4"]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "at least one table"),
        (["--outages", "nowhere.csv"], "nowhere.csv"),
        (["--outages", "OUT", "--template", "equty"], "equity"),
    ],
)
def test_what_is_asked_wrong_is_one_sentence(
    words: list[str], part: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2, with the nearest template or the file that cannot be read."""
    paths = given(tmp_path)
    assert run(["program", "report", *(str(paths["outages"]) if word == "OUT" else word for word in words)]) == 2
    assert part in capfd.readouterr().err


def test_a_template_with_a_fault_is_refused_with_the_table_and_the_reason(tmp_path: Path) -> None:
    """A query over a column that no input has, and a need that does not exist: both named at once."""
    path = tmp_path / "own.toml"
    path.write_text(
        'title = "t"\nabout = "a"\nsource = "s"\nmark = "own choice"\nby_hand = []\ncontext = []\n'
        '[[tables]]\nid = "x"\ncaption = "x"\nneeds = ["outages.circut"]\nquery = "SELECT 1"\n'
        '[[tables]]\nid = "y"\ncaption = "y"\nneeds = ["outages.circuit"]\nquery = "SELECT nothing FROM outages"\n',
        encoding="utf-8",
    )
    read = read_template(str(path))
    assert isinstance(read, Template)
    with Tables() as tables:
        inputs = read_inputs(tables, {"outages": given(tmp_path)["outages"]}, None)
        assert not isinstance(inputs, Refused)
        report = fill(tables, ("own", read), inputs, "u", 11)
    assert isinstance(report, Refused)
    assert len(report.unmet) == 2
    assert "outages.circut" in report.sentence()
