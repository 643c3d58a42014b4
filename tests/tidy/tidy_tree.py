"""The files of this project, for the tests of the code base."""

import ast
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

PURE_ROOMS = ("terms", "controller", "plant", "operations", "wire", "planning")
HOST_ROOMS = ("supervisor", "device", "twin", "headend", "program", "assurance")

_NOT_OURS = {".venv", ".git", "out", "build", "dist", "node_modules", "__pycache__", ".hypothesis"}


def _is_made(folders: tuple[str, ...]) -> bool:
    """Whether folders hold what was made here and is not ours: environments, caches, builds."""
    return any(name in _NOT_OURS or name.endswith((".egg-info", "_cache")) for name in folders)


def _under_version_control() -> list[str] | None:
    """Names that git knows or would take; None where there is no git or no repository."""
    git = shutil.which("git")
    if git is None:
        return None
    asked = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, check=False, text=True)
    return [name for name in listed.stdout.split("\0") if name] if listed.returncode == 0 else None


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project that is under version control or about to be; outside git, every file that is ours."""
    names = _under_version_control()
    if names is None:
        found = [path for path in ROOT.rglob("*") if not _is_made(path.relative_to(ROOT).parts[:-1])]
    else:
        found = [ROOT / name for name in names]
    return tuple(sorted(path for path in found if path.is_file()))


@cache
def texts() -> dict[str, str]:
    """Text of every text file, by its path in the project."""
    read: dict[str, str] = {}
    for path in files():
        raw = path.read_bytes()
        if b"\0" not in raw and path.suffix != ".gz":
            read[path.relative_to(ROOT).as_posix()] = raw.decode("utf-8")
    return read


@cache
def python() -> dict[str, ast.Module]:
    """Syntax tree of every Python file, by its path in the project."""
    return {name: ast.parse(text) for name, text in texts().items() if name.endswith(".py")}


def room_of(name: str) -> str:
    """Room of a source file, such as `wire`; empty outside the rooms."""
    parts = name.split("/")
    return parts[2] if parts[:2] == ["src", "bptm"] and len(parts) > 3 else ""


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute; empty for anything else."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            before = dotted(node.value)
            return f"{before}.{node.attr}" if before else ""
        case _:
            return ""
