"""What runs have shown for the safety argument: tests by a JUnit file, laws by `bptm prove`, and of which source.

The summary is stored (docs/safety/results.json) with a hash of the source that it was made of. When the source has
changed since, the page says so at every result: an old proof is no proof.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from xml.etree import ElementTree as ET

ROOT = Path(__file__).parents[1]
STORED = ROOT / "docs" / "safety" / "results.json"
NOT_RUN = "not run"
_WORST_FIRST = ("failed", "skipped", "passed")

Json = dict[str, object]


class ResultsError(Exception):
    """A file of results that cannot be read, with the reason in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What is stored; empty where nothing was run."""

    tests: dict[str, str]
    tests_of: str
    prove: Json
    prove_of: str

    def test(self, name: str) -> str:
        """Outcome of a test, `not run` when there is none."""
        return self.tests.get(name, NOT_RUN)

    @property
    def bad(self) -> bool:
        """Whether a test failed, a law failed, or a broken controller lives."""
        return "failed" in self.tests.values() or self.prove.get("ok") is False

    def law(self, name: str) -> tuple[str, str]:
        """Method and status of a law by the last proof."""
        if not self.prove:
            return "", NOT_RUN
        if name in cast("list[str]", self.prove.get("not_shown", [])):
            return "", "not shown"
        laws = cast("list[dict[str, str]]", self.prove["laws"])
        found = next((law for law in laws if law["id"] == name), None)
        return (found["method"], found["status"]) if found else ("", "not shown")


EMPTY = Results(tests={}, tests_of="", prove={}, prove_of="")


def source_hash(root: Path = ROOT) -> str:
    """SHA-256 of the sources that the laws are about: the controller and the records, codes and settings it uses."""
    digest = hashlib.sha256()
    source = root / "src" / "bptm"
    for path in sorted([*(source / "controller").glob("*.py"), *(source / "terms").glob("core_*.py")]):
        text = path.read_bytes()
        digest.update(f"{path.name} {len(text)}\n".encode() + text)
    return digest.hexdigest()


def read_junit(path: Path, wanted: Iterable[str]) -> dict[str, str]:
    """Outcomes of the wanted tests in a JUnit file of pytest; of a test with parameters the worst.

    Raises:
        ResultsError: The file cannot be read.
    """
    try:
        root = ET.parse(path).getroot()  # noqa: S314 - a file that our own pytest has written
    except (OSError, ET.ParseError) as error:
        msg = f"{path.name}: is no JUnit file of pytest ({error})"
        raise ResultsError(msg) from error
    names = set(wanted)
    found: dict[str, str] = {}
    for case in root.iter("testcase"):
        file = case.get("classname", "").replace(".", "/") + ".py"
        name = f"{file}::{case.get('name', '').partition('[')[0]}"
        if name in names:
            before = found.get(name, _WORST_FIRST[-1])
            found[name] = min(before, _outcome(case), key=_WORST_FIRST.index)
    return found


def _outcome(case: ET.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "passed" if case.find("skipped") is None else "skipped"


_KEPT = (
    "states", "transitions", "faults", "fault_sets", "fault_sets_visited", "claim", "mutants", "not_shown", "refuted",
    "seconds", "ok",
)  # fmt: skip


def read_prove(path: Path) -> Json:
    """What the page needs of a report of `bptm prove --json`.

    Raises:
        ResultsError: The file is no such report.
    """
    try:
        raw = cast("Json", json.loads(path.read_text(encoding="utf-8")))
        laws = [
            {
                "id": law["id"],
                "method": law["method"],
                "status": law["status"],
                "links": law["links"],
            }
            for law in cast("list[Json]", raw["laws"])
        ]
        return {"laws": laws} | {key: raw[key] for key in _KEPT}
    except (OSError, ValueError, KeyError, TypeError) as error:
        msg = f"{path.name}: is no report of `bptm prove --json` ({type(error).__name__}: {error})"
        raise ResultsError(msg) from error


def load(path: Path = STORED) -> Results:
    """The stored results; empty where there are none.

    Raises:
        ResultsError: The file is there and is not ours.
    """
    if not path.exists():
        return EMPTY
    try:
        raw = cast("Json", json.loads(path.read_text(encoding="utf-8")))
        return Results(
            tests=cast("dict[str, str]", raw["tests"]),
            tests_of=str(raw["tests_of"]),
            prove=cast("Json", raw["prove"]),
            prove_of=str(raw["prove_of"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        msg = f"{path.name}: cannot be read ({error}); make it anew with `make safety`"
        raise ResultsError(msg) from error


def save(results: Results, path: Path = STORED) -> None:
    """Stores results, readable and in a fixed order."""
    content: Json = {
        "prove_of": results.prove_of,
        "prove": results.prove,
        "tests_of": results.tests_of,
        "tests": dict(sorted(results.tests.items())),
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
