"""What is wrong with a scenario: every fault at once, each with file, line, key, value, what is allowed, what to do."""

import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_LISTED = 24
"""So many names are listed where none is near; more are left to the reference."""

_NEAR = 0.7
"""A name is near when it shares this much: `neutral_om` with `neutral_ohm`, but not `load` with `laws`."""

_SHOWN = 60
"""Characters of a value that a fault repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a scenario; `line` is 0 where it is about the whole file."""

    file: Path
    line: int
    key: str
    found: str
    needs: str
    remedy: str

    def sentence(self) -> str:
        """For a person, on one line."""
        where = f"{self.file}:{self.line}" if self.line else f"{self.file}"
        return f"{where}: {self.key}: found {self.found}, needs {self.needs}. {self.remedy}"

    def as_json(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "file": str(self.file),
            "line": self.line,
            "key": self.key,
            "found": self.found,
            "needs": self.needs,
            "remedy": self.remedy,
        }


class ScenarioError(Exception):
    """A scenario that is not played; `faults` is never empty."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """With every fault, in the order of files and lines."""
        self.faults = tuple(sorted(faults, key=lambda fault: (str(fault.file), fault.line)))
        super().__init__("\n".join(fault.sentence() for fault in self.faults))


def nearest(word: str, known: Iterable[str], listed_in: str = "docs/reference/bench-scenario.md") -> str:
    """What to write in the place of a word that is not known: a near name, all of them, or where they stand."""
    names = [name for name in known if name]
    near = difflib.get_close_matches(word, names, n=1, cutoff=_NEAR)
    if near:
        return f"Write {near[0]} if you mean that."
    if len(names) <= _LISTED:
        return f"Known are {', '.join(names)}."
    return f"{listed_in} lists what is known."


def shown(value: object) -> str:
    """A value as it was written, cut where it is long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isnan(value):
        return "nan"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = f"{value:g}" if isinstance(value, float) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
