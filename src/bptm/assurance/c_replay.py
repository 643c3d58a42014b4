"""What the C replay of golden vectors needs beside the core: its program, and the layout of the traced records."""

import hashlib
from importlib.resources import files

from bptm.assurance.c_body import c_name
from bptm.assurance.c_source import Table, UnsupportedError
from bptm.assurance.c_types import Core, Signature
from bptm.assurance.replay_plain import COARSE, OBSERVED_EVERY, OBSERVERS, WORDS, layout

_OWN = ("replay.c", "sha256.c", "sha256.h")
_TRACED = (("s", "bptm_device"), ("k", "bptm_interlock"))
_SET = (("m", "bptm_measured"), ("r", "bptm_interlock_input"), ("p", "bptm_settings"), *_TRACED)


def replay_files(core: Core) -> dict[str, str]:
    """Text of the replay's own files by their names."""
    folder = files("bptm.assurance").joinpath("firmware_c")
    return {name: folder.joinpath(name).read_text() for name in _OWN} | {"replay_layout.h": _layout(core)}


def _layout(core: Core) -> str:
    tables = {table.struct: table for module in core.modules.values() for table in module.tables}
    digest = hashlib.sha256(layout().encode()).digest()
    own = _observers_records(core)
    headers = {core.signatures[_key(core, observer.name)].key[0] for observer in OBSERVERS}
    headers |= {table.module for table, _settings in own.values()}
    headers |= {core.signatures[_key(core, word.name)].key[0] for word in WORDS}
    lines = [
        "/* Fields that golden vectors set and trace, in their order. Made by `bptm firmware export`. */",
        "#ifndef BPTM_REPLAY_LAYOUT_H",
        "#define BPTM_REPLAY_LAYOUT_H",
        "",
        *(f'#include "{name.rpartition(".")[2]}.h"' for name in sorted(headers)),
        "",
        "/* A controller, its inputs, and what its observers keep. */",
        "typedef struct device_set {",
        *(f"    {struct} {letter};" for letter, struct in _SET),
        *(f"    {table.struct} {letter};" for letter, (table, _settings) in own.items()),
        "} device_set;",
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
        "    int count;",
        "} traced_field;",
        "",
        "/* SHA-256 of names and types: vectors for other records are refused. */",
        f"#define LAYOUT_DIGEST {{ {', '.join(f'0x{byte:02x}' for byte in digest[:16])}, \\",
        f"    {', '.join(f'0x{byte:02x}' for byte in digest[16:])} }}",
        "",
        f"#define OBSERVED_EVERY {OBSERVED_EVERY}",
        "",
        "static const input_slot SLOTS[] = {",
    ]
    for letter, struct in _SET:
        lines += [f"    {{ {_place(letter, tables[struct], at)} }}," for at in range(len(tables[struct].fields))]
    for letter, (table, is_settings) in own.items():
        lines += [f"    {{ {_place(letter, table, at)} }}," for at in range(len(table.fields)) if is_settings]
    lines += ["};", "", "static const traced_field TRACED[] = {"]
    for letter, struct in _TRACED:
        lines += [
            f"    {{ {_place(letter, tables[struct], at)}, {_in_modes(tables[struct], at)}, 1 }},"
            for at in range(len(tables[struct].fields))
        ]
    lines += [
        "};",
        "",
        "/* Its last row ends it: a table of C is never empty. */",
        "static const traced_field OBSERVED[] = {",
    ]
    for letter, (table, is_settings) in own.items():
        for field in table.fields if not is_settings else ():
            place = f"offsetof(device_set, {letter}.{field.name}), TYPE_{field.type.upper()}"
            lines.append(f"    {{ {place}, 0, {field.length or 1} }},")
    lines += ["    { 0, 0, 0, 0 }", "};", "", *_calls(core, own), "", "#endif", ""]
    return "\n".join(lines)


def _key(core: Core, entry: str) -> tuple[str, str]:
    found = [key for key in core.signatures if key[1] == entry and core.is_public(key)]
    if len(found) != 1:
        msg = f"{entry} is in {len(found)} files of the controller; an observer's entry has one name of its own"
        raise UnsupportedError(msg)
    return found[0]


def _observers_records(core: Core) -> dict[str, tuple[Table, bool]]:
    """Each observer's own records by their letter, and whether one holds settings."""
    own: dict[str, tuple[Table, bool]] = {}
    for observer in OBSERVERS:
        signature: Signature = core.signatures[_key(core, observer.name)]
        of_letter = dict(zip(observer.letters, signature.parameters[:-1], strict=True))
        for letter, _fields, defaults in observer.own:
            own[letter] = signature.records[of_letter[letter]], defaults is not None
    return own


def _calls(core: Core, own: dict[str, tuple[Table, bool]]) -> list[str]:
    """C that begins the observers, and that calls them."""
    lines = ["/* Observers begin with their records zero and their settings at the defaults. */"]
    lines += ["static void begin_observers(device_set *d)", "{", "    (void)d;"]
    lines += [f"    d->{letter} = {table.struct}_default;" for letter, (table, settings) in own.items() if settings]
    for observer in OBSERVERS:
        if observer.begin:
            lines.append(f"    {c_name(core, *_key(core, observer.begin))}(&d->{observer.letters[0]});")
    lines += ["}", "", "static void call_observers(device_set *d, int64_t ticks)", "{"]
    lines += ["    (void)d;", "    (void)ticks;"]
    for observer in OBSERVERS:
        arguments = ", ".join(f"&d->{letter}" for letter in observer.letters)
        lines.append(f"    {c_name(core, *_key(core, observer.name))}({arguments}, ticks);")
    return [*lines, "}", "", *_words(core)]


def _words(core: Core) -> list[str]:
    """C that says a word to an observer and gives its answer; 0 for one without."""
    lines = [f"#define WORDS_KNOWN {len(WORDS)}", ""]
    lines += ["/* What a person or the host says to an observer, by its number in the vectors. */"]
    lines += ["static int64_t say_word(device_set *d, uint64_t word, int64_t a, int64_t b, int64_t c)", "{"]
    lines += ["    (void)b;", "    (void)c;", "    switch (word) {"]
    for number, word in enumerate(WORDS):
        key = _key(core, word.name)
        said = [f"(bptm_real)((double)a / {COARSE!r})"] if word.share else ["a", "b", "c"][: word.count]
        call = f"{c_name(core, *key)}({', '.join([*(f'&d->{letter}' for letter in word.letters), *said])})"
        lines.append(f"    case {number}:")
        lines += (
            [f"        return {call};"]
            if core.signatures[key].returns_value
            else [f"        {call};", "        return 0;"]
        )
    return [*lines, "    default:", "        return 0;", "    }", "}"]


def _in_modes(table: Table, at: int) -> int:
    field = table.fields[at]
    return 0 if field.type == "f8" or field.unit == "mW ticks" else 1


def _place(letter: str, table: Table, at: int) -> str:
    field = table.fields[at]
    if field.length:
        msg = f"{table.struct}.{field.name} is an array; golden vectors set and trace plain fields of the device only"
        raise UnsupportedError(msg)
    return f"offsetof(device_set, {letter}.{field.name}), TYPE_{field.type.upper()}"
