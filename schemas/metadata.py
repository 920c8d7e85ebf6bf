"""Records of ``btracker.metadata``, keyed by mint: the off-chain document behind a launch's uri."""

from schemas.base import Row
from schemas.fields import ChainTime, Mint


class Metadata(Row, frozen=True, array_like=True, gc=False, tag="metadata"):
    """The first version seen of a token's document, reduced to the fields we read.

    All text is untrusted. ``error`` says why there is no document (all else is then empty).
    The ``post_…`` fields are what a launchpad wrote about the post that asked for the token.
    """

    mint: Mint
    uri: str
    fetched_at: ChainTime
    name: str | None = None
    symbol: str | None = None
    description: str | None = None
    image: str | None = None
    website: str | None = None
    x: str | None = None
    telegram: str | None = None
    post_id: str | None = None
    post_conversation_id: str | None = None
    post_author_id: str | None = None
    post_author: str | None = None
    error: str | None = None
