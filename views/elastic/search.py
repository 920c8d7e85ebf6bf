"""Searching Elasticsearch: candidates by their words and fragments, ranked like in every store."""

from typing import Any

import msgspec

from schemas.post import Post
from schemas.token import Token
from views.contract import Hit
from views.elastic import query as q
from views.elastic.answer import Found
from views.elastic.ask import Asking
from views.elastic.read import document
from views.finding import ranked

_token = msgspec.json.Decoder(Token).decode
_post = msgspec.json.Decoder(Post).decode


async def search(ask: Asking, text: str, limit: int) -> tuple[Hit, ...]:
    """Return the tokens and posts that fit best, best first."""
    resembling = q.near(text, "words")
    if resembling is None:
        return ()
    posts = await ask.search("posts", _best(resembling))
    tokens = await _candidates(ask, text)
    return ranked(
        text,
        tokens=[(_token(one.source.record), document(one)) for one in tokens],
        posts=[_post(one.source.record) for one in posts],
        limit=limit,
    )


async def _candidates(ask: Asking, text: str) -> list[Found]:
    """Return the tokens that may answer *text*.

    Those that have its words come first, the most held of them; only where these are few is it
    worth the while to look for what merely resembles it, which reads far more.
    """
    by = q.order(("figures.holders", "desc"), ("key", "asc"))
    near = q.near(text, "titles", "words")
    ways: list[dict[str, Any]] = [
        q.search(q.STANDING, *q.titled(text, whole=True), size=q.CANDIDATES, sort=by),
        q.search(q.STANDING, *q.titled(text, whole=False), size=q.CANDIDATES, sort=by),
        _best(near or {}),
    ]
    found: dict[str, Found] = {}
    for way in ways:
        if len(found) < q.CANDIDATES:
            listed = await ask.search("tokens", way)
            found |= {one.id: one for one in listed}
    return list(found.values())


def _best(clause: q.Clause) -> dict[str, Any]:
    """Return the search for what fits a clause best."""
    return {
        "query": {"bool": {"must": clause, "filter": q.STANDING}},
        "size": q.CANDIDATES,
        "track_total_hits": False,
    }
