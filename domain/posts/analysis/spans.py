"""Something found in a text, and where."""

from typing import NamedTuple


class Found(NamedTuple):
    """What was found, the characters ``start`` to ``end``, and how much it weighs."""

    name: str
    start: int
    end: int
    weight: int = 1


def lower(text: str) -> str:
    """Return *text* in lower case, character by character: places stay where they are."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(low if len(low := one.lower()) == 1 else one for one in text)
