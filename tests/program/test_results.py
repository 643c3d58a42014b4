"""Programme results and dossiers from exports; the chain's rule against the head-end's own."""

import json
from pathlib import Path
from typing import Any

import pytest

from bptm.cli import run
from bptm.headend import chain
from bptm.operations.event_chain import VALUES, canonical_bytes, verify_events
from bptm.program.event_export import Events, Tally, read_events
from bptm.program.results import questions
from bptm.terms import core_codes as c
from bptm.terms.refusals import Refused

START_S = 1_572_000_000


def event(number: int, meter: str, at_s: int, **values: float) -> dict[str, Any]:
    """An event with these values and zeros, not yet chained."""
    zeros = {name: 0 if type_ != "f8" else 0.0 for name, type_ in VALUES}
    return {**zeros, **values, "event_no": number, "meter_id": meter, "seq": number, "at_s": START_S + at_s}


def changed(mode: int, fed_by: int, cause: int = 0) -> dict[str, float]:
    """A change of mode."""
    return {"code": c.EVENT_MODE_CHANGED, "mode": mode, "fed_by": fed_by, "cause": cause}


def export() -> dict[str, Any]:
    """M1 is ten minutes on backup; M2 finds a backfeed; hashed by the head-end's own code."""
    events = [
        event(1, "M1", 0, **changed(c.MODE_ON_BACKUP, c.FED_BY_BACKUP, c.CAUSE_BACKUP_READY), inlet_l1_v=119.7),
        event(2, "M2", 60, **changed(c.MODE_LOCKED_OUT, c.FED_BY_NONE, c.CAUSE_BACKFEED), utility_l1_v=118.2),
        event(3, "M1", 600, **changed(c.MODE_ON_UTILITY, c.FED_BY_UTILITY, c.CAUSE_UTILITY_RESTORED)),
    ]
    records = chain.canonical(
        1,
        [one["meter_id"] for one in events],
        [one["seq"] for one in events],
        {name: [one[name] for one in events] for name in chain.EVENT_VALUES},
    )
    before = chain.GENESIS
    for one, linked in zip(events, chain.link_hashes(before, records), strict=True):
        one["prev_hash"], one["hash"] = before.hex(), linked.hex()
        before = linked
        assert canonical_bytes(one) == records[one["event_no"] - 1].tobytes()
    return {"head_event_no": 3, "head": before.hex(), "events": events}


def saved(folder: Path, content: object) -> Path:
    """The export as a file."""
    path = folder / "events.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_an_export_hashed_by_the_head_end_holds() -> None:
    """ORACLE: the head-end's NumPy chain and the pure rule give the same bytes and the same hashes."""
    whole = export()
    verdict = verify_events(whole["events"], whole["head_event_no"], whole["head"])
    assert (verdict.events_count, verdict.fault, verdict.head) == (3, "", whole["head"])


@pytest.mark.parametrize(
    ("at", "name", "value", "says"),
    [
        (1, "utility_l1_v", 0.0, "event 2 of meter M2 is not what was stored"),
        (0, "meter_id", "M9", "event 1 of meter M9"),
        (2, "seq", 7, "event 3 of meter M1"),
        (1, "hash", "00" * 32, "event 2"),
        (1, "cause", "backfeed", "is no number"),
    ],
)
def test_every_later_change_is_found_where_it_is(at: int, name: str, value: object, says: str) -> None:
    """Tampering with a value, an owner, a sequence, a hash."""
    whole = export()
    whole["events"][at][name] = value
    assert says in verify_events(whole["events"], whole["head_event_no"], whole["head"]).fault


@pytest.mark.parametrize(("gone", "says"), [(1, "event 2 is missing"), (2, "events are gone")])
def test_events_that_are_gone_are_found(gone: int, says: str) -> None:
    """From the middle and from the end."""
    whole = export()
    del whole["events"][gone]
    assert says in verify_events(whole["events"], whole["head_event_no"], whole["head"]).fault


