"""Compiled copies of the core modules, through numba; the plain modules stay plain Python.

Every core module is loaded a second time, its functions compiled, and names that it took from other core
modules replaced by their compiled twins. Only the entries are cached on disk (`cache_place` says where).
Never fast-math: results are the same to the bit as in CPython (tested).
"""

import importlib
import importlib.util
import sys
import types
from functools import cache
from pathlib import Path
from typing import Any

from bptm.compiled.cache_place import LOCATORS, PACKAGE

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
    "plant.phase",
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
    "terms.core_bench",
    "terms.core_bench_premise",
    "terms.core_bench_sources",
    "terms.core_bench_state",
    "terms.core_bench_trace",
    "plant.wave_angles",
    "plant.wave_utility",
    "plant.wave_circuit",
    "plant.wave_motor",
    "plant.wave_engine",
    "plant.wave_portable",
    "plant.wave_standby",
    "plant.wave_converter",
    "plant.wave_inverter",
    "plant.wave_battery",
    "plant.wave_ev",
    "plant.wave_source",
    "plant.wave_premise",
    "plant.wave_solar",
    "plant.wave_contactors",
    "plant.wave_surge",
    "plant.wave_sensors",
    "plant.wave_meter",
    "plant.wave_home",
    "plant.wave_laws",
    "compiled.kernel_bench_plant",
    "compiled.kernel_bench",
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
    "compiled.kernel_bench_plant": {"begin_plant", "produce", "conclude"},
    "compiled.kernel_bench": {"begin_mind", "measure", "think"},
}
"""Functions that hosts call: only these are cached on disk."""


def _numba() -> Any:
    """numba, told where to keep what it compiled, whoever imported it first."""
    # Imported here: a second of start-up that only users of compiled code shall pay.
    numba: Any = importlib.import_module("numba")
    numba.config.CACHE_LOCATOR_CLASSES = LOCATORS
    return numba


@cache
def compiled_modules() -> dict[str, types.ModuleType]:
    """The compiled twin of each core module, by its name below the package."""
    numba = _numba()
    twins: dict[str, types.ModuleType] = {}
    functions: dict[tuple[str, str], Any] = {}
    for name in CORE_MODULES:
        full = f"bptm.{name}"
        file = PACKAGE.joinpath(*name.split(".")).with_suffix(".py")
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


def compile_beside(files: tuple[tuple[str, Path], ...], entries: frozenset[str] = frozenset()) -> types.ModuleType:
    """The last of these files compiled like a core module, calling the compiled core.

    Args:
        files: Full module name and file, in the order of their imports.
        entries: Functions that a host calls: only these are cached on disk.
    """
    numba = _numba()
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
                kept = attribute in entries
                functions[full, attribute] = numba.njit(error_model="numpy", cache=kept)(value)
                setattr(twin, attribute, functions[full, attribute])
            else:
                setattr(twin, attribute, functions[value.__module__, value.__name__])
    return twin


def kernel() -> types.ModuleType:
    """The compiled kernel: `advance_all`, `begin_all`, `command_home`, `write_report`."""
    return compiled_modules()["compiled.kernel"]
