"""Tables inside explanations are current and right; an origin gets no more trust than the book of facts gives it."""

import math
import re
import subprocess
import sys

import pytest
import settings_book
from decay_picture import TAUS_MS, plant_decay
from make_explanations import ExplanationError, decay_table, defaults, filled, gap_table
from settings_book import Setting, groups, groups_of, marks_in, seconds, shown, trust
from tidy_tree import ROOT

SCRIPT = ROOT / "scripts" / "make_explanations.py"
BOOK = """
## 1.3 Timers

- Loss of the source: 0.80 per unit for 3 s. A dip is ignored for 15 s [S25f] *(weak)*.
- Flapping: 30 min [OK], [D].

## 2.9 Ours

A number of our own: 7 s.

| H22 | solar | element 32: 2 % for 2 s |
"""


def setting(source: str, *, unit: str = "ticks", default: float = 360) -> Setting:
    """A setting with this origin."""
    return Setting(name="x", unit=unit, meaning="", default=default, lowest=0, highest=9, source=source)


def test_tables_and_picture_of_the_explanations_are_current() -> None:
    """DOCS: defaults, dead time and open transition show what the settings are now."""
    done = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, check=False, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_a_page_that_leaves_out_a_group_or_asks_for_another_is_refused() -> None:
    """Each group of settings has its paragraph; a table that does not exist is named."""
    page = (ROOT / "docs" / "explanation" / "defaults.md").read_text(encoding="utf-8")
    with pytest.raises(ExplanationError, match="write why for the settings of `Interlock`"):
        filled("defaults.md", page.replace("<!-- made: Interlock -->", "<!-- gone -->"))
    with pytest.raises(ExplanationError, match="there is no table `Weather`"):
        filled("x.md", "<!-- made: Weather -->\n<!-- end -->")


def test_the_decay_is_an_exponential_and_the_table_is_its_closed_form() -> None:
    """Ln 4 time constants to a quarter, ln 10 to a tenth, then the dead time; the plant's motor has 100 ms."""
    curve = plant_decay()
    (start_ms, start), (later_ms, later) = curve[0], curve[10]
    assert start == pytest.approx(0.7)
    assert (later_ms - start_ms) / math.log(start / later) == pytest.approx(99.94, abs=0.1)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in decay_table().splitlines()[2:]]
    assert len(rows) == len(TAUS_MS)
    wait_ms = defaults()["dead_time_ticks"] * 1000 / 120
    for row, tau_ms in zip(rows, TAUS_MS, strict=True):
        assert row[0] == f"{tau_ms} ms"
        assert float(row[1].split()[0]) == pytest.approx(math.log(4) * tau_ms, abs=0.5)
        assert float(row[3].split()[0]) == pytest.approx(math.log(10) * tau_ms + wait_ms, abs=0.5)


def test_no_transfer_is_as_short_as_what_computers_ride_through() -> None:
    """The claim of the page: at the defaults and at the lowest dead time too, every way takes longer than 20 ms."""
    lowest = next(s for g in groups_of("core_settings") for s in g.settings if s.name == "dead_time_ticks").lowest
    assert lowest * 1000 / 120 > 20
    assert all(float(ms) > 0.02 for ms in re.findall(r"\| (\d\.\d\d)-", gap_table()))
    assert len(re.findall(r"\| (\d\.\d\d)-", gap_table())) == 4


@pytest.mark.parametrize(
    ("ticks", "words"),
    [(1, "8.33 ms"), (60, "500 ms"), (1260, "10.5 s"), (7200, "60 s"), (36000, "5 min"), (432000, "1 h"), (3, "25 ms")],
)
def test_ticks_are_shown_as_people_say_times(ticks: int, words: str) -> None:
    """1/120 s each."""
    assert seconds(ticks) == words


def test_volts_have_their_per_unit_value_and_small_ones_have_none() -> None:
    """On 120 V."""
    assert shown(setting("", unit="V"), 84.0) == "84 V, 0.7 pu"
    assert shown(setting("", unit="V"), 3.0) == "3 V"
    assert shown(setting("", unit="A"), 30.0) == "30 A"


@pytest.mark.parametrize(
    ("given", "mark"),
    [
        (setting("own choice: why not"), "own choice"),
        (setting("ITIC 70 % corner"), "[S42a]"),
        (setting("domain.md 1.3"), "own choice"),
        (setting("domain.md 1.3", default=1800), "[S25f] weak"),
        (setting("domain.md 1.3", default=216000), "[OK], [D]"),
        (setting("domain.md 1.3", default=120), "as 1.3"),
        (setting("domain.md 2.9", default=120), "own choice"),
        (setting("domain.md H22", default=240), "own choice"),
        (setting("domain.md 7.7"), "not marked"),
        (setting("somebody said so"), "not marked"),
    ],
)
def test_an_origin_has_the_mark_of_the_sentence_that_states_its_number(given: Setting, mark: str) -> None:
    """The sentence with this very number decides; a section without it lends none of its marks."""
    assert trust(given, BOOK) == mark


def test_a_number_is_not_found_inside_another() -> None:
    """3 s does not stand in 13 s, nor 0.80 in 10.80."""
    assert marks_in(setting("", default=360), "It takes 13 s [OK].") is None
    assert marks_in(setting("", unit="V", default=96.0), "About 10.80 [OK].") is None


def test_every_setting_of_the_core_has_a_mark() -> None:
    """DOCS: no origin without a mark of trust; every group has a heading of its own."""
    book = settings_book.BOOK.read_text(encoding="utf-8")
    bare = [s.name for group in groups() for s in group.settings if trust(s, book) == "not marked"]
    assert not bare, f"say `own choice: why`, or cite a marked fact, for {bare}"
    headings = [(group.module, group.heading) for group in groups()]
    assert len(set(headings)) == len(headings)
