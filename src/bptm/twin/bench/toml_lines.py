"""Where each key of a TOML text stands: `tomllib` reads values and keeps no lines, and a fault has to name one."""

import re
from dataclasses import dataclass

Place = tuple[str | int, ...]
"""Names and, in an array of tables, numbers from 0: `("at", 2, "utility", "neutral_ohm")`."""

_TABLE = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*((?:\"[^\"]*\"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:\"[^\"]*\"|'[^']*'|[\w-]+))*)\s*=")
_PART = re.compile(r"\"([^\"]*)\"|'([^']*)'|([\w-]+)")
_INLINE = re.compile(r"[{,]\s*((?:\"[^\"]*\"|[\w-]+)(?:\s*\.\s*(?:\"[^\"]*\"|[\w-]+))*)\s*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines of one file, by place."""

    at: dict[Place, int]

    def of(self, place: Place) -> int:
        """Line of a place, or of the nearest thing around it that has one; 0 for the file."""
        while place and place not in self.at:
            place = place[:-1]
        return self.at.get(place, 0)


def lines_of(text: str) -> Lines:
    """Lines of every table and key, also of keys in a table written on one line."""
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.split("\n"), start=1):
        head = _TABLE.match(line)
        if head:
            table = _parts(head.group(2))
            if head.group(1) == "[[":
                index = counts.get(table, -1) + 1
                counts[table] = index
                found.setdefault(table, number)
                table = (*table, index)
            elif len(table) > 1 and table[:1] in counts:
                table = (table[0], counts[table[:1]], *table[1:])
            found.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            place = (*table, *_parts(key.group(1)))
            for length in range(len(table) + 1, len(place) + 1):
                found.setdefault(place[:length], number)
            for inner in _INLINE.finditer(line[key.end() :]):
                found.setdefault((*place, *_parts(inner.group(1))), number)
    return Lines(at=found)


def _parts(words: str) -> tuple[str, ...]:
    return tuple(next(part for part in match if part) for match in _PART.findall(words))
