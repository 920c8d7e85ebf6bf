"""The answer of a feed of prices -> one price and its time, exactly as the feed writes them."""

import json
from decimal import Decimal
from typing import Any, NamedTuple

from domain.amounts import seconds_of
from domain.dollars import Worth, worth_of
from domain.errors import UnreadableError
from schemas.fields import ChainTime

Pointer = tuple[str, ...]
"""The steps of a JSON pointer."""
_MILLISECONDS = Decimal(10) ** 11
"""A time of so many seconds is past the year 5000: it is one in milliseconds."""
_NO_VALUES = "NaN and infinities are no JSON"


class Quoted(NamedTuple):
    """What a feed says: a price, and since when it holds; None: it does not say."""

    worth: Worth
    time: ChainTime | None


def pointer(text: str) -> Pointer:
    """Return the steps of a JSON pointer. Source: RFC 6901.

    >>> pointer("/data/0/a~1b")
    ('data', '0', 'a/b')

    Raises:
        UnreadableError: it is none.
    """
    if not text.startswith("/"):
        raise UnreadableError(f"{text[:60]!r} is no JSON pointer, such as /data/amount")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))


def quoted(body: bytes, *, price: Pointer, time: Pointer | None) -> Quoted:
    """Return what stands in a feed's answer. Numbers are read digit by digit, never as floats.

    A time is in seconds or milliseconds since 1970, or RFC 3339.

    Raises:
        UnreadableError: it is no JSON, or there is no price, or no time, where one should be.
    """
    try:
        document = json.loads(body, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise UnreadableError(f"the feed's answer is no JSON ({str(error)[:100]})") from error
    said = _at(document, price)
    if not isinstance(said, str | Decimal):
        raise UnreadableError(f"there is no number at /{'/'.join(price)}")
    return Quoted(worth_of(said), None if time is None else _time(_at(document, time), time))


def _at(document: Any, steps: Pointer) -> Any:
    here = document
    for step in steps:
        if isinstance(here, dict):
            here = here.get(step)
        elif isinstance(here, list) and step.isascii() and step.isdigit():
            here = here[int(step[:9])] if int(step[:9]) < len(here) else None
        else:
            return None
    return here


def _time(said: Any, steps: Pointer) -> ChainTime:
    if isinstance(said, str) and not said.isdigit():
        return seconds_of(said)
    if not isinstance(said, str | Decimal) or not 0 < Decimal(said) < _MILLISECONDS * 1000:
        raise UnreadableError(f"there is no time at /{'/'.join(steps)}")
    number = Decimal(said)
    return int(number / 1000 if number >= _MILLISECONDS else number)


def _refuse(_: str) -> None:
    raise ValueError(_NO_VALUES)
