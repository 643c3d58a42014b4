"""Weather: shipped climates against a typical year, the three formats, and what a bad file is told."""

import gzip
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from bptm.twin.fleet_plan import SETTLE_H, FleetError
from bptm.twin.weather import CLIMATES, climate_weather, load_weather, upright_sun
from bptm.twin.weather_files import HOURS, Hours

SACRAMENTO = Path(__file__).parents[3] / "shared" / "data" / "weather" / "CA-Sacramento.tmy2.gz"
JULY = datetime(2025, 7, 15)  # noqa: DTZ001 - local standard time
HEADER = "time,outdoor_c,sun_w_per_m2"


def tmy2_line(month: int, day: int, hour: int, sun: int, tenths_c: int) -> str:
    """A line of TMY2 with what is read of it; the rest is filler."""
    line = [" "] * 142
    line[1:9] = f"67{month:02d}{day:02d}{hour:02d}"
    line[17:21] = f"{sun:4d}"
    line[23:27] = f"{0:4d}"
    line[29:33] = f"{sun:4d}"
    line[67:71] = f"{tenths_c:4d}"
    return "".join(line)


def test_a_tmy2_file_is_read_where_its_manual_says(tmp_path: Path) -> None:
    """Temperature belongs to the hour's end, sun to its mean: at 13:00 the mean of the hours before and after."""
    lines = [" 99999 NOWHERE", *(tmy2_line(7, 15, hour, 50 * hour, 10 * hour + 5) for hour in range(1, 25))]
    file = tmp_path / "a.tmy2"
    file.write_text("\n".join(lines), encoding="utf-8")
    weather = load_weather(str(file))
    noon = weather.hour(JULY) + 13
    assert weather.outdoor_c[noon] == pytest.approx(13.5)
    # All of it diffuse: half of the sky, and a tenth from the ground.
    assert weather.sun[noon] == pytest.approx(0.6 * 675.0)
    with pytest.raises(FleetError, match="no row for 14 July"):
        weather.of_run(JULY, 3600)


def test_our_own_csv_and_a_gzipped_one_are_the_same(tmp_path: Path) -> None:
    """Values at full hours come out as written; gzip is seen by its first bytes."""
    rows = [f"2025-07-{14 + h // 24:02d}T{h % 24:02d}:00,{10 + h / 10},{h}" for h in range(48)]
    text = "\n".join([HEADER, *rows])
    plain, packed = tmp_path / "a.csv", tmp_path / "b.csv.gz"
    plain.write_text(text, encoding="utf-8")
    packed.write_bytes(gzip.compress(text.encode()))
    run = load_weather(str(plain)).of_run(JULY, 7200)
    assert run.outdoor_c[SETTLE_H] == pytest.approx(12.4)
    assert run.sun[SETTLE_H + 2] == pytest.approx(0.6 * 26.0, rel=0.03)
    assert (load_weather(str(packed)).of_run(JULY, 7200).outdoor_c == run.outdoor_c).all()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "line 1: the file is empty"),
        (b"hello\nworld\n", "line 1: 'hello' begins none of the formats"),
        (b"time,outdoor_c,sun_w_per_m2\n2025-07-15T00:00,20\n", "line 2: has 2 columns"),
        (b"time,outdoor_c,sun_w_per_m2\n2025-07-15T00:00,200,0\n", "line 2: outdoor_c is 200, expected -60 to 60"),
        (b"time,outdoor_c,sun_w_per_m2\n2025-07-15T00:00,nan,0\n", "line 2: outdoor_c is nan"),
        (b"time,outdoor_c,sun_w_per_m2\n2025-07-15T00:30,20,0\n", "line 2: time is 2025-07-15T00:30, expected a full"),
        (b"time,outdoor_c,sun_w_per_m2\nnoon,20,0\n", "line 2: time is 'noon'"),
        (b"time,outdoor_c\xff\n", "line 1: not text"),
        (
            b"a\nDate (MM/DD/YYYY),Time (HH:MM),GHI (W/m^2)\n",
            "line 2: columns DNI (W/m^2), DHI (W/m^2), Dry-bulb (C) are missing",
        ),
        ((" x\n" + tmy2_line(7, 15, 1, 0, 200) + "\n 670715").encode(), "line 3: has 7 characters"),
        ((" x\n" + tmy2_line(13, 15, 1, 0, 200)).encode(), "line 2: month 13, day 15 is no day"),
        (b"\x1f\x8bnot gzip", "cannot be read"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, raw: bytes, said: str) -> None:
    """One sentence with file, line and what is wrong."""
    file = tmp_path / "bad.csv"
    file.write_bytes(raw)
    with pytest.raises(FleetError) as caught:
        load_weather(str(file))
    assert str(file) in str(caught.value)
    assert said in str(caught.value)


