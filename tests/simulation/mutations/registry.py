"""Where seeded bugs are listed, each under one sentence that says what is wrong."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Patch(NamedTuple):
    """What stands in the place of a name."""

    where: Any
    name: str
    value: Any


Patches = list[Patch]
MUTATIONS: dict[str, Callable[[], Patches]] = {}


def mutation(sentence: str) -> Callable[[Callable[[], Patches]], Callable[[], Patches]]:
    """List what a function gives as one seeded bug."""

    def register(make: Callable[[], Patches]) -> Callable[[], Patches]:
        MUTATIONS[sentence] = make
        return make

    return register
