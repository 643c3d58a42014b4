"""The exported controller: compiles clean, runs clean, and is the same controller."""

import subprocess
from pathlib import Path

import pytest

from bptm.assurance.c_export import c_files
from bptm.assurance.firmware import FirmwareError, export, read_core
from bptm.assurance.runtimes import build_replay, c_compiler, replay_in_cpython
from bptm.assurance.vectors_format import whole_digest, write_file
from bptm.assurance.vectors_make import make_run

STRICT = ("-Wpedantic", "-Wshadow", "-Wdouble-promotion", "-Wstrict-prototypes")
ANALYSE = ("-fanalyzer",)
SANITIZE = ("-g", "-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all")
RUNS = 24
TICKS = 6000


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small set."""
    folder = tmp_path_factory.mktemp("vectors")
    write_file(folder, [make_run(3, run, TICKS)[0] for run in range(RUNS)])
    return folder


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped controller's replay, compiled once: nine seconds that most tests here can share."""
    return build_replay(read_core(), tmp_path_factory.mktemp("plain"), ())


def printed(program: Path, *words: str) -> str:
    return subprocess.run([program, *words], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.slow
def test_the_command_of_the_manual_prints_the_hash_of_cpython(tmp_path: Path, vectors: Path) -> None:
    """ISSUE: cc -std=c99 DIR/*.c -lm -o replay && ./replay VECTORS, word for word."""
    export(tmp_path / "c")
    subprocess.run(f"{c_compiler()} -std=c99 c/*.c -lm -o replay", shell=True, cwd=tmp_path, check=True)  # noqa: S602
    expected = replay_in_cpython(read_core(), vectors, RUNS, 1)
    assert printed(tmp_path / "replay", str(vectors)) == whole_digest([whole for whole, _modes in expected])
    modes = whole_digest([modes for _whole, modes in expected if modes])
    assert printed(tmp_path / "replay", str(vectors), "modes") == modes


@pytest.mark.slow
def test_with_32_bit_floats_modes_and_timers_are_the_same(tmp_path: Path, vectors: Path, replay: Path) -> None:
    """DECISION-0002: runs whose values stay away from thresholds; everything else may differ, and does."""
    single = build_replay(read_core(), tmp_path / "single", (*STRICT, "-DBPTM_REAL=float"))
    assert printed(single, str(vectors), "modes") == printed(replay, str(vectors), "modes")
    assert printed(single, str(vectors)) != printed(replay, str(vectors))


@pytest.mark.slow
def test_it_runs_clean_under_sanitizers(tmp_path: Path, vectors: Path, replay: Path) -> None:
    """Address, undefined behaviour and float casts: nothing found, same hash."""
    watched = build_replay(read_core(), tmp_path / "watched", SANITIZE)
    assert printed(watched, str(vectors)) == printed(replay, str(vectors))


@pytest.mark.slow
@pytest.mark.parametrize("real", ["double", "float"])
def test_the_static_analyser_finds_nothing(tmp_path: Path, real: str) -> None:
    """With gcc: -fanalyzer with every warning an error; another compiler has no such flag and is not asked."""
    version = subprocess.run([c_compiler(), "--version"], capture_output=True, text=True, check=True).stdout
    if "Free Software Foundation" not in version:
        pytest.skip("the compiler is not gcc")
    build_replay(read_core(), tmp_path, (*ANALYSE, f"-DBPTM_REAL={real}"))


def test_the_core_has_no_heap_and_no_stdio() -> None:
    """Only the replay reads files and takes memory."""
    for name, text in c_files(read_core()).items():
        for word in ("malloc", "realloc", "free(", "stdio.h", "stdlib.h", "printf", "goto"):
            assert word not in text, f"{name} has {word}"


def test_every_module_of_the_controller_is_exported() -> None:
    """A .c and a .h for each file of the room, and the settings with their defaults."""
    files = c_files(read_core())
    room = Path(__file__).parents[2] / "src/bptm/controller"
    modules = [file.stem for file in room.glob("[!_]*.py")]
    assert len(modules) >= 7
    for module in modules:
        assert {f"{module}.c", f"{module}.h"} <= files.keys()
    assert ".lost_deep_v = BPTM_R(84.0), /* 60.0 to 96.0 V; ITIC 70 % corner */" in files["core_settings.c"]


@pytest.mark.slow
def test_a_changed_guard_changes_the_hash(tmp_path: Path, vectors: Path, replay: Path) -> None:
    """The vectors see a broken translation: one comparison of the exported interlock, the other way round."""
    export(tmp_path)
    file = tmp_path / "interlock.c"
    text = file.read_text()
    changed = text.replace("k->t_bus_dead >= dead_ticks_needed", "k->t_bus_dead > dead_ticks_needed")
    assert changed != text
    file.write_text(changed)
    sources = sorted(path.name for path in tmp_path.glob("*.c"))
    subprocess.run([c_compiler(), "-std=c99", *sources, "-lm", "-o", "replay"], cwd=tmp_path, check=True)
    assert printed(tmp_path / "replay", str(vectors)) != printed(replay, str(vectors))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "no vectors file"), (b"BPTMVEC1" + bytes(36), "other records"), (b"other" * 30, "no vectors file")],
)
def test_the_replay_refuses_what_is_no_vectors_file(tmp_path: Path, replay: Path, content: bytes, word: str) -> None:
    """One sentence and status 2."""
    (tmp_path / "vectors.bin").write_bytes(content)
    done = subprocess.run([replay, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert word in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_a_cut_file_is_refused(tmp_path: Path, vectors: Path, replay: Path) -> None:
    """Half of the bytes: no crash, no hash."""
    content = (vectors / "vectors.bin").read_bytes()
    (tmp_path / "vectors.bin").write_bytes(content[: len(content) // 2])
    done = subprocess.run([replay, tmp_path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cut off" in done.stderr


@pytest.mark.slow
def test_export_leaves_strange_c_files_alone(tmp_path: Path) -> None:
    """`cc DIR/*.c` would compile them too: refused, with the name; exporting twice is no problem."""
    export(tmp_path)
    export(tmp_path)
    (tmp_path / "other.c").write_text("int x;\n")
    with pytest.raises(FirmwareError, match=r"other\.c"):
        export(tmp_path)
