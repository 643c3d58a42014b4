"""Survival from the desk's assumptions, an outage record and the twin's homes."""

import json
from html import escape
from pathlib import Path
from typing import Any, cast

import pytest

from bptm.cli import run as command
from bptm.program.assumptions import overlaid, shipped
from bptm.program.duck import Tables
from bptm.program.survive import Backup, Survival, read_twin, survival_from
from bptm.program.survive_result import result_of, survive_page, warning
from bptm.terms.refusals import Refused

HOURS = (12.0, 24.0, 48.0, 72.0)


def found(**changed: float) -> Survival:
    """The result with some assumptions changed."""
    known = overlaid(shipped(), {f"survive.{name}": value for name, value in changed.items()}, "test")
    assert not isinstance(known, Refused)
    answer = survival_from(known, HOURS, 20_000, 1, None)
    assert isinstance(answer, Survival)
    return answer


def run(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """The JSON of the command."""
    assert command(["program", "survive", "--draws", "4000", *words, "--json"]) == 0
    return cast("dict[str, Any]", json.loads(capsys.readouterr().out))


def test_curves_fall_and_bands_hold_their_mean() -> None:
    """A share of survivors never rises; a band is one."""
    for curve in found().curves:
        means = [band.mean for band in curve.grid]
        assert means == sorted(means, reverse=True)
        assert all(0 <= band.low <= band.high <= 1 and 0 <= band.mean <= 1 for band in curve.grid)


def test_unsourced_assumptions_are_said_on_the_face_of_page_and_result() -> None:
    """REQ: a result whose inputs are unsourced says so."""
    answer = found()
    assert answer.unsourced()
    said = warning(answer)
    assert result_of(answer)["warning"] == said
    page = survive_page(answer).html()
    assert page.index(said) < page.index("By kind of backup")
    for one in answer.used:
        assert escape(one.meaning, quote=True) in page


def test_more_fuel_means_longer_and_the_medical_share_follows_the_mix() -> None:
    """METAMORPHIC: twice the petrol lasts longer for petrol engines alone; all portable gives portable's own share."""
    few, many = found(petrol_at_home_l=15.0), found(petrol_at_home_l=60.0)
    for before, after in zip(few.curves, many.curves, strict=True):
        if before.kind in {Backup.PORTABLE, Backup.INVERTER}:
            assert after.at[24.0].mean > before.at[24.0].mean
        else:
            assert after.at[24.0] == before.at[24.0]
    alone = dict.fromkeys((f"mix_{kind.value}_fraction" for kind in Backup if kind is not Backup.NONE), 0.0)
    answer = found(**(alone | {"mix_portable_fraction": 1.0}))
    (portable,) = [curve for curve in answer.curves if curve.kind is Backup.PORTABLE]
    assert answer.medical_covered[48.0].mean == pytest.approx(portable.medical_at[48.0].mean)


def test_shares_of_backup_above_one_are_refused() -> None:
    """BAD INPUT: the rest has no backup, so the shares cannot exceed one."""
    known = overlaid(shipped(), {"survive.mix_portable_fraction": 0.99}, "test")
    assert not isinstance(known, Refused)
    answer = survival_from(known, HOURS, 1000, 1, None)
    assert isinstance(answer, Refused)
    assert "at most 1" in answer.sentence()


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    """REPLAY: results name their seed."""
    assert result_of(found()) == result_of(found())


def test_a_record_says_how_many_outages_end_in_time(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """ORACLE: outages of 10 h (90 customers) and 30 h (10): half of events, 90 % of customers end within 12 h."""
    path = tmp_path / "list.csv"
    path.write_text(
        "outage,start_utc,last_seen_utc,customers_max\n1,2019-10-26T00:00Z,2019-10-26T10:00Z,90\n"
        "2,2019-10-26T00:00Z,2019-10-27T06:00Z,10\n",
        encoding="utf-8",
    )
    result = run(capsys, "--outages", str(path), "--hours", "12,48", "--html", str(tmp_path / "page.html"))
    assert result["record"]["events_ended_fraction"] == {"12": 0.5, "48": 1.0}
    assert result["record"]["customers_ended_fraction"] == {"12": 0.9, "48": 1.0}
    battery = result["kinds"]["battery"]
    assert battery["record_survived_fraction"]["mean"] > 0.2
    assert "Against the outage record" in (tmp_path / "page.html").read_text(encoding="utf-8")


def _homes(folder: Path, rows: str) -> Path:
    with Tables(memory_mb=200) as tables:
        tables.write(
            f"SELECT * FROM (VALUES {rows}) t(home, source_kind, medical, outages, outage_s, dark_s, fed_s, ran_out)",  # noqa: S608
            folder / "homes.parquet",
        )
    return folder


def test_the_twins_homes_are_counted_as_they_lived(tmp_path: Path) -> None:
    """ORACLE: portables, one outage of 10 h: whole; dark after 4 h; started after 6 h; dark at once; never started."""
    rows = (
        "(1,'PORTABLE',0,1,36000.0,60.0,35940.0,0), (2,'PORTABLE',0,1,36000.0,21600.0,14400.0,1), "
        "(3,'PORTABLE',0,1,36000.0,21600.0,14400.0,0), (4,'PORTABLE',0,1,36000.0,35700.0,300.0,1), "
        "(5,'PORTABLE',0,1,36000.0,36000.0,0.0,0), (6,'PORTABLE',0,0,0.0,0.0,0.0,0), "
        "(7,'NONE',1,2,7200.0,7200.0,0.0,0), (8,'NONE',0,1,7200.0,7200.0,0.0,0)"
    )
    with Tables(memory_mb=200) as tables:
        read = read_twin(tables, _homes(tmp_path, rows))
    assert not isinstance(read, Refused)
    found = {(part.source_kind, part.medical): part for part in read[0]}
    portable, none, without = found["PORTABLE", False], found["NONE", True], found["NONE", False]
    assert portable.homes_count == 5
    assert portable.kept_fraction == pytest.approx(1 / 5)
    assert portable.supplied_fraction == pytest.approx(1 - (60 + 2 * 21_600 + 35_700 + 36_000) / 180_000)
    assert portable.lasting is not None
    # The one that was never started says nothing; the one started late was not yet dark again when the outage ended.
    assert (portable.lasting.homes_count, portable.lasting.ended_count) == (4, 2)
    assert portable.lasting.at(2) == pytest.approx(3 / 4)
    assert portable.lasting.at(5) == pytest.approx(1 / 2)
    assert without.lasting is not None
    assert without.lasting.at(1) == 0.0
    # Two outages: when each ended is not in the file, so no length is claimed.
    assert (none.source_kind, none.medical, none.lasting) == ("NONE", True, None)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--hours", "soon"), "expected hours"),
        (("--draws", "5"), "--draws is 5"),
        (("--twin", "/nowhere"), "No such file"),
        (("--assumptions", "/nowhere"), "No such file"),
    ],
)
def test_what_cannot_be_is_one_sentence(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str) -> None:
    """BAD INPUT: exit 2."""
    assert command(["program", "survive", *words]) == 2
    assert says in capsys.readouterr().err


def test_an_unknown_assumption_is_named_with_the_nearest(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """BAD INPUT: the desk's one file of assumptions."""
    own = tmp_path / "own.toml"
    own.write_text('"survive.laod_w" = 5\n', encoding="utf-8")
    assert command(["program", "survive", "--assumptions", str(own)]) == 2
    assert "survive.load_w" in capsys.readouterr().err
