"""What our indices and aliases are called; pure.

A noun is kept in an index of a *generation*; trades in one per day of the chain. Readers use the
alias ``PREFIX-NOUN``, writers ``PREFIX-NOUN-write``, so that another generation can take the place
of the one before for all of them at once, and nobody can write while there is no write alias.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from domain.errors import UnreadableError
from views.elastic.entries import KINDS
from views.elastic.holdings import HoldingEntry
from views.elastic.mapping import mapping

FIRST = "g1"
DAY_SLOTS = 216_000
"""A day, at the 400 ms that a slot takes. Trades are divided by the slot in their ids, so that
every state of a trade stands in the same index, whatever becomes of its time."""
NOUNS = (*(noun for noun in KINDS if noun != "trades"), "holdings")
"""What has one index; the rest has one per day."""


class Place(NamedTuple):
    """Where a document belongs: its noun and, of trades, the day."""

    noun: str
    day: int | None = None


def place_of(noun: str, key: str) -> Place:
    """Return where the document of a key belongs.

    Raises:
        UnreadableError: the id of a trade does not begin with a slot.
    """
    if noun != "trades":
        return Place(noun)
    slot = key.partition(":")[0]
    if not slot.isascii() or not slot.isdigit():
        raise UnreadableError(f"The id of a trade begins with its slot; this is {key[:40]!r}.")
    return Place(noun, int(slot) // DAY_SLOTS)


class Names(NamedTuple):
    """The names of one store; ``generation`` None: of the one that is in use."""

    prefix: str
    generation: str | None = None

    def index_of(self, place: Place, generation: str) -> str:
        """Return the name of an index."""
        day = "" if place.day is None else f"-{place.day:06d}"
        return f"{self.prefix}-{place.noun}-{generation}{day}"

    def read(self, noun: str) -> str:
        """Return what is asked for documents of a noun."""
        if self.generation is None:
            return f"{self.prefix}-{noun}"
        # A pattern, so that what is not there yet is no error.
        return f"{self.prefix}-{noun}-{self.generation}" + ("-*" if noun == "trades" else "")

    def write(self, place: Place) -> str:
        """Return what is told of a document."""
        if self.generation is not None:
            return self.index_of(place, self.generation)
        day = "" if place.day is None else f"-{place.day:06d}"
        return f"{self.prefix}-{place.noun}{day}-write"

    def patterns(self) -> str:
        """Return which indices are ours."""
        return ",".join(f"{self.prefix}-{noun}-g*" for noun in (*NOUNS, "trades"))

    def parts(self, index: str) -> tuple[Place, str]:
        """Return what an index holds, and its generation."""
        noun, generation, *day = index.removeprefix(f"{self.prefix}-").split("-")
        return Place(noun, int(day[0]) if day else None), generation


def template(names: Names, noun: str) -> Mapping[str, Any]:
    """Return the template of the indices of a noun."""
    return {
        "index_patterns": [f"{names.prefix}-{noun}-g*"],
        "priority": 200,
        "template": {
            "settings": {
                # One shard holds what a launchpad brings; a day of trades has its own.
                "number_of_shards": 1,
                "auto_expand_replicas": "0-1",
            },
            "mappings": mapping_of(noun),
        },
    }


def mapping_of(noun: str) -> Mapping[str, Any]:
    """Return the mapping of a noun."""
    if noun == "holdings":
        return mapping(HoldingEntry, None)
    return mapping(KINDS[noun].entry, KINDS[noun].record)
