"""Measured loads: a table of powers becomes steps of a setting, adds up with others, and is refused by line."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from bptm.twin.bench.controllers import CONTROLLERS, SHIPPED
from bptm.twin.bench.faults import ScenarioError
from bptm.twin.bench.loads import steps_of, with_loads
from bptm.twin.bench.placing import placed, runs_of
from bptm.twin.bench.play import play
from bptm.twin.bench.reading import read_scenario
from bptm.twin.bench.reading_loads import LINES_TOLD_MAX, LOAD_BYTES_MAX, LOAD_ROWS_MAX
from bptm.twin.bench.scenario import Scenario

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "loads-ochre"
TABLE = "Seconds,oven_kw,fan_w\n0,0,100\n1,2.5,100\n2,2.5,\n3,1.0,\n4,0,\n"
HEAD = 'title = "A kitchen"\nduration_s = 6\n[premise]\nresistive_l12_w = 400\n'
LOAD = """[[load]]
file = "kitchen.csv"
column = "oven_kw"
unit = "kW"
onto = "resistive_l12_w"
at_s = 1.0
"""


def folder(tmp_path: Path, scenario: str, table: str = TABLE) -> Path:
    """A scenario's folder with a table of powers in it."""
    (tmp_path / "scenario.toml").write_text(scenario)
    (tmp_path / "kitchen.csv").write_text(table)
    return tmp_path


def read(tmp_path: Path, scenario: str, table: str = TABLE) -> Scenario:
    """The scenario of such a folder."""
    return read_scenario(folder(tmp_path, scenario, table))


def told(tmp_path: Path, scenario: str, table: str = TABLE) -> list[str]:
    """Every fault of such a folder, without its path."""
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, scenario, table)
    return [fault.sentence().replace(f"{tmp_path}/", "") for fault in caught.value.faults]


def steps(scenario: Scenario, name: str = "resistive_l12_w") -> list[tuple[float, float]]:
    """Steps of one setting, rounded."""
    found = steps_of(scenario)[name]
    return [(round(t, 6), round(w, 6)) for t, w in zip(found.times_s.tolist(), found.watts.tolist(), strict=True)]


def test_a_record_becomes_steps_on_top_of_what_the_setting_has(tmp_path: Path) -> None:
    """Each row until the next, equal ones merged, and 0 W of it where it ends."""
    assert steps(read(tmp_path, HEAD + LOAD)) == [(0, 400), (2, 2900), (4, 1400), (5, 400)]


def test_loads_onto_one_setting_add_up_with_each_other_and_with_changes(tmp_path: Path) -> None:
    """Two ovens a second apart, one of them of half the power, while the setting's own power is taken away."""
    second = LOAD.replace("at_s = 1.0", "at_s = 2.0\nscale = 0.5")
    change = "[[at]]\nat_s = 3.5\npremise.resistive_l12_w = 0\nutility.utility_v = 118\n"
    scenario = read(tmp_path, HEAD + LOAD + second + change)
    assert steps(scenario) == [(0, 400), (2, 2900), (3, 4150), (3.5, 3750), (4, 2250), (5, 500), (6, 0)]
    (kept,) = [change for change in with_loads(scenario) if "utility" in change.values]
    assert dict(kept.values["premise"]) == {}


def test_a_record_longer_than_the_run_is_cut_at_its_end(tmp_path: Path) -> None:
    """And so are changes that would fall there."""
    scenario = read(tmp_path, HEAD.replace("duration_s = 6", "duration_s = 3") + LOAD)
    assert steps(scenario) == [(0, 400), (2, 2900)]
    assert max(change.sample for change in placed(with_loads(scenario))) == 2 * 7680


def test_a_record_may_begin_in_its_middle_and_end_with_blank_cells(tmp_path: Path) -> None:
    """`from_s`, and a column that ends before others do: its last row lasts as long as the one before."""
    assert steps(read(tmp_path, HEAD + LOAD + "from_s = 2.5\n")) == [(0, 400), (1, 2900), (1.5, 1400), (2.5, 400)]
    fan = LOAD.replace("oven_kw", "fan_w").replace("kW", "W")
    assert steps(read(tmp_path, HEAD + fan)) == [(0, 400), (1, 500), (3, 400)]


