"""Makes docs/reference/safety.md: hazard -> safeguard -> law or test -> last result -> gaps.

python scripts/make_safety.py                     writes the page from the table and the stored results
python scripts/make_safety.py --run               proves and tests first and stores the results (`make safety`);
                                                  status 1 when a law or a test failed
python scripts/make_safety.py --prove FILE --junit FILE   stores the results of runs of the present source
python scripts/make_safety.py --check             writes nothing; status 1 and a sentence when the page is not current
"""

import argparse
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import safety_results
from safety_case import HAZARDS, ROOT, Case, Hazard, Safeguard, place_of, read_case
from safety_results import NOT_RUN, Results, ResultsError, source_hash

from bptm.assurance.mutate_judge import End

PAGE = ROOT / "docs" / "reference" / "safety.md"
MADE = "<!-- Made by scripts/make_safety.py; do not edit. The table is docs/safety/hazards.toml. -->"
_OF_ANOTHER = "of an earlier source"
_WITHOUT_ENGINES = ("-m", "not weekly and not system and not browser")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)


class Page:
    """The page of an argument and its results. `now` is the hash of the present source."""

    def __init__(self, case: Case, results: Results, now: str) -> None:
        """Takes what is argued and what is known."""
        self.case = case
        self.results = results
        self.stale_tests = bool(results.tests) and results.tests_of != now
        self.stale_prove = bool(results.prove) and results.prove_of != now

    def test_result(self, name: str) -> str:
        """Last outcome of a test."""
        outcome = self.results.test(name)
        return f"{outcome}, {_OF_ANOTHER}" if self.stale_tests and outcome != NOT_RUN else outcome

    def law_result(self, name: str) -> tuple[str, str]:
        """Method and last status of a law."""
        method, status = self.results.law(name)
        return method, f"{status}, {_OF_ANOTHER}" if self.stale_prove and status != NOT_RUN else status

    def text(self) -> str:
        """The whole page."""
        states = [hazard.state for hazard in self.case.hazards]
        parts = (
            "# Safety argument",
            MADE,
            _HOW_TO_READ.format(
                hazards=len(self.case.hazards),
                answered=states.count("answered"),
                part=states.count("in part"),
                open=states.count("open"),
                tests=len(self.case.tests),
            ),
            "## What was run",
            self.what_was_run(),
            "## Laws",
            table(("law", "in short", "shown by", "last result", "tests that cite it"), self.law_rows()),
            *self.claim(),
            "## Hazards at a glance",
            table(("hazard", "severity", "state", "laws", "tests", "last result"), map(self.glance, self.case.hazards)),
            "## Hazard by hazard",
            *(part for hazard in self.case.hazards for part in self.hazard_parts(hazard)),
            "## All gaps",
            "Also what no law and no test can close from here.",
            "\n".join(f"- **{hazard.id}** {gap}" for hazard in self.case.hazards for gap in hazard.gaps),
        )
        return "\n\n".join(parts) + "\n"

    def what_was_run(self) -> str:
        """Where the results come from, or that there are none."""
        lines: list[str] = []
        if not self.results.prove:
            lines.append("- The proof was not run.")
        else:
            prove = self.results.prove
            mutants = cast("dict[str, object]", prove["mutants"])
            old = f" These are figures {_OF_ANOTHER}: run `make safety`." if self.stale_prove else ""
            lines.append(
                f"- `bptm prove --json`: {prove['states']:,} states, {prove['transitions']:,} transitions, "
                f"{prove['fault_sets']} sets of {prove['faults']} faults by hardware, "
                f"{prove['fault_sets_visited']} of them visited; {mutants['killed']} of {mutants['made']} "
                f"broken controllers killed, the others {_survivors(mutants)}.{old}"
            )
        if not self.results.tests:
            lines.append("- The tests were not run for this page.")
        else:
            outcomes = [self.results.test(name) for name in self.case.tests]
            old = f" These are results {_OF_ANOTHER}: run `make safety`." if self.stale_tests else ""
            counts = ", ".join(
                f"{outcomes.count(o)} {o}" for o in ("passed", "failed", "skipped", NOT_RUN) if o in outcomes
            )
            lines.append(f"- `pytest` on the {len(outcomes)} tests that this page names: {counts}.{old}")
        return "\n".join(lines)

    def law_rows(self) -> list[tuple[str, ...]]:
        """One row for each law."""
        rows: list[tuple[str, ...]] = []
        for law, words in self.case.laws.items():
            method, status = self.law_result(law)
            tests = ", ".join(f"`{name.partition('::')[2]}`" for name in self.case.tests_of_laws[law])
            rows.append((law, words, method, _bold_when_bad(status), tests))
        return rows

    def claim(self) -> list[str]:
        """The claim of LAW-1 in the words of the last proof, and what it refuted."""
        if not self.results.prove:
            return []
        refuted = cast("list[str]", self.results.prove["refuted"])
        parts = [f"The claim of L1, as the proof words it: {self.results.prove['claim']}"]
        if refuted:
            parts += [
                "**Refuted in that run:**",
                "\n".join(f"- {sentence.partition(': not so in')[0]}" for sentence in refuted),
            ]
        return parts

    def glance(self, hazard: Hazard) -> tuple[str, ...]:
        """A hazard in one line."""
        outcomes = {self.results.test(name) for name in hazard.tests}
        order = ("failed", NOT_RUN, "skipped", "passed")
        worst = next((outcome for outcome in order if outcome in outcomes), "no test")
        if self.stale_tests and outcomes and worst != NOT_RUN:
            worst = f"{worst}, {_OF_ANOTHER}"
        return (
            f"[{hazard.id}](#{hazard.id.lower()}) {hazard.words}",
            str(hazard.severity),
            f"**{hazard.state}**" if hazard.state == "open" else hazard.state,
            ", ".join(hazard.laws),
            str(len(hazard.tests)),
            _bold_when_bad(worst),
        )

    def hazard_parts(self, hazard: Hazard) -> list[str]:
        """Everything about one hazard."""
        parts = [f"### {hazard.id}", f"{hazard.words}. Severity {hazard.severity}, {hazard.state}."]
        built = [guard for guard in hazard.safeguards if not guard.missing]
        if built:
            parts.append("\n".join(f"- {guard.what}{_where(guard)}" for guard in built))
        if hazard.rests_on:
            parts.append(f"Rests also on what is not software: {'; '.join(hazard.rests_on)}.")
        if hazard.laws:
            laws = [f"{law} ({self.law_result(law)[1]})" for law in hazard.laws]
            parts.append(f"Laws: {', '.join(laws)}.")
        if hazard.tests:
            parts.append("\n".join(f"- `{name}`: {self.test_result(name)}" for name in hazard.tests))
        if hazard.gaps:
            parts.append("Gaps:")
            parts.append("\n".join(f"- {gap}" for gap in hazard.gaps))
        return parts


