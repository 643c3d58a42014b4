"""Which record a parameter is: found from the fields that are used, over all functions together.

A parameter whose fields are read, or that is handed on to such a parameter, is a record: the one whose table has all
those fields. Where several have, its name in `RECORD_OF_NAME` decides for the five records of `scan`, then the tables
of the module's own file in `terms`, then the name again.
"""

import ast
from copy import deepcopy
from dataclasses import replace

from bptm.assurance.c_source import Module, Table, UnsupportedError
from bptm.assurance.c_types import Core, Key, Place, Signature, call_name, calls_in

FIELDS_SAID = 6
"""So many fields are named in a refusal."""

ROUNDS = 4
"""Helpers of helpers are told apart one round after the other."""

RECORD_OF_NAME = {
    "s": "bptm_device",
    "k": "bptm_interlock",
    "m": "bptm_measured",
    "r": "bptm_interlock_input",
    "p": "bptm_settings",
    "a": "bptm_meter",
    "g": "bptm_metrology",
    "w": "bptm_wave",
    "t": "bptm_reading",
    "y": "bptm_block",
    "e": "bptm_energy",
    "q": "bptm_quality",
}
"""What a parameter's name means where its fields do not decide."""

RECORDS_OF_SCAN = ("s", "k", "m", "r", "p")
"""Names that mean the same in every module."""


class _Groups:
    """Parameters that are handed to each other: the same record, or the same number, under several names."""

    def __init__(self, core: Core, cut: frozenset[Key] = frozenset()) -> None:
        """Reads every call but those of the functions in `cut`, which take records of several kinds."""
        self._parent: dict[Place, Place] = {}
        self.fields: dict[Place, set[str]] = {}
        """Fields used, by group."""
        used: list[tuple[Place, str]] = []
        for (module, name), signature in core.signatures.items():
            used += [
                ((module, name, part.value.id), part.attr)
                for part in signature.parts
                if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name)
            ]
            for call in signature.calls:
                target = core.function(core.modules[module], call_name(call))
                if target is None or target.key in cut:
                    continue
                for argument, parameter in zip(call.args, target.parameters, strict=True):
                    if isinstance(argument, ast.Name) and argument.id in signature.parameters:
                        self._parent[self.of((module, name, argument.id))] = self.of((*target.key, parameter))
        for place, attribute in used:
            self.fields.setdefault(self.of(place), set()).add(attribute)

    def of(self, place: Place) -> Place:
        """The group of a parameter."""
        while self._parent.setdefault(place, place) != place:
            place = self._parent[place]
        return place


def find_records(core: Core) -> None:
    """Finds each group's table by the fields that its functions use."""
    groups = _Groups(core)
    numbers = {
        groups.of((*signature.key, parameter))
        for signature in core.signatures.values()
        for parameter in _counted(signature)
    }
    for (module, name), signature in core.signatures.items():
        for parameter in signature.parameters:
            group = groups.of((module, name, parameter))
            used = groups.fields.get(group, set())
            if used or (parameter in RECORD_OF_NAME and group not in numbers):
                signature.records[parameter] = table_of(core, f"{module}.{name}", parameter, used)


def _counted(signature: Signature) -> set[str]:
    """Parameters that a function uses as numbers; one that it only hands on, or not at all, may be a record."""
    others = {id(argument) for call in signature.calls for argument in call.args}
    others |= {id(part.value) for part in signature.parts if isinstance(part, ast.Attribute)}
    names = {part.id for part in signature.parts if isinstance(part, ast.Name) and id(part) not in others}
    return names & set(signature.parameters)


def table_of(core: Core, place: str, parameter: str, used: set[str]) -> Table:
    """The table of a parameter of the function `module.name`."""
    tables = [table for module in core.modules.values() for table in module.tables]
    fitting = [table for table in tables if used <= {f.name for f in table.fields}]
    if not fitting:
        some = ", ".join(sorted(used)[:FIELDS_SAID]) + (", ..." if len(used) > FIELDS_SAID else "")
        msg = f"`{parameter}` of {place}: no table has the fields {some}; use a function with one record only"
        raise UnsupportedError(msg)
    named = [table for table in fitting if table.struct == RECORD_OF_NAME.get(parameter)]
    if named and parameter in RECORDS_OF_SCAN:
        return named[0]
    # `controller.advice_steps` keeps its records in `terms.core_advice`.
    theme = place.split(".")[1].partition("_")[0]
    own = [table for table in fitting if table.module.startswith(f"terms.core_{theme}")]
    own_named = [table for table in own if table in named or table.struct == f"bptm_{parameter}"]
    for some in (own_named, own, named, fitting):
        if len(some) == 1:
            return some[0]
    several = ", ".join(table.struct for table in own or fitting)
    msg = f"`{parameter}` of {place} may be {several}; add its name to RECORD_OF_NAME"
    raise UnsupportedError(msg)