def test_a_packed_table_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """As NREL packs them."""
    home = folder(tmp_path, HEAD + LOAD.replace("kitchen.csv", "kitchen.csv.gz"))
    (tmp_path / "kitchen.csv.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf" + TABLE.encode()))
    assert steps(read_scenario(home))[1] == (2, 2900)


def test_a_label_moves_its_load_and_what_follows(tmp_path: Path) -> None:
    """In a sweep of its instant."""
    text = HEAD + LOAD + 'label = "the oven"\n[sweep]\npath = "the oven.at_s"\nvalues = [0.5, 1.5]\n'
    runs = [steps(one)[1] for _value, one in runs_of(read(tmp_path, text))]
    assert runs == [(1.5, 2900), (2.5, 2900)]


def test_a_resistive_load_takes_the_power_of_its_record_and_its_energy(tmp_path: Path) -> None:
    """On a stiff utility of 120 V: 2.5 kW for 2 s and 1 kW for 1 s are 1.667 Wh on top of 400 W for 6 s."""
    stiff = "[utility]\nutility_v = 120\nfeeder_ohm = 0.0001\nfeeder_x_ohm = 0.0001\nwinding_ohm = 0.0001\n"
    stiff += "winding_x_ohm = 0.0001\ndrop_ohm = 0.0001\ndrop_x_ohm = 0.0001\nneutral_ohm = 0.0001\n"
    quiet = "resistive_l1_w = 0\nresistive_l2_w = 0\nelectronic_l1_w = 0\nelectronic_l2_w = 0\n"
    scenario = read(tmp_path, HEAD + quiet + stiff + LOAD)
    (run,) = play(scenario, (), CONTROLLERS[SHIPPED]).runs
    load_w = run.quantity("load_w")
    assert load_w[120 * 3 : 120 * 4 - 1].mean() == pytest.approx(2900.0, rel=2e-3)
    assert load_w[120 * 4 + 1 : 120 * 5 - 1].mean() == pytest.approx(1400.0, rel=2e-3)
    energy_wh = float(np.sum(load_w)) / 120.0 / 3600.0
    assert energy_wh == pytest.approx((2.5e3 * 2 + 1e3 + 400.0 * 6) / 3600.0, rel=2e-3)


@pytest.mark.parametrize(
    ("load", "words"),
    [
        (LOAD.replace("oven_kw", "owen_kw"), "scenario.toml:7: load.column: found 'owen_kw'"),
        (LOAD.replace("oven_kw", "oven_w"), "Write oven_kw if you mean that"),
        (LOAD.replace("kW", "kw"), 'scenario.toml:8: load.unit: found \'kw\', needs "kW" or "W"'),
        (LOAD.replace('unit = "kW"\n', ""), "scenario.toml:5: load: found no unit"),
        (LOAD.replace("resistive_l12_w", "motor_a_w"), "call for it with motor_a_on"),
        (LOAD.replace("resistive_l12_w", "thermostat_w"), "A thermostat switches by itself"),
        (LOAD.replace("at_s = 1.0", "at_s = 6"), "load.at_s: found 6 s, needs less than duration_s, 6 s"),
        (LOAD + "scale = 0\n", "load.scale: found 0, needs 1e-06 to 1000"),
        (LOAD + "from_s = 9\n", "load.from_s: found 9 s, needs less than 5 s"),
        (LOAD + "from_s = 4\n", "found 0 W in column 'oven_kw' from 4 s on"),
        (LOAD + 'label = "start"\n', "load.label: found 'start'"),
        (LOAD + "[[load]]\nonto = 3\n", "load.onto: found 3, needs a text in quotes"),
        (LOAD.replace("kitchen.csv", "kitchn.csv"), "load.file: found 'kitchn.csv', needs a file"),
        (LOAD + LOAD + "scale = 20\n", "found 52900 W on resistive_l12_w at 2 s"),
        (
            LOAD + "scale = 21\n",
            "kitchen.csv:3: oven_kw: found 52500 W, and 1 more lines too high, needs at most 50000",
        ),
        (LOAD + "[[at]]\nat_s = 2\nramp_s = 1\npremise.resistive_l12_w = 9\n", "a ramp of resistive_l12_w"),
        ("load = 3\n", "load: found 3, needs tables [[load]]"),
    ],
)
def test_a_load_that_cannot_be_played_is_refused(tmp_path: Path, load: str, words: str) -> None:
    """With the line of the scenario, or of the table."""
    text = load + HEAD if load.startswith("load") else HEAD + load
    assert any(words in sentence for sentence in told(tmp_path, text)), told(tmp_path, text)


