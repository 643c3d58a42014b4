"""What the exported controller needs to sit on the bench: its client, and the names of its inputs and settings.

Exported into a folder of its own, so that the replay beside the core still builds from `*.c`.
"""

from importlib.resources import files

from bptm.terms import core_device, core_metrology, core_settings

_RECORDS = (
    ("m", "bptm_measured"),
    ("r", "bptm_interlock_input"),
    ("p", "bptm_settings"),
    ("s", "bptm_device"),
    ("k", "bptm_interlock"),
    ("a", "bptm_meter"),
    ("g", "bptm_metrology"),
    ("w", "bptm_wave"),
    ("t", "bptm_reading"),
    ("y", "bptm_block"),
    ("e", "bptm_energy"),
    ("q", "bptm_quality"),
    ("d", "bptm_detector"),
)
TELLS = (
    ("mode", "s"),
    ("step", "s"),
    ("cause", "s"),
    ("latched", "s"),
    ("fed_by", "s"),
    ("events", "s"),
    ("u_order", "s"),
    ("b_order", "s"),
    ("u_contact", "s"),
    ("b_contact", "s"),
    ("utility_in_mwticks", "s"),
    ("utility_out_mwticks", "s"),
    ("backup_in_mwticks", "s"),
    ("backup_out_mwticks", "s"),
    ("unassigned_mwticks", "s"),
    ("starts", "s"),
)
"""What the client tells the bench beside its orders, and the record that holds it."""


def bench_files() -> dict[str, str]:
    """Text of the client's files by their names."""
    client = files("bptm.assurance").joinpath("firmware_c/bench_client.c").read_text(encoding="utf-8")
    return {"bench/bench_client.c": client, "bench/bench_layout.h": _layout()}


def _layout() -> str:
    measured = {name: kind for name, kind, _unit, _meaning in core_device.MEASURED_FIELDS}
    own = {name: kind for name, kind, _unit, _meaning in core_device.INTERLOCK_INPUT_FIELDS}
    device = {name: kind for name, kind, _unit, _meaning in core_device.DEVICE_FIELDS}
    settings = {name: kind for name, kind, _unit, _meaning in core_settings.FIELDS}
    metrology = {row[0]: row[1] for row in core_metrology.SETTINGS}
    inputs = [*((name, f"m.{name}", kind) for name, kind in measured.items())]
    inputs += [(f"interlock_{name}", f"r.{name}", kind) for name, kind in own.items()]
    inputs += [("remote_action", "remote_action", "i8"), ("remote_hold_ticks", "remote_hold_ticks", "i8")]
    named = [(f"controller.{name}", f"p.{name}", kind) for name, kind in settings.items()]
    named += [(f"metrology.{name}", f"g.{name}", kind) for name, kind in metrology.items()]
    tells = [(name, f"{record}.{name}", device[name]) for name, record in TELLS]
    lines = [
        "/* Names that the bench uses for inputs and settings. Made by `bptm firmware export`. */",
        "#ifndef BPTM_BENCH_LAYOUT_H",
        "#define BPTM_BENCH_LAYOUT_H",
        "",
        "/* One whole meter. */",
        "typedef struct meter {",
        *(f"    {struct} {letter};" for letter, struct in _RECORDS),
        "    int64_t remote_action;",
        "    int64_t remote_hold_ticks;",
        "} meter;",
        "",
        "enum { TYPE_I4, TYPE_I8, TYPE_F8 };",
        "",
        "typedef struct named_field {",
        "    const char *name;",
        "    size_t offset;",
        "    int type;",
        "} named_field;",
        "",
    ]
    for table, rows in (("INPUTS", inputs), ("SETTINGS", named), ("TELLS", tells)):
        lines += [f"static const named_field {table}[] = {{"]
        lines += [f'    {{ "{name}", offsetof(meter, {place}), TYPE_{kind.upper()} }},' for name, place, kind in rows]
        lines += ["};", ""]
    return "\n".join([*lines, "#endif", ""])
