"""Made-up claims, as short as the test that needs them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from domain.match.matcher import CLOCKS, Matched, Matcher
from schemas.chain_events import Config, Launch
from schemas.claim import Claim, LaunchClaim, SourceClock
from schemas.claim_rows import ClaimRow
from schemas.event import Clock, Op
from schemas.link import Link
from schemas.metadata import Metadata
from schemas.place import OUTER, Place, RawPosition
from schemas.post import Author, Command, Post, PostClaim

T0 = 1_790_000_000
EPOCH = 5_000_000
RAW_PARTITIONS = 2


def launch(
    mint: str = "M", symbol: str = "BOOM", name: str = "Boom Box", *, at: int = 45,
    op: Op = Op.APPLY, launchpad: str = "believe", slot: int = 100, config: str = "C",
) -> LaunchClaim:  # fmt: skip
    """Return a launch *at* seconds after T0; only Believe's is signed by its authority."""
    event = Launch(
        mint, "pool", "program", "meteora-dbc", launchpad, config, "creator", "signer", name,
        symbol, "uri", "quote", 6, 9, None, launchpad == "believe",
    )  # fmt: skip
    return LaunchClaim(op, Place(slot, 0, 1, OUTER, f"sig-{mint}"), T0 + at, event)


def post(
    post_id: str = "1", ticker: str | None = "BOOM", name: str | None = "Boom Box", *,
    at: float = 0.0, author: str = "7", username: str | None = "who", confidence: float = 0.95,
    **changes: Any,
) -> PostClaim:  # fmt: skip
    """Return a post with a command to Believe (none without ticker and name)."""
    command = Command(
        addressee="launchcoin", launcher="believe", ticker=ticker, name=name, tier="A",
        confidence=confidence,
    )  # fmt: skip
    made = Post(
        id=post_id, url=f"https://x.com/{username}/status/{post_id}", text=f"post {post_id}",
        author=Author(id=author, username=username), created_at="",
        created_ms=int((T0 + at) * 1000), conversation_id=post_id,
        command=command if ticker or name else None, edit_ids=(post_id,),
    )  # fmt: skip
    return PostClaim(replace(made, **changes))


def document(mint: str = "M", *, at: int = 47, **changes: Any) -> Metadata:
    """Return a document fetched *at* seconds after T0."""
    return replace(Metadata(mint, "uri", T0 + at), **changes)


def config(address: str = "C", threshold: int = 85) -> Config:
    """Return a curve configuration."""
    return Config(address, "program", "meteora-dbc", "quote", 6, threshold, None)


def clock(partition: int, *, at: int, complete: int, offset: int = 0) -> Clock:
    """Return a decoder's clock."""
    return Clock(RawPosition(partition, 1, offset, 0), T0 + at, complete + 1, complete)


def source_clock(source: str, *, at: int, complete: int, offset: int = 0) -> SourceClock:
    """Return a source's clock."""
    return SourceClock(source, 0, 1, offset, T0 + at, complete)


class Desk:
    """A matcher with its table: rows are stored after each call, as the agent does."""

    def __init__(self, rows: Mapping[str, ClaimRow] | None = None) -> None:
        self.rows: dict[str, ClaimRow] = dict(rows or {})
        self.links: dict[str, Link] = {}
        self.revisions: dict[str, int] = {}
        self.matcher = self.opened()

    def opened(self) -> Matcher:
        """Return a matcher made from the rows."""
        return Matcher(self.rows, raw_partitions=RAW_PARTITIONS, claims_epoch=EPOCH)

    def match(self, claims: Sequence[Claim | None], *, first: int = 0) -> Matched:
        """Take in claims from offset *first* on, and keep what is said as the fold does."""
        matched = self.matcher.match(list(enumerate(claims, first)))
        for key, row in {**matched.rows, CLOCKS: matched.clock}.items():
            if row is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = row
        for about in matched.facts:
            if isinstance(about.fact, Link) and about.revision >= self.revisions.get(about.mint, 0):
                self.links[about.mint], self.revisions[about.mint] = about.fact, about.revision
        return matched

    def standing(self) -> dict[str, Link]:
        """Return the links that stand; a withdrawn one is none."""
        return {mint: link for mint, link in self.links.items() if link.status != "withdrawn"}


def said(claims: Iterable[Claim], *, size: int = 3) -> dict[str, Link]:
    """Return the links that claims in this order end in."""
    desk, queue = Desk(), list(claims)
    for first in range(0, len(queue), size):
        desk.match(queue[first : first + size], first=first)
    return desk.standing()
