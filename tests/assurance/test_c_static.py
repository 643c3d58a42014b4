"""The exported C under other eyes: clang, cppcheck, clang's sanitizers, the linker; and the interlock by itself."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bptm.assurance.c_export import c_files
from bptm.assurance.c_replay import replay_files
from bptm.assurance.firmware import read_core
from bptm.assurance.runtimes import build_replay, c_compiler, write_tree
from bptm.assurance.vectors_format import write_file
from bptm.assurance.vectors_make import make_run

REPLAY = {"replay.c", "sha256.c"}
EVERYTHING = (
    "-Weverything",
    # C99 has declarations behind statements; that is what it is for.
    "-Wno-declaration-after-statement",
    # Records are laid out by the order of their meaning.
    "-Wno-padded",
    # The core compares reals for equality where that is meant: `x != x`, and a value that is 0 by assignment.
    "-Wno-float-equal",
)
CPPCHECK = (
    "--std=c99",
    "--enable=warning,style,performance,portability",
    "--error-exitcode=1",
    "--quiet",
    # The system's own headers are not looked into.
    "--suppress=missingIncludeSystem",
    # A first value that the source gives a name although every way gives another: Python asks for it in a loop.
    "--suppress=unreadVariable",
    # Two types of one size on this machine are not on every machine.
    "--suppress=duplicateValueTernary",
)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The C of the shipped source."""
    folder = tmp_path_factory.mktemp("c")
    write_tree(folder, c_files(read_core()) | replay_files(read_core()))
    return folder


def needs(program: str, package: str) -> str:
    """A tool's path, or the test is left out with what would bring it."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"no {program} on PATH; install it (Debian: apt-get install {package})")
    return found


def said_by(words: list[str], folder: Path) -> str:
    """What a tool prints; empty when it has nothing to say."""
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip() or ("" if done.returncode == 0 else f"status {done.returncode}")


def sources(folder: Path, *, with_replay: bool = True) -> list[str]:
    return sorted(path.name for path in folder.glob("*.c") if with_replay or path.name not in REPLAY)


@pytest.mark.slow
@pytest.mark.parametrize("real", ["double", "float"])
def test_every_warning_of_clang_is_silent(exported: Path, real: str) -> None:
    """-Weverything but three, each with its reason above: no narrowing, no implicit change of sign or kind."""
    clang = needs("clang", "clang")
    core = sources(exported, with_replay=real == "double")
    words = [clang, "-std=c99", "-Wall", "-Wextra", "-Werror", *EVERYTHING, f"-DBPTM_REAL={real}", "-fsyntax-only"]
    assert said_by([*words, *core], exported) == ""


@pytest.mark.slow
def test_a_narrowing_that_is_not_said_is_a_warning(exported: Path, tmp_path: Path) -> None:
    """The check above can fail: the same code with its casts to 32 bits left away."""
    clang = needs("clang", "clang")
    shutil.copytree(exported, tmp_path / "c")
    words = [clang, "-std=c99", "-Werror", *EVERYTHING, "-DBPTM_WATCH_NARROWING", "-fsyntax-only", "transfer.c"]
    assert "shorten-64-to-32" in said_by(words, tmp_path / "c")


@pytest.mark.slow
def test_cppcheck_finds_nothing(exported: Path) -> None:
    """Warnings, style, performance and portability, over the core and its replay."""
    assert said_by([needs("cppcheck", "cppcheck"), *CPPCHECK, *sources(exported)], exported) == ""


@pytest.mark.slow
def test_gcc_sees_no_conversion_that_may_change_a_value(exported: Path) -> None:
    """-Wconversion and -Wfloat-conversion over the core."""
    words = [c_compiler(), "-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Wfloat-conversion", "-Werror", "-O1"]
    assert said_by([*words, "-fsyntax-only", *sources(exported)], exported) == ""


@pytest.mark.slow
def test_it_runs_clean_under_clangs_sanitizers(tmp_path: Path) -> None:
    """Addresses, undefined behaviour, whole numbers that wrap or do not fit, divisions by zero; the hash of plain C.

    SHA-256 of the replay wraps on purpose and is compiled without the checks of whole numbers.
    """
    clang = needs("clang", "clang")
    write_file(tmp_path / "v", [make_run(4, run, 4000)[0] for run in range(16)])
    (tmp_path / "empty.c").write_text("int main(void) { return 0; }\n")
    if said_by([clang, "-fsanitize=address,undefined", "empty.c", "-o", "empty"], tmp_path):
        pytest.skip("clang has no sanitizers here; install them (Debian: apt-get install libclang-rt-dev)")
    plain = build_replay(read_core(), tmp_path / "plain", ())
    folder = tmp_path / "watched"
    write_tree(folder, c_files(read_core()) | replay_files(read_core()))
    every = ["-g", "-O1", "-std=c99", "-fno-sanitize-recover=all", "-DBPTM_WATCH_NARROWING"]
    both = "-fsanitize=address,undefined,float-divide-by-zero,float-cast-overflow"
    core = sources(folder, with_replay=False)
    assert said_by([clang, *every, both + ",integer", "-c", *core], folder) == ""
    objects = [name.removesuffix(".c") + ".o" for name in core]
    assert said_by([clang, *every, both, *sorted(REPLAY), *objects, "-lm", "-o", "replay"], folder) == ""
    assert said_by([str(folder / "replay"), str(tmp_path / "v")], folder) == said_by(
        [str(plain), str(tmp_path / "v")], folder
    )


def test_the_interlock_is_flashed_apart(exported: Path, tmp_path: Path) -> None:
    """Four files compile to an object that needs no symbol of anybody and includes no other part of the controller."""
    own = ("interlock.c", "interlock.h", "core_codes.h", "core_device.h", "bptm_real.h")
    for name in own:
        shutil.copy(exported / name, tmp_path)
    compiler = c_compiler()
    assert said_by([compiler, "-std=c99", "-Wall", "-Wextra", "-Werror", "-Os", "-c", "interlock.c"], tmp_path) == ""
    undefined = said_by([needs("nm", "binutils"), "--undefined-only", "interlock.o"], tmp_path)
    assert undefined == ""
    defined = said_by(["nm", "--defined-only", "--extern-only", "interlock.o"], tmp_path)
    assert "bptm_judge_orders" in defined
    # No memory of its own: nothing but code.
    assert not re.search(r" [BDCbdc] ", said_by(["nm", "interlock.o"], tmp_path))
    listed = said_by([compiler, "-std=c99", "-MM", "interlock.c"], tmp_path).replace("\\", " ").split()
    assert set(listed[1:]) <= set(own)


@pytest.mark.slow
def test_the_whole_core_needs_nothing_but_the_square_root(exported: Path, tmp_path: Path) -> None:
    """No heap, no stdio, no library but `sqrt` and what a compiler makes of copying a struct."""
    shutil.copytree(exported, tmp_path / "c")
    core = sources(tmp_path / "c", with_replay=False)
    assert said_by([c_compiler(), "-std=c99", "-O1", "-c", *core], tmp_path / "c") == ""
    objects = [name.removesuffix(".c") + ".o" for name in core]
    undefined = set(re.findall(r" U (\w+)", said_by([needs("nm", "binutils"), *objects], tmp_path / "c")))
    defined = set(re.findall(r" [TRDB] (\w+)", said_by(["nm", *objects], tmp_path / "c")))
    assert undefined - defined <= {"sqrt", "sqrtf", "memcpy", "memset", "_GLOBAL_OFFSET_TABLE_"}
