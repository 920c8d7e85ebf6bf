"""Links between posts and tokens: the fact that returns to the fold and the public record."""

from typing import Literal

from schemas.base import Record, Row
from schemas.fields import Mint
from schemas.post import Author

LinkStatus = Literal["matched", "ambiguous", "withdrawn"]


class Candidate(Record, frozen=True, kw_only=True, rename="camel"):
    """A post that might belong to a token, with its score in points."""

    id: str
    url: str
    score: float


class Link(Row, frozen=True, array_like=True, gc=False, tag="link"):
    """What the matcher says of one token, complete each time.

    ``delay_ms`` is launch time minus post time (negative when the token came first).
    ``confidence`` is 0 to 1; ``evidence`` names what spoke for it. A withdrawn link has no post.
    """

    mint: Mint
    status: LinkStatus
    post_id: str | None = None
    url: str | None = None
    text: str | None = None
    author: Author | None = None
    created_ms: int | None = None
    delay_ms: int | None = None
    confidence: float | None = None
    evidence: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()


class LinkRecord(Record, frozen=True, kw_only=True, rename="camel"):
    """A record of ``btracker.links``, keyed by mint; a tombstone when the link is withdrawn."""

    mint: Mint
    status: LinkStatus
    post_id: str | None
    url: str | None
    author: Author | None
    delay_ms: int | None
    confidence: float | None
    evidence: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    engine: str = "match/1"
