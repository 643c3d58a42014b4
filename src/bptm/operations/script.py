"""A command script: signed commands issued at set event times, as CSV `at,action,target`. Pure: text in, lines out.

    at,action,target
    +20h,hold_return,region:*
    2019-10-27T18:00Z,allow_return,BPTM-000042

The heading is optional; empty lines and lines that begin with `#` are passed over. `at` is a time after the event's
start (`+90m`, `+20h`, `+2d`) or an ISO instant, UTC unless it says otherwise.
"""

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from bptm.terms.codes import Action

HEADING = ("at", "action", "target")
REGION_PREFIX = "region:"
ALL_REGIONS = "region:*"
_ACTIONS = {"hold_return": Action.HOLD_RETURN, "allow_return": Action.ALLOW_RETURN}
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_AFTER = re.compile(r"\+(\d{1,9}(?:\.\d{1,6})?)([smhd])", re.ASCII)
_METER = re.compile(r"BPTM-(\d{6})", re.ASCII)


class ScriptError(ValueError):
    """A script cannot be used; the text names the line, what was expected and the value seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLine:
    """One line: what to issue, when, to whom."""

    number: int
    """Line of the file, from 1."""
    at_s: int
    action: Action
    target: str
    """`region:NAME`, `region:*` or a meter id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptScope:
    """What a script may speak of."""

    start_s: int
    end_s: int
    meters: int
    regions: Collection[str]


def instant_s(text: str, start_s: int) -> int | None:
    """Whole Unix seconds of `+20h` after a start, or of an ISO instant; None when it is neither."""
    after = _AFTER.fullmatch(text)
    if after is not None:
        return start_s + round(float(after.group(1)) * _UNIT_S[after.group(2)])
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return round(aware.timestamp())


def read_script(text: str, scope: ScriptScope) -> tuple[ScriptLine, ...]:
    """The lines of a script in the order of their times; lines of one time keep the file's order.

    Args:
        text: The file.
        scope: The run it is for.

    Raises:
        ScriptError: Which line, what was expected, the value seen.
    """
    lines: list[ScriptLine] = []
    reader = csv.reader(text.splitlines(), strict=True)
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            if not any(cells) or cells[0].startswith("#") or cells == HEADING:
                continue
            lines.append(_line(reader.line_num, cells, scope))
    except csv.Error as error:
        msg = f"line {reader.line_num}: not CSV ({error}); expected at,action,target"
        raise ScriptError(msg) from error
    if not lines:
        msg = "holds no command; expected lines such as '+20h,hold_return,region:*'"
        raise ScriptError(msg)
    return tuple(sorted(lines, key=lambda line: line.at_s))


def _line(number: int, cells: tuple[str, ...], scope: ScriptScope) -> ScriptLine:
    if len(cells) != len(HEADING):
        raise _bad(number, "three values at,action,target", ",".join(cells))
    at_text, action_text, target = cells
    at_s = instant_s(at_text, scope.start_s)
    if at_s is None:
        raise _bad(number, "at such as +20h or 2019-10-27T18:00Z", at_text)
    if not scope.start_s <= at_s < scope.end_s:
        length_h = (scope.end_s - scope.start_s) / 3600
        raise _bad(number, f"at within the run, +0h to before +{length_h:g}h", at_text)
    action = _ACTIONS.get(action_text)
    if action is None:
        raise _bad(number, f"action {' or '.join(_ACTIONS)}", action_text)
    _check_target(number, target, scope)
    return ScriptLine(number=number, at_s=at_s, action=action, target=target)


def _check_target(number: int, target: str, scope: ScriptScope) -> None:
    if target == ALL_REGIONS:
        return
    if target.startswith(REGION_PREFIX):
        if target.removeprefix(REGION_PREFIX) not in scope.regions:
            known = ", ".join(sorted(scope.regions)[:12])
            raise _bad(number, f"region:* or region: and one of {known}", target)
        return
    meter = _METER.fullmatch(target)
    if meter is None:
        raise _bad(number, "target region:NAME, region:* or a meter such as BPTM-000042", target)
    if not 1 <= int(meter.group(1)) <= scope.meters:
        raise _bad(number, f"a meter from BPTM-000001 to BPTM-{scope.meters:06d}", target)


def _bad(number: int, expected: str, seen: str) -> ScriptError:
    return ScriptError(f"line {number}: expected {expected}, found {seen[:80]!r}")
