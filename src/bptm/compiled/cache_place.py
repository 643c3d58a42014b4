"""Where numba keeps a compiled entry: by a hash of every source file that it is made of.

numba itself compares a function's own file only, by its time, and would go on with an old controller when another file
changes. Here the name of the folder is a hash of the file's text and of all core files that it imports, however far
away: a change anywhere below makes a new one, a change elsewhere or a fresh clone of the same text does not.

numba finds the class by its setting CACHE_LOCATOR_CLASSES, which `compiler` makes each time before it compiles: the
variable NUMBA_CACHE_LOCATOR_CLASSES would be read once, by whoever imports numba first.
"""

import ast
import hashlib
import os
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Self

PACKAGE = Path(__file__).resolve().parents[1]
LOCATORS = "bptm.compiled.cache_place.SourceLocator,UserProvidedCacheLocator,InTreeCacheLocator,UserWideCacheLocator"
"""Ours first; the others serve functions that are not of the core."""


def cache_root() -> Path:
    """Where compiled code is kept: outside any data directory."""
    base = os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    return root / "bptm" / "compiled"


@cache
def source_hash(name: str) -> str:
    """Hash of a module's text and of every module of ours that it imports.

    Args:
        name: Its name below the package, `controller.scan`.
    """
    file = PACKAGE.joinpath(*name.split(".")).with_suffix(".py")
    text = file.read_bytes()
    digest = hashlib.sha256(text)
    imported = {
        other
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("bptm.")
        for other in _modules_of(node.module.removeprefix("bptm."), [alias.name for alias in node.names])
    }
    for other in sorted(imported):
        digest.update(other.encode() + source_hash(other).encode())
    return digest.hexdigest()[:24]


def _modules_of(module: str, names: list[str]) -> set[str]:
    """The module itself, or those of its names that are modules."""
    folder = PACKAGE.joinpath(*module.split("."))
    return {f"{module}.{name}" for name in names} if folder.is_dir() else {module}


class SourceLocator:
    """What numba asks for one function of a core module."""

    def __init__(self, name: str, line: int) -> None:
        """Args: name: the module below the package; line: the function's first."""
        self._hash = source_hash(name)
        self._folder = cache_root() / f"{name}-{self._hash}"
        self._line = line

    @classmethod
    def from_function(cls, py_func: FunctionType, py_file: str) -> Self | None:
        """A locator for a compiled twin of a core module; None for anything else."""
        file = Path(py_file)
        if not py_func.__module__.endswith("_compiled") or not file.is_relative_to(PACKAGE):
            return None
        name = ".".join(file.relative_to(PACKAGE).with_suffix("").parts)
        return cls(name, py_func.__code__.co_firstlineno)

    def ensure_cache_path(self) -> None:
        """Makes the folder."""
        self._folder.mkdir(parents=True, exist_ok=True)

    def get_cache_path(self) -> str:
        """The folder."""
        return str(self._folder)

    def get_source_stamp(self) -> str:
        """What must be the same for what is kept to be used."""
        return self._hash

    def get_disambiguator(self) -> str:
        """Tells two functions of one name in one file apart."""
        return str(self._line)
