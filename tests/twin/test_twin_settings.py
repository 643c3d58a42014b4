"""`twin.toml`: read once, every wrong value named."""

import json
from pathlib import Path

import pytest

from bptm.twin.settings import SettingsError, read_settings

GOOD: dict[str, object] = {
    "data_dir": "/d", "nats_url": "nats://127.0.0.1:1", "nats_user": "twin", "nats_password": "p",
    "mqtt_host": "127.0.0.1", "mqtt_port": 8883, "ca_cert_file": "/ca", "command_cert_file": "/c",
    "headend_url": "http://127.0.0.1:1", "enrol_token_file": "/t", "event_file": "", "event_name": "e",
    "meters": 10, "seed": 1, "start_s": 100, "end_s": 200, "speed": 0.0, "headless": True, "stops_s": [150, 120, 120],
}  # fmt: skip


def written(folder: Path, values: dict[str, object]) -> Path:
    path = folder / "twin.toml"
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))
    return path


def test_a_good_file_is_read_and_its_stops_are_in_order(tmp_path: Path) -> None:
    """Every key of processes.md; stops sorted, each once."""
    settings = read_settings(written(tmp_path, GOOD))
    assert settings.stops_s == (120, 150)
    assert settings.twin_dir == Path("/d/twin")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("meters", 0, "meters is 0, expected a whole number from 1 to 11000"),
        ("meters", 11_001, "11000"),
        ("speed", -1.0, "speed is -1.0, expected a number"),
        ("seed", True, "seed is True"),
        ("headless", "yes", "expected true or false"),
        ("stops_s", [1.5], "expected a list of whole seconds"),
        ("stops_s", 3, "expected a list of whole seconds"),
        ("mqtt_host", "", "expected a text"),
        ("end_s", 100, "end_s is 100, not after start_s 100"),
    ],
)
def test_a_wrong_value_is_named_with_file_key_and_what_was_expected(
    tmp_path: Path, key: str, value: object, expected: str
) -> None:
    """One sentence: file, key, value seen, limit."""
    with pytest.raises(SettingsError) as caught:
        read_settings(written(tmp_path, GOOD | {key: value}))
    assert expected in str(caught.value)
    assert "twin.toml" in str(caught.value)


@pytest.mark.parametrize("key", sorted(GOOD))
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    """Each key alone is left out."""
    with pytest.raises(SettingsError, match=f"{key} is missing"):
        read_settings(written(tmp_path, {k: v for k, v in GOOD.items() if k != key}))


def test_no_file_and_no_toml_are_said(tmp_path: Path) -> None:
    """A missing file and garbage each give a sentence."""
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff = [")
    with pytest.raises(SettingsError, match="not TOML"):
        read_settings(tmp_path / "bad.toml")
