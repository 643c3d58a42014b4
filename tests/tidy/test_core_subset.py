"""Every file of the core is Core Python (decision 0002)."""

from pathlib import Path

from bptm.assurance.core_python import CORE_ROOMS, findings

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "bptm"


def core_files() -> list[Path]:
    """Files written in Core Python."""
    rooms = [path for room in CORE_ROOMS for path in sorted((SOURCES / room).rglob("*.py"))]
    return [*rooms, *sorted((SOURCES / "terms").glob("core_*.py"))]


def test_every_file_of_the_core_is_core_python() -> None:
    """DECISION-0002: controller, plant and terms/core_* stay inside the subset; the text says what to write instead."""
    files = core_files()
    assert len(files) >= 5, f"found only {files}: has the core moved?"
    found = [
        finding.sentence()
        for path in files
        for finding in findings(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    ]
    assert not found, "\n" + "\n".join(found)
