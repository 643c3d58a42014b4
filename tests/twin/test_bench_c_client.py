"""The exported C on the bench over TCP: the same verdicts and the same changes of mode as ours."""

import shutil
import subprocess
from pathlib import Path

import pytest
from bench_peer import judged

from bptm.assurance.firmware import export
from bptm.twin.bench.batch import play_folder
from bptm.twin.bench.link import Limits, listen
from bptm.twin.bench.reading import SCENARIOS


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client, built as the how-to says."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler on this machine")
    home = tmp_path_factory.mktemp("firmware")
    export(home)
    sources = [str(file) for file in sorted(home.glob("*.c")) if file.name != "replay.c"]
    words = ["cc", "-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{home}", str(home / "bench/bench_client.c")]
    subprocess.run([*words, *sources, "-lm", "-o", str(home / "bench_client")], check=True)
    return home / "bench_client"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["b-fails-to-close", "broken-neutral-service", "test-passed"])
def test_the_exported_c_gives_the_same_verdicts_and_changes_of_mode(client: Path, name: str) -> None:
    """Samples as doubles, so the half-cycle of each change is the same, not nearly the same."""
    started: list[subprocess.Popen[bytes]] = []

    def start(line: str) -> None:
        host, _colon, port = line.rsplit(" ", 1)[1].partition(":")
        started.append(subprocess.Popen([client, host, port]))

    link = listen("127.0.0.1", 0, Limits(arrive_s=60.0, answer_s=60.0), start)
    theirs = judged(SCENARIOS / name, link)
    assert started[0].wait(timeout=30) == 0
    ours = play_folder(SCENARIOS / name, "bptm")
    assert theirs.controller == "bptm-c99"
    assert [run.modes() for run in theirs.runs] == [run.modes() for run in ours.runs]
    assert [v.as_json() for v in theirs.verdicts] == [v.as_json() for v in ours.verdicts]
    assert theirs.broken == ours.broken
