"""The controller for MicroPython: the very files of the core, and a replay of golden vectors.

Nothing is translated. What MicroPython lacks is a `typing` module, and the packages' own `__init__` files reach for
more than a meter has; both are replaced by nearly empty files.
"""

import ast

from bptm.assurance.c_export import exported_modules
from bptm.assurance.c_source import PACKAGE
from bptm.assurance.c_types import Core

_TYPING = '"""Stands in for the module of the same name: annotations mean nothing here."""\n\nAny = None\n'


def _imports(name: str) -> list[ast.ImportFrom]:
    text = PACKAGE.joinpath(*name.split(".")).with_suffix(".py").read_text(encoding="utf-8")
    return [node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom) and node.module]


def micropython_files(core: Core) -> dict[str, str]:
    """Text of every file by its path below the directory that MicroPython starts in."""
    written = {
        "replay.py": (PACKAGE / "assurance/replay_plain.py").read_text(encoding="utf-8"),
        "typing.py": _TYPING,
        "bptm/__init__.py": '"""The controller of a backup power transfer meter."""\n',
    }
    wanted = {module.name for module in exported_modules(core)}
    ahead = list(wanted)
    while ahead:
        # A file may be wanted for rows of a table alone, which C has in another header.
        more = {
            node.module.removeprefix("bptm.") for node in _imports(ahead.pop()) if node.module
        } & core.modules.keys()
        ahead += more - wanted
        wanted |= more
    for module in (core.modules[name] for name in sorted(wanted)):
        room = module.name.split(".")[0]
        path = f"bptm/{module.name.replace('.', '/')}.py"
        written.setdefault(f"bptm/{room}/__init__.py", f'"""Room {room} of bptm."""\n')
        written[path] = (PACKAGE.parent / path).read_text(encoding="utf-8")
    return written
