"""A file that cannot be written leaves what stood there; what is no file is not replaced."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bptm.whole_file import whole_file, write_whole

LIMITED = """
import resource, signal, sys
from pathlib import Path
from bptm.whole_file import write_whole
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_whole(Path(sys.argv[1]), "x" * 5000)
except OSError as error:
    print(error.filename, error.strerror)
"""
"""The kernel refuses the 1,001st byte, as a full disk does."""


def test_no_room_leaves_the_old_content_and_nothing_beside(tmp_path: Path) -> None:
    """DISK: the error names the file that was asked for."""
    page = tmp_path / "page.html"
    write_whole(page, "old, and whole: 25 \u2126")
    done = subprocess.run([sys.executable, "-c", LIMITED, page], capture_output=True, text=True, check=True)
    assert done.stdout == f"{page} File too large\n"
    assert page.read_text(encoding="utf-8") == "old, and whole: 25 \u2126"
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_an_error_of_the_writer_leaves_the_old_content(tmp_path: Path) -> None:
    """A table whose making fails half way."""
    table = tmp_path / "table.csv"
    write_whole(table, b"old")

    def fails_half_way() -> None:
        with whole_file(table) as part:
            part.write_bytes(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        fails_half_way()
    assert (table.read_bytes(), list(tmp_path.iterdir())) == (b"old", [table])


def test_a_private_file_stays_private(tmp_path: Path) -> None:
    """What the old one allowed, the new one allows."""
    page = tmp_path / "page.html"
    write_whole(page, "old")
    page.chmod(0o600)
    write_whole(page, "new")
    assert (page.read_text(encoding="utf-8"), page.stat().st_mode & 0o777) == ("new", 0o600)


def test_a_folder_that_is_not_there_is_told_by_the_files_name(tmp_path: Path) -> None:
    """The error is about what was asked for, not about the draft."""
    with pytest.raises(FileNotFoundError) as error:
        write_whole(tmp_path / "no" / "page.html", b"x")
    assert error.value.filename == str(tmp_path / "no" / "page.html")


def test_a_pipe_is_written_and_stays_and_a_link_leads_on(tmp_path: Path) -> None:
    """`--html /dev/stdout` must not replace a device."""
    pipe, real, link = tmp_path / "pipe", tmp_path / "real", tmp_path / "link"
    os.mkfifo(pipe)
    handle = os.open(pipe, os.O_RDWR)
    try:
        write_whole(pipe, b"through")
        assert os.read(handle, 7) == b"through"
    finally:
        os.close(handle)
    assert pipe.is_fifo()
    real.write_bytes(b"old")
    link.symlink_to(real)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
