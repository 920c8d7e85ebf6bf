"""Base58 text to bytes, fast: one large integer holds all digits, and they are joined at once."""

from functools import cache

from domain.errors import UnreadableError

ALPHABET = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LONGEST_TEXT = 14_000
"""An instruction carries at most 10,240 bytes, which are 13,985 characters."""

_DIGITS = bytes(ALPHABET.find(code) % 256 for code in range(256))


def base58_bytes(text: str) -> bytes:
    """Return the bytes that base58 *text* stands for, a zero byte for each leading ``1``.

    Raises:
        UnreadableError: *text* is not base58, or longer than any instruction.
    """
    if len(text) > LONGEST_TEXT:
        raise UnreadableError(f"instruction data of {len(text)} characters is too long")
    raw = text.encode("ascii", "replace")
    if raw.translate(None, ALPHABET):
        raise UnreadableError("instruction data is not base58")
    number = int.from_bytes(raw.translate(_DIGITS), "big")
    for mask, shift, power in _lanes(max(len(raw) - 1, 0).bit_length()):
        number = (number & mask) + (number >> shift & mask) * power
    zeros = len(raw) - len(raw.lstrip(b"1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


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
