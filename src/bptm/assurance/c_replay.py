"""What the C replay of golden vectors needs beside the core: its program, and the layout of the traced records."""

import hashlib
from importlib.resources import files

from bptm.assurance.c_source import Table, UnsupportedError
from bptm.assurance.c_types import Core
from bptm.assurance.replay_plain import layout

_OWN = ("replay.c", "sha256.c", "sha256.h")
_TRACED = (("s", "bptm_device"), ("k", "bptm_interlock"))
_SET = (("m", "bptm_measured"), ("r", "bptm_interlock_input"), ("p", "bptm_settings"))


def replay_files(core: Core) -> dict[str, str]:
    """Text of the replay's own files by their names."""
    folder = files("bptm.assurance").joinpath("firmware_c")
    return {name: folder.joinpath(name).read_text() for name in _OWN} | {"replay_layout.h": _layout(core)}


def _layout(core: Core) -> str:
    tables = {table.struct: table for module in core.modules.values() for table in module.tables}
    digest = hashlib.sha256(layout().encode()).digest()
    lines = [
        "/* Fields that golden vectors set and trace, in their order. Made by `bptm firmware export`. */",
        "#ifndef BPTM_REPLAY_LAYOUT_H",
        "#define BPTM_REPLAY_LAYOUT_H",
        "",
        "enum { TYPE_I4, TYPE_I8, TYPE_F8 };",
        "",
        "typedef struct input_slot {",
        "    size_t offset;",
        "    int type;",
        "} input_slot;",
        "",
        "typedef struct traced_field {",
        "    size_t offset;",
        "    int type;",
        "    int in_modes; /* 1 for what targets with 32-bit floats share: no real, no energy */",
        "} traced_field;",
        "",
        "/* SHA-256 of names and types: vectors for other records are refused. */",
        f"#define LAYOUT_DIGEST {{ {', '.join(f'0x{byte:02x}' for byte in digest[:16])}, \\",
        f"    {', '.join(f'0x{byte:02x}' for byte in digest[16:])} }}",
        "",
        "static const input_slot SLOTS[] = {",
    ]
    for letter, struct in _SET:
        lines += [f"    {{ {_place(letter, tables[struct], at)} }}," for at in range(len(tables[struct].fields))]
    lines += ["};", "", "static const traced_field TRACED[] = {"]
    for letter, struct in _TRACED:
        table = tables[struct]
        for at, field in enumerate(table.fields):
            in_modes = 0 if field.type == "f8" or field.unit == "mW ticks" else 1
            lines.append(f"    {{ {_place(letter, table, at)}, {in_modes} }},")
    return "\n".join([*lines, "};", "", "#endif", ""])


def _place(letter: str, table: Table, at: int) -> str:
    field = table.fields[at]
    if field.length:
        msg = f"{table.struct}.{field.name} is an array; golden vectors trace plain fields only"
        raise UnsupportedError(msg)
    return f"offsetof(device_set, {letter}.{field.name}), TYPE_{field.type.upper()}"
