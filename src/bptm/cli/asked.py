"""What people may ask for: the refusal of a command line, and checks that several commands share."""

from pathlib import Path

SEED_MAX = 2**31 - 1
PORT_MAX = 65_535


class UsageError(Exception):
    """What was asked for cannot be; the text is one sentence."""


def check_range(option: str, value: int, low: int, high: int) -> None:
    """Refuses a number outside these limits, both allowed."""
    if not low <= value <= high:
        msg = f"{option} is {value}, expected {low} to {high}"
        raise UsageError(msg)


def data_dir(path: Path) -> Path:
    """The data directory that was asked for, as an absolute path."""
    if any(not character.isprintable() for character in str(path)):
        msg = f"--data is {str(path)!r}, expected a path of printable characters"
        raise UsageError(msg)
    return path.expanduser().absolute()
