"""What is like one thing, from Elasticsearch: candidates by their vectors, ranked exactly."""

from collections.abc import Awaitable, Callable, Collection

import msgspec

from schemas.fields import Mint
from schemas.post import Post
from schemas.project import Embedding
from views.contract import TokenDocument, TokenQuery
from views.elastic import query as q
from views.elastic.ask import Asking
from views.elastic.read import body_of, tokens_by_mint
from views.likeness import (
    REACH,
    Alike,
    Likeness,
    Nearest,
    Similar,
    certain,
    counts,
    halves,
    id_of,
    post_key,
    ranked,
    token_key,
)

_embedding = msgspec.json.Decoder(Embedding).decode
_post = msgspec.json.Decoder(Post).decode

Fitting = Callable[[list[str]], Awaitable[Collection[str]]]
"""Tells which of some ids pass the filters."""


async def similar_tokens(ask: Asking, mint: Mint, query: TokenQuery) -> Similar[TokenDocument]:
    """Return the tokens like one that pass a query's filters."""

    async def fitting(mints: list[str]) -> Collection[str]:
        found = await ask.search("tokens", q.fitting(query, mints)) if mints else ()
        return {one.source.key for one in found}

    own = await _own(ask, token_key(mint))
    if own is None:
        return Similar()
    likes = await _likes(ask, own, fitting, query.limit)
    documents = await tokens_by_mint(ask, [id_of(one.key) for one in likes])
    known = {token.mint: token for token in documents}
    items = [Alike(one.similarity, known[m]) for one in likes if (m := id_of(one.key)) in known]
    return Similar(tuple(items), own.engine, own.version)


async def similar_posts(ask: Asking, post_id: str, limit: int) -> Similar[Post]:
    """Return the posts like one."""
    known: dict[str, Post] = {}

    async def fitting(ids: list[str]) -> Collection[str]:
        found = await ask.by_id("posts", ids)
        known.update((key, _post(body)) for key, one in found.items() if (body := body_of(one)))
        return known.keys()

    own = await _own(ask, post_key(post_id))
    if own is None:
        return Similar()
    likes = await _likes(ask, own, fitting, limit)
    items = tuple(Alike(one.similarity, known[id_of(one.key)]) for one in likes)
    return Similar(items, own.engine, own.version)


async def _own(ask: Asking, key: str) -> Embedding | None:
    body = body_of((await ask.by_id("embeddings", [key])).get(key))
    return _embedding(body) if body else None


async def _likes(ask: Asking, own: Embedding, fitting: Fitting, limit: int) -> list[Likeness]:
    """Return the nearest that fit, of ever more candidates until there are enough."""
    found: list[Likeness] = []
    of = halves(own)
    for count in counts(limit):
        near = await _nearest(ask, own, count)
        is_all = near.floor is None or count == REACH
        found = certain(ranked(of, near.vectors), None if is_all else near.floor)
        fits = await fitting([id_of(one.key) for one in found])
        found = [one for one in found if id_of(one.key) in fits]
        if is_all or len(found) >= limit:
            break
    return found[:limit]


async def _nearest(ask: Asking, own: Embedding, count: int) -> Nearest:
    hits = await ask.search("embeddings", q.nearest(own, count=count))
    vectors = {one.source.key: halves(_embedding(one.source.record)) for one in hits}
    # The score of a cosine is half of what it is above -1.
    least = min((2 * (one.score or 0.0) - 1 for one in hits), default=0.0)
    return Nearest(vectors, least if len(hits) == count else None)
