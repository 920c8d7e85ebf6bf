"""Ranking what a text finds, for every store; pure. A store only brings the candidates."""

from collections.abc import Iterable, Mapping

from domain.search import LEAST_SCORE, Field, highlights, score
from schemas.post import Post
from schemas.token import Token
from views.contract import Hit, Span, TokenDocument

_MAX_LETTERS = 2_000  # A post has at most 280 (25,000 for some); the rest is not searched.


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
        ((-hit.score, 0, -token.holders, hit.id), hit)
        for token, document in tokens
        if (hit := _token_hit(text, token, document)) is not None
    ]
    found += [
        ((-hit.score, 1, 0, hit.id), hit)
        for post in posts
        if (hit := _post_hit(text, post)) is not None
    ]
    return tuple(hit for _, hit in sorted(found, key=lambda pair: pair[0])[:limit])


def _token_hit(text: str, token: Token, document: TokenDocument) -> Hit | None:
    fields = token_fields(token)
    points = score(text, fields)
    if points < LEAST_SCORE:
        return None
    spans = _highlights(text, fields)
    return Hit(kind="token", id=token.mint, score=points, highlights=spans, token=document)


def _post_hit(text: str, post: Post) -> Hit | None:
    fields = post_fields(post)
    points = score(text, fields)
    if points < LEAST_SCORE:
        return None
    spans = _highlights(text, fields)
    return Hit(kind="post", id=post.id, score=points, highlights=spans, post=post)


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