def _survivors(mutants: dict[str, object]) -> str:
    alive = cast("list[str]", mutants["survived"])
    unexplained = [name for name in alive if not name.startswith(f"{End.EQUIVALENT.value}: ")]
    return f"not explained ({len(unexplained)})" if unexplained else "proved to do the same"


def _bold_when_bad(status: str) -> str:
    return f"**{status}**" if status.startswith(("failed", "not ")) else status


def _where(guard: Safeguard) -> str:
    code = [f"`{place_of(code)}`" for code in guard.code]
    rest = [f"`{name}`" for name in (*guard.facts, *guard.causes, *guard.settings)]
    parts = [", ".join(code), ", ".join(rest)]
    said = "; ".join(part for part in parts if part)
    return f" ({said})" if said else ""


_HOW_TO_READ = """\
What can hurt somebody, what stands against it, what shows that it does, and what is missing. {hazards} hazards:
{answered} answered without a gap that we know of, {part} in part, {open} open. A *safeguard* is code that exists, with
the facts, causes and settings it rests on; one whose fact is not set or whose setting is not read counts as not built
and stands among the gaps. A *law* is [proved, searched or sampled](../explanation/proof.md). A test that cites a hazard
or a law in its docstring is found by the script; {tests} tests are named. Severity: 4 death or fire, 3 injury or a lost
appliance, 2 a long outage, 1 a nuisance.

This is an argument about software in simulation. It certifies nothing: no contactor, sensor or board was tested, the
interlock between the contactors belongs to hardware, and *answered* means that we know of no gap, not that there is
none.
`make safety` runs the proof and the tests and writes their results here; tests that start real engines or a browser are
left to `make test` and stand here as not run."""


