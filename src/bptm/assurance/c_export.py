"""The controller as C99: one .c and .h for each of its modules, records and codes as headers.

Names, units, docstrings and comments are carried over, so that a firmware engineer reads the same text as the author
of the law. The translation decides nothing: it walks the syntax tree that runs in CPython, one statement at a time.
"""

import ast
from collections.abc import Iterator
from importlib.resources import files

from bptm.assurance.c_body import body_of, c_name, c_type, comment, local_name, wrapped
from bptm.assurance.c_source import Constant, Module, Number, Table, UnsupportedError
from bptm.assurance.c_types import Core, Kind, Signature

_STRUCT_TYPE = {"i4": "int32_t", "i8": "int64_t", "f8": "bptm_real"}


def c_files(core: Core) -> dict[str, str]:
    """Text of every C file of the core by its name; a replay's own files are not among them."""
    _refuse_clashes(core)
    written: dict[str, str] = {"bptm_real.h": files("bptm.assurance").joinpath("firmware_c/bptm_real.h").read_text()}
    for module in exported_modules(core):
        written[f"{module.stem}.h"] = "\n".join([*_header(core, module), ""])
        if module.functions or any(table.settings for table in module.tables):
            written[f"{module.stem}.c"] = "\n".join([*_source(core, module), ""])
    return written


def exported_modules(core: Core) -> list[Module]:
    """Modules that are functions, that a function imports from, or that hold one of their records."""
    wanted = {name for name, module in core.modules.items() if module.functions}
    wanted |= {imported for name in wanted for imported in core.modules[name].imports.values()}
    records = {table.module for table in core.tables_used()}
    # A table of settings may be joined from those of other modules.
    wanted |= records | {imported for name in records for imported in core.modules[name].imports.values()}
    return [module for name, module in core.modules.items() if name in wanted]


def prototype(core: Core, signature: Signature) -> str:
    """A function's declaration, without what follows it."""
    module, name = signature.key
    parameters: list[str] = []
    for parameter in signature.parameters:
        table = signature.records.get(parameter)
        if table is None:
            parameters.append(f"{c_type(signature.numbers[parameter])} {local_name(parameter)}")
        else:
            constant = "" if parameter in signature.changes else "const "
            parameters.append(f"{constant}{table.struct} *{local_name(parameter)}")
    result = c_type(signature.returns) if signature.returns_value else "void"
    static = "" if core.is_public(signature.key) else "static "
    return f"{static}{result} {c_name(core, module, name)}({', '.join(parameters) or 'void'})"


def number(value: Number, *, real: bool) -> str:
    """A number as a C constant of its type."""
    return f"BPTM_R({float(value)!r})" if real else f"INT64_C({value})"


def _banner(module: Module) -> list[str]:
    origin = f"Made from {module.name.replace('.', '/')}.py by `bptm firmware export`; edit that file, not this one."
    return comment(f"{module.docstring}\n\n{origin}")


def _header(core: Core, module: Module) -> Iterator[str]:
    guard = f"BPTM_{module.stem.upper()}_H"
    public = [core.signatures[module.name, name] for name in module.functions]
    public = [signature for signature in public if core.is_public(signature.key)]
    needed = {table.module for signature in public for table in signature.records.values()} - {module.name}
    yield from _banner(module)
    yield from (f"#ifndef {guard}", f"#define {guard}", "", '#include "bptm_real.h"')
    yield from (f'#include "{name.split(".")[-1]}.h"' for name in sorted(needed))
    for constant in module.constants.values():
        if _is_shared(core, module, constant):
            yield ""
            yield from _constant(constant)
    for table in module.tables:
        yield ""
        yield from _struct(table)
        if table.settings:
            yield from (
                "",
                "/* Every setting at its default. */",
                f"extern const {table.struct} {table.struct}_default;",
            )
    for signature in public:
        yield ""
        yield from comment((ast.get_docstring(signature.node) or "").partition("\n\n")[0])
        yield from wrapped(f"{prototype(core, signature)};")
    yield from ("", "#endif")


def _is_shared(core: Core, module: Module, constant: Constant) -> bool:
    """Whether a constant stands in the header: what only one file of functions uses stays in that file."""
    if not module.functions:
        return True
    return any(other.imports.get(constant.name) == module.name for other in core.modules.values())


def _refuse_clashes(core: Core) -> None:
    """C has one space of names: two headers cannot give one name two values."""
    seen: dict[str, tuple[str, object]] = {}
    for module in exported_modules(core):
        for constant in module.constants.values():
            if _is_shared(core, module, constant):
                place, value = seen.setdefault(constant.name, (module.name, constant.value))
                if value != constant.value:
                    msg = f"{constant.name} is {value} in {place} and {constant.value} in {module.name}; rename one"
                    raise UnsupportedError(msg)


def _constant(constant: Constant) -> Iterator[str]:
    if constant.remark:
        yield from comment(constant.remark)
    if isinstance(constant.value, tuple):
        real = any(isinstance(value, float) for value in constant.value)
        values = ", ".join(number(value, real=real) for value in constant.value)
        kind = c_type(Kind.REAL if real else Kind.WHOLE)
        yield from wrapped(f"static const {kind} {constant.name}[{len(constant.value)}] = {{ {values} }};")
        return
    value = number(constant.value, real=isinstance(constant.value, float))
    written = "" if constant.text == str(constant.value) else f" /* {constant.text} */"
    yield f"#define {constant.name} {value}{written}"


def _struct(table: Table) -> Iterator[str]:
    yield f"typedef struct {table.struct} {{"
    for field in table.fields:
        if field.remark:
            yield from comment(field.remark, "    ")
        length = f"[{field.length}]" if field.length else ""
        unit = f"{field.unit}: " if field.unit else ""
        yield f"    {_STRUCT_TYPE[field.type]} {field.name}{length}; /* {unit}{field.meaning} */"
    yield f"}} {table.struct};"


def _source(core: Core, module: Module) -> Iterator[str]:
    own = [core.signatures[module.name, name] for name in module.functions]
    hidden = [signature for signature in own if not core.is_public(signature.key)]
    needed = {table.module for signature in own for table in signature.records.values()}
    # Settings that another table takes up have no header of their own.
    exported = {each.name for each in exported_modules(core)}
    needed = (needed | set(module.imports.values())) & exported - {module.name}
    yield from _banner(module)
    yield f'#include "{module.stem}.h"'
    yield ""
    yield from (f'#include "{name.split(".")[-1]}.h"' for name in sorted(needed))
    for constant in module.constants.values():
        if not _is_shared(core, module, constant):
            yield ""
            yield from _constant(constant)
    for table in module.tables:
        if table.settings:
            yield from _defaults(table)
    if hidden:
        yield ""
    for signature in hidden:
        yield from wrapped(f"{prototype(core, signature)};")
    for signature in own:
        yield ""
        yield from comment(ast.get_docstring(signature.node) or "")
        yield from wrapped(prototype(core, signature))
        yield "{"
        yield from body_of(core, module, signature)
        yield "}"


def _defaults(table: Table) -> Iterator[str]:
    yield ""
    yield f"const {table.struct} {table.struct}_default = {{"
    for field, setting in zip(table.fields, table.settings, strict=True):
        if field.remark:
            yield from comment(field.remark, "    ")
        value = number(setting.default, real=field.type == "f8")
        unit = f" {field.unit}" if field.unit else ""
        span = f"{setting.lowest} to {setting.highest}{unit}; {setting.source}"
        yield f"    .{field.name} = {value}, /* {span.replace('*/', '* /')} */"
    yield "};"
