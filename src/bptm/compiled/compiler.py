"""Compiled copies of the core modules, through numba; the plain modules stay plain Python.

Every core module is loaded a second time, its functions compiled, and names that it took from other core
modules replaced by their compiled twins. Only the entries are cached on disk, in a folder named by a hash of
*all* core sources: numba itself does not notice a change in another file and would go on with an old controller.
Never fast-math: results are the same to the bit as in CPython (tested).
"""

import hashlib
import importlib.util
import os
import sys
import types
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).resolve().parents[1]

CORE_MODULES = (
    "terms.core_codes",
    "terms.core_plant",
    "controller.timing",
    "controller.registers",
    "controller.protection_values",
    "controller.protection_sense",
    "controller.protection_contacts",
    "controller.protection_utility",
    "controller.protection_hunting",
    "controller.protection_backup",
    "controller.protection_curves",
    "controller.protection_load",
    "controller.protection_harm",
    "controller.protection_service",
    "controller.protection",
    "controller.profiles",
    "controller.interlock",
    "controller.ways",
    "controller.apart",
    "controller.transfer",
    "controller.remote",
    "controller.scan",
    "terms.core_ledger",
    "controller.ledger_counters",
    "controller.ledger_intervals",
    "controller.ledger",
    "terms.core_diagnosis",
    "controller.diagnosis_findings",
    "controller.diagnosis_fit",
    "controller.diagnosis_steps",
    "controller.diagnosis_impedance",
    "controller.diagnosis_legs",
    "controller.diagnosis_source",
    "controller.diagnosis",
    "controller.advice_steps",
    "controller.advice_plan",
    "controller.advice",
    "controller.guide_facts",
    "controller.guide",
    "terms.core_metrology",
    "controller.metrology_angles",
    "controller.metrology_samples",
    "controller.metrology_tracking",
    "controller.metrology_energy",
    "controller.metrology_inlet",
    "controller.metrology",
    "controller.metrology_quality",
    "controller.metrology_fast",
    "controller.measure",
    "terms.core_advice",
    "terms.core_guide",
    "plant.portable",
    "plant.inverter",
    "plant.standby",
    "plant.battery",
    "plant.contactors",
    "plant.circuit",
    "terms.core_home",
    "plant.house_luck",
    "plant.house",
    "plant.house_water",
    "plant.house_use",
    "plant.house_power",
    "plant.premise",
    "plant.home",
    "compiled.kernel",
    "compiled.kernel_replay",
    "compiled.kernel_waves",
    "compiled.kernel_chaos_circuit",
    "compiled.kernel_chaos_contactors",
    "compiled.kernel_chaos_what",
    "compiled.kernel_chaos_excuses",
    "compiled.kernel_chaos_faults",
    "compiled.kernel_chaos_meter",
    "compiled.kernel_chaos_script",
    "compiled.kernel_chaos_laws",
    "compiled.kernel_chaos",
)
"""In the order of their imports."""

ENTRIES = {
    "compiled.kernel": {"advance_all", "begin_all", "settle_all", "command_home", "write_report"},
    "compiled.kernel_replay": {"replay_ops"},
    "controller.scan": {"start", "scan"},
    "controller.remote": {"command"},
    "controller.ledger": {"begin_ledger", "keep_ledger"},
    "controller.diagnosis": {"begin_diagnosis", "diagnose"},
    "controller.advice": {"advise"},
    "controller.guide": {"start_guide", "guide"},
    "compiled.kernel_waves": {
        "begin_waves",
        "measure_waves",
        "measure_samples",
        "begin_run",
        "run_samples",
        "detect_all",
    },
    "compiled.kernel_chaos": {"begin_life", "step_life", "live_all"},
}
"""Functions that hosts call: only these are cached on disk."""


def source_files() -> list[Path]:
    """Every file whose text the compiled code depends on: all Core Python, and this room."""
    found = [*_PACKAGE.glob("controller/*.py"), *_PACKAGE.glob("plant/*.py"), *_PACKAGE.glob("terms/core_*.py")]
    return sorted([*found, *_PACKAGE.glob("compiled/*.py")])


def source_hash() -> str:
    """Hash of all core sources: the name of the cache."""
    digest = hashlib.sha256()
    for file in source_files():
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def cache_dir() -> Path:
    """Where compiled code is kept: outside any data directory."""
    base = os.environ.get("XDG_CACHE_HOME")
    root = Path(base) if base else Path.home() / ".cache"
    return root / "bptm" / "compiled" / source_hash()


@cache
def compiled_modules() -> dict[str, types.ModuleType]:
    """The compiled twin of each core module, by its name below the package."""
    folder = cache_dir()
    folder.mkdir(parents=True, exist_ok=True)
    # numba reads this when it is imported, which nothing else here does.
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    import numba  # noqa: PLC0415  a second of start-up that only users of compiled code shall pay

    twins: dict[str, types.ModuleType] = {}
    functions: dict[tuple[str, str], Any] = {}
    for name in CORE_MODULES:
        full = f"bptm.{name}"
        file = _PACKAGE.joinpath(*name.split(".")).with_suffix(".py")
        spec = importlib.util.spec_from_file_location(f"{full}_compiled", file)
        if spec is None or spec.loader is None:
            msg = f"core module {full} not found at {file}"
            raise ImportError(msg)
        twin = importlib.util.module_from_spec(spec)
        # numba looks a cached function's module up by name when it loads it.
        sys.modules[twin.__name__] = twin
        spec.loader.exec_module(twin)
        for attribute, value in list(vars(twin).items()):
            if not isinstance(value, types.FunctionType):
                continue
            if value.__module__ == twin.__name__:
                is_entry = attribute in ENTRIES.get(name, set())
                compiled = numba.njit(error_model="numpy", cache=is_entry)(value)
                functions[full, attribute] = compiled
            else:
                compiled = functions[value.__module__, value.__name__]
            setattr(twin, attribute, compiled)
        twins[name] = twin
    return twins


def compile_beside(files: tuple[tuple[str, Path], ...]) -> types.ModuleType:
    """The last of these files compiled like a core module, calling the compiled core; not cached on disk.

    Args:
        files: Full module name and file, in the order of their imports.
    """
    import numba  # noqa: PLC0415  as above

    functions: dict[tuple[str, str], Any] = {}
    for name, core in compiled_modules().items():
        functions |= {(f"bptm.{name}", attribute): value for attribute, value in vars(core).items()}
    twin = types.ModuleType("nothing")
    for full, file in files:
        spec = importlib.util.spec_from_file_location(f"{full}_compiled", file)
        if spec is None or spec.loader is None:
            msg = f"module {full} not found at {file}"
            raise ImportError(msg)
        twin = importlib.util.module_from_spec(spec)
        sys.modules[twin.__name__] = twin
        spec.loader.exec_module(twin)
        for attribute, value in list(vars(twin).items()):
            if not isinstance(value, types.FunctionType):
                continue
            if value.__module__ == twin.__name__:
                functions[full, attribute] = numba.njit(error_model="numpy")(value)
                setattr(twin, attribute, functions[full, attribute])
            else:
                setattr(twin, attribute, functions[value.__module__, value.__name__])
    return twin


def kernel() -> types.ModuleType:
    """The compiled kernel: `advance_all`, `begin_all`, `command_home`, `write_report`."""
    return compiled_modules()["compiled.kernel"]
