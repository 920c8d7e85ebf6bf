"""The median of whole results: of each figure by itself."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, TypeVar

import msgspec

R = TypeVar("R", bound=msgspec.Struct)

WORST: Mapping[str, Callable[[list[Any]], Any]] = {
    "missing": max, "failed": max, "lost": max, "received": min, "peak_memory_mib": max,
}  # fmt: skip
"""Figures of which the worst counts: what was lost once was lost."""


def medians(results: Sequence[R]) -> R:
    """Return a result whose figures are the medians of those of all *results*.

    What is no figure is that of the first. A figure that some lack is the median of the others.
    """
    middle: R = _middle(results, "")
    return middle


def _middle(values: Sequence[Any], name: str) -> Any:
    first = next((value for value in values if value is not None), None)
    present = [value for value in values if value is not None]
    match first:
        case None | bool() | str():
            return first
        case int() | float():
            middle = WORST.get(name, median)(present)
            return round(middle) if isinstance(first, int) else round(middle, 3)
        case msgspec.Struct():
            fields = {
                field: _middle([getattr(one, field) for one in present], field)
                for field in first.__struct_fields__
            }
            return type(first)(**fields)
        case Mapping():
            return {key: _middle([one[key] for one in present], key) for key in first}
        case _:
            return type(first)(_middle(each, name) for each in zip(*present, strict=True))
