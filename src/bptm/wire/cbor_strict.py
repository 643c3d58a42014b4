"""One CBOR item to Python values and back, in the one deterministic form; the adapter of `cbor2`.

Every message has exactly one encoding: RFC 8949 section 4.2.1 (shortest lengths, shortest exact floats, sorted
keys, nothing indefinite). A decoder that takes no other form leaves no room for two byte strings with one
meaning, so hashes and signatures mean what they seem to. Tags are refused before they are built: cbor2 would
turn some of them into big numbers, patterns or dates, which cost time that a stranger chooses.
"""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, NoReturn, cast

import cbor2

from bptm.wire.errors import WireError

MESSAGE_BYTES_MAX = 65536
"""No message is longer. A quarter of an hour of telemetry takes about 600 bytes, so 64 KiB is room for two days."""

_SHOWN_CHARS_MAX = 60

_DEPTH_MAX = 4
"""Map, array of reports, report, and one to spare."""

# Every tag that cbor2 has a decoder for; all others reach the tag hook.
_TAGS_BUILT_IN = (*range(64), 100, 256, 258, 260, 261, 1004, 43000, 55799)


def _refuse_tag(*_args: Any) -> NoReturn:
    msg = "a tag stands where none belongs"
    raise cbor2.CBORDecodeError(msg)


_NO_TAGS: dict[int, Any] = dict.fromkeys(_TAGS_BUILT_IN, _refuse_tag)
_dumps = cast("Callable[..., bytes]", cbor2.dumps)


def dump(item: object) -> bytes:
    """The one encoding of `item`, made of int, float, bytes, str, tuple and dict."""
    return _dumps(item, canonical=True)


def load(encoded: bytes, what: str) -> object:
    """The one item that `encoded` holds: arrays come as tuples, maps as immutable mappings.

    Args:
        encoded: The whole message.
        what: What it should be, for the sentence.

    Raises:
        WireError: Too long, damaged, followed by more, nested too deep, tagged, or not in the deterministic form.
    """
    if len(encoded) > MESSAGE_BYTES_MAX:
        msg = f"{what}: {len(encoded)} bytes, the limit is {MESSAGE_BYTES_MAX}"
        raise WireError(msg)
    try:
        item = cast(
            "object",
            cbor2.loads(
                encoded,
                max_depth=_DEPTH_MAX,
                allow_indefinite=False,
                allow_duplicate_keys=False,
                immutable=True,
                semantic_decoders=_NO_TAGS,
                tag_hook=_refuse_tag,
            ),
        )
        again = _dumps(item, canonical=True)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError) as error:
        msg = f"{what}: not readable as CBOR: {error}"
        raise WireError(msg) from error
    if again != encoded:
        msg = f"{what}: {len(encoded)} bytes are not the deterministic CBOR of their content ({len(again)} bytes)"
        raise WireError(msg)
    return item


def fields_of(item: object, count: int, what: str) -> Mapping[int, object]:
    """`item` as a map with the keys 0 ... count-1, no more and no fewer.

    Raises:
        WireError: Anything else.
    """
    if not isinstance(item, Mapping):
        msg = f"{what}: expected a map, found {type(item).__name__}"
        raise WireError(msg)
    fields = cast("Mapping[int, object]", item)
    keys = set(fields)
    if keys != set(range(count)):
        msg = f"{what}: expected the keys 0 to {count - 1}, found {sorted(map(str, keys))[:20]}"
        raise WireError(msg)
    return fields


def whole(value: object, low: int, high: int, what: str) -> int:
    """`value` as a whole number from `low` to `high`.

    Raises:
        WireError: Another type (a truth value is not a number), or outside.
    """
    if type(value) is not int or not low <= value <= high:
        msg = f"{what}: expected a whole number from {low} to {high}, found {_shown(value)}"
        raise WireError(msg)
    return value


def real(value: object, what: str) -> float:
    """`value` as a finite float.

    Raises:
        WireError: Another type, NaN or infinite.
    """
    if type(value) is not float or not isfinite(value):
        msg = f"{what}: expected a finite floating-point number, found {_shown(value)}"
        raise WireError(msg)
    return value


def byte_string(value: object, low: int, high: int, what: str) -> bytes:
    """`value` as `low` to `high` bytes.

    Raises:
        WireError: Another type or length.
    """
    if type(value) is not bytes or not low <= len(value) <= high:
        msg = f"{what}: expected {low} to {high} bytes, found {_shown(value)}"
        raise WireError(msg)
    return value


def text(value: object, what: str) -> str:
    """`value` as text.

    Raises:
        WireError: Another type.
    """
    if type(value) is not str:
        msg = f"{what}: expected text, found {_shown(value)}"
        raise WireError(msg)
    return value


def array(value: object, count_max: int, what: str) -> tuple[object, ...]:
    """`value` as an array of at most `count_max` items.

    Raises:
        WireError: Another type, or longer.
    """
    if type(value) is not tuple:
        msg = f"{what}: expected an array, found {_shown(value)}"
        raise WireError(msg)
    items = cast("tuple[object, ...]", value)
    if len(items) > count_max:
        msg = f"{what}: {len(items)} items, the limit is {count_max}"
        raise WireError(msg)
    return items


def _shown(value: object) -> str:
    """`value` short enough for a sentence."""
    shown = repr(value)
    cut = shown if len(shown) <= _SHOWN_CHARS_MAX else f"{shown[:_SHOWN_CHARS_MAX]}..."
    return f"{type(value).__name__} {cut}"