def test_every_bad_value_of_a_table_is_told_with_its_line(tmp_path: Path) -> None:
    """No number, less than 0, times that do not rise, and a gap: all of them at once."""
    table = "time_s,oven_kw\n0,1\n1,many\n2,-3\n2.5,\n2.5,1\n2.4,1\n,1\n3,nan\n"
    found = told(tmp_path, HEAD + LOAD, table)
    assert [sentence.split(", needs")[0] for sentence in found] == [
        "kitchen.csv:3: oven_kw: found 'many'",
        "kitchen.csv:4: oven_kw: found '-3'",
        "kitchen.csv:5: oven_kw: found a blank cell",
        "kitchen.csv:7: time: found '2.4'",
        "kitchen.csv:8: time: found ''",
        "kitchen.csv:9: oven_kw: found 'nan'",
    ]


def test_bad_lines_without_end_are_counted(tmp_path: Path) -> None:
    """The first of them one by one."""
    table = "time_s,oven_kw\n" + "".join(f"{n},x\n" for n in range(100))
    found = told(tmp_path, HEAD + LOAD, table)
    assert len(found) == LINES_TOLD_MAX + 1
    assert "found 80 more bad values, the last in line 101" in found[-1]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (b"", "found 'none' as the columns"),
        (b"t,oven_kw\n0,1\n1,1\n", "needs one column time_s or Seconds"),
        (b"time_s,oven_kw\n0,1\n", "found 1 rows with a power, needs at least 2"),
        (b"time_s,oven_kw,oven_kw\n0,1,2\n1,1,2\n", "Name each column once there"),
        (b"\xff\xfe\x00", "a file that cannot be read"),
        (b"\x1f\x8b\x08\x00cut off", "a file that cannot be read"),
        (b'time_s,oven_kw\n0,"1\n', "a CSV with commas"),
        (b"time_s,oven_kw\n" + b"".join(b"%d,1\n" % n for n in range(LOAD_ROWS_MAX + 1)), "200001 rows in kitchen.csv"),
        (gzip.compress(b"0" * (LOAD_BYTES_MAX + 1)), "needs at most 20000000 bytes, unpacked"),
    ],
    ids=["empty", "no-time", "one-row", "twice", "no-text", "cut", "quote", "rows", "bomb"],
)
def test_a_table_that_is_none_is_refused_in_words(tmp_path: Path, table: bytes, words: str) -> None:
    """Whatever stands in it, and however much."""
    home = folder(tmp_path, HEAD + LOAD)
    (tmp_path / "kitchen.csv").write_bytes(table)
    with pytest.raises(ScenarioError) as caught:
        read_scenario(home)
    assert any(words in fault.sentence() for fault in caught.value.faults), str(caught.value)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the measured loads of ../shared/data are not here")
def test_a_measured_dryer_is_played_as_it_was_measured(tmp_path: Path) -> None:
    """NREL's dryer at 0.2 s, its first ten seconds: each row's kilowatts, and 5.516 kW at the most."""
    file = SHARED / "clothes_dryer_events_0p2s.csv.gz"
    text = HEAD.replace("duration_s = 6", "duration_s = 10").replace("400", "0")
    text += LOAD.replace("kitchen.csv", str(file)).replace("oven_kw", "Dryer_high_heat_1").replace("1.0", "0")
    found = steps_of(read(tmp_path, text))["resistive_l12_w"]
    with gzip.open(file, "rt", encoding="utf-8-sig") as lines:
        head, *rows = [line.split(",") for line in lines]
    column = head.index("Dryer_high_heat_1")
    expected = [1000.0 * float(row[column]) for row in rows[:51]]
    at = np.searchsorted(found.times_s, np.arange(51) * 0.2 + 1e-6, side="right") - 1
    assert found.watts[at].tolist() == pytest.approx(expected)
    assert float(found.watts.max()) == pytest.approx(5515.576, abs=0.01)