def test_minutes_on_backup_by_hand() -> None:
    """ORACLE: ten minutes of M1; M3 still on backup counts to its last event, five minutes on."""
    events = [
        *export()["events"],
        event(4, "M3", 700, fed_by=c.FED_BY_BACKUP),
        event(5, "M3", 1000, fed_by=c.FED_BY_BACKUP),
    ]
    tally = Tally()
    for one in events:
        tally.take(one)
    assert tally.backup_minutes() == (pytest.approx(15.0), 1)


def test_the_command_counts_installs_answers_incidents_and_targets(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """REQ: target against actual, net minutes marked as ours, a page that says the chain holds."""
    (tmp_path / "installs.csv").write_text(
        "meter,installed_at,minutes\nM1,2019-06-01T10:00Z,40\nM2,2019-06-02T10:00Z,60\nM3,2019-07-01T10:00Z,-5\n",
        encoding="utf-8",
    )
    question = next(iter(questions()))
    (tmp_path / "survey.csv").write_text(
        f"answered_at,question,score\n2019-11-01T00:00Z,{question},5\n2019-11-02T00:00Z,{question},2\n"
        f"2019-11-03T00:00Z,{question},9\n",
        encoding="utf-8",
    )
    words = ["program", "results", "--events", str(saved(tmp_path, export())), "--customers", "100"]
    words += ["--installs", str(tmp_path / "installs.csv"), "--survey", str(tmp_path / "survey.csv")]
    words += [
        "--refused",
        str(tmp_path / "refused.csv"),
        "--target-installs",
        "4",
        "--html",
        str(tmp_path / "page.html"),
        "--json",
    ]
    assert run(words) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["installs"]["meters"], result["installs"]["minutes_median"]) == (2, 50)
    assert result["targets"]["installs"] == {
        "target": 4, "actual": 2, "reached_fraction": 0.5, "counted_from": "installs",
    }  # fmt: skip
    assert result["events"]["transfers"] == 1
    assert result["events"]["customer_minutes_on_backup"] == pytest.approx(10.0)
    assert result["events"]["net_saidi_minutes_ours"] == pytest.approx(0.1)
    assert result["events"]["incidents"]["backfeed detected or refused"] == {"events": 1, "meters": 1}
    (answers,) = result["survey"]["by_month"]
    assert (answers["answers"], answers["mean_score"], answers["agree_fraction"]) == (2, 3.5, 0.5)
    assert (result["rows_read"], result["rows_refused"]) == (6, 2)
    assert "minutes is -5" in (tmp_path / "refused-installs.csv").read_text(encoding="utf-8")
    assert "score is 9" in (tmp_path / "refused-survey.csv").read_text(encoding="utf-8")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "The hash chain holds over all 3 events" in page
    assert "not IEEE" in page