def run(case: Case) -> Results:
    """Runs the proof and the tests of the argument, one after the other.

    Raises:
        ResultsError: The source changed while they ran, or one of them did not get as far as a report.
    """
    before = source_hash()
    with tempfile.TemporaryDirectory() as folder:
        proved, tested = Path(folder) / "prove.json", Path(folder) / "tests.xml"
        with proved.open("w", encoding="utf-8") as out:
            subprocess.run([sys.executable, "-m", "bptm.cli", "prove", "--json"], stdout=out, check=False, cwd=ROOT)
        asked = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--junitxml={tested}",
            *_WITHOUT_ENGINES,
            *case.tests,
        ]
        subprocess.run(asked, check=False, cwd=ROOT)  # noqa: S603 - our own words and test names
        results = Results(
            tests=safety_results.read_junit(tested, case.tests),
            tests_of=before,
            prove=safety_results.read_prove(proved),
            prove_of=before,
        )
    if source_hash() != before:
        msg = "the controller's source changed while proof and tests ran; run again"
        raise ResultsError(msg)
    return results


def new_results(asked: argparse.Namespace, case: Case) -> Results:
    """Stored results, with those of this call put in their place."""
    if asked.run:
        return run(case)
    results = safety_results.load()
    now = source_hash()
    if asked.prove is not None:
        results = replace(results, prove=safety_results.read_prove(asked.prove), prove_of=now)
    if asked.junit is not None:
        results = replace(results, tests=safety_results.read_junit(asked.junit, case.tests), tests_of=now)
    return results


def main() -> int:
    """Writes or checks the page."""
    parser = argparse.ArgumentParser(description="Makes the safety argument's page.")
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the page is current")
    parser.add_argument("--run", action="store_true", help="prove and test first, and store the results")
    parser.add_argument("--prove", type=Path, metavar="FILE", help="a report of `bptm prove --json`, of this source")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="a JUnit file of pytest, of this source")
    asked = parser.parse_args()
    try:
        case, wrong = read_case()
    except tomllib.TOMLDecodeError as error:
        print(f"docs/safety/hazards.toml: is no TOML: {error}", file=sys.stderr)
        return 2
    if wrong:
        print("\n".join(f"docs/safety/hazards.toml: {sentence}" for sentence in wrong), file=sys.stderr)
        return 2
    try:
        results = new_results(asked, case)
    except ResultsError as error:
        print(error, file=sys.stderr)
        return 2
    text = Page(case, results, source_hash()).text()
    current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    if asked.check:
        if not current:
            print("not current: safety.md; run `python scripts/make_safety.py`", file=sys.stderr)
        return 0 if current else 1
    if asked.run or asked.prove or asked.junit:
        safety_results.save(results)
    PAGE.write_text(text, encoding="utf-8")
    states = [hazard.state for hazard in case.hazards]
    print(f"{len(HAZARDS)} hazards: " + ", ".join(f"{states.count(s)} {s}" for s in ("answered", "in part", "open")))
    return 1 if asked.run and results.bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
