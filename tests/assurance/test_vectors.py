# ruff: noqa: D105  comparisons and sums of a watched real need no words
"""Golden vectors: seeded, exact in every runtime, and far enough that they reach every mode and cause."""

from collections import Counter
from types import ModuleType
from typing import Any, ClassVar

import pytest

from bptm.assurance import replay_plain
from bptm.assurance.firmware import VectorsReport
from bptm.assurance.replay_plain import FLAG_OBSERVED, FLAG_SINGLE_FLOAT, replay_run
from bptm.assurance.vectors_format import SLOT_OF, RunWriter, coarse, fine, read_file, write_file
from bptm.assurance.vectors_make import TOLD_EVERY_RUNS, Coverage, make_run, make_runs
from bptm.assurance.vectors_observed import OBSERVED_STORIES
from bptm.assurance.vectors_reach import NOT_IN_A_RUN, is_no_code, observed_codes, reached_names
from bptm.terms import core_advice, core_diagnosis, core_guide


def test_the_same_seed_makes_the_same_runs_however_the_work_is_shared() -> None:
    """Seed, number and longest length decide; another seed gives others."""
    one, _reached = make_runs(5, 9, 3000, 1)
    two, _reached = make_runs(5, 9, 3000, 2)
    other, _reached = make_runs(6, 9, 3000, 1)
    assert [run.ops for run in one] == [run.ops for run in two]
    assert [run.ops for run in one] != [run.ops for run in other]


def test_runs_keep_to_their_longest_length_and_stride() -> None:
    """At most so many ticks, some runs by single ticks, some by long strides."""
    runs = [make_run(1, run, 5000)[0] for run in range(30)]
    assert max(run.ticks for run in runs) <= 5000
    assert any(run.ticks > 4 * run.records for run in runs)
    assert any(run.ticks <= run.records for run in runs)


def test_a_file_gives_back_what_was_written(tmp_path: Any) -> None:
    """Operations, records and flags of every run; strange bytes are refused in one sentence."""
    runs = [make_run(1, run, 2000)[0] for run in range(5)]
    write_file(tmp_path, runs)
    assert [(r.ops, r.records, r.flags) for r in read_file(tmp_path)] == [(r.ops, r.records, r.flags) for r in runs]
    assert len(replay_plain.replay(str(tmp_path), 1, 4)) == 3
    (tmp_path / "vectors.bin").write_bytes(b"nothing")
    with pytest.raises(replay_plain.VectorsError, match="no vectors file"):
        replay_plain.replay(str(tmp_path), 0, 1)


def test_a_value_that_runtimes_might_read_differently_is_not_written() -> None:
    """Reals are multiples of a power of two; 105.6 is one of 2^-46, 0.1 is not."""
    writer = RunWriter()
    writer.set(SLOT_OF["utility_l1_v"], 105.6)
    writer.set(SLOT_OF["utility_l1_v"], coarse(0.1))
    with pytest.raises(ValueError, match="multiple"):
        writer.set(SLOT_OF["utility_l1_v"], 0.1)
    assert fine(105.6) == 105.6


class Watched(float):
    """A real that remembers how near a comparison came to equality without being equal."""

    nearest: ClassVar[dict[str, float]] = {}
    __slots__ = ()

    def _near(self, other: float) -> None:
        gap = abs(float(self) - float(other)) / max(abs(float(self)), abs(float(other)), 1e-300)
        if gap > 0:
            Watched.nearest["gap"] = min(Watched.nearest.get("gap", 1.0), gap)

    def __lt__(self, other: float) -> bool:
        self._near(other)
        return float(self) < float(other)

    def __gt__(self, other: float) -> bool:
        self._near(other)
        return float(self) > float(other)

    def __ge__(self, other: float) -> bool:
        self._near(other)
        return float(self) >= float(other)

    def __le__(self, other: float) -> bool:
        self._near(other)
        return float(self) <= float(other)

    def __add__(self, other: float) -> "Watched":
        return Watched(float(self) + float(other))

    def __sub__(self, other: float) -> "Watched":
        return Watched(float(self) - float(other))

    def __mul__(self, other: float) -> "Watched":
        return Watched(float(self) * float(other))

    def __neg__(self) -> "Watched":
        return Watched(-float(self))

    __radd__ = __add__
    __rmul__ = __mul__


def test_runs_for_32_bit_floats_stay_away_from_thresholds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every comparison of reals in them is exact, or wider apart than ten roundings of a 32-bit float (6e-8 each)."""
    runs = [make_run(2, run, 8000)[0] for run in range(0, 48, 4)]
    assert all(run.flags & FLAG_SINGLE_FLOAT for run in runs)
    plain_settings = replay_plain.settings

    def watched_settings() -> Any:
        p = plain_settings()
        for name, value in list(vars(p).items()):
            if isinstance(value, float):
                setattr(p, name, Watched(value))
        return p

    def watched_setattr(target: Any, name: str, value: Any) -> None:
        object.__setattr__(target, name, Watched(value) if type(value) is float else value)

    monkeypatch.setattr(replay_plain, "settings", watched_settings)
    monkeypatch.setattr(replay_plain.Record, "__setattr__", watched_setattr, raising=False)
    Watched.nearest.clear()
    for run in runs:
        replay_run(run.ops, FLAG_SINGLE_FLOAT)
    assert Watched.nearest["gap"] > 6e-7
    assert Watched.nearest["gap"] < 1, "no comparison was watched"


def test_every_code_of_the_core_is_reached_by_a_story_or_listed_with_a_reason() -> None:
    """ISSUE: all that diagnosis, advice, guide and ledger can say; a new code is asked for."""
    reached: Counter[str] = Counter()
    for number in range(len(OBSERVED_STORIES)):
        reached += make_run(1, TOLD_EVERY_RUNS * number + 1, 20_000)[1].observed
    assert [name for name in observed_codes() if not reached[name]] == []
    assert not set(NOT_IN_A_RUN) & set(reached), "reached after all: take it off the list"


@pytest.mark.parametrize("module", [core_advice, core_diagnosis, core_guide], ids=["advice", "diagnosis", "guide"])
def test_every_whole_constant_of_an_observer_is_a_code_that_is_asked_for_or_no_code(module: ModuleType) -> None:
    """No code escapes by its name: each is asked for, listed as out of reach, or listed as no code."""
    asked = {*observed_codes(), *NOT_IN_A_RUN}
    whole = [name for name, value in vars(module).items() if isinstance(value, int)]
    assert [name for name in whole if name not in asked and not is_no_code(name)] == []
    assert len(asked) > 150


def test_a_run_without_observers_reaches_none_of_their_codes() -> None:
    """The check above can fail: an ordinary day shows no finding and refuses nothing."""
    names = reached_names(RunWriter().end(flags=FLAG_OBSERVED).ops, FLAG_OBSERVED)
    assert not {name for name in names if name.startswith(("FINDING_", "GUIDE_BIT_", "BLOCK_"))}


def test_coverage_says_zero_for_what_was_not_reached() -> None:
    """The check of the set of CI (`test_runtimes`) can fail: an empty set reached nothing."""
    report = VectorsReport(
        seed=1, runs=0, ticks=0, records=0, size_bytes=0, made_in_s=0.0, coverage=Coverage(), outcomes=[]
    )
    assert set(report.reached()["modes"].values()) == {0}
    assert "CAUSE_BACKFEED" in report.reached()["causes"]