def test_the_shipped_climates_have_the_normals_they_claim() -> None:
    """Mid-month highs and lows are those of the table within half a degree; no sun at midnight."""
    for climate in CLIMATES:
        weather = climate_weather(climate)
        for month in range(1, 13):
            first = weather.hour(datetime(2025, month, 15))  # noqa: DTZ001
            day_c, day_sun = weather.outdoor_c[first : first + 24], weather.sun[first : first + 24]
            assert abs(day_c.max() - climate.high_c[month - 1]) < 0.5
            assert abs(day_c.min() - climate.low_c[month - 1]) < 0.5
            assert day_sun[0] == 0.0


def test_the_shipped_california_is_near_a_typical_year_of_sacramento() -> None:
    """Oracle: NREL's typical year; monthly means within 3.5 K and a quarter of the sun."""
    if not SACRAMENTO.is_file():
        pytest.skip(f"no typical year at {SACRAMENTO}: it comes with the shared data only")
    typical, ours = load_weather(str(SACRAMENTO)), load_weather("california")
    assert typical.known.all()
    for month in range(1, 13):
        first = ours.hour(datetime(2025, month, 1))  # noqa: DTZ001
        span = slice(first, first + 28 * 24)
        assert abs(typical.outdoor_c[span].mean() - ours.outdoor_c[span].mean()) < 3.5
        assert ours.sun[span].mean() == pytest.approx(typical.sun[span].mean(), rel=0.25)


def test_warmer_weather_is_warmer_and_cold_water_follows_late() -> None:
    """A shift moves every hour; mains water is coldest after the coldest air."""
    ours = load_weather("north-carolina")
    assert np.allclose(ours.warmer(5.0).outdoor_c - ours.outdoor_c, 5.0)
    water = ours.water_c
    assert 20 < int(water.argmin()) < 75
    assert 4.0 < water.min() < water.max() < 28.0


def test_upright_glass_gets_what_geometry_says() -> None:
    """Oracle: the four walls one by one, by each hour's angle of incidence, for direct and diffuse sun of a file."""
    hours = Hours()
    at = np.arange(HOURS)
    hours.latitude, hours.beam, hours.diffuse = 38.0, np.full(HOURS, 800.0), np.full(HOURS, 100.0)
    ours = upright_sun(hours)
    for hour in (15 * 24 + 12, 196 * 24 + 9, 196 * 24 + 17, 300 * 24 + 14):
        declination = np.radians(23.45) * np.sin(2 * np.pi * (285 + hour // 24) / 365)
        angle, latitude = np.radians(15.0 * (hour % 24 - 12)), np.radians(38.0)
        east = -np.cos(declination) * np.sin(angle)
        north = np.cos(latitude) * np.sin(declination) - np.sin(latitude) * np.cos(declination) * np.cos(angle)
        walls = [np.sin(a) * east + np.cos(a) * north for a in np.linspace(0, 2 * np.pi, 360, endpoint=False)]
        direct = 800.0 * float(np.mean(np.maximum(walls, 0.0)))
        assert ours[hour] == pytest.approx(direct + 50.0, rel=0.005)
    assert (ours[at % 24 == 0] == 50.0).all()
