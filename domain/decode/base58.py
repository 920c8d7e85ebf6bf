"""Base58 text to bytes, fast: one large integer holds all digits, and they are joined at once."""

from functools import cache

from domain.errors import UnreadableError

ALPHABET = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LONGEST_TEXT = 14_000
"""An instruction carries at most 10,240 bytes, which are 13,985 characters."""

_DIGITS = bytes(ALPHABET.find(code) % 256 for code in range(256))
"""The digit of each letter, 255 where there is none."""


def base58_bytes(text: str) -> bytes:
    """Return the bytes that base58 *text* stands for, a zero byte for each leading ``1``.

    Raises:
        UnreadableError: *text* is not base58, or longer than any instruction.
    """
    if len(text) > LONGEST_TEXT:
        raise UnreadableError(f"instruction data of {len(text)} characters is too long")
    raw = text.encode("ascii", "replace")
    steps = max(len(raw) - 1, 0).bit_length()
    number = int.from_bytes(raw.translate(_DIGITS), "big")
    if number & _above(steps):
        raise UnreadableError("instruction data is not base58")
    for mask, shift, power in _lanes(steps):
        number = (number & mask) + (number >> shift & mask) * power
    bare = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return bare if raw[:1] != b"1" else bytes(len(raw) - len(raw.lstrip(b"1"))) + bare


@cache
def _above(steps: int) -> int:
    """Return the bit, in each of 2^*steps* bytes, that is set in no digit."""
    return int.from_bytes(b"\x80" * (1 << steps), "big")


@cache
def _lanes(steps: int) -> tuple[tuple[int, int, int], ...]:
    """Return what it takes to combine 2^*steps* digits: mask, shift and power of 58 per step.

    Each step joins neighbouring lanes, so lanes double in width: 8 bits hold a digit, 16 bits two,
    and a lane of 8n bits always holds 58^n.
    """
    return tuple((_mask(steps, step), 8 << step, int(58 ** (1 << step))) for step in range(steps))


def _mask(steps: int, step: int) -> int:
    """Return ones in every second lane of step *step*, over 2^*steps* bytes."""
    width = 1 << step
    return int.from_bytes((bytes(width) + b"\xff" * width) * (1 << (steps - step - 1)), "big")
