"""`bptm` at a terminal: starts, stops, refuses in one sentence, leaves nothing behind."""

import json
import os
import signal
import socket
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from system_rig import CHILDREN, Up, bptm, until

from bptm.supervisor.children import born
from bptm.supervisor.restarts import RESTARTS_MAX

pytestmark = pytest.mark.system

STOP_LIMIT_S = 5.0
"""The issue's own: Ctrl-C and SIGTERM stop everything within five seconds."""


def up_and_playing(up: Up) -> list[int]:
    """Starts it and waits until the event plays; returns its children."""
    up.start()
    until(lambda: up.clock().get("state") == "playing", "the event plays")
    pids = up.children()
    assert len(pids) == len(CHILDREN), up.story()
    return pids


def link_in(up: Up) -> str:
    """The sign-in link that it printed."""
    lines = [line.strip() for line in up.output_file.read_text().splitlines()]
    return next(line for line in lines if line.startswith(f"http://127.0.0.1:{up.port}/sign-in?token="))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asking_once_stops_everything_in_time(make_up: Callable[..., Up], number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM while twenty meters play: exit status 0, no child left, within the limit."""
    up = make_up("--meters", "20")
    pids = up_and_playing(up)
    assert up.process is not None
    up.process.send_signal(number)
    assert up.wait(STOP_LIMIT_S) == 0, up.story()
    assert not [pid for pid in pids if born(pid)]
    assert "Traceback" not in up.story()


def test_killed_supervisor_leaves_no_child_and_the_next_start_goes_on(make_up: Callable[..., Up]) -> None:
    """SIGKILL; all four children end by themselves, and a second start continues from where the event stood."""
    up = make_up("--meters", "20", "--speed", "3600")
    pids = up_and_playing(up)
    until(lambda: up.played_s() > 3600, "an hour of the event")
    played_s = up.played_s()
    assert up.process is not None
    up.process.kill()
    up.process.wait()
    until(lambda: not [pid for pid in pids if born(pid)], "children gone", 30)
    up.start()
    until(lambda: up.clock().get("state") == "playing", "the event plays again")
    # The checkpoint is at most a second of wall time old; it did not begin anew.
    assert up.played_s() > played_s - 2 * 3600


def test_child_that_dies_again_and_again_ends_the_run_with_one_sentence(make_up: Callable[..., Up]) -> None:
    """The head-end is killed six times in a row: exit status 1, one sentence, no child left."""
    up = make_up("--meters", "5")
    up_and_playing(up)
    for _ in range(RESTARTS_MAX + 1):
        until(lambda: up.child("head-end") > 0, "head-end runs")
        pid = up.child("head-end")
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: not born(pid), "head-end is gone")
    assert up.wait() == 1, up.story()
    last = up.progress_file.read_text().splitlines()[-1]
    assert last.startswith("bptm: head-end was ended by SIGKILL and had been restarted 5 times: giving up")
    assert not up.children()


def test_headless_result_stands_alone_and_is_given_again(make_up: Callable[..., Up]) -> None:
    """Standard output is one JSON object; the same command again prints the same; a shorter one is refused."""
    words = ("--meters", "10", "--headless", "--json", "--until", "+6h")
    up = make_up(*words)
    up.start()
    assert up.wait() == 0, up.story()
    text = up.output_file.read_text()
    assert json.loads(text)["reconciled"] is True
    up.start()
    assert up.wait() == 0, up.story()
    assert up.output_file.read_text() == text
    said = bptm("up", "--data", str(up.data_dir), "--port", str(up.port), *words[:-1], "+5h")
    assert said.returncode == 2
    assert "has ended after 6 h, beyond the 5 h asked for" in said.stderr


def test_sign_in_link_works_once_and_another_can_be_had(make_up: Callable[..., Up]) -> None:
    """The printed link gives a session once; `bptm headend link` prints one that works; a stopped run has none."""
    up = make_up("--meters", "5")
    up_and_playing(up)
    until(lambda: "token=" in up.output_file.read_text(), "the link")
    first = link_in(up)
    assert _signs_in(first)
    assert not _signs_in(first)
    said = bptm("headend", "link", "--data", str(up.data_dir))
    assert said.returncode == 0, said.stderr
    assert _signs_in(said.stdout.strip())
    up.end()
    said = bptm("headend", "link", "--data", str(up.data_dir))
    assert said.returncode == 2
    assert "no bptm runs on data directory" in said.stderr


def _signs_in(link: str) -> bool:
    """Whether the link gives a session cookie; the redirection to the first page is not followed."""
    parts = urlsplit(link)
    connection = HTTPConnection(parts.hostname or "", parts.port or 0, timeout=10)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        return connection.getresponse().getheader("set-cookie") is not None
    finally:
        connection.close()


def test_second_run_on_the_same_directory_is_refused(make_up: Callable[..., Up]) -> None:
    """While the first plays: exit status 2, naming it; the first goes on."""
    up = make_up("--meters", "5")
    up_and_playing(up)
    assert up.process is not None
    said = bptm("up", "--data", str(up.data_dir), "--meters", "5")
    assert said.returncode == 2
    assert said.stderr.count("\n") == 1
    assert f"in use by another bptm (process {up.process.pid})" in said.stderr
    assert up.process.poll() is None


def test_another_run_in_the_directory_is_refused_and_fresh_starts_over(make_up: Callable[..., Up]) -> None:
    """Seed 1 is there; seed 2 is refused with both values; with --fresh it runs."""
    up = make_up("--meters", "5", "--headless", "--json", "--until", "+2h")
    up.start()
    assert up.wait() == 0, up.story()
    words = ("up", "--data", str(up.data_dir), "--port", str(up.port), *up.words, "--seed", "2")
    said = bptm(*words)
    assert said.returncode == 2
    assert "holds another run (seed 1, not 2)" in said.stderr
    assert "--fresh" in said.stderr
    said = bptm(*words, "--fresh")
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["seed"] == 2


def test_taken_port_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    """A real listener holds the port: one sentence, exit status 2, no data directory."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = bptm("up", "--data", str(tmp_path / "data"), "--port", str(port))
    assert said.returncode == 2
    assert said.stderr == f"bptm: port {port} on 127.0.0.1 is taken by another program; choose another with --port\n"
    assert list(tmp_path.iterdir()) == []


def _files(folder: Path) -> dict[str, str]:
    """Inputs that are wrong, by name."""
    texts = {
        "not-csv.csv": "this is no outage log\n",
        "late.csv": "+900h,hold_return,region:*\n",
        "action.csv": "at,action,target\n+1h,open_everything,region:*\n",
        "meter.csv": "# remark\n\n+1h,hold_return,BPTM-000011\n",
        "region.csv": "+1h,hold_return,region:Atlantis\n",
        "empty.csv": "",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return {name: str(folder / name) for name in texts}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--meters", "0"), "--meters is 0, expected 1 to 11000"),
        (("--meters", "11001"), "--meters is 11001, expected 1 to 11000"),
        (("--meters", "many"), '--meters: unable to convert "many" into int'),
        (("--speed", "0"), "--speed is 0, expected more than 0"),
        (("--speed", "-3"), "--speed is -3, expected more than 0"),
        (("--speed", "nan"), "--speed is nan, expected more than 0"),
        (("--seed", "-1"), "--seed is -1, expected 0 to"),
        (("--port", "99999"), "--port is 99999, expected 1 to 65535"),
        (("--json",), "add --headless"),
        (("--event", "mars-2031"), "neither a file nor a shipped event (pge-2019-10-26)"),
        (("--event", "@not-csv.csv"), "not-csv.csv"),
        (("--from", "yesterday"), "--from is 'yesterday', expected an ISO time"),
        (("--from", "1999-01-01"), "--from is 1999-01-01, outside the event"),
        (("--until", "+900h"), "--until is +900h, expected after the start and not after the end"),
        (("--until", "+0h"), "--until is +0h, expected after the start"),
        (("--script", "@missing.csv"), "cannot be read (No such file or directory)"),
        (("--script", "@late.csv"), "late.csv: line 1: expected at within the run"),
        (("--script", "@action.csv"), "line 2: expected action hold_return or allow_return, found 'open_everything'"),
        (("--script", "@meter.csv"), "line 3: expected a meter from BPTM-000001 to BPTM-000010, found 'BPTM-000011'"),
        (("--script", "@region.csv"), "line 1: expected region:* or region: and one of"),
        (("--script", "@empty.csv"), "holds no command"),
        (("--data", "/dev/null"), "/dev/null is not a directory"),
        (("--data", "/dev/null/below"), "cannot be made"),
        (("--nats-url", "nats://127.0.0.1:1"), "belong together"),
        (("--warp", "9"), "--warp"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    """Exit status 2, one line that holds the value seen, nothing on standard output, no data directory."""
    folder = tmp_path / "inputs"
    folder.mkdir()
    _files(folder)
    given = [str(folder / word[1:]) if word.startswith("@") else word for word in words]
    meters = () if "--meters" in given else ("--meters", "10")
    data = () if "--data" in given else ("--data", str(tmp_path / "data"))
    said = bptm("up", *meters, *data, *given)
    assert said.returncode == 2, said.stderr
    assert said.stdout == ""
    assert said.stderr.startswith("bptm: ")
    assert said.stderr.count("\n") == 1
    assert sentence in said.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["restore", "device"])
def test_unfinished_subcommand_says_so(name: str) -> None:
    """Named in --help as not built yet; exit status 2 whatever its words are."""
    assert f"{name} " in bptm("--help").stdout
    said = bptm(name, "--anything", "at all")
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith(f"bptm: bptm {name} is not built yet")


def test_place_that_takes_no_directory_is_refused() -> None:
    """/proc is a directory in which not even root can make one."""
    refused = bptm("up", "--data", "/proc/bptm")
    assert refused.returncode == 2
    assert "data directory /proc/bptm cannot be" in refused.stderr
    assert refused.stderr.count("\n") == 1