def specialised(core: Core) -> dict[str, Module] | None:
    """Modules in which a helper that is handed several kinds of record stands once for each kind; None when none is.

    Python asks only for the fields that a function uses; C wants to know the struct. So `timer(s, ...)` becomes
    `timer` for the device and `timer_advice` for the record of `advice`, where both call it.
    """
    cut: frozenset[Key] = frozenset()
    for _ in range(ROUNDS):
        groups = _Groups(core, cut)
        more = _helpers(core, groups, cut)
        if not more:
            break
        cut |= more
    if not cut:
        return None
    groups = _Groups(core, cut)
    kinds: dict[Key, dict[str, set[Key]]] = {}
    for caller in core.signatures.values():
        for call in caller.calls:
            target = core.function(core.modules[caller.key[0]], call_name(call))
            if target is not None and target.key in cut and caller.key not in cut:
                kind = _kind_of_record(core, groups, caller, call)
                if kind:
                    kinds.setdefault(target.key, {}).setdefault(kind, set()).add(caller.key)
    return _with_copies(core, kinds)


def _helpers(core: Core, groups: _Groups, cut: frozenset[Key]) -> frozenset[Key]:
    """Functions called from several files, whose record no table fits, and that hand it to no others."""
    unfit = _unfit_groups(core, groups)
    if not unfit:
        return frozenset()
    callers: dict[Key, set[str]] = {}
    leaves = set(core.signatures) - cut
    for (module, name), signature in core.signatures.items():
        for call in signature.calls:
            callee = core.function(core.modules[module], call_name(call))
            if callee is not None:
                callers.setdefault(callee.key, set()).add(module)
                if callee.key not in cut:
                    leaves.discard((module, name))
    return frozenset(
        key
        for key in leaves
        if len(callers.get(key, ())) > 1
        and any(groups.of((*key, parameter)) in unfit for parameter in core.signatures[key].parameters)
    )


def _unfit_groups(core: Core, groups: _Groups) -> set[Place]:
    """Groups whose fields no table has."""
    tables = [{f.name for f in table.fields} for module in core.modules.values() for table in module.tables]
    return {group for group, used in groups.fields.items() if not any(used <= names for names in tables)}


def _kind_of_record(core: Core, groups: _Groups, caller: Signature, call: ast.Call) -> str:
    """The struct that a call hands over: of its first argument that is a record of the caller."""
    for argument in call.args:
        if isinstance(argument, ast.Name) and argument.id in caller.parameters:
            used = groups.fields.get(groups.of((*caller.key, argument.id)), set[str]())
            if used:
                return table_of(core, ".".join(caller.key), argument.id, used).struct
    return ""


def _with_copies(core: Core, kinds: dict[Key, dict[str, set[Key]]]) -> dict[str, Module] | None:
    modules = dict(core.modules)
    is_changed = False
    for (home, name), callers_of in kinds.items():
        first = "bptm_device" if "bptm_device" in callers_of else min(callers_of)
        for struct, callers in sorted(callers_of.items()):
            if struct == first:
                continue
            is_changed = True
            copy = f"{name}_{struct.removeprefix('bptm_')}"
            node = deepcopy(modules[home].functions[name])
            node.name = copy
            modules[home] = replace(modules[home], functions=modules[home].functions | {copy: node})
            for module, function in callers:
                changed = deepcopy(modules[module].functions[function])
                for call in calls_in(changed):
                    if call_name(call) == name:
                        call.func = ast.copy_location(ast.Name(id=copy, ctx=ast.Load()), call.func)
                modules[module] = replace(
                    modules[module],
                    functions=modules[module].functions | {function: changed},
                    imports=modules[module].imports | ({copy: home} if module != home else {}),
                )
    return modules if is_changed else None
