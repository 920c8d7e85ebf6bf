"""What is like one thing, from Elasticsearch: candidates by their vectors, ranked exactly."""

from collections.abc import Awaitable, Callable, Collection, Iterable

import msgspec

from schemas.fields import Mint
from schemas.post import Post
from schemas.project import Embedding
from views.contract import TokenDocument, TokenQuery
from views.elastic import query as q
from views.elastic.answer import Found
from views.elastic.ask import Asking
from views.elastic.read import body_of, tokens_by_mint
from views.likeness import (
    REACH,
    Alike,
    Likeness,
    Nearest,
    Similar,
    certain,
    contenders,
    counts,
    halves,
    id_of,
    model_of,
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
        return _keys(await ask.search("tokens", q.fitting(query, mints)) if mints else ())

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

    async def fitting(ids: list[str]) -> Collection[str]:
        return _keys(await ask.search("posts", q.among(q.STANDING, keys=ids)) if ids else ())

    own = await _own(ask, post_key(post_id))
    if own is None:
        return Similar()
    likes = await _likes(ask, own, fitting, limit)
    known = await ask.by_id("posts", [id_of(one.key) for one in likes])
    items = [
        Alike(one.similarity, _post(body))
        for one in likes
        if (body := body_of(known.get(id_of(one.key))))
    ]
    return Similar(tuple(items), own.engine, own.version)


def _keys(found: Iterable[Found]) -> set[str]:
    return {one.fields["key"][0] for one in found}


async def _own(ask: Asking, key: str) -> Embedding | None:
    body = body_of((await ask.by_id("embeddings", [key])).get(key))
    return _embedding(body) if body else None


async def _likes(ask: Asking, own: Embedding, fitting: Fitting, limit: int) -> list[Likeness]:
    """Return the nearest that fit, of ever more candidates until there are enough."""
    found: list[Likeness] = []
    of = halves(own)
    for count in counts(limit):
        near = await _nearest(ask, own, count)
        fits = await fitting([id_of(key) for key in near.cosines])
        fit = {key: cosine for key, cosine in near.cosines.items() if id_of(key) in fits}
        is_all = near.floor is None or count == REACH
        every = ranked(of, await _vectors(ask, own, contenders(fit, limit)))
        found = certain(every, None if is_all else near.floor)
        if is_all or len(found) >= limit:
            break
    return found[:limit]


async def _nearest(ask: Asking, own: Embedding, count: int) -> Nearest:
    hits = await ask.search("embeddings", q.nearest(own, count=count))
    # The score of a cosine is half of what it is above -1.
    cosines = {one.fields["key"][0]: 2 * (one.score or 0.0) - 1 for one in hits}
    return Nearest(cosines, min(cosines.values()) if len(hits) == count else None)


async def _vectors(ask: Asking, own: Embedding, keys: list[str]) -> dict[str, bytes]:
    """Return vectors as they are this moment; one of another model is new, and left out."""
    found = await ask.by_id("embeddings", keys)
    records = [_embedding(body) for one in found.values() if (body := body_of(one))]
    return {one.id: halves(one) for one in records if model_of(one) == model_of(own)}