def test_a_dossier_shows_what_was_measured_and_that_it_was_tampered_with(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """REQ: chained, and tampering is on its face."""
    whole = export()
    page = tmp_path / "dossier.html"
    words = ["program", "results", "--dossier", "M2", "--html", str(page), "--json", "--events"]
    assert run([*words, str(saved(tmp_path, whole))]) == 0
    assert json.loads(capsys.readouterr().out)["chain_holds"] is True
    text = page.read_text(encoding="utf-8")
    assert "118.2" in text
    assert "backfeed" in text
    assert "DOES NOT HOLD" not in text
    whole["events"][1]["utility_l1_v"] = 0.0
    assert run([*words, str(saved(tmp_path, whole))]) == 0
    assert json.loads(capsys.readouterr().out)["chain_holds"] is False
    assert "THE CHAIN DOES NOT HOLD: event 2 of meter M2" in page.read_text(encoding="utf-8")


def streamed(whole: dict[str, Any]) -> str:
    """The export as the head-end writes it: the head on the first line, then an event a line."""
    head = json.dumps({name: whole[name] for name in ("head_event_no", "head")}, separators=(",", ":"))
    return head[:-1] + ',"events":[\n' + ",\n".join(json.dumps(one) for one in whole["events"]) + "\n]}\n"


def test_an_export_is_read_line_by_line_as_it_is_read_whole(tmp_path: Path) -> None:
    """REQ: an export of any size; both forms give the same counts, the same verdict and the same events of a meter."""
    lines = tmp_path / "lines.json"
    lines.write_text(streamed(export()), encoding="utf-8")
    one, other = read_events(lines, "M1"), read_events(saved(tmp_path, export()), "M1")
    assert isinstance(one, Events)
    assert isinstance(other, Events)
    assert (one.verdict, one.tally, one.own) == (other.verdict, other.tally, other.own)
    assert [event["event_no"] for event in one.own] == [1, 3]


@pytest.mark.parametrize("kept_lines", [1, 2, 4])
def test_an_export_that_was_cut_off_is_refused(tmp_path: Path, kept_lines: int) -> None:
    """BAD INPUT: a download that broke is no short chain."""
    path = tmp_path / "cut.json"
    path.write_text("".join(streamed(export()).splitlines(keepends=True)[:kept_lines]), encoding="utf-8")
    refused = read_events(path)
    assert isinstance(refused, Refused)
    assert "cut off" in refused.sentence()


def test_a_headless_replay_stands_apart_from_events(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """REQ: what `bptm up --headless --json` printed is read, said to be simulated, and fills targets only if alone."""
    report = {
        "meters": 100, "simulated_hours": 6.0, "transfers": 41, "customer_minutes_dark": 3735.02,
        "customer_minutes_on_backup": 5345.98, "law_violations": [], "reconciled": True,
    }  # fmt: skip
    path = tmp_path / "up.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    words = ["program", "results", "--replay", str(path), "--target-transfers", "82", "--json"]
    assert run([*words, "--html", str(tmp_path / "page.html")]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["events"], result["replay"]["transfers"], result["replay"]["law_violations"]) == (None, 41, 0)
    assert result["targets"]["transfers"]["reached_fraction"] == pytest.approx(0.5)
    assert result["targets"]["transfers"]["counted_from"] == "replay"
    assert "Simulated meters of a replay" in (tmp_path / "page.html").read_text(encoding="utf-8")
    assert run([*words, "--events", str(saved(tmp_path, export()))]) == 0
    assert json.loads(capsys.readouterr().out)["targets"]["transfers"]["actual"] == 1


@pytest.mark.parametrize("content", ["[]", "{", "{}", '{"meters": "many"}', '{"meters": NaN}'])
def test_what_is_no_replay_is_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str
) -> None:
    """BAD INPUT: exit 2, and the command that makes one."""
    path = tmp_path / "up.json"
    path.write_text(content, encoding="utf-8")
    assert run(["program", "results", "--replay", str(path)]) == 2
    assert "bptm up --headless --json" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["[]", "{", '{"events": 5}', '{"events": [{"event_no": 1}]}', "[" * 100_000])
def test_what_is_no_export_is_refused_in_a_sentence(tmp_path: Path, content: str) -> None:
    """BAD INPUT: never a traceback."""
    path = tmp_path / "events.json"
    path.write_text(content, encoding="utf-8")
    refused = read_events(path)
    assert isinstance(refused, Refused)
    assert "chain/export" in refused.sentence()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "nothing named"),
        (["--dossier", "M1", "--installs", "x"], "--dossier needs the events"),
        (["--installs", "/nowhere"], "No such file"),
        (["--installs", "x", "--target-installs", "0"], "--target-installs is 0"),
    ],
)
def test_what_cannot_be_is_one_sentence(capsys: pytest.CaptureFixture[str], words: list[str], says: str) -> None:
    """BAD INPUT: exit 2."""
    assert run(["program", "results", *words]) == 2
    assert says in capsys.readouterr().err
