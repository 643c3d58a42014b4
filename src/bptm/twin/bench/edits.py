"""Private copies of the controller's modules with a few lines changed: how a broken controller is made of the real one.

The copies run as plain Python beside the shipped controller and never touch it. An edit names the lines it replaces; it
is refused when they no longer stand exactly once in the source, so a broken controller cannot silently become sound.
"""

import hashlib
import sys
import types
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import bptm

_PACKAGE = Path(bptm.__file__).parent

MODULES = (
    "timing",
    "registers",
    "protection_values",
    "protection_sense",
    "protection_contacts",
    "protection_utility",
    "protection_hunting",
    "protection_backup",
    "protection_curves",
    "protection_load",
    "protection_harm",
    "protection_service",
    "protection",
    "interlock",
    "ways",
    "apart",
    "transfer",
    "remote",
    "scan",
)
"""Modules of the controller that decide, in the order of their imports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Lines of one module of the controller, and what stands there instead."""

    module: str
    old: str
    new: str


def source_of(module: str, edits: Sequence[Edit] = ()) -> str:
    """Text of a module with its edits.

    Raises:
        ValueError: An edit whose lines do not stand there exactly once: our own mistake.
    """
    text = (_PACKAGE / "controller" / f"{module}.py").read_text(encoding="utf-8")
    for edit in edits:
        if edit.module != module:
            continue
        if text.count(edit.old) != 1:
            msg = f"controller/{module}.py has {text.count(edit.old)} places that read {edit.old!r}, expected 1"
            raise ValueError(msg)
        text = text.replace(edit.old, edit.new)
    return text


def hash_of(edits: Sequence[Edit] = ()) -> str:
    """Hash of the sources that decide, after these edits."""
    digest = hashlib.sha256()
    for module in MODULES:
        digest.update(module.encode() + b"\0" + source_of(module, edits).encode() + b"\0")
    return digest.hexdigest()


@cache
def load(name: str, edits: tuple[Edit, ...]) -> types.ModuleType:
    """The module `scan` of a private copy of the controller; its `remote` stands beside it as an attribute.

    Args:
        name: Name of the copy, for tracebacks.
        edits: What is changed; each names a module of `MODULES`.
    """
    unknown = {edit.module for edit in edits} - set(MODULES)
    if unknown:
        msg = f"edits name {sorted(unknown)}, which are no modules of the controller"
        raise ValueError(msg)
    copies: dict[str, types.ModuleType] = {}
    for module in MODULES:
        copy = types.ModuleType(f"bptm_copy_{name.replace('-', '_')}_{module}")
        file = f"<{name}: controller/{module}.py>"
        # While a copy is executed its imports find the copies made before it.
        replaced = {f"bptm.controller.{other}": sys.modules.get(f"bptm.controller.{other}") for other in copies}
        sys.modules.update({f"bptm.controller.{other}": made for other, made in copies.items()})
        try:
            exec(compile(source_of(module, edits), file, "exec"), copy.__dict__)  # noqa: S102  our own source
        finally:
            for full, before in replaced.items():
                if before is None:
                    del sys.modules[full]
                else:
                    sys.modules[full] = before
        copies[module] = copy
    scan = copies["scan"]
    vars(scan)["remote"] = copies["remote"]
    return scan
