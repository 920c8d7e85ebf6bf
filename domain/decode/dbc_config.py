"""What Meteora DBC's configuration events state of a curve: start price, threshold, decimals."""

from collections.abc import Mapping, Sequence
from struct import Struct
from typing import NamedTuple

from domain.decode.program import Event
from domain.errors import UnreadableError

_OPTION = 155
"""Where the optional dynamic fee begins: a flag, then 32 bytes if it is set."""
_DYNAMIC_FEE_BYTES = 32

# Offsets below count from the end of that option. They are equal in the IDLs 0.1.4 and 0.2.1;
# newer versions differ only behind them.
_LAYOUTS: Mapping[str, Struct] = {
    # Token decimals 3, threshold 17, start price 33.
    "EvtCreateConfig": Struct("<3x B 5x 8x Q 8x QQ"),
    # Token decimals 4, threshold 9, start price 17.
    "EvtCreateConfigV2": Struct("<4x B 4x Q QQ"),
    "EvtCreateConfigV2WithTransferHook": Struct("<4x B 4x Q QQ"),
}


CONFIG_EVENTS = frozenset(_LAYOUTS)


class CurveConfig(NamedTuple):
    """The start of a curve; a field is None where the events do not agree on it."""

    decimals: int | None
    threshold: int | None
    start_sqrt_price: int | None


def read_config(events: Sequence[Event]) -> CurveConfig:
    """Return what the configuration events of one instruction agree on.

    Raises:
        UnreadableError: one of them is too short.
    """
    stated = [_read(event) for event in events]
    return CurveConfig(*(_agreed(values) for values in zip(*stated, strict=True)))


def _read(event: Event) -> tuple[int, int, int]:
    layout = _LAYOUTS[event.name]
    is_dynamic = event.body[_OPTION : _OPTION + 1] == b"\x01"
    start = _OPTION + 1 + _DYNAMIC_FEE_BYTES * is_dynamic
    if len(event.body) < start + layout.size:
        raise UnreadableError(
            f"{event.name} ({event.discriminator.hex()}) has {len(event.body)} bytes "
            f"instead of {start + layout.size}"
        )
    decimals, threshold, low, high = layout.unpack_from(event.body, start)
    return decimals, threshold, low | high << 64


def _agreed(values: Sequence[int]) -> int | None:
    return values[0] if len(set(values)) == 1 else None
