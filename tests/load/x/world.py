"""What people post and what the chain launches meanwhile, in the order in which it happens."""

import random
from datetime import UTC, datetime
from typing import Any, NamedTuple

from schemas.claim import Claim, LaunchClaim
from schemas.metadata import Metadata
from schemas.post import Post, PostClaim
from tests.simulation.matching_day import Documents, day

DOCUMENTS = Documents(post_ids=0.0, authors=0.6)
"""No launchpad names a post, so that every link rests on what was collected."""


class World(NamedTuple):
    """Lines of posts, and what is claimed of the chain; each with its time in ms since 1970."""

    posts: list[tuple[int, dict[str, Any]]]
    chain: list[tuple[int, Claim]]
    truth: dict[str, str | None]
    begin_s: int


def world_of(*, seed: int, wishes: int, begin_s: int, lasts_s: int) -> World:
    """Return a world that begins at a time."""
    made = day(
        random.Random(seed), posts=wishes, documents=DOCUMENTS, begin_s=begin_s, lasts_s=lasts_s
    )
    posts = [
        (one.post.created_ms, line_of(one.post))
        for one in made.claims
        if isinstance(one, PostClaim)
    ]
    chain = [(_at_ms(one), one) for one in made.claims if not isinstance(one, PostClaim)]
    return World(
        sorted(posts, key=lambda one: int(one[1]["data"]["id"])),
        sorted(chain, key=lambda one: one[0]),
        made.truth,
        begin_s,
    )


def line_of(post: Post) -> dict[str, Any]:
    """Return the line of the stream that brings a post."""
    command, author, at = post.command, post.author.id, post.created_ms
    assert command is not None
    written = datetime.fromtimestamp(at // 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "data": {
            "id": post.id,
            "text": text_of(command.ticker or "", command.name or ""),
            "author_id": author,
            "conversation_id": post.id,
            "created_at": f"{written}.{at % 1_000:03}Z",
            "edit_history_tweet_ids": [post.id],
        },
        "includes": {"users": [{"id": author, "username": f"user_{author}"}]},
    }


def text_of(ticker: str, name: str) -> str:
    """Return how somebody asks for a token."""
    return f"@launchcoin ${ticker} + {name}"


def _at_ms(claim: Claim) -> int:
    match claim:
        case LaunchClaim(time=at) | Metadata(fetched_at=at):
            return at * 1_000
    raise TypeError(claim)
