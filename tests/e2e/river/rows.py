"""The rows of the summing agents, and their changelogs; importing them declares no agent."""

import msgspec

from schemas.topics import RAW_CHAIN
from streams.topics import changelog_of


class Sum(msgspec.Struct, frozen=True, array_like=True):
    """A sum of what was sent with one key, through an offset."""

    total: int = 0
    count: int = 0
    through: int = -1


SUMS = changelog_of("sums", RAW_CHAIN, Sum)
ENDS = changelog_of("ends", RAW_CHAIN, Sum)
