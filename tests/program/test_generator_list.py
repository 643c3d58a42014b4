"""The list of generators: the shipped one reads whole; a faulty one keeps its good rows."""

import json
from pathlib import Path

import pytest

from bptm.cli import run
from bptm.planning.generators import Fit
from bptm.program.duck import Tables
from bptm.program.generator_list import SHIPPED, GeneratorList, read_generators
from bptm.terms.refusals import Refused

HEADER = "name,plug,outlet_v,breaker_a,neutral,inverter,co_shutoff,running_w,source,mark\n"


def test_the_shipped_list_reads_whole_and_holds_every_verdict() -> None:
    """DATA: no row refused, each with a source; some fit, some do not, some are not known."""
    with Tables(memory_mb=200) as tables:
        found = read_generators(tables)
    assert isinstance(found, GeneratorList)
    assert found.source.rows_refused == 0
    assert {verdict.fit for _, verdict in found.judged} >= {Fit.WITH_CARE, Fit.UNKNOWN, Fit.NO}
    assert all(generator.source for generator, _ in found.judged)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a,L14-31,240,30,floating,no,yes,7000,s,own choice", "plug is L14-31, expected one of"),
        ("a,L14-30,240,30,grounded,no,yes,7000,s,own choice", "neutral is grounded"),
        ("a,L14-30,24,30,floating,no,yes,7000,s,own choice", "outlet_v is 24, expected at least 100"),
        ("a,5-20,240,20,floating,no,yes,7000,s,own choice", "has one hot of 120 V"),
        ("a,L14-30,240,30,floating,maybe,yes,7000,s,own choice", "inverter is maybe, expected yes or no"),
        ("a,L14-30,240,30,floating,no,yes,7000,,own choice", "source is missing"),
        ("a,L14-30,240,30,floating,no,yes,7000,s,sure", "mark is sure"),
    ],
)
def test_a_faulty_row_is_refused_alone(tmp_path: Path, row: str, reason: str) -> None:
    """BAD INPUT: its reason, and the good row beside it stays."""
    path = tmp_path / "own.csv"
    path.write_text(HEADER + row + "\nb,L14-30,240,30,floating,no,yes,7000,s,own choice\n", encoding="utf-8")
    with Tables(memory_mb=200) as tables:
        found = read_generators(tables, path)
    assert isinstance(found, GeneratorList)
    assert [generator.name for generator, _ in found.judged] == ["b"]
    assert reason in found.source.first_reasons[0]


def test_a_name_that_is_not_in_the_list_is_unsafe() -> None:
    """UNKNOWN IS UNSAFE: it says so, with the nearest."""
    with Tables(memory_mb=200) as tables:
        found = read_generators(tables, SHIPPED)
    assert isinstance(found, GeneratorList)
    refused = found.find("my old machine")
    assert isinstance(refused, Refused)
    assert "treat it as unsafe" in refused.sentence()


def test_the_command_looks_one_up(capsys: pytest.CaptureFixture[str]) -> None:
    """LOOKUP: words of the name; JSON alone."""
    assert run(["program", "generator", "suitcase", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert len(out["generators"]) == 2
    assert all(one["fit"] == Fit.NO.value for one in out["generators"])
    assert run(["program", "generator", "nothing like it"]) == 2
