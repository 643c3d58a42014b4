"""The generator compatibility list: the one that ships, or a utility's own, checked row by row."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bptm.planning.generators import PLUGS, Generator, Neutral, Verdict, judge
from bptm.program.duck import Tables, quoted
from bptm.program.layout import Column, Kind, Layout, RowRule, nearest, plain
from bptm.program.page import Mark
from bptm.program.rows import Source, read_table
from bptm.terms.refusals import Refused, Unmet

SHIPPED = Path(str(files("bptm.program") / "data" / "generators.csv"))

_PLUG_LIST = ", ".join(quoted(plug) for plug in sorted(PLUGS))
_MARKS = ", ".join(quoted(mark.value) for mark in Mark)
LIST = Layout(
    name="generators",
    columns=(
        Column(name="name", also=("name", "model"), value_needed=True),
        Column(name="plug", also=("plug", "outlet", "receptacle"), value_needed=True),
        Column(name="outlet_v", also=("outlet_v", "volts"), kind=Kind.NUMBER, low=100, high=250),
        Column(name="breaker_a", also=("breaker_a", "breaker"), kind=Kind.NUMBER, low=1, high=200),
        Column(name="neutral", also=("neutral",)),
        Column(name="inverter", also=("inverter",), kind=Kind.FLAG),
        Column(name="co_shutoff", also=("co_shutoff", "CO shutoff"), kind=Kind.FLAG),
        Column(name="running_w", also=("running_w", "watts"), kind=Kind.NUMBER, needed=False, low=100, high=200_000),
        Column(name="source", also=("source",), value_needed=True),
        Column(name="mark", also=("mark",), value_needed=True),
    ),
    rules=(
        RowRule(
            wrong_when=f"plug NOT IN ({_PLUG_LIST})",
            reason=f"'plug is ' || plug || {quoted(', expected one of ' + ', '.join(sorted(PLUGS)))}",
        ),
        RowRule(
            wrong_when="neutral IS NOT NULL AND lower(neutral) NOT IN ('floating', 'bonded', 'unknown')",
            reason="'neutral is ' || neutral || ', expected floating, bonded or unknown'",
        ),
        RowRule(
            wrong_when=f"mark NOT IN ({_MARKS})",
            reason=f"'mark is ' || mark || {quoted(', expected one of: ' + '; '.join(mark.value for mark in Mark))}",
        ),
        RowRule(
            wrong_when="outlet_v = 240 AND plug IN ('5-15', '5-20', 'L5-20', 'L5-30', 'TT-30')",
            reason="'a plug ' || plug || ' has one hot of 120 V, and outlet_v says 240'",
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorList:
    """A list of generators, each with what is said about it."""

    judged: tuple[tuple[Generator, Verdict], ...]
    source: Source

    def find(self, name: str) -> tuple[tuple[Generator, Verdict], ...] | Refused:
        """Those whose name holds every word of `name`; refused with the nearest when there is none."""
        words = [plain(word) for word in name.split()]
        found = tuple(pair for pair in self.judged if all(word in plain(pair[0].name) for word in words))
        if found:
            return found
        near = nearest((name,), [generator.name for generator, _ in self.judged])
        return Refused(
            unmet=(
                Unmet(
                    element=f"generator {name!r}",
                    found="not in the list, so nothing is known about it: treat it as unsafe",
                    needs=f"one of {len(self.judged)} in {self.source.path.name}",
                    remedy=f"Nearest: {near}." if near else "List them with: bptm program generator",
                ),
            )
        )


def read_generators(tables: Tables, path: Path = SHIPPED, refused_to: Path | None = None) -> GeneratorList | Refused:
    """A list, each row judged; rows that cannot be are refused one by one."""
    source = read_table(tables, path, LIST, "generators", refused_to)
    if isinstance(source, Refused):
        return source
    judged: list[tuple[Generator, Verdict]] = []
    for row in tables.records("SELECT * EXCLUDE (line) FROM generators ORDER BY line"):
        generator = Generator(
            name=row["name"],
            plug=row["plug"],
            outlet_v=row["outlet_v"],
            breaker_a=row["breaker_a"],
            neutral=Neutral(str(row["neutral"] or "unknown").lower()),
            inverter=row["inverter"],
            co_shutoff=row["co_shutoff"],
            running_w=row["running_w"],
            source=row["source"],
            mark=row["mark"],
        )
        judged.append((generator, judge(generator)))
    return GeneratorList(judged=tuple(judged), source=source)
