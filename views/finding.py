"""Ranking what a text finds, for every store; pure. A store only brings the candidates."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from domain.search import LEAST_SCORE, Field, highlights, score
from schemas.post import Post
from schemas.token import Token
from views.contract import Hit, Span, TokenDocument

_MAX_LETTERS = 2_000  # A post has at most 280 (25,000 for some); the rest is not searched.


class Scored(NamedTuple):
    """A candidate that answers, and what it is sorted by."""

    order: tuple[float, int, int, str]
    fields: Mapping[str, Field]
    found: TokenDocument | Post


def token_titles(token: Token) -> tuple[str, ...]:
    """Return the texts of a token that ``TokenQuery.text`` looks at."""
    return tuple(text for text in (token.name, token.symbol, token.mint) if text)


def token_fields(token: Token) -> dict[str, Field]:
    """Return what of a token can be searched."""
    return _present(
        symbol=(token.symbol, 1.0, True),
        name=(token.name, 0.98, True),
        mint=(token.mint, 0.9, False),
        description=(token.description, 0.55, False),
    )


def post_fields(post: Post) -> dict[str, Field]:
    """Return what of a post can be searched."""
    return _present(
        text=(post.text, 0.6, False),
        username=(post.author.username, 0.7, False),
    )


def ranked(
    text: str,
    *,
    tokens: Iterable[tuple[Token, TokenDocument]],
    posts: Iterable[Post],
    limit: int,
) -> tuple[Hit, ...]:
    """Return the best answers to *text* of some candidates, best first.

    Ties: tokens before posts, more holders first, then by id.
    """
    found = [
        Scored((-points, 0, -token.holders, token.mint), fields, document)
        for token, document in tokens
        if (points := score(text, fields := token_fields(token))) >= LEAST_SCORE
    ]
    found += [
        Scored((-points, 1, 0, post.id), fields, post)
        for post in posts
        if (points := score(text, fields := post_fields(post))) >= LEAST_SCORE
    ]
    # To find what matched takes as long as to score it, so only what is shown is looked at.
    return tuple(_hit(text, one) for one in sorted(found, key=lambda one: one.order)[:limit])


def _hit(text: str, one: Scored) -> Hit:
    spans, score_ = _highlights(text, one.fields), -one.order[0]
    match one.found:
        case Post(id=key) as post:
            return Hit(kind="post", id=key, score=score_, highlights=spans, post=post)
        case TokenDocument(mint=key) as token:
            return Hit(kind="token", id=key, score=score_, highlights=spans, token=token)


def _highlights(text: str, fields: Mapping[str, Field]) -> dict[str, tuple[Span, ...]]:
    return {
        name: tuple(Span(start=start, end=end) for start, end in spans)
        for name, spans in highlights(text, fields).items()
    }


def _present(**fields: tuple[str | None, float, bool]) -> dict[str, Field]:
    return {
        name: Field(text[:_MAX_LETTERS], weight, forgiving)
        for name, (text, weight, forgiving) in fields.items()
        if text
    }
